"""What a person does with a bulk job: pause, resume, cancel, try failed rows again."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlmodel import col, update

from core.bulk.states import ENDED, JOB, check_job_move
from core.bulk.words import BulkState, RowState
from core.errors import StateConflict
from core.services.audit import Action, record
from core.services.bulk_jobs import job_view, queue_job
from core.services.bulk_state import (
    CANCELED_ROW,
    PACE,
    change_job,
    give_up_rows,
    left,
    locked_job,
    move_job,
    pace_of,
    running_rows,
    settle_job,
)
from core.services.bulk_views import JobView
from core.services.context import Context
from core.services.settlement import count_states
from core.storage.tables import BulkJob, BulkRow
from core.storage.tenancy import ScopedSession
from core.vocabulary import ItemState


@dataclass(frozen=True)
class CanceledJob:
    """A canceled job and a sentence on what stays: rows that were done, items that are out or on their way."""

    job: JobView
    sentence: str


def pause_job(ctx: Context, job_id: str) -> JobView:
    """Begin no more rows; those that are being done are finished, one for each worker (NotFound, StateConflict)."""
    with ctx.write() as session:
        job = locked_job(session, job_id)
        move_job(session, job, BulkState.PAUSED, step="paused")
        return _recorded(session, ctx, job)


def resume_job(ctx: Context, job_id: str) -> JobView:
    """Go on where the job was paused (NotFound, StateConflict)."""
    with ctx.write() as session:
        job = locked_job(session, job_id)
        if job.state is not BulkState.PAUSED:
            raise StateConflict(kind=JOB, state=job.state, wanted="resumed")
        pace = PACE.dump_python(pace_of(job).interrupted(), mode="json")
        state = BulkState.RUNNING if job.started_at else BulkState.QUEUED
        move_job(session, job, state, step="resumed", pace=pace, queued_at=ctx.now(), served_at=None, rest_until=None)
        return _recorded(session, ctx, job)


def cancel_job(ctx: Context, job_id: str) -> CanceledJob:
    """Begin no more rows and give up the rest (NotFound, StateConflict).

    What is done stays: items that rows made keep their times, published ones are out. While a row is being done the job
    is `canceling`.
    """
    with ctx.write() as session:
        job = locked_job(session, job_id)
        check_job_move(job.state, BulkState.CANCELING)
        given_up = give_up_rows(session, job, ctx.now(), RowState.CANCELED, CANCELED_ROW)
        move_job(session, job, BulkState.CANCELING, step="finishing what was begun")
        settle_job(session, job, ctx.now())
        sentence = _what_stays(session, job, given_up)
        change_job(session, job, tells=False, error=sentence)
        record(session, ctx, Action.CANCELED, JOB, job.id, {"rows": given_up})
        return CanceledJob(job_view(job, ctx.now()), sentence)


def retry_job(ctx: Context, job_id: str) -> JobView:
    """Try the failed rows of an ended job again, and only those (NotFound, StateConflict)."""
    with ctx.write() as session:
        job = locked_job(session, job_id)
        if job.state not in ENDED - {BulkState.CANCELED} or not job.failed:
            raise StateConflict(kind=JOB, state=_state_of(job), wanted="tried again")
        fresh = {"state": RowState.PENDING, "error": None, "tries": 0, "not_before": None, "finished_at": None}
        failed = update(BulkRow).where(col(BulkRow.job_id) == job.id, col(BulkRow.state) == RowState.FAILED)
        session.execute(failed.values(**fresh).execution_options(synchronize_session=False))
        pace = PACE.dump_python(pace_of(job).interrupted(), mode="json")
        queue_job(session, ctx, job, failed=0, error=None, finished_at=None, pace=pace)
        record(session, ctx, Action.RETRIED, JOB, job.id, {"rows": left(job)})
        return job_view(job, ctx.now())


def _state_of(job: BulkJob) -> str:
    return job.state if job.failed else f"{job.state} without failed rows"


def _recorded(session: ScopedSession, ctx: Context, job: BulkJob) -> JobView:
    record(session, ctx, Action.EDITED, JOB, job.id, {"state": job.state})
    return job_view(job, ctx.now())


def _what_stays(session: ScopedSession, job: BulkJob, given_up: int) -> str:
    counts = count_states(session, job.calendar_id).get(job.calendar_id, {}) if job.calendar_id else {}
    underway = running_rows(session, job.id)
    parts = [
        _said(given_up, "row was not begun and is canceled", "rows were not begun and are canceled"),
        _said(job.done, "row was done and stays", "rows were done and stay"),
        *([_said(underway, "is being finished", "are being finished")] if underway else []),
        *_of_items(counts),
    ]
    return f"{'; '.join(parts)}."


def _of_items(counts: Mapping[ItemState, int]) -> list[str]:
    out, waiting = counts.get(ItemState.PUBLISHED, 0), counts.get(ItemState.SCHEDULED, 0)
    said = [_said(out, "published post stays published", "published posts stay published")] if out else []
    if waiting:
        posts = _said(waiting, "post stays scheduled", "posts stay scheduled")
        said.append(f"{posts}; cancel the calendar to take back what has not gone out")
    return said


def _said(number: int, of_one: str, of_many: str) -> str:
    return f"{number:,} {of_one if number == 1 else of_many}"
