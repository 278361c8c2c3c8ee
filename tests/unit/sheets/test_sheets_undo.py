"""What was written into the wrong row is put back, wherever that row has gone meanwhile."""

from dataclasses import replace

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


STRAY = [
    CellWrite(2, "a", "title", "A", "Ours"), CellWrite(2, "a", "text", "Words of A", "Our words"),
    CellWrite(3, "c", "title", "Ours", "C"), CellWrite(3, "c", "text", "Our words", "Words of C"),
]  # fmt: skip
"""A write that fell on c, and its undoing, which fell on b: both rows go out at the same time."""

ABC = {
    name.lower(): known(name.lower(), title=name, text=f"Words of {name}", scheduled_time="1" if name == "A" else "2")
    for name in "ABC"
}


def after_two_moves(b: int, c: int) -> list[SheetRow]:
    return [
        row(2, "a", title="A", text="Words of A", scheduled_time="1"),
        row(b, "b", title="C", text="Words of C", scheduled_time="2"),
        row(c, "c", title="Ours", text="Our words", scheduled_time="2"),
    ]


def test_a_row_that_became_the_image_of_another_by_two_stray_writes_is_still_itself() -> None:
    for b, c in ((3, 4), (4, 3), (5, 6)):
        assert undo(STRAY, ABC, after_two_moves(b, c)) == (
            CellWrite(b, "b", "title", "C", "B"), CellWrite(b, "b", "text", "Words of C", "Words of B"),
            CellWrite(c, "c", "title", "Ours", "C"), CellWrite(c, "c", "text", "Our words", "Words of C"),
        )  # fmt: skip


def test_rows_sorted_without_their_ids_are_no_images_as_long_as_what_they_said_stands_elsewhere() -> None:
    arrived = [
        row(2, "a", title="Ours", text="Our words", scheduled_time="1"),
        row(4, "b", title="C", text="Words of C", scheduled_time="2"),
        row(3, "c", title="B", text="Words of B", scheduled_time="2"),
    ]
    assert undo(STRAY, ABC, arrived) == ()
    b_was_edited = [*arrived[:2], row(3, "c", title="B", text="Other words", scheduled_time="2")]
    assert undo(STRAY, ABC, b_was_edited) == ()


def test_words_of_a_row_that_was_removed_are_not_overwritten_where_they_were_sorted_to() -> None:
    rows = [
        row(2, "a", title="Ours", text="Our words", scheduled_time="1"),
        row(4, "b", title="C", text="Words of C", scheduled_time="2"),
    ]
    assert undo(STRAY, ABC, rows) == ()
    moved = {**ABC, "b": known("b", title="B", text="Words of B", scheduled_time="2", tone="warm")}
    to_b = CellWrite(3, "b", "tone", "warm", "")
    assert undo([to_b, *STRAY], moved, rows) == ()


def test_words_that_somebody_edited_where_they_were_sorted_to_are_left_alone() -> None:
    four = {**ABC, "d": known("d", title="D")}
    rows = [
        row(2, "a", title="Ours", text="Our words", scheduled_time="1"),
        row(3, "c", title="D"),
        row(4, "b", title="C", text="Other words", scheduled_time="2"),
    ]
    assert undo(STRAY, four, rows) == ()


def test_a_stray_image_is_known_beside_a_write_that_did_reach_the_row() -> None:
    to_b = CellWrite(3, "b", "tone", "warm", "")
    later = {**ABC, "b": known("b", title="B", text="Words of B", scheduled_time="2", tone="warm")}
    later["d"] = known("d", title="D")
    rows = [*after_two_moves(5, 6), row(7, "d", title="D", tone="warm")]
    assert undo([to_b, *STRAY], later, rows) == undo(STRAY, ABC, after_two_moves(5, 6))


def test_a_copy_that_says_what_a_struck_row_said_is_still_the_copy() -> None:
    alike = {**ABC, "d": known("d", title="B", scheduled_time="1"), "b": known("b", title="B", scheduled_time="#REF!")}
    rows = [
        row(2, "a", title="A", text="Words of A", scheduled_time="1"),
        row(3, "d", title="B", scheduled_time="#REF!"),
        row(4, "b", title="Ours", text="Our words", scheduled_time="#REF!"),
        row(5, "c", title="C", text="Words of C", scheduled_time="2"),
    ]
    for place in (4, 6):
        to_a = [replace(each, position=place) for each in STRAY[:2]]
        assert undo(to_a, alike, rows) == (
            CellWrite(4, "b", "title", "Ours", "B"), CellWrite(4, "b", "text", "Our words", ""),
        )  # fmt: skip


def test_words_that_fell_on_a_third_row_while_they_were_put_back_do_not_show_that_rows_were_sorted() -> None:
    four = {**ABC, "d": known("d", title="D", text="Words of D", scheduled_time="2")}
    back_to_b = [
        CellWrite(4, "c", "title", "C", "Ours"), CellWrite(4, "c", "text", "Words of C", "Our words"),
        CellWrite(3, "b", "title", "Ours", "B"), CellWrite(3, "b", "text", "Our words", "Words of B"),
    ]  # fmt: skip
    image = known("e", title="B", text="Words of B", scheduled_time="3")
    struck = [
        row(2, "a", title="A", text="Words of A", scheduled_time="1"),
        row(5, "b", title="Ours", text="Our words", scheduled_time="2"),
        row(6, "c", title="C", text="Words of C", scheduled_time="2"),
        row(7, "d", title="B", text="Words of D", scheduled_time="2"),
        row(8, "e", title="B", text="Words of B", scheduled_time="2"),
    ]
    assert undo(back_to_b, {**four, "e": image}, struck) == (
        CellWrite(5, "b", "title", "Ours", "B"), CellWrite(5, "b", "text", "Our words", "Words of B"),
        CellWrite(7, "d", "title", "B", "D"),
    )  # fmt: skip
    sorted_without_ids = [
        row(2, "a", title="A", text="Words of A", scheduled_time="1"),
        row(5, "b", title="Ours", text="Our words", scheduled_time="2"),
        row(6, "c", title="B", text="Words of B", scheduled_time="2"),
        row(7, "d", title="D", text="Words of D", scheduled_time="2"),
    ]
    assert undo(back_to_b, four, sorted_without_ids) == ()


def test_a_row_of_whose_words_nothing_is_left_is_the_one_that_it_says() -> None:
    four = {**ABC, "b": known("b", title="B", text="Words of B", scheduled_time="3"), "d": known("d", title="D")}
    time_of_c = CellWrite(3, "c", "scheduled_time", "1", "2")
    rows = [
        row(2, "a", title="Ours", text="Our words", scheduled_time="1"),
        row(3, "c", title="D"),
        row(4, "b", title="C", text="Words of C", scheduled_time="2"),
    ]
    assert undo([*STRAY, time_of_c], four, rows) == ()


def test_a_row_that_became_an_image_by_gaining_words_is_rid_of_them() -> None:
    short = {**ABC, "b": known("b", title="C", scheduled_time="2"), "d": known("d", title="D", text="Emptied since")}
    text_of_c = [each for each in STRAY if each.field == "text"]
    rows = [
        row(2, "a", title="A", text="Words of A", scheduled_time="1"),
        row(3, "d", title="D"),
        row(5, "b", title="C", text="Words of C", scheduled_time="2"),
        row(6, "c", title="C", text="Our words", scheduled_time="2"),
    ]
    assert undo(text_of_c, short, rows) == (
        CellWrite(5, "b", "text", "Words of C", ""), CellWrite(6, "c", "text", "Our words", "Words of C"),
    )  # fmt: skip


def test_a_row_that_says_what_was_sent_to_it_is_itself_though_a_cell_went_bad_and_another_row_was_removed() -> None:
    rows_known = {
        "a": known("a", title="A", platforms="linkedin", scheduled_time="1"),
        "b": known("b", scheduled_time="#REF!"),
    }
    arrived = [CellWrite(2, "a", "title", "A", "Ours"), CellWrite(2, "a", "text", "", "Our words")]
    rows = [row(2, "a", title="Ours", text="Our words", platforms="linkedin", scheduled_time="#REF!")]
    assert undo(arrived, rows_known, rows) == ()
