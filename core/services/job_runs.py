"""Runs of long jobs as rows: started, finished or failed."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import col, select

from core.errors import SlotwiseError
from core.services.context import Context
from core.storage.ids import IdPrefix, new_id
from core.storage.tables import JobRun
from core.vocabulary import JobState

LONGEST_RUN = timedelta(hours=1)
"""A run that has not ended after this time was killed: the process it was part of could not write down its end."""

INTERRUPTED = "It did not end within an hour: Slotwise was stopped in the middle. Start it again."
STOPPED = "It was stopped before its end."


@dataclass(frozen=True)
class JobRunView:
    """One run of a job: what it worked on, how it ended, what came of it."""

    id: str
    job: str
    state: JobState
    subject: str
    result: Mapping[str, Any]
    error: str | None
    started_at: datetime
    finished_at: datetime | None


def start_run(ctx: Context, job: str, subject: str) -> str:
    """Write down that a job begins, before it does, and return the run's id."""
    row = JobRun(id=new_id(IdPrefix.RUN), job=job, subject=_storable(subject), started_at=ctx.now())
    with ctx.write() as session:
        session.add(row)
    return row.id


def finish_run(run: JobRun, ctx: Context, state: JobState, result: Mapping[str, Any], error: str | None = None) -> None:
    """Write down how a run ended, in the transaction of its work."""
    run.sqlmodel_update({"state": state, "result": dict(result), "error": error, "finished_at": ctx.now()})


@contextmanager
def watched(ctx: Context, run_id: str) -> Iterator[None]:
    """Mark the run as failed when its work raises, and let the error pass."""
    is_done = False
    try:
        yield
        is_done = True
    finally:
        if not is_done:
            with ctx.write() as session:
                finish_run(session.get_one(JobRun, run_id), ctx, JobState.FAILED, {}, _reason())


def _reason() -> str:
    """Say why the work ended that is being left by an exception."""
    error = sys.exception()
    if isinstance(error, SlotwiseError):
        return _storable(str(error))
    return f"{SlotwiseError()} ({type(error).__name__})" if isinstance(error, Exception) else STOPPED


def _storable(text: str) -> str:
    """Return text without what no database takes: names of files may be any bytes."""
    return text.encode(errors="replace").decode().replace("\0", "")


def list_runs(ctx: Context, job: str, limit: int = 20) -> tuple[JobRunView, ...]:
    """Return the newest runs of a job, newest first."""
    newest = select(JobRun).where(JobRun.job == job).order_by(col(JobRun.started_at).desc()).limit(limit)
    with ctx.read() as session:
        return tuple(_view(row, ctx.now()) for row in session.scalars(newest))


def _view(row: JobRun, now: datetime) -> JobRunView:
    state, error = row.state, row.error
    if state is JobState.RUNNING and now - row.started_at > LONGEST_RUN:
        state, error = JobState.FAILED, INTERRUPTED
    return JobRunView(row.id, row.job, state, row.subject, row.result, error, row.started_at, row.finished_at)
