"""The tables of legal moves."""

import pytest

from core.calendar.states import (
    CALENDAR_MOVES,
    FINAL_ITEM_STATES,
    ITEM_MOVES,
    OPEN_ITEM_STATES,
    check_calendar_move,
    check_item_move,
)
from core.errors import StateConflict
from core.vocabulary import CalendarState, ItemState

ITEM_PATHS = {
    "pending scheduled publishing published",
    "pending skipped",
    "pending canceled",
    "scheduled skipped",
    "scheduled canceled",
    "publishing failed scheduled",
    "failed skipped",
    "publishing unconfirmed published",
    "unconfirmed failed",
    "pending awaiting_approval scheduled",
    "awaiting_approval rejected",
    "awaiting_approval canceled",
    "publishing scheduled",
}
CALENDAR_PATHS = {
    "pending running optimizing completing completed",
    "pending canceling canceled",
    "running canceling",
    "pending completing",
    "optimizing running completing",
    "completed running",
    "optimizing canceling",
    *(f"{state} failed" for state in CalendarState if state != CalendarState.FAILED),
}


def moves_along(paths: set[str]) -> set[tuple[str, str]]:
    return {move for path in paths for move in zip(path.split(), path.split()[1:], strict=False)}


def test_an_item_moves_only_along_the_documented_paths() -> None:
    assert {(a, b) for a, nexts in ITEM_MOVES.items() for b in nexts} == moves_along(ITEM_PATHS)


def test_a_calendar_moves_only_along_the_documented_paths() -> None:
    assert {(a, b) for a, nexts in CALENDAR_MOVES.items() for b in nexts} == moves_along(CALENDAR_PATHS)


@pytest.mark.parametrize("current", ItemState)
@pytest.mark.parametrize("wanted", ItemState)
def test_every_item_move_is_either_legal_or_a_conflict_naming_both_states(
    current: ItemState, wanted: ItemState
) -> None:
    if (current, wanted) in moves_along(ITEM_PATHS):
        check_item_move(current, wanted)
    else:
        with pytest.raises(StateConflict) as refused:
            check_item_move(current, wanted)
        assert str(refused.value) == f"This item is {current}; it cannot become {wanted}."


def test_a_canceled_calendar_cannot_run_again() -> None:
    check_calendar_move(CalendarState.CANCELING, CalendarState.CANCELED)
    with pytest.raises(StateConflict, match="This calendar is canceled; it cannot become running"):
        check_calendar_move(CalendarState.CANCELED, CalendarState.RUNNING)


def test_an_unapproved_item_is_never_one_move_from_publishing() -> None:
    assert {state for state, nexts in ITEM_MOVES.items() if ItemState.PUBLISHING in nexts} == {ItemState.SCHEDULED}


def test_every_state_is_either_open_or_final_and_only_failed_leaves_a_final_one() -> None:
    assert set(ItemState) == OPEN_ITEM_STATES | FINAL_ITEM_STATES
    assert not OPEN_ITEM_STATES & FINAL_ITEM_STATES
    assert {state for state in FINAL_ITEM_STATES if ITEM_MOVES[state]} == {ItemState.FAILED}
