"""The Google Sheets page before the first sheet, and how one is connected."""

from typing import TYPE_CHECKING

from screens import Open, words
from sheets_on_screen import PAGE, ROBOT, a_sheet, an_account, labels, plainly, press, row, synced, table
from streamlit.testing.v1 import AppTest

from core.services.calendars import list_calendars
from core.services.context import Context
from core.services.sheet_accounts import list_accounts
from core.services.sheet_connections import find_connection, list_connections
from core.sheets.words import SheetPermission

if TYPE_CHECKING:
    from google_world import Google


def test_without_an_account_the_page_says_what_will_be_here_and_asks_for_one(team: Context, open_page: Open) -> None:
    page = open_page(PAGE)
    assert page.subheader[0].value == "No sheet connected yet"
    assert labels(page) == ["New post", "Connect a Google account"]
    said = plainly(page)
    assert "each of its rows becomes a post" in said
    assert "press **Share** and add the service account's address" in said


def test_a_pasted_key_becomes_an_account_and_the_next_step_is_a_sheet(
    team: Context, open_page: Open, google: "Google"
) -> None:
    page = press(open_page(PAGE), "first_account")
    page.text_area(key="account_text").set_value(google.tokens.service_account(ROBOT)).run()
    press(page, "account_save")
    (account,) = list_accounts(team)
    assert account.email == ROBOT
    assert "No spreadsheet is shared with this account yet" in words(page)
    assert ROBOT in {code.value for code in page.code}


def test_an_uploaded_key_becomes_an_account_of_the_name_that_was_given(
    team: Context, open_page: Open, google: "Google"
) -> None:
    page = press(open_page(PAGE), "first_account")
    page.file_uploader(key="account_file").upload("key.json", google.tokens.service_account(ROBOT).encode())
    page.text_input(key="account_name").set_value("Our robot").run()
    press(page, "account_save")
    assert [account.name for account in list_accounts(team)] == ["Our robot"]


def test_a_text_that_is_no_key_is_refused_with_the_way_to_one_and_stays(team: Context, open_page: Open) -> None:
    page = press(open_page(PAGE), "first_account")
    page.text_area(key="account_text").set_value("my password").run()
    press(page, "account_save")
    assert "Paste the whole JSON file" in page.error[0].value
    assert page.text_area(key="account_text").value == "my password"
    assert list_accounts(team) == ()


def test_a_revoked_key_is_refused_in_words_and_not_kept(team: Context, open_page: Open, google: "Google") -> None:
    key = google.tokens.service_account(ROBOT)
    google.tokens.revoke(ROBOT)
    page = press(open_page(PAGE), "first_account")
    page.text_area(key="account_text").set_value(key).run()
    press(page, "account_save")
    assert "does not let" in page.error[0].proto.title
    assert list_accounts(team) == ()


def test_with_an_account_the_page_shows_whom_to_share_a_sheet_with(
    team: Context, open_page: Open, google: "Google"
) -> None:
    an_account(team, google)
    page = open_page(PAGE)
    assert ROBOT in {code.value for code in page.code}
    assert "first_sheet" in {button.key for button in page.button}


# --- Connecting a sheet ---


def dialog(open_page: Open, team: Context, google: "Google") -> AppTest:
    an_account(team, google)
    return press(open_page(PAGE), "first_sheet")


def test_a_sheet_is_found_seen_and_connected_with_a_calendar_of_its_own(
    team: Context, open_page: Open, google: "Google"
) -> None:
    hand = a_sheet(google, [row("First")], tab="Plan")
    page = dialog(open_page, team, google)
    page.selectbox(key="sheet_found_None").select(hand.id).run()
    assert "The sheet can be synced as it is" in words(page)
    assert {"Column of the sheet": "Content", "In Slotwise": "Content", "Changed by": "You, here and in the sheet"} in (
        table(page)
    )
    assert "Your own columns, never touched: Owner" in plainly(page)
    assert page.dataframe[0].value["Title"].tolist() == ["First"]
    press(page, "sheet_save")
    (connection,) = list_connections(team)
    assert (connection.name, connection.sheet_name, connection.every_minutes) == ("Spring plan", "Plan", 15)
    assert connection.permissions is SheetPermission.WRITE
    assert [calendar.title for calendar in list_calendars(team)] == ["Spring plan"]
    assert page.query_params["connection"] == connection.id
    assert page.toast[0].value == "Spring plan is connected"


def test_what_is_asked_for_a_connection_is_what_is_kept(team: Context, open_page: Open, google: "Google") -> None:
    hand = a_sheet(google, [row("First")])
    hand.add_tab("Second tab").type_rows("A1", [["Title", "Platform"], ["Other", "linkedin"]])
    page = dialog(open_page, team, google)
    page.text_input(key="sheet_find").set_value(f"https://docs.google.com/spreadsheets/d/{hand.id}/edit#gid=0").run()
    page.selectbox(key=f"sheet_tab_{hand.id}").select("Second tab").run()
    assert "Other" in page.dataframe[0].value["Title"].tolist()
    page.text_input(key=f"sheet_range_{hand.id}").set_value("A:B")
    page.text_input(key=f"sheet_name_{hand.id}").set_value("Only read")
    page.selectbox(key="sheet_zone").select("Asia/Tokyo")
    page.selectbox(key="sheet_every").select(0)
    page.radio(key="sheet_permission").set_value(SheetPermission.READ).run()
    assert "Nothing: the connection only reads." in plainly(page)
    press(page, "sheet_save")
    (kept,) = list_connections(team)
    assert (kept.sheet_name, kept.range, kept.name, kept.timezone, kept.every_minutes, kept.permissions) == (
        "Second tab",
        "A:B",
        "Only read",
        "Asia/Tokyo",
        None,
        SheetPermission.READ,
    )


def test_a_sheet_that_is_not_shared_says_whom_to_share_it_with_and_is_seen_once_it_is(
    team: Context, open_page: Open, google: "Google"
) -> None:
    hand = google.sheet("Hidden", [["Title", "Platform"], ["First", "linkedin"]])
    page = dialog(open_page, team, google)
    page.text_input(key="sheet_find").set_value(f"https://docs.google.com/spreadsheets/d/{hand.id}").run()
    assert f"add {ROBOT} as an editor" in plainly(page)
    assert page.button(key="sheet_save").label == "Connect it anyway"
    hand.file.roles[ROBOT] = "writer"
    press(page, "sheet_check_again")
    assert "The sheet can be synced as it is" in words(page)


def test_a_sheet_without_a_header_can_get_one_from_the_template(
    team: Context, open_page: Open, google: "Google"
) -> None:
    hand = google.sheet("Ideas", [["Idea", "Who"], ["Bees", "Tim"]], **{ROBOT: "writer"})
    page = dialog(open_page, team, google)
    page.selectbox(key="sheet_found_None").select(hand.id).run()
    assert "no header" in page.error[0].value
    press(page, "sheet_add_template")
    assert page.selectbox(key=f"sheet_tab_{hand.id}").value == "Content schedule"
    assert "The sheet can be synced as it is" in words(page)


def test_a_template_sheet_is_made_and_chosen(team: Context, open_page: Open, google: "Google") -> None:
    page = press(dialog(open_page, team, google), "sheet_template")
    (file,) = google.files.values()
    assert file.title == "Content schedule"
    assert "The sheet can be synced as it is" in words(page)
    press(page, "sheet_save")
    assert [each.spreadsheet_id for each in list_connections(team)] == [file.id]


def test_a_search_that_finds_nothing_says_so_and_one_that_finds_narrows_the_choice(
    team: Context, open_page: Open, google: "Google"
) -> None:
    for title in ("Spring plan", "Autumn plan"):
        a_sheet(google, [], title)
    page = dialog(open_page, team, google)
    page.text_input(key="sheet_find").set_value("Autumn").run()
    assert len(page.selectbox(key="sheet_found_None").options) == 1
    page.text_input(key="sheet_find").set_value("Winter").run()
    assert "No spreadsheet of this name" in words(page)


def test_more_spreadsheets_than_google_lists_at_once_come_in_pages(
    team: Context, open_page: Open, google: "Google"
) -> None:
    for number in range(130):
        a_sheet(google, [], f"Plan {number}")
    page = dialog(open_page, team, google)
    first = page.selectbox(key="sheet_found_None").options
    press(page, "sheet_list_page_on")
    second = next(box.options for box in page.selectbox if str(box.key).startswith("sheet_found"))
    assert (len(first), len(second)) == (100, 30)
    assert not set(first) & set(second)


def test_a_name_that_is_too_short_is_refused_and_what_was_typed_stays(
    team: Context, open_page: Open, google: "Google"
) -> None:
    hand = a_sheet(google, [row("First")])
    page = dialog(open_page, team, google)
    page.selectbox(key="sheet_found_None").select(hand.id).run()
    page.text_input(key=f"sheet_name_{hand.id}").set_value("x")
    press(page, "sheet_save")
    assert "use 3 to 100 characters" in page.error[0].value
    assert page.text_input(key=f"sheet_name_{hand.id}").value == "x"
    assert list_connections(team) == ()


def test_editing_changes_what_was_edited_and_asks_for_no_other_spreadsheet(
    team: Context, open_page: Open, google: "Google"
) -> None:
    connection = synced(team, google, a_sheet(google, [row("First")]))
    page = press(open_page(PAGE), f"sheet_edit_{connection.id}")
    assert "sheet_find" not in {field.key for field in page.text_input}
    page.selectbox(key="sheet_every").select(60)
    press(page, "sheet_save")
    edited = find_connection(team, connection.id)
    assert (edited.every_minutes, edited.name, edited.calendar_id) == (60, "Spring", connection.calendar_id)
