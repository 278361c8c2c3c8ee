"""The header of a sheet: any order and case, synonyms, other columns left alone, and what is wrong with it in words."""

import pytest

from core.sheets.a1 import parse_range
from core.sheets.grids import read_rows
from core.sheets.headers import TEMPLATE, Layout, find_layout, place_of

EVERYTHING = parse_range("A:Z")


def layout(*headers: str, before: dict[str, str] | None = None) -> Layout:
    return find_layout([headers], EVERYTHING, before=before)


def said(found: Layout) -> list[str]:
    return [str(problem) for problem in found.problems]


def test_the_template_is_understood_whole() -> None:
    found = layout(*TEMPLATE)
    assert found.columns == {
        "title": 1, "text": 2, "audience": 3, "tone": 4, "platforms": 5, "scheduled_time": 6, "status": 7, "url": 8,
    }  # fmt: skip
    assert (found.row, found.id_column, found.free_column, found.extra) == (1, 0, 9, ())
    assert not found.problems
    assert not found.warnings


def test_order_case_punctuation_and_synonyms_do_not_matter_and_other_columns_are_left_alone() -> None:
    found = layout("Notes", "PUBLISH_DATE", "channel", "  headline ", "Link", "Caption", "Time", "Slotwise ID")
    assert found.columns == {"scheduled_time": 2, "platforms": 3, "title": 4, "text": 6, "clock": 7}
    assert found.headers["scheduled_time"] == "PUBLISH_DATE"
    assert found.extra == ("Notes", "Link")
    assert (found.id_column, found.is_split) == (8, True)


def test_the_header_is_found_below_titles_and_above_the_range() -> None:
    rows = [["Our plan", "", ""], [], ["Title", "Platform", "Status"], ["Title of a post", "tiktok", ""]]
    assert find_layout(rows, EVERYTHING).row == 3
    assert find_layout(rows[2:], parse_range("A4:C"), first_row=3).row == 3


def test_columns_outside_the_range_are_not_ours_but_the_ids_may_stand_there() -> None:
    found = find_layout([["Tone", "Title", "Platform", "Status", "Slotwise ID"]], parse_range("B:C"))
    assert (found.columns, found.id_column, found.free_column) == ({"title": 2, "platforms": 3}, 5, 6)


@pytest.mark.parametrize(
    ("headers", "problem"),
    [
        (("Title", "Content"), "Platform: this column is missing; head one Platform or Platforms"),
        (("Titel", "Platform"), "Title: this column is missing; head one Title or Headline (is it the column "),
        (("Title", "Platform", "title "), "header of column A: column C has the same header as column A; rename one"),
        (("Title", "Platform", "Slotwise ID", "Slotwise ID"), "header: columns C and D both say so; delete the copy"),
        (("Alpha", "Beta"), "row 1: there is no header here; write Title, Content, Target Audience, Tone, Platform, "),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_header_is_said_with_the_fix(headers: tuple[str, ...], problem: str) -> None:
    (found,) = said(layout(*headers))
    assert found.startswith(problem)


def test_a_shared_column_that_is_gone_or_another_now_stops_the_sync() -> None:
    before = {"title": "Title", "platforms": "Platform", "scheduled_time": "Scheduled Time", "text": "Content"}
    when, what = said(layout("Title", "Platform", "Sheduled Tme", "Caption", before=before))
    assert when.startswith("Scheduled Time: this column is gone (is it the column now headed 'Sheduled Tme'?). Give it")
    assert what.startswith("Content: this column is now taken from the column 'Caption'. Give it its old header back")
    assert not said(layout("PLATFORM", "content", "Scheduled  time", "Title", before=before))


def test_columns_of_slotwise_may_be_absent_which_is_said() -> None:
    found = layout("Title", "Platform", before={"url": "Post URL"})
    assert not found.problems
    assert [problem.place for problem in found.warnings] == ["Scheduled Time", "Status", "Post URL"]


def test_rows_are_read_with_holes_for_columns_that_are_not_there() -> None:
    found = layout("Platform", "Title", "Notes", "Status", "Slotwise ID")
    grid = [["Platform", "Title"], ["x", "One", "n", "", " row_1 "], [], [None, "", "only a note"], ["", "", "", "Old"]]
    first, last = read_rows(grid, found, first_row=1)
    assert (first.position, first.row_id, first.own) == (2, "row_1", ("", None, None))
    assert first.values == ("One", None, None, None, "x", None, None, None, None, None)
    assert (last.position, last.row_id, last.own) == (5, "", ("Old", None, None))


def test_rows_may_be_read_from_some_columns_only() -> None:
    found = layout("Platform", "Title", "Notes", "Status", "Slotwise ID")
    (row,) = read_rows([["One", "row_1"]], found, first_row=7, columns=(2, 5))
    assert (row.position, row.row_id, row.values[0], row.values[4]) == (7, "row_1", "One", None)
    assert place_of(found, "title", 7) == "B7"
