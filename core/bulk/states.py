"""The legal moves of bulk jobs and their rows, one table each."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TypeVar

from core.bulk.words import BulkState, RowState
from core.errors import StateConflict

_State = TypeVar("_State", BulkState, RowState)

JOB = "bulk job"
"""How errors and the audit log name a bulk job."""

JOB_MOVES: Mapping[BulkState, frozenset[BulkState]] = MappingProxyType(
    {
        BulkState.PENDING: frozenset({BulkState.QUEUED, BulkState.CANCELING}),
        # Ended without having run: its time was over before its turn came.
        BulkState.QUEUED: frozenset(
            {BulkState.RUNNING, BulkState.PAUSED, BulkState.CANCELING, BulkState.COMPLETED, BulkState.FAILED}
        ),
        BulkState.RUNNING: frozenset({BulkState.PAUSED, BulkState.CANCELING, BulkState.COMPLETED, BulkState.FAILED}),
        # Ended while paused: the rows that were being done were its last.
        BulkState.PAUSED: frozenset(
            {BulkState.QUEUED, BulkState.RUNNING, BulkState.CANCELING, BulkState.COMPLETED, BulkState.FAILED}
        ),
        BulkState.CANCELING: frozenset({BulkState.CANCELED}),
        # Its failed rows are tried again.
        BulkState.COMPLETED: frozenset({BulkState.QUEUED}),
        BulkState.FAILED: frozenset({BulkState.QUEUED}),
        BulkState.CANCELED: frozenset(),
    }
)
"""Which states a bulk job may take next."""

ROW_MOVES: Mapping[RowState, frozenset[RowState]] = MappingProxyType(
    {
        RowState.PENDING: frozenset({RowState.RUNNING, RowState.SKIPPED, RowState.FAILED, RowState.CANCELED}),
        # Back to pending when the engine that did it is gone, or stops.
        RowState.RUNNING: frozenset({RowState.DONE, RowState.FAILED, RowState.SKIPPED, RowState.PENDING}),
        RowState.FAILED: frozenset({RowState.PENDING}),
        RowState.DONE: frozenset(),
        RowState.SKIPPED: frozenset(),
        RowState.CANCELED: frozenset(),
    }
)
"""Which states a row may take next."""

AT_WORK = (BulkState.QUEUED, BulkState.RUNNING)
"""Rows of a job in one of these states may be begun."""

ENDED = frozenset({BulkState.COMPLETED, BulkState.FAILED, BulkState.CANCELED})
"""Nothing more happens to the job by itself."""


def check_job_move(current: BulkState, wanted: BulkState) -> None:
    """Raise StateConflict unless a bulk job may go from `current` to `wanted`."""
    _check(JOB, JOB_MOVES, current, wanted)


def check_row_move(current: RowState, wanted: RowState) -> None:
    """Raise StateConflict unless a row may go from `current` to `wanted`."""
    _check("row", ROW_MOVES, current, wanted)


def _check(kind: str, moves: Mapping[_State, frozenset[_State]], current: _State, wanted: _State) -> None:
    if wanted not in moves[current]:
        raise StateConflict(kind, current, wanted)
