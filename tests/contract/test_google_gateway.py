"""What the gateway reads, writes and lists, and the words it finds for what Google refuses."""

from typing import Any

import pytest
from google_doors import NOON, ROBOT, Watch
from google_faults import before, refuse
from google_hand import Hand
from google_server import Conversation
from google_world import Fault
from google_world import Google as Stub

from core.google.contract import (
    AddColumns,
    AddRows,
    AddTab,
    Block,
    CellsWrite,
    DriveFile,
    FreezeRows,
    HideColumn,
    Protection,
    Tab,
)
from core.google.credentials import read_credentials
from core.google.door import BACKGROUND, GoogleDoor
from core.google.errors import (
    CredentialsRefused,
    GoogleError,
    GoogleSwitchedOff,
    NoDriveSpace,
    NotASpreadsheet,
    RangeProtected,
    SheetFull,
    SheetNotFound,
    SheetNotShared,
    SheetReadOnly,
    TabMissing,
)
from core.google.gateway import Google
from core.sheets.words import AccountKind

MARY = "mary@example.com"
MEGABYTE = 1_000_000


@pytest.fixture
def gateway(google: Stub, door: GoogleDoor) -> Google:
    return door.open(google.tokens.service_account(ROBOT), BACKGROUND)


@pytest.fixture
def hand(google: Stub) -> Hand:
    return google.sheet("Plan", [["Title", "Platform"], ["Spring", "youtube"]], **{ROBOT: "writer"})


# --- Shape ---------------------------------------------------------------------------------------------------------


def test_a_spreadsheet_is_described_in_one_request(google: Stub, gateway: Google, hand: Hand) -> None:
    hand.merge("A5:B6")
    hand.protect("A1:Z1")
    hand.protect("C1:C9", ROBOT)
    hand.protect("D1:D9", is_warning=True)
    hand.add_tab("Archive")
    found = gateway.describe(hand.id)
    assert (found.id, found.title, found.timezone) == (hand.id, "Plan", "Europe/Berlin")
    assert found.url == f"https://docs.google.com/spreadsheets/d/{hand.id}/edit"
    first, second = found.tabs
    closed = (Protection(Block(1, 1, 1, 26)),)
    assert first == Tab(0, "Sheet1", 1000, 26, merges=(Block(5, 1, 6, 2),), protected=closed)
    assert (second.title, second.protected) == ("Archive", ())
    assert google.count("sheets") == gateway.requests == 1


def test_a_tab_protected_as_a_whole_has_no_ends(gateway: Google, hand: Hand) -> None:
    hand.protect()
    assert gateway.describe(hand.id).tabs[0].protected == (Protection(Block()),)


def test_rows_columns_and_tabs_are_arranged_in_one_request(google: Stub, gateway: Google, hand: Hand) -> None:
    gateway.arrange(hand.id, [AddRows(0, 5), AddColumns(0, 1), HideColumn(0, 27), FreezeRows(0), AddTab("More", 10, 3)])
    tab = hand.tab
    assert (tab.row_count, tab.column_count, set(tab.hidden_columns), tab.frozen_rows) == (1005, 27, {26}, 1)
    assert [(each.title, each.rows, each.columns) for each in gateway.describe(hand.id).tabs[1:]] == [("More", 10, 3)]
    assert google.count("spreadsheets.batchUpdate") == 1


def test_one_impossible_change_undoes_the_others(gateway: Google, hand: Hand) -> None:
    with pytest.raises(TabMissing, match="“7”"):
        gateway.arrange(hand.id, [AddRows(0, 5), AddRows(7, 5)])
    assert hand.file.tab("Sheet1").row_count == 1000


# --- Cells ---------------------------------------------------------------------------------------------------------


def test_cells_are_read_as_they_are_kept(gateway: Google, hand: Hand) -> None:
    hand.put_moment("C2", NOON.replace(tzinfo=None))
    hand.type_rows("D2", [[True, 3, "0012", "=1"]])
    hand.break_cell("H2")
    header, row, column, nothing = gateway.read(
        hand.id, "Sheet1", [Block(1, 1, 1, 26), Block(2, 1, 2, 26), Block(1, 2, None, 2), Block(50, 1, 60, 3)]
    )
    assert header.rows == [["Title", "Platform"]]
    assert row.rows == [["Spring", "youtube", 46328.5, True, 3, 12, 1, "#REF!"]]
    assert column.rows == [["Platform"], ["youtube"]]
    assert (nothing.block, list(nothing.rows)) == (Block(50, 1, 60, 3), [])


@pytest.mark.parametrize("title", ["Q1", "Marta's plan", "A1:B2", "Über!", "'x'"])
def test_any_title_of_a_tab_is_found(gateway: Google, hand: Hand, title: str) -> None:
    tab = hand.add_tab(title)
    gateway.write(hand.id, title, [CellsWrite(2, 3, [["found"]])])
    (grid,) = gateway.read(hand.id, title, [Block(2, 3, 2, 3)])
    assert (tab.at("C2"), list(grid.rows)) == ("found", [["found"]])


def test_what_is_written_stays_text_and_what_is_left_out_stays(gateway: Google, hand: Hand) -> None:
    hand.type_rows("A3", [["Summer", "x", "keep"]])
    rows: list[list[Any]] = [["=IMPORTXML(1)", "", None], ["+49", 46328.5, False]]
    gateway.write(hand.id, "Sheet1", [CellsWrite(3, 1, rows)])
    assert hand.rows()[2:] == [["=IMPORTXML(1)", "", "keep"], ["+49", 46328.5, False]]
    assert [cell.formula for row in hand.cells()[2:] for cell in row.values()] == [None] * 5


def test_many_small_writes_are_one_request_with_joined_ranges(google: Stub, gateway: Google, hand: Hand) -> None:
    gateway.write(hand.id, "Sheet1", [CellsWrite(row, 3, [[f"status {row}"]]) for row in range(2, 502)])
    assert google.count("values.batchUpdate") == 1
    assert [row[2] for row in hand.rows()[1:]] == [f"status {row}" for row in range(2, 502)]
    assert google.calls[-1].asked < 15_000


def test_nothing_to_write_is_no_request(gateway: Google, hand: Hand) -> None:
    gateway.write(hand.id, "Sheet1", [CellsWrite(3, 1, [[]])])
    assert gateway.requests == 0


def test_a_large_write_is_split_at_two_megabytes(google: Stub, gateway: Google) -> None:
    hand = google.sheet("Long", size=(4000, 3), **{ROBOT: "writer"})
    rows = [[f"row {number}", "ü" * 250] for number in range(3000)]  # 1,500 bytes each as JSON
    gateway.write(hand.id, "Sheet1", [CellsWrite(1, 1, rows)])
    bodies = [call.asked for call in google.calls if call.method.endswith("values.batchUpdate")]
    assert len(bodies) == 3  # 4.6 MB
    assert max(bodies) <= 2 * MEGABYTE
    assert hand.rows() == rows


def test_a_long_tab_is_read_in_answers_of_at_most_two_megabytes(google: Stub, gateway: Google) -> None:
    hand = google.sheet("Long", size=(20_000, 1))
    hand.file.roles[ROBOT] = "reader"
    hand.type_rows("A1", [[f"Title {number:05} {'x' * 300}"] for number in range(20_000)])
    pages = list(gateway.pages(hand.id, "Sheet1", Block(2, 1, 20_000, 1)))
    assert [row[0] for page in pages for row in page.rows] == [row[0] for row in hand.rows()[1:]]
    assert [page.block.first_row for page in pages[1:]] == [page.block.last_row + 1 for page in pages[:-1]]  # type: ignore[operator]
    sizes = [call.answered for call in google.calls if call.method.endswith("batchGet")]
    assert max(sizes) <= 2 * MEGABYTE
    assert len(sizes) == gateway.requests == 5  # 6.4 MB in four answers, after a first look at 500 rows


def test_an_answer_too_large_for_memory_is_asked_for_in_smaller_ones(google: Stub, gateway: Google) -> None:
    hand = google.sheet("Novels", size=(400, 1))
    hand.file.roles[ROBOT] = "reader"
    texts = [f"{number} {'x' * 45_000}" for number in range(400)]  # 18 MB
    hand.type_rows("A1", [[text] for text in texts])
    pages = list(gateway.pages(hand.id, "Sheet1", Block(1, 1, 400, 1)))
    assert [row[0] for page in pages for row in page.rows] == texts
    sizes = [call.answered for call in google.calls if call.method.endswith("batchGet")]
    assert max(sizes[1:]) <= 2 * MEGABYTE


def test_rows_deleted_while_pages_are_read_end_the_reading(google: Stub, gateway: Google, hand: Hand) -> None:
    pages = gateway.pages(hand.id, "Sheet1", Block(1, 1, 1000, 2))
    assert next(pages).rows == [["Title", "Platform"], ["Spring", "youtube"]]
    google.will(before(lambda: hand.delete_rows(300, 1000)), on="batchGet")
    assert list(pages) == []


# --- Files ---------------------------------------------------------------------------------------------------------


def test_files_are_listed_page_by_page_latest_change_first(google: Stub, gateway: Google, watch: Watch) -> None:
    made = []
    for number in range(150):
        watch.seconds += 1
        made.append(google.sheet(f"Plan {number}", **{ROBOT: "writer" if number % 2 else "reader"}))
    google.sheet("Somebody else's")
    first = gateway.files()
    rest = gateway.files(page=first.next_page)
    assert [len(first.files), len(rest.files), rest.next_page] == [100, 50, None]
    assert [file.id for file in (*first.files, *rest.files)] == [hand.id for hand in reversed(made)]
    assert first.files[0] == DriveFile(made[-1].id, "Plan 149", watch.now(), can_edit=True, can_share=True)
    assert not first.files[1].can_edit


@pytest.mark.parametrize(("search", "found"), [("spring", 1), ("Marta's", 1), ("a\\b", 1), ("winter", 0)])
def test_files_are_searched_by_name(google: Stub, gateway: Google, search: str, found: int) -> None:
    google.sheet("Marta's spring a\\b", **{ROBOT: "reader"})
    google.sheet("Other", **{ROBOT: "reader"})
    assert len(gateway.files(search).files) == found


def test_a_file_tells_when_it_was_changed_and_whether_it_lies_in_the_bin(
    gateway: Google, hand: Hand, watch: Watch
) -> None:
    watch.seconds += 90
    hand.type("A9", "later")
    hand.file.is_trashed = True
    file = gateway.file(hand.id)
    assert (file.modified_at, file.can_edit, file.is_trashed) == (watch.now(), True, True)


def test_a_new_spreadsheet_can_be_written_at_once(google: Stub, gateway: Google) -> None:
    made = gateway.create("Content schedule")
    gateway.write(made, gateway.describe(made).tabs[0].title, [CellsWrite(1, 1, [["Title"]])])
    assert google.files[made].title == "Content schedule"


# --- Whom Google lets in -------------------------------------------------------------------------------------------


def test_a_signed_in_person_is_let_in_by_the_refresh_token(google: Stub, door: GoogleDoor) -> None:
    secret = google.tokens.person(MARY)
    hand = google.sheet("Mary's", [["Title"]], owner=MARY)
    opened = door.open(secret)
    opened.check()
    assert (opened.email, read_credentials(secret).kind) == (None, AccountKind.OAUTH)
    assert opened.describe(hand.id).title == "Mary's"
    assert google.tally() == {("token", 200): 1, ("sheets.spreadsheets.get", 200): 1}


def test_a_revoked_key_is_worded(google: Stub, gateway: Google) -> None:
    google.tokens.revoke(ROBOT)
    with pytest.raises(CredentialsRefused) as refusal:
        gateway.check()
    assert refusal.value.reason == f"Google does not let {ROBOT} in: the key was deleted or revoked."
    assert refusal.value.fix == "Make new credentials in the Google Cloud console and replace those of this account."
    assert not refusal.value.passes


def test_a_key_revoked_between_two_calls_ends_the_second_without_repeating(
    google: Stub, gateway: Google, hand: Hand, watch: Watch
) -> None:
    gateway.describe(hand.id)
    google.tokens.revoke(ROBOT)
    with pytest.raises(CredentialsRefused, match="deleted or revoked"):
        gateway.describe(hand.id)
    assert watch.pauses == []


def test_a_person_who_took_the_permission_back_is_asked_to_sign_in_again(google: Stub, door: GoogleDoor) -> None:
    secret = google.tokens.person(MARY)
    google.tokens.revoke(MARY)
    with pytest.raises(CredentialsRefused, match=r"withdrawn or has run out\. Sign in again"):
        door.open(secret).files()


# --- Refusals in words ---------------------------------------------------------------------------------------------


def test_a_sheet_that_is_not_shared_says_with_whom_to_share_it(google: Stub, gateway: Google) -> None:
    hand = google.sheet("Private")
    with pytest.raises(SheetNotShared) as refusal:
        gateway.describe(hand.id)
    assert refusal.value.reason == f"This spreadsheet is not shared with {ROBOT}."
    assert refusal.value.fix == f"Open it in Google Sheets, press Share and add {ROBOT} as an editor."
    with pytest.raises(SheetNotFound):
        gateway.file(hand.id)  # Drive does not tell the two apart


def test_a_sheet_that_was_deleted_is_not_found(google: Stub, gateway: Google, hand: Hand) -> None:
    del google.files[hand.id]
    with pytest.raises(SheetNotFound, match="take it out of Drive's bin"):
        gateway.read(hand.id, "Sheet1", [Block(1, 1, 1, 1)])


@pytest.mark.parametrize("given", ["../../drive/v3/files", "", "a b", "x?alt=media", "x" * 300])
def test_what_is_no_id_is_never_sent(google: Stub, gateway: Google, given: str) -> None:
    for call in (gateway.describe, gateway.file, lambda sheet: gateway.read(sheet, "Sheet1", [Block(1, 1, 1, 1)])):
        with pytest.raises(SheetNotFound):
            call(given)
    assert google.calls == []


def test_a_sheet_that_may_only_be_read_says_so_on_writing(google: Stub, gateway: Google) -> None:
    hand = google.sheet("Read me", [["Title"]], **{ROBOT: "reader"})
    assert gateway.read(hand.id, "Sheet1", [Block(1, 1, 1, 1)])[0].rows == [["Title"]]
    with pytest.raises(SheetReadOnly, match=f"make {ROBOT} an editor, or let the connection only read"):
        gateway.write(hand.id, "Sheet1", [CellsWrite(2, 1, [["x"]])])
    with pytest.raises(SheetReadOnly):
        gateway.arrange(hand.id, [AddRows(0, 1)])
    assert hand.rows() == [["Title"]]


def test_a_tab_that_was_renamed_is_missed_by_its_name(gateway: Google, hand: Hand) -> None:
    hand.rename_tab("April")
    with pytest.raises(TabMissing, match="no sheet named “Marta's 1”"):
        gateway.read(hand.id, "Marta's 1", [Block(1, 1, 9, 9)])
    with pytest.raises(TabMissing, match="“Sheet1”"):
        gateway.write(hand.id, "Sheet1", [CellsWrite(1, 1, [["x"]])])


def test_protected_cells_say_how_to_let_slotwise_write(gateway: Google, hand: Hand) -> None:
    hand.protect("C1:C1000")
    with pytest.raises(RangeProtected, match=f"Protect sheets and ranges, and allow {ROBOT}"):
        gateway.write(hand.id, "Sheet1", [CellsWrite(2, 1, [["changed", "changed", "changed"]])])
    assert hand.at("A2") == "Spring"


def sheets_error(status: int, code: str, words: str, reason: str = "") -> Fault:
    """Answer as Sheets does, with the reason of google.rpc.ErrorInfo."""
    info = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason, "domain": "googleapis.com"}
    error = {"code": status, "message": words, "status": code, "details": [info] if reason else []}
    return lambda call: call.tell(status, {"error": error})


def drive_error(reason: str) -> Fault:
    """Answer 403 as Drive does."""

    def play(call: Conversation) -> None:
        told = {"domain": "global", "reason": reason, "message": "made up by a test"}
        call.tell(403, {"error": {"errors": [told], "code": 403, "message": told["message"]}})

    return play


OFFICE = "This operation is not supported for this document"
FULL = "This action would increase the number of cells in the workbook above the limit of 10000000 cells."
REFUSALS: dict[str, tuple[Fault, type[GoogleError], str]] = {
    "Sheets is off": (
        sheets_error(403, "PERMISSION_DENIED", "Google Sheets API has not been used in project 1", "SERVICE_DISABLED"),
        GoogleSwitchedOff,
        "look for Google Sheets API under APIs & Services",
    ),
    "scope": (
        sheets_error(403, "PERMISSION_DENIED", "insufficient scopes", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"),
        CredentialsRefused,
        "does not include the Google Sheets API",
    ),
    "Excel": (sheets_error(400, "FAILED_PRECONDITION", OFFICE), NotASpreadsheet, "Save as Google Sheets"),
    "full": (sheets_error(400, "INVALID_ARGUMENT", FULL), SheetFull, "Delete rows"),
    "long cell": (
        refuse(400, "Your input contains more than the maximum of 50000 characters in a single cell."),
        SheetFull,
        "maximum of 50000 characters",
    ),
}


@pytest.mark.parametrize(("fault", "error", "words"), REFUSALS.values(), ids=REFUSALS)
def test_a_refusal_of_sheets_has_its_own_words_and_is_not_repeated(
    google: Stub, gateway: Google, hand: Hand, fault: Fault, error: type[GoogleError], words: str
) -> None:
    google.will(fault, on="sheets")
    with pytest.raises(error, match=words):
        gateway.write(hand.id, "Sheet1", [CellsWrite(2, 1, [["x"]])])
    assert gateway.requests == 1


@pytest.mark.parametrize(
    ("reason", "error", "words"),
    [
        ("accessNotConfigured", GoogleSwitchedOff, "look for Google Drive API"),
        ("storageQuotaExceeded", NoDriveSpace, "Make an empty spreadsheet yourself"),
        ("insufficientPermissions", CredentialsRefused, "does not include the Google Drive API"),
    ],
)
def test_a_refusal_of_drive_has_its_own_words(
    google: Stub, gateway: Google, reason: str, error: type[GoogleError], words: str
) -> None:
    google.will(drive_error(reason), on="drive")
    with pytest.raises(error, match=words):
        gateway.create("Content schedule")
    assert gateway.requests == 1
