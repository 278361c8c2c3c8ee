"""Runs of long jobs as rows: started, finished or failed."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import col, select

from core.services.context import Context
from core.storage.ids import IdPrefix, new_id
from core.storage.tables import JobRun
from core.vocabulary import JobState


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
    row = JobRun(id=new_id(IdPrefix.RUN), job=job, subject=subject, started_at=ctx.now())
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
                finish_run(session.get_one(JobRun, run_id), ctx, JobState.FAILED, {}, str(sys.exception()))


def list_runs(ctx: Context, job: str, limit: int = 20) -> tuple[JobRunView, ...]:
    """Return the newest runs of a job, newest first."""
    newest = select(JobRun).where(JobRun.job == job).order_by(col(JobRun.started_at).desc()).limit(limit)
    with ctx.read() as session:
        return tuple(
            JobRunView(row.id, row.job, row.state, row.subject, row.result, row.error, row.started_at, row.finished_at)
            for row in session.scalars(newest)
        )
