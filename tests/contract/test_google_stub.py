"""Unmodified gspread works with the stub of Google, which keeps sheets as Google does."""

from datetime import datetime

import gspread
import pytest
from google_cells import Cell
from google_client import ROBOT, robot
from google_hand import Hand
from google_world import Google
from gspread.exceptions import APIError, WorksheetNotFound
from gspread.utils import DateTimeOption, ValueInputOption, ValueRenderOption

ROWS = [["Title", "Views"], ["One", 3], ["Two", 1], ["Three", 2]]


def refusal(error: pytest.ExceptionInfo[APIError]) -> tuple[int, str]:
    return error.value.response.status_code, error.value.error["message"]


@pytest.fixture
def plan(google: Google) -> Hand:
    return google.sheet("Plan", ROWS, **{ROBOT: "writer"})


@pytest.fixture
def worksheet(google: Google, plan: Hand) -> gspread.Worksheet:
    return robot(google).open_by_key(plan.id).sheet1


# --- Cells -----------------------------------------------------------------------------------------------------------


def test_what_is_written_is_read_again(worksheet: gspread.Worksheet, plan: Hand) -> None:
    told = worksheet.update([["Four", 4.5], ["Five", True]], "A5:B6")
    assert (told["updatedRange"], told["updatedRows"], told["updatedCells"]) == ("Sheet1!A5:B6", 2, 4)
    assert worksheet.get_all_values() == [
        ["Title", "Views"], ["One", "3"], ["Two", "1"], ["Three", "2"], ["Four", "4.5"], ["Five", "TRUE"],
    ]  # fmt: skip
    assert worksheet.get("B5:B6", value_render_option=ValueRenderOption.unformatted) == [[4.5], [True]]
    assert plan.rows() == [*ROWS, ["Four", 4.5], ["Five", True]]


def test_reads_end_where_the_cells_end(worksheet: gspread.Worksheet) -> None:
    worksheet.update([["", ""], ["x", ""]], "E8:F9")
    assert worksheet.get("D1:H20") == [[]] * 8 + [["", "x"]]
    assert worksheet.client.values_get(worksheet.spreadsheet_id, "G1:H9") == {
        "range": "Sheet1!G1:H9", "majorDimension": "ROWS",
    }  # fmt: skip


def test_null_passes_over_a_cell_and_an_empty_text_empties_it(worksheet: gspread.Worksheet, plan: Hand) -> None:
    worksheet.update([[None, ""], ["2", None]], "A2:B3")
    assert plan.rows()[1:3] == [["One"], ["2", 1]]


def test_raw_text_stays_as_it_is_and_typed_text_is_understood(worksheet: gspread.Worksheet, plan: Hand) -> None:
    texts = [['="a"', "'b", "2026-03-05", "7", "TRUE", "#REF!"]]
    worksheet.update(texts, "A6")
    worksheet.update(texts, "A7", value_input_option=ValueInputOption.user_entered)
    assert plan.rows()[5:7] == [texts[0], ["a", "b", 46086, 7, True, "#REF!"]]
    assert plan.rows("FORMATTED_VALUE")[6] == ["a", "b", "2026-03-05", "7", "TRUE", "#REF!"]
    assert plan.rows("FORMULA")[6][0] == '="a"'
    assert [row[0].formula for row in plan.cells()[5:7]] == [None, '="a"']


def test_a_moment_is_a_number_or_a_text_as_the_reader_likes(worksheet: gspread.Worksheet, plan: Hand) -> None:
    plan.put_moment("C2", datetime(2026, 3, 5, 9, 30))  # noqa: DTZ001 - a sheet's moments have no zone
    unformatted = ValueRenderOption.unformatted
    assert worksheet.get("C2", value_render_option=unformatted) == [[46086 + 9.5 / 24]]
    in_words = DateTimeOption.formatted_string
    assert worksheet.get("C2", value_render_option=unformatted, date_time_render_option=in_words) == [
        ["2026-03-05 9:30:00"]
    ]
    worksheet.update([[46087.25]], "C2")
    assert worksheet.get("C2") == [["2026-03-06 6:00:00"]]


def test_rows_are_appended_below_the_last_and_the_grid_grows(google: Google) -> None:
    small = google.sheet("Small", ROWS, size=(4, 2), **{ROBOT: "writer"})
    told = robot(google).open_by_key(small.id).sheet1.append_rows([["Four", 4], ["Five", 5]])
    assert told["updates"]["updatedRange"] == "Sheet1!A5:B6"
    assert (small.rows()[4:], small.tab.row_count) == ([["Four", 4], ["Five", 5]], 6)


@pytest.mark.parametrize("cells", ["A1000:B1001", "A1001", "Z1:AA1"])
def test_a_write_beyond_the_grid_is_refused_and_writes_nothing(
    worksheet: gspread.Worksheet, plan: Hand, cells: str
) -> None:
    with pytest.raises(APIError, match="exceeds grid limits") as error:
        worksheet.batch_update(
            [{"range": "A2", "values": [["lost"]]}, {"range": cells, "values": [["x", "x"], ["x", "x"]]}]
        )
    assert refusal(error)[0] == 400
    assert plan.rows() == ROWS


def test_more_rows_than_the_range_are_refused(worksheet: gspread.Worksheet) -> None:
    with pytest.raises(APIError, match="tried writing to row"):
        worksheet.update([["x"], ["y"]], "A1:B1")


def test_a_cell_has_its_limit(worksheet: gspread.Worksheet) -> None:
    worksheet.update([["x" * 50_000]], "A2")
    with pytest.raises(APIError, match="more than the maximum of 50000 characters"):
        worksheet.update([["x" * 50_001]], "A2")


def test_ranges_are_cleared(worksheet: gspread.Worksheet, plan: Hand) -> None:
    worksheet.batch_clear(["A2:B2", "B4"])
    assert plan.rows() == [["Title", "Views"], [], ["Two", 1], ["Three"]]
    worksheet.clear()
    assert plan.rows() == []


# --- Rows, columns, tabs ---------------------------------------------------------------------------------------------


def test_gspread_sorts_inserts_deletes_hides_and_freezes(worksheet: gspread.Worksheet, plan: Hand) -> None:
    worksheet.freeze(rows=1)
    worksheet.sort((2, "asc"))
    assert plan.rows() == [["Title", "Views"], ["Two", 1], ["Three", 2], ["One", 3]]
    worksheet.insert_row(["Zero", 0], 2)
    worksheet.delete_rows(3, 4)
    assert plan.rows() == [["Title", "Views"], ["Zero", 0], ["One", 3]]
    worksheet.hide_columns(1, 2)
    worksheet.add_cols(2)
    assert (plan.tab.hidden_columns, plan.tab.column_count, plan.tab.frozen_rows) == ({1}, 28, 1)


def test_a_sub_range_is_sorted_alone_and_empty_cells_go_last(plan: Hand) -> None:
    plan.type_rows("A5", [["Four", ""], ["Five", "many"]])
    plan.sort("B2:B7", by="B", descending=True)
    assert plan.rows()[1:] == [["One", "many"], ["Two", 3], ["Three", 2], ["Four", 1], ["Five"]]


def test_columns_move_with_what_is_in_them(plan: Hand) -> None:
    plan.tab.hidden_columns.add(1)
    plan.move_column("B", before="A")
    assert (plan.rows()[1], plan.tab.hidden_columns) == ([3, "One"], {0})
    plan.insert_column("A")
    plan.delete_column("C")
    assert (plan.rows()[1], plan.tab.hidden_columns) == (["", 3], {1})


def test_a_copied_row_brings_its_hidden_cells_along(plan: Hand) -> None:
    plan.copy_rows(2, 3, to=5)
    assert plan.rows()[4:] == ROWS[1:3]


def test_tabs_are_added_renamed_and_deleted(worksheet: gspread.Worksheet, plan: Hand) -> None:
    second = worksheet.spreadsheet.add_worksheet("Second", rows=10, cols=3)
    second.update_title("Q1")
    second.update([["x"]], "A1")
    assert plan.on("Q1").rows() == [["x"]]
    assert second.get_all_values() == [["x"]]
    worksheet.spreadsheet.del_worksheet(second)
    assert plan.file.titles == ["Sheet1"]
    with pytest.raises(WorksheetNotFound):
        worksheet.spreadsheet.worksheet("Q1")


def test_changes_of_one_request_are_all_made_or_none(worksheet: gspread.Worksheet, plan: Hand) -> None:
    rows = {"range": {"sheetId": 0, "dimension": "ROWS", "startIndex": 1, "endIndex": 2}}
    with pytest.raises(APIError, match=r"requests\[1\].addSheet: A sheet with the name"):
        worksheet.spreadsheet.batch_update(
            {"requests": [{"deleteDimension": rows}, {"addSheet": {"properties": {"title": "Sheet1"}}}]}
        )
    assert worksheet.get_all_values()[1] == ["One", "3"]


def test_what_a_merge_covers_takes_nothing(worksheet: gspread.Worksheet, plan: Hand) -> None:
    plan.merge("A2:A4")
    worksheet.update([["a"], ["b"], ["c"]], "A2:A4")
    assert plan.rows()[1:] == [["a", 3], ["", 1], ["", 2]]
    told = worksheet.client.fetch_sheet_metadata(plan.id, {"fields": "sheets(merges)"})
    assert told["sheets"][0]["merges"] == [
        {"sheetId": 0, "startRowIndex": 1, "endRowIndex": 4, "startColumnIndex": 0, "endColumnIndex": 1}
    ]
    with pytest.raises(APIError, match="merged cells"):
        worksheet.sort((1, "asc"), range="A2:B4")


def test_a_spreadsheet_is_described_with_its_hidden_columns_and_errors(plan: Hand, google: Google) -> None:
    plan.file.time_zone = "America/New_York"
    plan.tab.hidden_columns.add(1)
    plan.break_cell("A2")
    cells = "data(columnMetadata/hiddenByUser,rowData/values/effectiveValue)"
    fields = f"properties(title,timeZone),sheets(properties/title,{cells})"
    told = robot(google).http_client.spreadsheets_get(plan.id, {"ranges": "Sheet1!A1:B2", "fields": fields})
    assert told["properties"] == {"title": "Plan", "timeZone": "America/New_York"}
    data = told["sheets"][0]["data"][0]
    assert data["columnMetadata"] == [{}, {"hiddenByUser": True}]
    assert data["rowData"][1]["values"][0]["effectiveValue"]["errorValue"]["type"] == "REF"
    assert plan.cells()[1][0] == Cell("#REF!", "=Gone!A1")
