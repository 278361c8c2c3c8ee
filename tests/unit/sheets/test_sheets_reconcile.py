"""One look at both sides: who is which row, and whose change stands."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from core.sheets.cells import MOST_CHARACTERS
from core.sheets.fields import Cell, user_values
from core.sheets.plans import CellWrite, FieldEdit, IdWrite, NewRow, Plan, Returned
from core.sheets.reconcile import reconcile
from core.sheets.rows import KnownRow, KnownState, OurRow, SheetRow

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
LATER = NOON + timedelta(minutes=5)
SPLIT = ("2026-05-01", "09:00")


def row(position: int, row_id: str, status: str = "", **cells: Cell) -> SheetRow:
    return SheetRow(position, row_id, user_values(cells), (status, "", ""))


def known(row_id: str, state: KnownState = KnownState.ACTIVE, **cells: Cell) -> KnownRow:
    return KnownRow(row_id, state, user_values(cells), user_values(cells))


def our(row_id: str, at: datetime | None = None, closed: str = "", **cells: Cell) -> OurRow:
    return OurRow(row_id, user_values(cells), changed_at=at, closed=closed)


def plan(
    rows: list[SheetRow], known_rows: list[KnownRow], our_rows: list[OurRow] | None = None, *, can_write: bool = True
) -> Plan:
    numbers = count(1)
    stored, said = {each.row_id: each for each in known_rows}, {each.row_id: each for each in our_rows or []}
    return reconcile(
        rows, stored, said, edited_at=NOON, new_id=lambda: f"new_{next(numbers)}", last_row=9, can_write=can_write
    )


# --- Who is which row --------------------------------------------------------------------------------------------


def test_new_rows_get_ids_first_and_become_posts_when_the_id_is_seen_beside_them() -> None:
    fresh = row(2, "", title="One")
    (write,) = plan([fresh], []).ids
    assert write == IdWrite(2, "new_1", "", is_new=True, values=fresh.values)
    assert not plan([fresh], []).new
    pending = known("new_1", KnownState.PENDING, title="One")
    assert plan([replace(fresh, row_id="new_1")], [pending]).new == (NewRow("new_1", 2, fresh.values),)
    assert plan([fresh], [pending]).ids == (IdWrite(2, "new_1", ""),)


def test_rows_sorted_with_their_ids_ask_for_nothing() -> None:
    assert plan(
        [row(2, "b", title="B"), row(3, "a", title="A")], [known("a", title="A"), known("b", title="B")]
    ).is_empty


def test_rows_sorted_without_their_ids_get_them_back_and_no_edit_is_made() -> None:
    found = plan([row(2, "a", title="B"), row(3, "b", title="A")], [known("a", title="A"), known("b", title="B")])
    assert found.ids == (IdWrite(2, "b", "a"), IdWrite(3, "a", "b"))
    assert not found.changes


def test_of_a_copied_row_the_one_that_is_unchanged_keeps_the_id() -> None:
    found = plan(
        [row(2, "a", title="A", text="new"), row(3, "a", title="A", text="old")], [known("a", title="A", text="old")]
    )
    assert found.ids == (IdWrite(2, "new_1", "a", is_new=True, values=user_values({"title": "A", "text": "new"})),)


def test_an_emptied_id_is_given_back_to_the_row_that_says_the_same() -> None:
    assert plan([row(2, "", title="A")], [known("a", title="A")]).ids == (IdWrite(2, "a", ""),)


def test_a_row_typed_much_like_a_removed_one_is_a_new_post() -> None:
    last_week = known("a", title="Weekly tip", text="x", scheduled_time="2026-03-02 09:00")
    found = plan([row(2, "", title="Weekly tip", text="x", scheduled_time="2026-03-09 09:00")], [last_week])
    assert found.removed == ("a",)
    assert [write.is_new for write in found.ids] == [True]


def test_an_id_that_was_written_over_another_gives_way() -> None:
    pending = known("p", KnownState.PENDING, title="P")
    found = plan([row(2, "", title="P"), row(3, "p", title="A")], [known("a", title="A"), pending])
    assert found.ids == (IdWrite(2, "p", ""), IdWrite(3, "a", "p"))
    assert not found.new


def test_an_unknown_id_counts_for_nothing() -> None:
    assert plan([row(2, "of another sheet", title="A")], []).ids[0].is_new


def test_removed_rows_are_named_and_come_back_with_their_id() -> None:
    assert plan([row(2, "a")], [known("a", title="A")]).removed == ("a",)
    for state in (KnownState.MISSING, KnownState.KEPT_OUT):
        gone = known("a", state, title="A")
        assert plan([], [gone]).is_empty
        assert plan([row(2, "a", title="A")], [gone]).returned == (Returned("a", 2, state),)


def test_something_else_in_the_place_of_a_removed_row_is_new() -> None:
    found = plan([row(2, "a", title="B", text="b")], [known("a", KnownState.MISSING, title="A", text="a")])
    assert found.ids[0].is_new
    assert not found.returned


def test_a_post_of_ours_gets_a_row_below_everything_its_id_first() -> None:
    waiting = KnownRow("o", KnownState.APPENDING)
    said = our("o", title="Ours")
    assert plan([], [waiting], [said]).ids == (IdWrite(10, "o"),)
    assert plan([row(10, "o")], [waiting], [said]).returned == (Returned("o", 10, KnownState.APPENDING),)
    active = replace(waiting, state=KnownState.ACTIVE)
    assert plan([row(10, "o")], [active], [said]).writes == (CellWrite(10, "o", "title", "", "Ours"),)


def test_a_sheet_that_is_only_read_is_told_apart_by_what_it_says() -> None:
    stored = [
        replace(known("a", title="A", text="x"), position=2),
        replace(known("b", title="B", text="y"), position=3),
    ]
    found = plan(
        [row(2, "", title="B", text="y"), row(3, "", title="A", text="z"), row(4, "", title="C")],
        stored,
        can_write=False,
    )
    assert found.places == {"b": 2, "a": 3}
    assert found.new == (NewRow("new_1", 4, user_values({"title": "C"})),)
    assert [(change.row_id, change.edits) for change in found.changes] == [("a", (FieldEdit("text", "x", "z"),))]
    assert not found.ids
    assert not found.writes


# --- Whose change stands -----------------------------------------------------------------------------------------


def test_a_change_of_the_sheet_is_followed_and_one_of_ours_is_written() -> None:
    found = plan(
        [row(2, "a", title="A", text="theirs")], [known("a", title="A", text="x")], [our("a", title="ours", text="x")]
    )
    (change,) = found.changes
    assert change.edits == (FieldEdit("text", "x", "theirs"),)
    assert change.base == user_values({"title": "A", "text": "theirs"})
    assert found.writes == (CellWrite(2, "a", "title", "A", "ours"),)
    assert not found.conflicts


@pytest.mark.parametrize(("at", "winner"), [(LATER, "slotwise"), (NOON, "sheet"), (None, "sheet")])
def test_of_two_changes_the_later_stands_and_both_are_listed(at: datetime | None, winner: str) -> None:
    rows, stored = [row(2, "a", title="theirs")], known("a", title="A")
    said = our("a", at, title="ours")
    found = plan(rows, [stored], [said])
    (conflict,) = found.conflicts
    assert (conflict.winner, conflict.sheet_value, conflict.our_value) == (winner, "theirs", "ours")
    (change,) = found.changes
    assert [edit.new for edit in change.edits] == (["theirs"] if winner == "sheet" else [])
    assert [write.new for write in found.writes] == (["ours"] if winner == "slotwise" else [])


def test_a_decided_conflict_is_not_decided_again_however_late_the_sheet_is_edited() -> None:
    rows, stored, said = [row(2, "a", title="theirs")], known("a", title="A"), our("a", LATER, title="ours")
    (change,) = plan(rows, [stored], [said]).changes
    stored = replace(stored, base=change.base, ours=change.ours)
    again = reconcile(rows, {"a": stored}, {"a": said}, edited_at=LATER + timedelta(days=1), new_id=str, last_row=2)
    assert not again.conflicts
    assert [write.new for write in again.writes] == ["ours"]


def test_what_both_changed_alike_is_agreed() -> None:
    found = plan([row(2, "a", title="same")], [known("a", title="A")], [our("a", LATER, title="same")])
    assert not found.conflicts
    assert not found.writes
    assert found.changes[0].base == found.changes[0].ours == user_values({"title": "same"})


def test_what_is_published_follows_no_more_and_the_cell_stays() -> None:
    rows, stored = [row(2, "a", title="theirs")], known("a", title="A")
    said = our("a", NOON, "already published", title="A")
    found = plan(rows, [stored], [said])
    assert [each.reason for each in found.conflicts] == ["already published"]
    assert not found.writes
    (change,) = found.changes
    assert not change.edits
    assert plan(rows, [replace(stored, base=change.base, ours=change.ours)], [said]).is_empty


def test_a_date_and_its_time_of_day_are_one_change() -> None:
    rows = [row(2, "a", scheduled_time="2026-05-02", clock="09:00")]
    stored = KnownRow("a", KnownState.ACTIVE, user_values({"scheduled_time": SPLIT[0], "clock": SPLIT[1]}),
                      user_values({"scheduled_time": "2026-05-01 09:00"}))  # fmt: skip
    said = replace(
        our("a", LATER, scheduled_time="2026-05-01 11:30"),
        cells=user_values({"scheduled_time": "2026-05-01", "clock": "11:30"}),
    )
    found = plan(rows, [stored], [said])
    assert [(write.field, write.new) for write in found.writes] == [
        ("scheduled_time", "2026-05-01"),
        ("clock", "11:30"),
    ]
    (conflict,) = found.conflicts
    assert (conflict.sheet_value, conflict.our_value) == ("2026-05-02 09:00", "2026-05-01 11:30")


def test_own_columns_always_say_what_slotwise_says() -> None:
    said = replace(our("a", title="A"), own=("Scheduled", "", ""))
    stored = [known("a", title="A")]
    assert plan([row(2, "a", "draft", title="A")], stored, [said]).writes == (
        CellWrite(2, "a", "status", "draft", "Scheduled"),
    )
    assert plan([row(2, "a", "Scheduled", title="A")], stored, [said]).is_empty


def test_formulas_of_ours_are_written_as_text_once() -> None:
    said = our("a", LATER, title="=1+1")
    (write,) = plan([row(2, "a", title="A")], [known("a", title="A")], [said]).writes
    assert write.new == "'=1+1"
    after = plan([row(2, "a", title="'=1+1")], [known("a", title="A")], [said])
    assert not after.writes
    assert not after.conflicts


def test_an_error_in_a_cell_is_a_fault_and_neither_side_follows() -> None:
    found = plan(
        [row(2, "a", title="#REF!", text="new")],
        [known("a", title="A", text="x")],
        [our("a", LATER, title="ours", text="x")],
    )
    assert [(fault.field, fault.value) for fault in found.faults] == [("title", "#REF!")]
    assert [edit.field for edit in found.changes[0].edits] == ["text"]
    assert not found.writes


def test_text_beyond_the_limit_of_a_cell_is_not_written() -> None:
    long = "x" * (MOST_CHARACTERS + 1)
    found = plan([row(2, "a", title="A")], [known("a", title="A")], [our("a", LATER, title=long)])
    assert not found.writes
    assert "shorten it" in found.faults[0].message


def test_a_refused_cell_is_not_asked_for_again_until_it_changes() -> None:
    stored = replace(known("a", title="A"), base=user_values({"title": "A", "scheduled_time": "soon"}),
                     refused=frozenset({"scheduled_time"}))  # fmt: skip
    said = our("a", title="A")
    assert plan([row(2, "a", title="A", scheduled_time="soon")], [stored], [said]).is_empty
    mended = plan([row(2, "a", title="A", scheduled_time="2026-05-01 09:00")], [stored], [said])
    assert mended.changes[0].edits == (FieldEdit("scheduled_time", "soon", "2026-05-01 09:00"),)
    assert not mended.changes[0].refused
    ours = plan(
        [row(2, "a", title="A", scheduled_time="soon")], [stored], [our("a", LATER, title="A", scheduled_time="T")]
    )
    assert [conflict.sheet_value for conflict in ours.conflicts] == ["soon"]
    assert [write.new for write in ours.writes] == ["T"]


def test_a_column_that_is_gone_empties_nothing() -> None:
    bare = SheetRow(2, "a", tuple(None if place else cell for place, cell in enumerate(user_values({"title": "A"}))))
    assert plan([bare], [known("a", title="A", text="x")], [our("a", title="A", text="x")]).is_empty
