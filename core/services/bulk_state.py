"""Changes of a bulk job's row: counted quietly, told about once a second, ended when nothing is left to do."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import func
from sqlmodel import col, select, update

from core.bulk.pace import Pace
from core.bulk.states import JOB, check_job_move
from core.bulk.throttle import Throttle, adapt
from core.bulk.words import BulkState, Mode, RowState
from core.errors import NotFound
from core.storage.outbox import change_told
from core.storage.tables import BulkJob, BulkRow
from core.storage.tenancy import ScopedSession

TELL_EVERY = timedelta(seconds=1)

PACE, THROTTLE = TypeAdapter(Pace), TypeAdapter(Throttle)

CANCELED_ROW = "The job was canceled before its turn."


def locked_job(session: ScopedSession, job_id: str) -> BulkJob:
    """Return a job as it is now, held until the transaction ends (NotFound)."""
    job = session.get(BulkJob, job_id, with_for_update=True, populate_existing=True)
    if job is None:
        raise NotFound(kind=JOB, id=job_id)
    return job


def change_job(session: ScopedSession, job: BulkJob, *, tells: bool = True, **values: Any) -> None:
    """Write values into a job; not `tells`: its progress is told with a later change."""
    session.flush()
    change = update(BulkJob).where(col(BulkJob.id) == job.id).values(**values).returning(BulkJob)
    change_told(session, BulkJob, change.execution_options(populate_existing=True), tells=tells)


def move_job(session: ScopedSession, job: BulkJob, state: BulkState, **values: Any) -> None:
    """Let a job take another state (StateConflict where it may not)."""
    check_job_move(job.state, state)
    change_job(session, job, state=state, version=job.version + 1, **values)


def count_rows(session: ScopedSession, job: BulkJob, now: datetime, counted: Mapping[str, int], **values: Any) -> None:
    """Add rows to what is done, failed or skipped, and end the job with its last one; told at most once a second."""
    tells = job.told_at is None or now - job.told_at >= TELL_EVERY
    values |= {"told_at": now} if tells else {}
    change_job(session, job, tells=tells, **{name: getattr(job, name) + by for name, by in counted.items()}, **values)
    settle_job(session, job, now)


def settle_job(session: ScopedSession, job: BulkJob, now: datetime) -> None:
    """End a job of which nothing is left to do."""
    if job.state is BulkState.CANCELING:
        if not running_rows(session, job.id):
            move_job(session, job, BulkState.CANCELED, step="canceled", finished_at=now)
    elif job.state in {BulkState.QUEUED, BulkState.RUNNING, BulkState.PAUSED} and not left(job):
        failed = job.failed and not job.done
        state = BulkState.FAILED if failed else BulkState.COMPLETED
        error = _why_failed(session, job) if failed else None
        move_job(session, job, state, step="finished", error=error, finished_at=now)


def left(job: BulkJob) -> int:
    """Return how many rows are neither done nor given up."""
    return job.total - job.done - job.failed - job.skipped


def running_rows(session: ScopedSession, job_id: str) -> int:
    """Return how many rows of a job are in some worker's hands."""
    rows = select(func.count()).where(BulkRow.job_id == job_id, BulkRow.state == RowState.RUNNING)
    return session.scalars(rows).one()


def pace_of(job: BulkJob) -> Pace:
    """Return what was measured of a job's speed."""
    return PACE.validate_python(job.pace)


def throttle_of(job: BulkJob) -> Throttle:
    """Return how a smart job holds itself back."""
    return THROTTLE.validate_python(job.throttle)


def measured(job: BulkJob, now: datetime, seconds: float, rows: int, *, failed: bool) -> dict[str, Any]:
    """Return what is known of a job's speed after so many rows ended together, each taking so long.

    A smart job learns from it how many of its rows may be done at once.
    """
    throttle = throttle_of(job)
    if job.mode is Mode.SMART:
        throttle = adapt(throttle, seconds, job.max_concurrent, failed=failed)
    pace = pace_of(job).after(now, rows)
    return {"pace": PACE.dump_python(pace, mode="json"), "throttle": THROTTLE.dump_python(throttle, mode="json")}


def concurrency(job: BulkJob) -> int:
    """Return how many rows of a job may be done at once now."""
    return min(throttle_of(job).rows, job.max_concurrent) if job.mode is Mode.SMART else job.max_concurrent


def give_up_rows(session: ScopedSession, job: BulkJob, now: datetime, state: RowState, error: str) -> int:
    """End all rows of a job that were not begun, and return how many."""
    waiting = update(BulkRow).where(col(BulkRow.job_id) == job.id, col(BulkRow.state) == RowState.PENDING)
    ended = waiting.values(state=state, error=error, finished_at=now).returning(col(BulkRow.pk))
    return len(session.scalars(ended.execution_options(synchronize_session=False)).all())


def _why_failed(session: ScopedSession, job: BulkJob) -> str:
    first = select(BulkRow.number, BulkRow.error).where(BulkRow.job_id == job.id, BulkRow.state == RowState.FAILED)
    row = session.execute(first.order_by(col(BulkRow.number)).limit(1)).one()
    share = "Its only row failed." if job.total == 1 else f"None of the {job.total} rows succeeded."
    return f"{share} Row {row.number}: {row.error}"
