"""Bulk jobs: create one from rows, start it, find it, list them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import col, insert, select

from core.bulk.pace import eta
from core.bulk.queue import rank
from core.bulk.states import AT_WORK, JOB
from core.bulk.throttle import Throttle
from core.bulk.words import BulkState, RowOrder
from core.errors import Invalid, Problem, StateConflict
from core.services.audit import Action, record
from core.services.bulk_checks import job_problems, rows_problems, unplaced_problems, zone_problem
from core.services.bulk_rows import complexity, row_view, stored, with_known_platforms
from core.services.bulk_rules import facts_of, foretold, kept_reasons, rules_of, rules_problems
from core.services.bulk_state import PACE, THROTTLE, concurrency, left, locked_job, move_job, pace_of
from core.services.bulk_views import JobFilter, JobProgress, JobRowView, JobView, NewJob, RowDraft, Schedule
from core.services.context import Context
from core.services.paging import following, read_cursor, write_cursor
from core.services.rows import find
from core.services.webhook_outlets import outlet
from core.services.workspaces import find_workspace
from core.storage.bulk_news import percent_of
from core.storage.ids import IdPrefix, new_id
from core.storage.tables import BulkJob, BulkRow
from core.storage.tenancy import ScopedSession
from core.undefined import Undefined
from core.vocabulary import Priority

_ORDER = (col(BulkJob.created_at), col(BulkJob.id))
_BATCH = 5000


def create_job(ctx: Context, new: NewJob) -> JobView:
    """Create a bulk job, and queue it unless it is to wait for a person.

    Invalid names every fault by its place (`rows[2].scheduled_times.youtube`, `schedule.ends_at`); then nothing is
    kept.
    """
    zone = new.timezone or find_workspace(ctx).timezone
    rows = tuple(with_known_platforms(ctx, row) for row in new.rows)
    if problems := (*every_problem(ctx, new, rows, zone), *unplaced_problems(ctx, new, rows)):
        raise Invalid(problems)
    with ctx.write() as session:
        if new.callbacks:
            outlet(session)
        job = _add(session, ctx, new, zone)
        _add_rows(session, job, new, rows)
        record(session, ctx, Action.CREATED, JOB, job.id, {"name": job.name, "rows": len(rows)})
        if new.schedule.start_immediately or new.schedule.starts_at is not None:
            queue_job(session, ctx, job)
        return job_view(job, ctx.now())


def every_problem(ctx: Context, new: NewJob, rows: Sequence[RowDraft], zone: str) -> tuple[Problem, ...]:
    """Return everything that keeps a job from being created: its settings, its rules, its rows."""
    if zone_problem(zone):
        return tuple(job_problems(ctx, new))
    return (*job_problems(ctx, new), *rules_problems(new, zone, ctx.now()), *rows_problems(ctx, new, rows, zone))


def start_job(ctx: Context, job_id: str) -> JobView:
    """Let a job that waits for a person begin (NotFound, StateConflict)."""
    with ctx.write() as session:
        job = locked_job(session, job_id)
        if job.state is not BulkState.PENDING:
            raise StateConflict(kind=JOB, state=job.state, wanted="started")
        queue_job(session, ctx, job)
        record(session, ctx, Action.EDITED, JOB, job.id, {"state": job.state})
        return job_view(job, ctx.now())


def find_job(ctx: Context, job_id: str) -> JobView:
    """Return one bulk job (NotFound)."""
    with ctx.read() as session:
        return job_view(find(session, BulkJob, job_id, JOB), ctx.now())


def page_jobs(
    ctx: Context, wanted: JobFilter, limit: int, cursor: str | None = None
) -> tuple[tuple[JobView, ...], str | None]:
    """Return up to `limit` jobs, newest first, after the one the cursor names, and the next cursor (Invalid)."""
    rows = select(BulkJob).where(*job_conditions(wanted)).order_by(*(column.desc() for column in _ORDER))
    if cursor is not None:
        rows = rows.where(following(_ORDER, read_cursor(cursor, (datetime, str)), descending=True))
    with ctx.read() as session:
        found = session.scalars(rows.limit(limit + 1)).all()
    page = tuple(job_view(row, ctx.now()) for row in found[:limit])
    return page, write_cursor((page[-1].created_at, page[-1].id)) if len(found) > limit else None


def page_rows(
    ctx: Context, job_id: str, limit: int, cursor: str | None = None, states: Sequence[str] = ()
) -> tuple[tuple[JobRowView, ...], str | None]:
    """Return up to `limit` rows of a job by number, after the one the cursor names (NotFound, Invalid)."""
    number = col(BulkRow.number)
    rows = select(BulkRow).where(BulkRow.job_id == job_id).order_by(number)
    rows = rows.where(col(BulkRow.state).in_(states)) if states else rows
    if cursor is not None:
        rows = rows.where(following((number,), read_cursor(cursor, (int,))))
    with ctx.read() as session:
        find(session, BulkJob, job_id, JOB)
        found = session.scalars(rows.limit(limit + 1)).all()
    page = tuple(map(row_view, found[:limit]))
    return page, write_cursor((page[-1].number,)) if len(found) > limit else None


def row_cursor(number: int) -> str:
    """Return the cursor behind the row with this number."""
    return write_cursor((number,))


def queue_job(session: ScopedSession, ctx: Context, job: BulkJob, **values: Any) -> None:
    """Let a job wait for its turn; its deadline counts from now."""
    deadline = job.deadline_ms and ctx.now() + timedelta(milliseconds=job.deadline_ms)
    times = {"queued_at": ctx.now(), "served_at": None, "rest_until": None, "deadline_at": deadline or None}
    move_job(session, job, BulkState.QUEUED, step="queued", **times, **values)


def job_view(job: BulkJob, now: datetime) -> JobView:
    """Return what may leave the services of a job."""
    fields = set(JobView.__dataclass_fields__) - {"progress", "concurrency", "rules"}
    return JobView(
        **{name: getattr(job, name) for name in fields},
        rules=tuple(job.rules),
        concurrency=concurrency(job),
        progress=_progress(job, now),
    )


def _progress(job: BulkJob, now: datetime) -> JobProgress:
    pace, is_at_work = pace_of(job), job.state in AT_WORK
    expected = eta(pace, left(job), now) if is_at_work else Undefined(f"It is {job.state}.")
    counts = {name: getattr(job, name) for name in ("total", "done", "failed", "skipped", "step")}
    return JobProgress(**counts, percent=percent_of(job), rate_per_minute=_rate(job, now), eta=expected)


def _rate(job: BulkJob, now: datetime) -> float | Undefined:
    """Return rows per minute: of now while the job runs, else of the last time it did."""
    return pace_of(job).rate(now if job.state is BulkState.RUNNING else None)


def job_conditions(wanted: JobFilter) -> list[Any]:
    """Return what a query of jobs has to keep to."""
    chosen = {
        BulkJob.state: wanted.states,
        BulkJob.operation: wanted.operations,
        BulkJob.mode: wanted.modes,
        BulkJob.priority: wanted.priorities,
    }
    conditions = [col(column).in_(values) for column, values in chosen.items() if values]
    return [*conditions, *([col(BulkJob.name).icontains(wanted.text, autoescape=True)] if wanted.text else [])]


def _add(session: ScopedSession, ctx: Context, new: NewJob, zone: str) -> BulkJob:
    schedule = vars(new.schedule) | {"rules": [dict(rule) for rule in new.schedule.rules]}
    job = BulkJob(
        id=new_id(IdPrefix.JOB),
        name=new.name.strip(),
        operation=new.operation,
        priority=new.priority,
        **{name: value for name, value in schedule.items() if name != "start_immediately"},
        timezone=zone,
        deadline_ms=new.deadline_ms,
        callbacks=dict(new.callbacks),
        source=dict(new.source),
        created_by=ctx.actor,
        step="waits for somebody to start it",
        total=len(new.rows),
        pace=PACE.dump_python(PACE.validate_python({}), mode="json"),
        throttle=THROTTLE.dump_python(Throttle(), mode="json"),
        created_at=ctx.now(),
    )
    session.add(job)
    session.flush()
    return job


def _add_rows(session: ScopedSession, job: BulkJob, new: NewJob, rows: Sequence[RowDraft]) -> None:
    """Keep the rows with what the rules foretell of them; delays and skips are decided again when their turn comes."""
    rules, starts = rules_of(new), new.schedule.starts_at or job.created_at
    decisions = [
        foretold(rules, facts_of(row, number, row.priority or new.priority), starts, job.timezone)
        for number, row in enumerate(rows, start=1)
    ]
    turns = turns_of(new.schedule, rows, [decision.priority for decision in decisions])
    kept = [
        {
            "job_id": job.id,
            "number": number,
            "turn": turn,
            "payload": stored(row),
            "platforms": list(row.platforms),
            "priority": decision.priority,
            "complexity": complexity(row),
            "reasons": kept_reasons(decision),
        }
        for number, (row, turn, decision) in enumerate(zip(rows, turns, decisions, strict=True), start=1)
    ]
    for start in range(0, len(kept), _BATCH):
        session.execute(insert(BulkRow), kept[start : start + _BATCH])


def turns_of(schedule: Schedule, rows: Sequence[RowDraft], priorities: Sequence[Priority]) -> list[int]:
    """Return each row's place in the order of the work: by priority where wanted, then as the job orders its rows."""
    sign = {RowOrder.SIMPLE_FIRST: 1, RowOrder.COMPLEX_FIRST: -1}.get(schedule.row_order, 0)

    def place(number: int) -> tuple[int, float, int]:
        lift = rank(priorities[number]) if schedule.priority_queue else 0
        return -lift, sign * complexity(rows[number]) if sign else 0.0, number

    turns = [0] * len(rows)
    for turn, number in enumerate(sorted(range(len(rows)), key=place)):
        turns[number] = turn
    return turns
