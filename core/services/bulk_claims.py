"""Whose turn it is, which rows may begin, and taking one: urgent jobs first, within every limit."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func
from sqlmodel import and_, col, or_, select, update

from core.bulk.queue import Waiting, queue_order
from core.bulk.states import AT_WORK
from core.bulk.words import BulkState, Operation, RowState
from core.rules.decide import Verdict, Wait
from core.services.bulk_returns import rows_at_work
from core.services.bulk_rows import draft_of
from core.services.bulk_rules import RowRules, kept_reasons
from core.services.bulk_state import change_job, concurrency, count_rows, give_up_rows, locked_job, move_job, settle_job
from core.services.bulk_worker import GAVE_UP, LONG_LEASES, MOST_TRIES, BulkWorker, RowClaim, RowPoint
from core.storage.tables import BulkJob, BulkRow
from core.storage.tenancy import ScopedSession

LOOKED_AT = 50
"""Rows of a job that are read at once to find those that may begin now."""

MOST_OUT = 1000
"""So many rows that may not begin are written down in one transaction; others wait for their turn at this door."""

DEADLINE = "The job's processing deadline passed before its turn. Try it again, or give the job more time."
WINDOW_OVER = "The job's window ended before its turn."


def jobs_in_turn(worker: BulkWorker) -> Sequence[Waiting]:
    """Return the jobs of all workspaces in the order of their turns; none while too many rows are being done.

    The limit over all engines is looked at before each claim: engines that claim in the same instant may exceed it by
    one each. Those of a job and of a platform are kept exactly: a workspace's claims queue at its door.
    """
    if rows_at_work(worker) >= worker.most:
        return ()
    return queue_order(waiting_jobs(worker), worker.now())


def waiting_jobs(worker: BulkWorker) -> Sequence[Waiting]:
    """Return the jobs that may have a row to begin now; nothing is written."""
    job, now = BulkJob, worker.now()
    since = func.coalesce(col(job.served_at), col(job.queued_at), col(job.created_at)).label("since")
    columns = (job.id, job.workspace_id, job.priority, since, job.operation)
    rows = select(*columns).where(  # type: ignore[call-overload]
        col(job.state).in_(AT_WORK),
        or_(col(job.starts_at).is_(None), col(job.starts_at) <= now),
        or_(col(job.rest_until).is_(None), col(job.rest_until) <= now),
    )
    with worker.db.system(writable=False) as session:
        return [Waiting(*row) for row in session.execute(rows)]


def claim_row(worker: BulkWorker, waiting: Waiting) -> RowClaim | None:
    """Take the next row of a job unless it has none, or may not begin another."""
    with worker.db.write(waiting.workspace, moves_revision=False) as session:
        job = open_job(session, waiting.id, worker.now())
        claim = None if job is None else _claim(session, worker, job)
        worker.at(RowPoint.CLAIMING)
    worker.at(RowPoint.CLAIMED)
    return claim


def open_job(session: ScopedSession, job_id: str, now: datetime) -> BulkJob | None:
    """Return a job, held, if rows of it may begin; one whose time is over ends here."""
    job = locked_job(session, job_id)
    return None if job.state not in AT_WORK or _end_if_over(session, job, now) else job


def _claim(session: ScopedSession, worker: BulkWorker, job: BulkJob) -> RowClaim | None:
    crowd = _crowd(session, job)
    if crowd.of_job >= concurrency(job) or crowd.has_suspect:
        return None

    def fits(row: BulkRow) -> bool:
        if is_suspect(row) and crowd.of_job:
            return False
        return all(crowd.on_platform[platform] < worker.most_of_platform for platform in row.platforms)

    found = find_rows(session, worker, job, 1, fits)
    return _take(session, worker, job, found.rows[0]) if found.rows else None


def _end_if_over(session: ScopedSession, job: BulkJob, now: datetime) -> bool:
    """End the rows of a job whose time is over, and say whether it was."""
    if job.deadline_at is not None and now >= job.deadline_at:
        count_rows(session, job, now, {"failed": give_up_rows(session, job, now, RowState.FAILED, DEADLINE)})
    elif job.ends_at is not None and now >= job.ends_at:
        count_rows(session, job, now, {"skipped": give_up_rows(session, job, now, RowState.SKIPPED, WINDOW_OVER)})
    else:
        return False
    return True


@dataclass(frozen=True)
class _Crowd:
    """The rows that are being done: how many of the job, and how many of the workspace on each platform."""

    of_job: int
    on_platform: Counter[str]
    has_suspect: bool
    """Whether a row of the job is being done for the last time: if the process dies, then of this one."""


def _crowd(session: ScopedSession, job: BulkJob) -> _Crowd:
    running = select(BulkRow.job_id, BulkRow.platforms, BulkRow.tries).where(BulkRow.state == RowState.RUNNING)
    rows = session.execute(running).all()
    on_platform = Counter(platform for row in rows for platform in row.platforms)
    tries = [row.tries for row in rows if row.job_id == job.id]
    return _Crowd(len(tries), on_platform, any(each >= MOST_TRIES for each in tries))


@dataclass
class Found:
    """The rows of a job that may begin, and how many may not: ended by state, all that are out, `waits`: for room."""

    rows: list[BulkRow] = field(default_factory=list)
    ended: Counter[str] = field(default_factory=Counter)
    out: int = 0
    waits: bool = False

    @property
    def goes_on(self) -> bool:
        """Whether there are more rows to look at, with nothing to begin yet."""
        return not self.rows and self.out >= MOST_OUT


def find_rows(
    session: ScopedSession, worker: BulkWorker, job: BulkJob, posts: int, fits: Callable[[BulkRow], bool]
) -> Found:
    """Return the first rows in turn that may begin, of up to `posts` posts, and write down what becomes of the others.

    A rule that paces rows lets them begin one by one. Without any row to wait for the job rests until there is one.
    """
    rules, found = RowRules.of(session, job, worker.now()), Found()
    _look(session, job, rules, found, 1 if rules.is_pacing else posts, fits)
    session.flush()
    if found.ended:
        count_rows(session, job, rules.at, found.ended)
    if not (found.rows or found.waits or found.goes_on):
        _rest(session, job, rules.at)
    return found


def _look(
    session: ScopedSession, job: BulkJob, rules: RowRules, found: Found, posts: int, fits: Callable[[BulkRow], bool]
) -> None:
    """Look at rows in turn until there are enough."""
    after = -1
    while posts > 0 and not found.goes_on and (looked := _due_rows(session, job, rules.at, after)):
        after = looked[-1].turn
        for row in looked:
            if posts <= 0:
                return
            if _is_out(job, row, rules, found):
                found.out += 1
            elif fits(row):
                found.rows.append(row)
                posts -= max(len(row.platforms), 1)
            else:
                found.waits = True


def is_suspect(row: BulkRow) -> bool:
    """Say whether a waiting row has one try left: it is done alone, so that no other one fails because of it.

    After a first death rows go together again: a restart is the usual cause, and one by one a turn takes many times
    as long.
    """
    return row.tries >= MOST_TRIES - 1


def _due_rows(session: ScopedSession, job: BulkJob, now: datetime, after: int) -> Sequence[BulkRow]:
    """Return some rows in turn that wait for nothing but their turn."""
    row = BulkRow
    is_due = or_(col(row.not_before).is_(None), col(row.not_before) <= now)
    pending = select(row).where(row.job_id == job.id, row.state == RowState.PENDING, row.turn > after, is_due)
    pending = pending.where(col(row.worker).is_(None))
    return session.scalars(pending.order_by(col(row.turn)).limit(LOOKED_AT)).all()


def _is_out(job: BulkJob, row: BulkRow, rules: RowRules, found: Found) -> bool:
    """Say whether a row may not begin now, and write down what becomes of it instead."""
    if row.tries >= MOST_TRIES:
        return _end(row, rules.at, RowState.FAILED, GAVE_UP, found.ended)
    decision = rules.decide(job, row)
    if decision.action in {Verdict.RUN, Verdict.BOOST}:
        row.reasons = kept_reasons(decision) or row.reasons
        return False
    row.reasons, said = kept_reasons(decision), decision.reasons[0].sentence
    if decision.action is Verdict.SKIP:
        return _end(row, rules.at, RowState.SKIPPED, said, found.ended)
    if decision.wait is Wait.NEVER:
        return _end(row, rules.at, RowState.FAILED, said, found.ended)
    row.not_before = decision.not_before
    found.waits |= decision.wait is Wait.ROOM
    return True


def _end(row: BulkRow, now: datetime, state: RowState, said: str, ended: Counter[str]) -> bool:
    """End a row that nobody did, and count it."""
    row.sqlmodel_update({"state": state, "error": said, "worker": None, "lease_until": None, "finished_at": now})
    ended[state.value] += 1
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
    lease = LONG_LEASES.get(Operation(job.operation), worker.lease)
    hands = {"worker": worker.name, "lease_until": now + lease, "tries": row.tries + 1, "started_at": now}
    as_seen = and_(col(BulkRow.pk) == row.pk, col(BulkRow.state) == row.state, col(BulkRow.tries) == row.tries)
    taken = update(BulkRow).where(as_seen).values(state=RowState.RUNNING, **hands).returning(col(BulkRow.pk))
    if session.scalars(taken.execution_options(synchronize_session=False)).first() is None:
        return None
    serve(session, job, now)
    draft = draft_of(row.payload)
    return RowClaim(row.pk or 0, job.workspace_id, job.id, job.created_by, row.number, row.tries + 1, draft, began)


def serve(session: ScopedSession, job: BulkJob, now: datetime) -> None:
    """Note that a turn of a job began; it runs from its first one on."""
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
    "sync_sheet": "syncing sheets",
}
"""What a job says it is doing, by operation."""
