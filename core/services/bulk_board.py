"""Bulk jobs as a board shows them: sorted and paged, their places in the queue, their rows and sums counted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import case, func
from sqlmodel import and_, col, or_, select

from core.bulk.pace import Eta, Pace, eta
from core.bulk.queue import Waiting, queue_order, rank
from core.bulk.states import AT_WORK, JOB
from core.bulk.words import BulkState, RowState
from core.services.bulk_jobs import job_conditions, job_view
from core.services.bulk_state import PACE, left, running_rows
from core.services.bulk_views import JobFilter, JobView
from core.services.context import Context
from core.services.rows import find
from core.services.settlement import count_states
from core.storage.tables import BulkJob, BulkRow
from core.storage.tenancy import ScopedSession
from core.undefined import Undefined
from core.vocabulary import ItemState, Priority


class JobSort(StrEnum):
    """By what a board sorts its jobs; among equals the newest is first."""

    NEWEST = "newest"
    OLDEST = "oldest"
    PRIORITY = "priority"
    PROGRESS = "progress"
    FAILED = "failed"
    NAME = "name"


@dataclass(frozen=True)
class QueuePlace:
    """Where a queued job stands among those of its workspace that wait for their first row; 1 is next."""

    number: int
    of: int


@dataclass(frozen=True)
class BoardJob:
    """One job on the board, `underway` of its rows in workers' hands; `rests_until` while none of them may begin."""

    job: JobView
    place: QueuePlace | None
    rests_until: datetime | None
    underway: int = 0

    @property
    def rows(self) -> Mapping[RowState, int]:
        """Return how many rows are in each state, by the job's own counters: 10,000 rows cost no more than ten."""
        counts = self.job.progress
        left = max(counts.total - counts.done - counts.failed - counts.skipped - self.underway, 0)
        is_given_up = self.job.state in {BulkState.CANCELING, BulkState.CANCELED}
        return {
            RowState.PENDING: 0 if is_given_up else left,
            RowState.RUNNING: self.underway,
            RowState.DONE: counts.done,
            RowState.FAILED: counts.failed,
            RowState.SKIPPED: counts.skipped,
            RowState.CANCELED: left if is_given_up else 0,
        }


@dataclass(frozen=True)
class Board:
    """One page of jobs, its number, and how many jobs there are on all pages."""

    jobs: tuple[BoardJob, ...]
    total: int
    page: int = 1


@dataclass(frozen=True)
class JobsSummary:
    """All jobs of a workspace in figures; `underway` counts rows in workers' hands.

    `rows_per_minute` and `eta` are of the running jobs that do not rest: their sum, and the end of the last of them.
    """

    states: Mapping[BulkState, int]
    underway: int
    success_rate: float | Undefined
    rows_per_minute: float | Undefined
    eta: Eta | Undefined

    def count(self, *states: BulkState) -> int:
        """Return how many jobs are in any of these states."""
        return sum(self.states.get(state, 0) for state in states)


@dataclass(frozen=True)
class Remains:
    """What canceling a job now would leave: rows given up, kept and being finished; items out, and still to go out."""

    given_up: int
    kept: int
    underway: int
    published: int
    scheduled: int


def job_board(ctx: Context, wanted: JobFilter, sort: JobSort, page: int, per_page: int) -> Board:
    """Return a page of jobs, counted from 1; beyond the last one it is the last."""
    rows = select(BulkJob).where(*job_conditions(wanted)).order_by(*_ORDERS[sort], col(BulkJob.id).desc())
    with ctx.read() as session:
        total = session.scalars(select(func.count()).select_from(BulkJob).where(*job_conditions(wanted))).one()
        number = max(min(page, -(-total // per_page)), 1)
        found = session.scalars(rows.limit(per_page).offset((number - 1) * per_page)).all()
        return Board(_on_board(session, found, ctx.now()), total, number)


def board_job(ctx: Context, job_id: str) -> BoardJob:
    """Return one job as the board shows it (NotFound)."""
    with ctx.read() as session:
        return _on_board(session, [find(session, BulkJob, job_id, JOB)], ctx.now())[0]


def _on_board(session: ScopedSession, jobs: Sequence[BulkJob], now: datetime) -> tuple[BoardJob, ...]:
    is_any_queued = any(job.state is BulkState.QUEUED for job in jobs)
    places = _places(session, now) if is_any_queued else {}
    underway = _underway(session, [job.id for job in jobs if job.state in _BUSY])
    return tuple(
        BoardJob(job_view(job, now), places.get(job.id), _rests_until(job, now), underway.get(job.id, 0))
        for job in jobs
    )


_BUSY = (BulkState.RUNNING, BulkState.PAUSED, BulkState.CANCELING)
"""Jobs of which rows may be in workers' hands."""


def _underway(session: ScopedSession, job_ids: Sequence[str]) -> Mapping[str, int]:
    """Return how many rows of these jobs are in workers' hands, by job."""
    row = BulkRow
    busy = select(row.job_id, func.count()).where(col(row.job_id).in_(job_ids), row.state == RowState.RUNNING)
    found = session.execute(busy.group_by(col(row.job_id))).all() if job_ids else ()
    return {each[0]: each[1] for each in found}


def _rests_until(job: BulkJob, now: datetime) -> datetime | None:
    is_resting = job.state in AT_WORK and job.rest_until is not None and job.rest_until > now
    return job.rest_until if is_resting else None


def _places(session: ScopedSession, now: datetime) -> Mapping[str, QueuePlace]:
    """Return the places of the queued jobs that have a row to begin now, in the order the engine takes them."""
    since = func.coalesce(col(BulkJob.queued_at), col(BulkJob.created_at)).label("since")
    rows = select(BulkJob.id, BulkJob.workspace_id, BulkJob.priority, since).where(
        BulkJob.state == BulkState.QUEUED,
        or_(col(BulkJob.starts_at).is_(None), col(BulkJob.starts_at) <= now),
        or_(col(BulkJob.rest_until).is_(None), col(BulkJob.rest_until) <= now),
    )
    waiting = [Waiting(row.id, row.workspace_id, row.priority, row.since) for row in session.execute(rows)]
    order = queue_order(waiting, now)
    return {job.id: QueuePlace(number, len(order)) for number, job in enumerate(order, start=1)}


def summarize_jobs(ctx: Context) -> JobsSummary:
    """Return all jobs of the workspace in figures."""
    now = ctx.now()
    counts = select(BulkJob.state, func.count(), func.sum(BulkJob.done), func.sum(BulkJob.failed))
    busy = select(func.count()).select_from(BulkRow).where(BulkRow.state == RowState.RUNNING)
    at_work = and_(
        col(BulkJob.state) == BulkState.RUNNING,
        or_(col(BulkJob.rest_until).is_(None), col(BulkJob.rest_until) <= now),
    )
    with ctx.read() as session:
        found = session.execute(counts.group_by(col(BulkJob.state))).all()
        underway = session.scalars(busy).one()
        running = session.execute(select(BulkJob.pace, _LEFT).where(at_work)).all()
    done, failed = sum(row[2] for row in found), sum(row[3] for row in found)
    rate = done / (done + failed) if done + failed else Undefined("No row was tried yet.")
    states = {BulkState(row[0]): row[1] for row in found}
    paces = [(PACE.validate_python(pace), rows_left) for pace, rows_left in running]
    return JobsSummary(states, underway, rate, _rate_of(paces, now), _end_of(paces, now))


_NOTHING_RUNS = Undefined("Nothing runs now.")


def _rate_of(running: Sequence[tuple[Pace, int]], now: datetime) -> float | Undefined:
    if not running:
        return _NOTHING_RUNS
    rates = [pace.rate(now) for pace, _ in running]
    known = [rate for rate in rates if not isinstance(rate, Undefined)]
    return sum(known) if known else next(rate for rate in rates if isinstance(rate, Undefined))


def _end_of(running: Sequence[tuple[Pace, int]], now: datetime) -> Eta | Undefined:
    """Return when the last running job ends; as long as that of one is unknown, so is this."""
    ends = [eta(pace, rows_left, now) for pace, rows_left in running]
    known = [end for end in ends if isinstance(end, Eta)]
    if len(known) < len(ends):
        return next(end for end in ends if isinstance(end, Undefined))
    return max(known, key=lambda end: end.at) if known else _NOTHING_RUNS


def jobs_mark(ctx: Context) -> tuple[int, int]:
    """Return a mark that moves with every new job and every change of a job's state, and with nothing else."""
    marks = select(func.count(), func.coalesce(func.sum(BulkJob.version), 0)).select_from(BulkJob)
    with ctx.read() as session:
        jobs, versions = session.execute(marks).one()
        return jobs, versions


def what_canceling_leaves(ctx: Context, job_id: str) -> Remains:
    """Return what would stay if a job were canceled now (NotFound)."""
    with ctx.read() as session:
        job = find(session, BulkJob, job_id, JOB)
        items = count_states(session, job.calendar_id).get(job.calendar_id, {}) if job.calendar_id else {}
        underway = running_rows(session, job_id)
        return Remains(
            given_up=left(job) - underway,
            kept=job.done,
            underway=underway,
            published=items.get(ItemState.PUBLISHED, 0),
            scheduled=items.get(ItemState.SCHEDULED, 0),
        )


_LEFT = col(BulkJob.total) - col(BulkJob.done) - col(BulkJob.failed) - col(BulkJob.skipped)
_SHARE = (col(BulkJob.done) + col(BulkJob.failed) + col(BulkJob.skipped)) * 1.0 / func.nullif(col(BulkJob.total), 0)
_RANK = case({priority: rank(priority) for priority in Priority}, value=col(BulkJob.priority))
_NEWEST = col(BulkJob.created_at).desc()
_ORDERS: Mapping[JobSort, tuple[Any, ...]] = {
    JobSort.NEWEST: (_NEWEST,),
    JobSort.OLDEST: (col(BulkJob.created_at),),
    JobSort.PRIORITY: (_RANK.desc(), _NEWEST),
    JobSort.PROGRESS: (_SHARE.desc(), _NEWEST),
    JobSort.FAILED: (col(BulkJob.failed).desc(), _NEWEST),
    JobSort.NAME: (func.lower(col(BulkJob.name)), _NEWEST),
}
