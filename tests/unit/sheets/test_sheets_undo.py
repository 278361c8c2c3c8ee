"""What was written into the wrong row is put back, wherever that row has gone meanwhile."""

from core.sheets.fields import Cell, user_values
from core.sheets.plans import CellWrite
from core.sheets.rows import KnownRow, KnownState, SheetRow
from core.sheets.verify import undo


def row(position: int, row_id: str, status: str = "", **cells: Cell) -> SheetRow:
    return SheetRow(position, row_id, user_values(cells), (status, "", ""))


def known(row_id: str, state: KnownState = KnownState.ACTIVE, **cells: Cell) -> KnownRow:
    return KnownRow(row_id, state, user_values(cells), user_values(cells))


AB = {"a": known("a", title="A", scheduled_time="1"), "b": known("b", title="B", scheduled_time="2")}
TO_A = CellWrite(2, "a", "scheduled_time", "1", "9")


def test_a_write_that_reached_its_row_needs_nothing_wherever_the_row_is_now() -> None:
    assert (
        undo([TO_A], AB, [row(2, "b", title="B", scheduled_time="2"), row(3, "a", title="A", scheduled_time="9")]) == ()
    )


def test_a_write_into_another_row_is_undone_wherever_that_is_now() -> None:
    for places in ((2, 3), (5, 2)):
        rows = [row(places[0], "b", title="B", scheduled_time="9"), row(places[1], "a", title="A", scheduled_time="1")]
        assert undo([TO_A], AB, rows) == (CellWrite(places[0], "b", "scheduled_time", "9", "2"),)


def test_words_sorted_without_their_ids_are_put_right_by_what_they_say() -> None:
    rows = [row(2, "a", title="B", scheduled_time="9"), row(3, "b", title="A", scheduled_time="1")]
    assert undo([TO_A], AB, rows) == (CellWrite(2, "b", "scheduled_time", "9", "2"),)


def test_a_row_inserted_in_between_is_cleared_of_what_was_meant_for_another() -> None:
    status = CellWrite(2, "a", "status", "", "Scheduled")
    rows = [row(2, "", "Scheduled", scheduled_time="9"), row(3, "a", title="A", scheduled_time="1")]
    assert undo([TO_A, status], AB, rows) == (
        CellWrite(2, "", "scheduled_time", "9", ""), CellWrite(2, "", "status", "Scheduled", ""),
    )  # fmt: skip


def test_the_same_value_typed_by_somebody_stays_where_ours_arrived() -> None:
    rows = [row(2, "a", title="A", scheduled_time="9"), row(3, "b", title="B", scheduled_time="9")]
    assert undo([TO_A], AB, rows) == ()


def test_a_row_whose_only_cell_was_cleared_for_another_gets_it_back_wherever_it_is_now() -> None:
    both = {"a": AB["a"], "b": known("b", scheduled_time="2")}
    undoing = CellWrite(2, "", "scheduled_time", "9", "")
    for place in (2, 5):
        rows = [row(place, "b"), row(3, "a", title="A", scheduled_time="1"), row(4, "", scheduled_time="9")]
        assert undo([TO_A, undoing], both, rows)[0] == CellWrite(place, "b", "scheduled_time", "", "2")


def test_a_row_that_somebody_emptied_stays_empty() -> None:
    rows = [row(2, "b"), row(3, "a", title="A", scheduled_time="1")]
    assert undo([TO_A], AB, rows) == ()
    undoing = CellWrite(2, "", "scheduled_time", "9", "")
    assert undo([TO_A, undoing], AB, rows) == ()
    gone = {"a": AB["a"], "b": known("b", KnownState.MISSING, scheduled_time="2")}
    assert undo([TO_A, undoing], gone, rows) == ()
