"""A turn of a job whose rows need no preparation: some of them begin, happen and end in one transaction."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from core.bulk.queue import Waiting
from core.bulk.words import RowState
from core.errors import SlotwiseError
from core.services.bulk_claims import Found, find_rows, open_job, serve
from core.services.bulk_operations import OPERATIONS, Work
from core.services.bulk_outcomes import Outcome, done, outcome_of, refuse_unexpected
from core.services.bulk_rows import draft_of
from core.services.bulk_state import count_rows, measured
from core.services.bulk_worker import BulkWorker, RowPoint
from core.storage.tables import BulkJob, BulkRow
from core.storage.tenancy import ScopedSession


def has_turns(worker: BulkWorker, waiting: Waiting) -> bool:
    """Say whether a job's rows may be done together: not those that take long, nor after a turn that broke down."""
    return OPERATIONS[waiting.operation].prepare is None and waiting.id not in worker.careful


def do_turn(worker: BulkWorker, waiting: Waiting) -> bool:
    """Do the next rows of a job; False when none may begin now, or another thread of this engine is at it.

    Until the turn is committed nothing of it has happened, and whoever pauses, cancels or queues work in the workspace
    waits at its door for that: nothing begins afterwards. A turn that breaks down makes the worker careful with the
    job: it takes the next row by itself, in two transactions, so that the one at fault is known and given up in time.
    """
    if waiting.id in worker.turns:
        return False
    worker.turns.add(waiting.id)
    is_whole = False
    try:
        goes_on = _turn(worker, waiting)
        is_whole = True
    finally:
        worker.turns.discard(waiting.id)
        if not is_whole:
            worker.careful.add(waiting.id)
    worker.at(RowPoint.FINISHED)
    return goes_on


def _turn(worker: BulkWorker, waiting: Waiting) -> bool:
    began = worker.elapsed()
    with worker.db.write(waiting.workspace) as session:
        job = open_job(session, waiting.id, worker.now())
        found = Found() if job is None else find_rows(session, worker, job, worker.posts, lambda _: True)
        worker.at(RowPoint.CLAIMED)
        if job is not None and found.rows:
            _do_rows(session, worker, job, found.rows, began)
        worker.at(RowPoint.FINISHING)
    return bool(found.rows) or found.goes_on


def _do_rows(session: ScopedSession, worker: BulkWorker, job: BulkJob, rows: Sequence[BulkRow], began: float) -> None:
    started = worker.now()
    serve(session, job, started)
    ctx = replace(worker.act(job.workspace_id, job.created_by), transaction=session)
    outcomes = _outcomes([Work(ctx, session, job, draft_of(row.payload), {}) for row in rows])
    worker.at(RowPoint.DOING)
    now = worker.now()
    ended = {"worker": None, "lease_until": None, "started_at": started, "finished_at": now}
    for row, outcome in zip(rows, outcomes, strict=True):
        row.sqlmodel_update({**outcome, **ended, "tries": row.tries + 1})
    counted = Counter(outcome["state"].value for outcome in outcomes)
    session.flush()
    seconds, failed = worker.elapsed() - began, counted[RowState.FAILED]
    count_rows(session, job, now, counted, **measured(job, now, seconds / len(rows), len(rows), failed=bool(failed)))


def _outcomes(works: Sequence[Work]) -> list[Outcome]:
    """Do rows together where they can be; where one of them is refused each is done by itself."""
    first = works[0]
    together = OPERATIONS[first.job.operation].do_all
    if together is not None and len(works) > 1:
        try:
            with first.session.begin_nested():
                return [done(result) for result in together(works)]
        except SlotwiseError as error:
            refuse_unexpected(error)
            first.session.refresh(first.job)
    return [outcome_of(work) for work in works]
