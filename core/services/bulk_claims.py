"""Whose row is next, and taking it: urgent jobs first, within every limit, never one row twice at a time."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func
from sqlmodel import and_, col, or_, select, update

from core.bulk.queue import Waiting, queue_order
from core.bulk.states import AT_WORK
from core.bulk.words import BulkState, RowState
from core.rules.decide import Verdict, Wait
from core.services.bulk_rows import draft_of
from core.services.bulk_rules import RowRules, kept_reasons
from core.services.bulk_state import change_job, concurrency, count_rows, give_up_rows, locked_job, move_job, settle_job
from core.services.bulk_worker import GAVE_UP, MOST_TRIES, BulkWorker, RowClaim, RowPoint
from core.storage.tables import BulkJob, BulkRow
from core.storage.tenancy import ScopedSession

LOOKED_AT = 50
"""Rows of a job that are looked at for one that may be begun now."""

DEADLINE = "The job's processing deadline passed before its turn. Try it again, or give the job more time."
WINDOW_OVER = "The job's window ended before its turn."


def claim_next(worker: BulkWorker) -> RowClaim | None:
    """Take the row whose turn it is, over all jobs of all workspaces; None when nothing may be begun now.

    The limit over all engines is looked at before each claim: engines that claim in the same instant may exceed it by
    one each. Those of a job and of a platform are kept exactly: a workspace's claims queue at its door.
    """
    if _at_work(worker) >= worker.most:
        return None
    for job in queue_order(waiting_jobs(worker), worker.now()):
        if claim := _claim_of(worker, job):
            worker.at(RowPoint.CLAIMED)
            return claim
    return None


def waiting_jobs(worker: BulkWorker) -> Sequence[Waiting]:
    """Return the jobs that may have a row to begin now; nothing is written."""
    job, now = BulkJob, worker.now()
    since = func.coalesce(col(job.served_at), col(job.queued_at), col(job.created_at)).label("since")
    rows = select(job.id, job.workspace_id, job.priority, since).where(
        col(job.state).in_(AT_WORK),
        or_(col(job.starts_at).is_(None), col(job.starts_at) <= now),
        or_(col(job.rest_until).is_(None), col(job.rest_until) <= now),
    )
    with worker.db.system(writable=False) as session:
        return [Waiting(row.id, row.workspace_id, row.priority, row.since) for row in session.execute(rows)]


def _at_work(worker: BulkWorker) -> int:
    rows = select(func.count()).where(BulkRow.state == RowState.RUNNING, col(BulkRow.lease_until) > worker.now())
    with worker.db.system(writable=False) as session:
        return session.scalars(rows).one()


def _claim_of(worker: BulkWorker, waiting: Waiting) -> RowClaim | None:
    """Take the next row of a job unless it has none, or may not begin another."""
    now = worker.now()
    with worker.db.write(waiting.workspace, moves_revision=False) as session:
        job = locked_job(session, waiting.id)
        if job.state not in AT_WORK or _end_if_over(session, job, now):
            return None
        crowd = _crowd(session, job, now)
        if crowd.of_job >= concurrency(job):
            return None
        row = _next_row(session, worker, job, crowd)
        session.flush()
        claim = None if row is None else _take(session, worker, job, row)
        worker.at(RowPoint.CLAIMING)
    return claim


def _end_if_over(session: ScopedSession, job: BulkJob, now: datetime) -> bool:
    """End the rows of a job whose time is over, and say whether it was."""
    if job.deadline_at is not None and now >= job.deadline_at:
        count_rows(session, job, now, failed=give_up_rows(session, job, now, RowState.FAILED, DEADLINE))
    elif job.ends_at is not None and now >= job.ends_at:
        count_rows(session, job, now, skipped=give_up_rows(session, job, now, RowState.SKIPPED, WINDOW_OVER))
    else:
        return False
    return True


@dataclass(frozen=True)
class _Crowd:
    """The rows that are being done: how many of the job, and how many of the workspace on each platform."""

    of_job: int
    on_platform: Counter[str]


def _crowd(session: ScopedSession, job: BulkJob, now: datetime) -> _Crowd:
    busy = select(BulkRow.job_id, BulkRow.platforms).where(
        BulkRow.state == RowState.RUNNING, col(BulkRow.lease_until) > now
    )
    rows = session.execute(busy).all()
    on_platform = Counter(platform for row in rows for platform in row.platforms)
    return _Crowd(sum(row.job_id == job.id for row in rows), on_platform)


def _next_row(session: ScopedSession, worker: BulkWorker, job: BulkJob, crowd: _Crowd) -> BulkRow | None:
    """Return the first row in turn that may begin; without any the job rests until there may be one."""
    now, rules = worker.now(), RowRules.of(session, job, worker.now())
    after, is_any = -1, False
    while found := _due_rows(session, job, now, after):
        after = found[-1].turn
        for row in found:
            if _is_out(session, job, row, rules):
                continue
            is_any = True
            if all(crowd.on_platform[platform] < worker.most_of_platform for platform in row.platforms):
                return row
    if not is_any:
        _rest(session, job, now)
    return None


def _due_rows(session: ScopedSession, job: BulkJob, now: datetime, after: int) -> Sequence[BulkRow]:
    """Return some rows in turn that wait for nothing but their turn, and those whose worker is gone."""
    row = BulkRow
    left_over = and_(col(row.state) == RowState.RUNNING, col(row.lease_until) <= now)
    due = and_(col(row.state) == RowState.PENDING, or_(col(row.not_before).is_(None), col(row.not_before) <= now))
    in_turn = select(row).where(row.job_id == job.id, row.turn > after, or_(due, left_over)).order_by(col(row.turn))
    return session.scalars(in_turn.limit(LOOKED_AT)).all()


def _is_out(session: ScopedSession, job: BulkJob, row: BulkRow, rules: RowRules) -> bool:
    """Say whether a row may not begin now, and write down what becomes of it instead."""
    if row.tries >= MOST_TRIES:
        return _end(session, job, row, rules.at, RowState.FAILED, GAVE_UP)
    decision = rules.decide(job, row)
    if decision.action in {Verdict.RUN, Verdict.BOOST}:
        row.reasons = kept_reasons(decision) or row.reasons
        return False
    row.reasons, said = kept_reasons(decision), decision.reasons[0].sentence
    if decision.action is Verdict.SKIP:
        return _end(session, job, row, rules.at, RowState.SKIPPED, said)
    if decision.wait is Wait.NEVER:
        return _end(session, job, row, rules.at, RowState.FAILED, said)
    row.not_before = decision.not_before
    return True


def _end(session: ScopedSession, job: BulkJob, row: BulkRow, now: datetime, state: RowState, said: str) -> bool:
    """End a row that nobody did, and count it."""
    row.sqlmodel_update({"state": state, "error": said, "finished_at": now})
    session.flush()
    count_rows(session, job, now, **{state.value: 1})
    return True


def _rest(session: ScopedSession, job: BulkJob, now: datetime) -> None:
    """Look at a job again only when a rule's delay, a lease or its time ends; end it if nothing is left."""
    row = BulkRow
    wakes = select(func.min(func.coalesce(col(row.lease_until), col(row.not_before)))).where(
        row.job_id == job.id, col(row.state).in_((RowState.PENDING, RowState.RUNNING))
    )
    moments = [at for at in (session.scalar(wakes), job.ends_at, job.deadline_at) if at is not None]
    if moments:
        change_job(session, job, tells=False, rest_until=max(min(moments), now))
    settle_job(session, job, now)


def _take(session: ScopedSession, worker: BulkWorker, job: BulkJob, row: BulkRow) -> RowClaim | None:
    """Take a row as it was seen; the job runs from its first row on."""
    now, began = worker.now(), worker.elapsed()
    hands = {"worker": worker.name, "lease_until": now + worker.lease, "tries": row.tries + 1, "started_at": now}
    as_seen = and_(col(BulkRow.pk) == row.pk, col(BulkRow.state) == row.state, col(BulkRow.tries) == row.tries)
    taken = update(BulkRow).where(as_seen).values(state=RowState.RUNNING, **hands).returning(col(BulkRow.pk))
    if session.scalars(taken.execution_options(synchronize_session=False)).first() is None:
        return None
    _serve(session, job, now)
    draft = draft_of(row.payload)
    return RowClaim(row.pk or 0, job.workspace_id, job.id, job.created_by, row.number, row.tries + 1, draft, began)


def _serve(session: ScopedSession, job: BulkJob, now: datetime) -> None:
    step: dict[str, Any] = {"served_at": now, "step": STEPS.get(job.operation, "working")}
    if job.state is BulkState.QUEUED:
        move_job(session, job, BulkState.RUNNING, started_at=job.started_at or now, told_at=now, **step)
    else:
        change_job(session, job, tells=False, **step)


STEPS = {
    "schedule_content": "scheduling rows",
    "generate_content": "writing texts",
    "optimize_schedule": "optimizing calendars",
    "publish": "publishing items",
}
"""What a job says it is doing, by operation."""
