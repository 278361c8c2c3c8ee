"""Runs of long jobs as rows: started, finished or failed."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import col, select

from core.errors import SlotwiseError, StateConflict
from core.services.context import Context
from core.storage.ids import IdPrefix, new_id
from core.storage.tables import JobRun
from core.storage.tenancy import ScopedSession
from core.vocabulary import JobState, LongJob

LONGEST_RUN = timedelta(hours=1)
"""A run that has not ended after this time was killed: the process it was part of could not write down its end."""

OPEN = (JobState.QUEUED, JobState.RUNNING)
"""A run in one of these states has not ended."""

OPTIMIZE = LongJob.OPTIMIZE.value
"""The job that plans a calendar, which is the run's subject."""

INTERRUPTED = "It did not end within an hour: Slotwise was stopped in the middle. Start it again."
STOPPED = "It was stopped before its end."


@dataclass(eq=False)
class Interrupted(SlotwiseError):
    """The engine stops; the run is begun again when one starts."""


@dataclass(frozen=True)
class Held:
    """A running run and the engine that works on it (None: the process that began it)."""

    run_id: str
    worker: str | None = None


@dataclass(frozen=True)
class JobRunView:
    """One run of a job: what it works on, how far it is (`done` of `total`), how it ended, what came of it."""

    id: str
    job: str
    state: JobState
    subject: str
    done: int
    total: int | None
    result: Mapping[str, Any]
    error: str | None
    started_at: datetime
    finished_at: datetime | None


def start_run(ctx: Context, job: str, subject: str) -> str:
    """Write down that a job begins, before it does, and return the run's id."""
    row = JobRun(id=new_id(IdPrefix.RUN), job=job, subject=storable(subject), started_at=ctx.now())
    with ctx.write() as session:
        session.add(row)
    return row.id


def finish_run(run: JobRun, ctx: Context, state: JobState, result: Mapping[str, Any], error: str | None = None) -> None:
    """Write down how a run ended, in the transaction of its work."""
    run.sqlmodel_update({"state": state, "result": dict(result), "error": error, "finished_at": ctx.now()})


def hold_run(session: ScopedSession, held: Held) -> JobRun:
    """Return a run, which nobody else can take up until the transaction ends.

    Raises StateConflict where it is not in these hands any more, because they were silent for too long.
    """
    run = _locked(session, held)
    if run is None:
        raise StateConflict(kind="run", state="in other hands", wanted=JobState.COMPLETED)
    return run


def _locked(session: ScopedSession, held: Held) -> JobRun | None:
    run = session.get_one(JobRun, held.run_id, with_for_update=True)
    return run if run.state is JobState.RUNNING and run.worker == held.worker else None


@contextmanager
def watched(ctx: Context, held: Held, then: Callable[[ScopedSession], object] = lambda _: None) -> Iterator[None]:
    """Mark the run as failed when its work raises, and let the error pass; an Interrupted run stays for the next.

    `then` belongs into the transaction that marks it.
    """
    is_done = False
    try:
        yield
        is_done = True
    finally:
        if not (is_done or isinstance(sys.exception(), Interrupted)):
            with ctx.write() as session:
                if run := _locked(session, held):
                    finish_run(run, ctx, JobState.FAILED, {}, _reason())
                    then(session)


def _reason() -> str:
    """Say why the work ended that is being left by an exception."""
    error = sys.exception()
    if isinstance(error, SlotwiseError):
        return storable(str(error))
    return f"{SlotwiseError()} ({type(error).__name__})" if isinstance(error, Exception) else STOPPED


def storable(text: str) -> str:
    """Return text without what no database takes: names of files may be any bytes."""
    return text.encode(errors="replace").decode().replace("\0", "")


def list_runs(ctx: Context, job: str, limit: int = 20) -> tuple[JobRunView, ...]:
    """Return the newest runs of a job, newest first."""
    newest = select(JobRun).where(JobRun.job == job).order_by(col(JobRun.started_at).desc()).limit(limit)
    with ctx.read() as session:
        return tuple(_view(row, ctx.now()) for row in session.scalars(newest))


def _view(row: JobRun, now: datetime) -> JobRunView:
    state, error = row.state, row.error
    if state is JobState.RUNNING and row.worker is None and now - row.started_at > LONGEST_RUN:
        state, error = JobState.FAILED, INTERRUPTED
    return JobRunView(
        id=row.id,
        job=row.job,
        state=state,
        subject=row.subject,
        done=row.done,
        total=row.total,
        result=row.result,
        error=error,
        started_at=row.started_at,
        finished_at=row.finished_at,
    )
