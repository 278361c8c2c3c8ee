"""The board of bulk jobs: what it says of jobs whose rows went known ways, and what looking costs."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from bulk_stage import made, work_off, worker_of
from sqlalchemy import event

from core.bootstrap import Slotwise
from core.bulk.words import RowState
from core.services.bulk_board import JobSort, board_job, job_board, summarize_jobs
from core.services.bulk_jobs import page_rows
from core.services.bulk_moves import cancel_job
from core.services.bulk_views import JobFilter
from core.services.context import Context
from core.storage.doors import Database

STEP = 10
"""Instructions of SQLite's machine from one count to the next."""


# --- What looking costs ---


@contextmanager
def effort(db: Database) -> Iterator[list[int]]:
    """Count the instructions that SQLite carries out meanwhile, in tens, and the statements it is sent."""
    spent = [0, 0]

    def step() -> int:
        spent[0] += 1
        return 0

    def begin(connection: sqlite3.Connection, *_: object) -> None:
        connection.set_progress_handler(step, STEP)

    def note(*_: object) -> None:
        spent[1] += 1

    event.listen(db.engine, "checkout", begin)
    event.listen(db.engine, "before_cursor_execute", note)
    yield spent
    event.remove(db.engine, "checkout", begin)
    event.remove(db.engine, "before_cursor_execute", note)


def refreshed(ctx: Context, job_id: str) -> tuple[int, int]:
    """Read what the page reads anew each second while a job runs, with its rows open, and give what it cost."""
    looks: tuple[Callable[[], object], ...] = (
        lambda: summarize_jobs(ctx),
        lambda: job_board(ctx, JobFilter(), JobSort.NEWEST, 1, 12),
        lambda: board_job(ctx, job_id).rows,
        lambda: page_rows(ctx, job_id, 20),
        lambda: page_rows(ctx, job_id, 20, None, (RowState.FAILED,)),
    )
    with effort(ctx.db) as spent:
        for look in looks:
            look()
    return spent[0], spent[1]


@pytest.mark.parametrize("house_url", ["sqlite"], indirect=True)
def test_a_refresh_costs_the_same_for_thirty_rows_and_for_fifteen_hundred(house: Slotwise, ctx: Context) -> None:
    worker = worker_of(house)
    small = made(ctx, 30)
    work_off(worker, 5)
    little = refreshed(ctx, small.id)
    cancel_job(ctx, small.id)
    large = made(ctx, 1_500)
    work_off(worker, 5)
    much = refreshed(ctx, large.id)
    assert much[1] == little[1]
    assert much[0] <= little[0] * 1.5
