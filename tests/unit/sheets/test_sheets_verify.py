"""What was written into a wrong row is put back, and nothing that somebody typed is taken for it."""

from core.sheets.fields import Cell, user_values
from core.sheets.plans import CellWrite
from core.sheets.rows import KnownRow, KnownState, SheetRow
from core.sheets.verify import undo

WHEN, NINE, TEN = "scheduled_time", "2026-05-01 09:00", "2026-05-01 10:00"


def row(position: int, row_id: str, when: Cell) -> SheetRow:
    return SheetRow(position, row_id, user_values({"title": row_id, WHEN: when}), ("", "", ""))


def known(row_id: str, when: Cell) -> KnownRow:
    values = user_values({"title": row_id, WHEN: when})
    return KnownRow(row_id, KnownState.ACTIVE, values, values)


def test_an_error_that_a_formula_shows_elsewhere_is_not_taken_for_one_that_was_put_back_into_a_wrong_row() -> None:
    stored = {each.row_id: each for each in (known("a", "soon"), known("b", "#REF!"), known("c", NINE))}
    astray = CellWrite(3, "b", WHEN, TEN, "#REF!")
    rows = [row(2, "a", "#REF!"), row(3, "c", "#REF!"), row(4, "b", TEN)]
    assert undo([astray], stored, rows) == (CellWrite(3, "c", WHEN, "#REF!", NINE),)
