"""Values of cells: equal or not, safe to write, readable as text, errors named."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.sheets.cells import fault_of, is_blank, length_of, meaning, plain, safe, same, text
from core.sheets.fields import Cell

cells = st.one_of(st.text(), st.booleans(), st.floats(allow_nan=False, allow_infinity=False), st.integers(-9, 9))


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\uff1d", "'=", "''@"])
def test_text_that_could_be_a_formula_is_written_with_an_apostrophe_and_read_without(start: str) -> None:
    formula = f'{start}HYPERLINK("http://x.example","here")'
    assert safe(formula) == f"'{formula}"
    assert plain(safe(formula)) == formula


def test_other_text_and_numbers_are_written_as_they_are() -> None:
    for cell in ("10 = ten", "'quoted'", "", -5.0, True):
        assert safe(cell) is cell
        assert plain(cell) is cell


@given(st.text(alphabet="'=+-@\t\r a"))
def test_what_is_written_is_read_back(said: str) -> None:
    assert plain(safe(said)) == said


@given(cells, cells)
def test_equal_cells_hash_alike(one: Cell, other: Cell) -> None:
    assert same(one, other) == (meaning(one) == meaning(other))
    assert same(one, one)


@pytest.mark.parametrize(
    ("one", "other", "are_same"),
    [
        ("a\r\nb", "a\nb", True), ("a\rb", "a\nb", True), ("'=1", "=1", True), (None, "", True), (5, 5.0, True),
        (46143.375, 46143.3750000000001, True), (46143.375, 46143.376, False), (True, 1, False), (False, 0, False),
        (False, "", False), ("5", 5, False), ("a", "A", False), ("a ", "a", False), ("'a", "a", False),
    ],
)  # fmt: skip
def test_cells_are_the_same_when_they_mean_the_same(one: Cell | None, other: Cell | None, are_same: bool) -> None:
    assert same(one, other) is are_same


def test_a_cell_reads_as_people_see_it() -> None:
    shown = [text(cell) for cell in (5.0, 2.5, 1e20, True, False, "'=1", "x", None)]
    assert shown == ["5", "2.5", "1e+20", "TRUE", "FALSE", "=1", "x", ""]


def test_errors_of_formulas_are_named_and_hashtags_are_none() -> None:
    for error in ("#REF!", "#N/A", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#ERROR!", "#SPILL!"):
        assert ";" in fault_of(error)
    assert "calculated" in fault_of("Loading...")
    assert [fault_of(cell) for cell in ("#launch", "Loading dock", "", 5.0, True, None)] == [""] * 6


def test_a_cell_with_spaces_is_blank_and_one_with_no_is_not() -> None:
    assert [is_blank(cell) for cell in ("", "  \n", None, False, 0.0, "x")] == [True, True, True, False, False, False]


def test_letters_beyond_the_basic_plane_count_twice() -> None:
    assert [length_of(cell) for cell in ("abc", "🎉", "\ud83d", 5.0)] == [3, 2, 1, 0]
