"""The legal moves of bulk jobs and rows, each pair of states once."""

from itertools import product

import pytest

from core.bulk.states import ENDED, JOB_MOVES, ROW_MOVES, check_job_move, check_row_move
from core.bulk.words import BulkState, RowState
from core.errors import StateConflict

B, R = BulkState, RowState

JOB_TABLE = {
    B.PENDING: {B.QUEUED, B.CANCELING},
    B.QUEUED: {B.RUNNING, B.PAUSED, B.CANCELING, B.COMPLETED, B.FAILED},
    B.RUNNING: {B.PAUSED, B.CANCELING, B.COMPLETED, B.FAILED},
    B.PAUSED: {B.QUEUED, B.RUNNING, B.CANCELING, B.COMPLETED, B.FAILED},
    B.CANCELING: {B.CANCELED},
    B.CANCELED: set(),
    B.COMPLETED: {B.QUEUED},
    B.FAILED: {B.QUEUED},
}
ROW_TABLE = {
    R.PENDING: {R.RUNNING, R.SKIPPED, R.FAILED, R.CANCELED},
    R.RUNNING: {R.DONE, R.FAILED, R.SKIPPED, R.PENDING},
    R.DONE: set(),
    R.FAILED: {R.PENDING},
    R.SKIPPED: set(),
    R.CANCELED: set(),
}


@pytest.mark.parametrize(("current", "wanted"), list(product(B, B)))
def test_a_job_moves_as_the_table_says(current: BulkState, wanted: BulkState) -> None:
    if wanted in JOB_TABLE[current]:
        check_job_move(current, wanted)
        return
    with pytest.raises(StateConflict, match=f"This bulk job is {current}; it cannot become {wanted}"):
        check_job_move(current, wanted)


@pytest.mark.parametrize(("current", "wanted"), list(product(R, R)))
def test_a_row_moves_as_the_table_says(current: RowState, wanted: RowState) -> None:
    if wanted in ROW_TABLE[current]:
        check_row_move(current, wanted)
        return
    with pytest.raises(StateConflict):
        check_row_move(current, wanted)


def test_every_state_has_its_moves_and_every_job_can_end() -> None:
    assert (set(JOB_MOVES), set(ROW_MOVES)) == (set(B), set(R))
    for state in set(B) - ENDED:
        reached, fresh = {state}, {state}
        while fresh := {each for known in fresh for each in JOB_MOVES[known]} - reached:
            reached |= fresh
        assert reached & ENDED
