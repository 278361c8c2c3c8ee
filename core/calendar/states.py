"""The legal moves of items and calendars, one table each."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TypeVar

from core.errors import StateConflict
from core.vocabulary import CalendarState, ItemState

_State = TypeVar("_State", CalendarState, ItemState)

ITEM_MOVES: Mapping[ItemState, frozenset[ItemState]] = MappingProxyType(
    {
        ItemState.PENDING: frozenset(
            {ItemState.SCHEDULED, ItemState.AWAITING_APPROVAL, ItemState.SKIPPED, ItemState.CANCELED}
        ),
        # Canceled too: with its calendar, which could never end otherwise.
        ItemState.AWAITING_APPROVAL: frozenset({ItemState.SCHEDULED, ItemState.REJECTED, ItemState.CANCELED}),
        ItemState.SCHEDULED: frozenset({ItemState.PUBLISHING, ItemState.SKIPPED, ItemState.CANCELED}),
        # Back to scheduled only when the platform certainly did not accept the post: sending again is then safe.
        ItemState.PUBLISHING: frozenset(
            {ItemState.PUBLISHED, ItemState.FAILED, ItemState.UNCONFIRMED, ItemState.SCHEDULED}
        ),
        ItemState.UNCONFIRMED: frozenset({ItemState.PUBLISHED, ItemState.FAILED}),
        # Tried again, or given up by a person: a late item that waits for an answer must be able to get either.
        ItemState.FAILED: frozenset({ItemState.SCHEDULED, ItemState.SKIPPED}),
        ItemState.PUBLISHED: frozenset(),
        ItemState.SKIPPED: frozenset(),
        ItemState.CANCELED: frozenset(),
        ItemState.REJECTED: frozenset(),
    }
)
"""Which states an item may take next."""

CALENDAR_MOVES: Mapping[CalendarState, frozenset[CalendarState]] = MappingProxyType(
    {
        CalendarState.PENDING: frozenset(
            {CalendarState.RUNNING, CalendarState.COMPLETING, CalendarState.CANCELING, CalendarState.FAILED}
        ),
        CalendarState.RUNNING: frozenset(
            {CalendarState.OPTIMIZING, CalendarState.COMPLETING, CalendarState.CANCELING, CalendarState.FAILED}
        ),
        CalendarState.OPTIMIZING: frozenset(
            {CalendarState.RUNNING, CalendarState.COMPLETING, CalendarState.CANCELING, CalendarState.FAILED}
        ),
        CalendarState.COMPLETING: frozenset({CalendarState.COMPLETED, CalendarState.FAILED}),
        # Another item was added, or a failed one is tried again.
        CalendarState.COMPLETED: frozenset({CalendarState.RUNNING, CalendarState.FAILED}),
        CalendarState.CANCELING: frozenset({CalendarState.CANCELED, CalendarState.FAILED}),
        CalendarState.CANCELED: frozenset({CalendarState.FAILED}),
        CalendarState.FAILED: frozenset(),
    }
)
"""Which states a calendar may take next; every other state may end in failed."""

FINAL_ITEM_STATES = frozenset(
    {ItemState.PUBLISHED, ItemState.FAILED, ItemState.SKIPPED, ItemState.CANCELED, ItemState.REJECTED}
)
"""Nothing more happens to the item by itself; a failed one can be scheduled again by a person or policy."""

OPEN_ITEM_STATES = frozenset(ItemState) - FINAL_ITEM_STATES
"""The item is still on its way out."""


def check_item_move(current: ItemState, wanted: ItemState) -> None:
    """Raise StateConflict unless an item may go from `current` to `wanted`."""
    _check("item", ITEM_MOVES, current, wanted)


def check_calendar_move(current: CalendarState, wanted: CalendarState) -> None:
    """Raise StateConflict unless a calendar may go from `current` to `wanted`."""
    _check("calendar", CALENDAR_MOVES, current, wanted)


def _check(kind: str, moves: Mapping[_State, frozenset[_State]], current: _State, wanted: _State) -> None:
    if wanted not in moves[current]:
        raise StateConflict(kind, current, wanted)
