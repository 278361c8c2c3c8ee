"""Ranges in A1 notation: what people write, and what is written back."""

import pytest

from core.errors import Invalid
from core.sheets.a1 import Range, header_area, parse_range, within, write_cell, write_range


@pytest.mark.parametrize(
    ("written", "meant", "again"),
    [
        ("A1:H20", Range("", 1, 1, 8, 20), "A1:H20"),
        ("a:h", Range("", 1, 1, 8), "A:H"),
        ("$A$2:$H", Range("", 1, 2, 8), "A2:H"),
        ("H20:A1", Range("", 1, 1, 8, 20), "A1:H20"),
        ("AA7", Range("", 27, 7, 27, 7), "AA7"),
        ("2:5", Range("", 1, 2, None, 5), "2:5"),
        ("Plan!A:H", Range("Plan", 1, 1, 8), "'Plan'!A:H"),
        (" 'My plan'!A2:ZZZ ", Range("My plan", 1, 2, 18_278), "'My plan'!A2:ZZZ"),
        ("'It''s here!'!B3", Range("It's here!", 2, 3, 2, 3), "'It''s here!'!B3"),
        ("Über Pläne 2026!A1:B", Range("Über Pläne 2026", 1, 1, 2), "'Über Pläne 2026'!A:B"),
        ("'My plan'", Range("My plan"), "'My plan'"),
        ("Plan!", Range("Plan"), "'Plan'"),
    ],
)
def test_a_range_is_read_and_written_in_one_style(written: str, meant: Range, again: str) -> None:
    assert parse_range(written) == meant
    assert write_range(meant) == again
    assert parse_range(again) == meant


@pytest.mark.parametrize(
    ("written", "fix"),
    [
        ("", "this is no range of cells; write one such as A1:H"),
        ("A1;H5", "this is no range of cells"),
        ("A1:H5:J7", "this is no range of cells"),
        ("H", "a column or row alone is written twice, such as H:H"),
        ("7", "a column or row alone is written twice, such as 7:7"),
        ("A:7", "its two ends do not fit together"),
        ("A:H5", "its two ends do not fit together"),
        ("5:", "rows need a first and a last one, such as 1:500"),
        ("A0:H9", "there is no row 0; rows count from 1 to 10,000,000"),
        ("A1:AAAA9", "there is no column AAAA; the last one is ZZZ"),
        ("'My plan!A1", "this is no range of cells"),
    ],
)
def test_what_is_no_range_is_refused_with_the_fix(written: str, fix: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse_range(written)
    (problem,) = refused.value.problems
    assert problem.message.startswith(fix)
    assert problem.value == written


def test_a_range_ends_where_its_tab_ends() -> None:
    assert within(parse_range("P!A2:H"), 1000, 26) == Range("P", 1, 2, 8, 1000)
    assert within(parse_range("'P'"), 10, 3) == Range("P", 1, 1, 3, 10)
    assert within(parse_range("A2000:H"), 1000, 26) is None
    assert within(parse_range("J:K"), 1000, 8) is None


def test_a_header_may_stand_in_the_range_or_in_the_row_above_it() -> None:
    assert write_range(header_area(parse_range("P!A:H"))) == "'P'!1:11"
    assert write_range(header_area(parse_range("A5:H"))) == "4:14"


def test_a_cell_is_named_by_column_and_row() -> None:
    assert [write_cell(column, 3) for column in (1, 26, 27, 702, 703)] == ["A3", "Z3", "AA3", "ZZ3", "AAA3"]
