"""One connected sheet: its rows, what goes where, removed rows, conflicts, syncs."""

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from screens import frame, words
from sheets_on_screen import (
    PAGE,
    a_sheet,
    alone,
    connected,
    plainly,
    press,
    row,
    sync,
    synced,
    table,
)
from streamlit.testing.v1 import AppTest

from core.services.context import Context
from core.services.items import find_item, list_items
from core.services.moves import move_item
from core.services.sheet_lists import list_rows
from core.sheets.rows import KnownState
from core.vocabulary import ItemState

if TYPE_CHECKING:
    from google_world import Google


def test_an_address_of_no_sheet_says_so(team: Context, google: "Google") -> None:
    page = frame().run().switch_page(PAGE)
    page.query_params["connection"] = "conn_gone"
    assert page.run().subheader[0].value == "This sheet is not here"
    assert press(page, "all_sheets").subheader[0].value == "No sheet connected yet"


def test_rows_to_mend_name_their_line_and_the_way_to_mend_them(team: Context, google: "Google") -> None:
    connection = synced(team, google, a_sheet(google, [row("First"), row("Second", at="next Tuesday")]))
    page = alone(connection, sheet_rows="To mend")
    (line,) = table(page)
    assert (line["Line"], line["Row"], line["Posts"]) == ("3", "Second", "no post")
    assert "next Tuesday" in line["What to mend"]
    assert "2024-05-31 14:30" in line["What to mend"]


def test_sixty_rows_come_in_pages(team: Context, google: "Google") -> None:
    hours = [f"2036-03-{1 + each // 10:02} {8 + each % 10:02}:00" for each in range(60)]
    connection = synced(team, google, a_sheet(google, [row(f"Row {at}", at=at) for at in hours]))
    page = alone(connection)
    assert "25 of 60 rows" in words(page)
    first = table(page)
    press(page, "sheet_rows_page_on")
    assert [line["Line"] for line in first[-1:] + table(page)[:1]] == ["26", "27"]


def test_a_filter_without_rows_offers_to_be_cleared(team: Context, google: "Google") -> None:
    connection = synced(team, google, a_sheet(google, [row("First")]))
    page = alone(connection, sheet_rows="To mend")
    assert "No rows match this filter" in words(page)
    press(page, "clear_sheet_rows")
    assert table(page)[0]["Row"] == "First"


def test_what_goes_where_is_looked_up_once_until_somebody_asks_again(team: Context, google: "Google") -> None:
    hand = a_sheet(google, [row("First")])
    connection = synced(team, google, hand)
    page = alone(connection, "What goes where")
    assert "Status" in {line["Column of the sheet"] for line in table(page)}
    before = google.count()
    page.run()
    assert google.count() == before
    hand.type("G1", "Notes")
    press(page, "sheet_columns_again")
    assert "never touched: Owner, Notes" in plainly(page)


def removed(team: Context, google: "Google") -> tuple[AppTest, str, str]:
    """Let somebody delete two of three rows, and return the page about them and what it knows of them."""
    hand = a_sheet(google, [row("First"), row("Second", at="2036-03-04 09:00"), row("Third", at="2036-03-05 09:00")])
    connection = synced(team, google, hand)
    hand.delete_rows(3, 4)
    sync(team, connection)
    rows = list_rows(team, connection.id, KnownState.MISSING).rows
    assert [each.title for each in rows] == ["Second", "Third"]
    return alone(connection, "Removed rows"), rows[0].id, rows[1].id


def titles_in_state(team: Context, state: ItemState) -> set[str]:
    return {find_item(team, item.id).item.title for item in list_items(team).items if item.state is state}


def test_the_posts_of_a_removed_row_are_canceled_only_after_a_question(team: Context, google: "Google") -> None:
    page, second, _ = removed(team, google)
    assert "**2 rows** no longer in the sheet" in words(page)
    press(page, f"sheet_cancel_{second}")
    press(page, "sheet_cancel_not")
    assert titles_in_state(team, ItemState.CANCELED) == set()
    press(page, f"sheet_cancel_{second}")
    press(page, "sheet_cancel_sure")
    assert titles_in_state(team, ItemState.CANCELED) == {"Second"}
    assert page.toast[0].value == "1 post canceled"
    assert "**1 row** no longer in the sheet" in words(page)


def test_the_posts_of_removed_rows_are_kept_all_at_once(team: Context, google: "Google") -> None:
    page, _, _ = removed(team, google)
    press(page, "sheet_keep_all")
    assert titles_in_state(team, ItemState.SCHEDULED) == {"First", "Second", "Third"}
    assert page.subheader[0].value == "No removed rows"


def test_all_removed_rows_are_canceled_at_once(team: Context, google: "Google") -> None:
    page, _, _ = removed(team, google)
    press(page, "sheet_cancel_all")
    assert "**2 removed rows**" in words(page)
    press(page, "sheet_cancel_sure")
    assert titles_in_state(team, ItemState.CANCELED) == {"Second", "Third"}


def test_a_conflict_shows_both_values_and_whose_stands(team: Context, google: "Google") -> None:
    hand = a_sheet(google, [row("First")])
    connection = synced(team, google, hand)
    (item,) = list_items(team).items
    move_item(team, item.id, item.scheduled_at + timedelta(days=2))
    hand.type("D2", "2036-05-06 11:00")
    sync(team, connection)
    (line,) = table(alone(connection, "Conflicts"))
    assert (line["Row"], line["Field"]) == ("First", "Scheduled time")
    assert line["In the sheet"] == ":green[:material/check:] 2036-05-06 11:00"
    assert line["In Slotwise"] == "2036-03-05 09:00"


def test_the_history_says_what_each_sync_did(team: Context, google: "Google") -> None:
    connection = synced(team, google, a_sheet(google, [row("First"), row("Second", "myspace")]))
    (line,) = table(alone(connection, "Syncs"))
    assert line["State"] == ":green-badge[Done]"
    assert line["What it did"].startswith("2 rows read, 1 new, 2 cells written · :red[1 row to mend] · :gray[")
    assert line["Began"].endswith("Europe/Berlin")


@pytest.mark.parametrize(
    ("tab", "heading"),
    [
        ("Rows", "No rows yet"),
        ("Removed rows", "No removed rows"),
        ("Conflicts", "No conflicts"),
        ("Syncs", "Not synced yet"),
    ],
)
def test_a_list_without_entries_says_what_will_be_there(
    team: Context, google: "Google", tab: str, heading: str
) -> None:
    page = alone(connected(team, google, a_sheet(google, [])), tab)
    assert heading in {each.value for each in page.subheader}
