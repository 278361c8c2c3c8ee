"""A turn of a job whose rows need no preparation: some of them happen and end in one transaction."""

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from sqlalchemy.exc import OperationalError
from sqlmodel import col, select, update

from core.bulk.queue import Waiting
from core.bulk.words import RowState
from core.errors import DatabaseUnavailable, SlotwiseError
from core.services.bulk_claims import Found, find_rows, is_suspect, open_job, serve
from core.services.bulk_operations import OPERATIONS, Work
from core.services.bulk_outcomes import Outcome, done, outcome_of, refuse_unexpected
from core.services.bulk_rows import draft_of
from core.services.bulk_state import change_job, count_rows, locked_job, measured
from core.services.bulk_worker import BulkWorker, RowPoint
from core.storage.tables import BulkJob, BulkRow
from core.storage.tenancy import ScopedSession


def has_turns(worker: BulkWorker, waiting: Waiting) -> bool:
    """Say whether a job's rows may be done together: not those that take long, nor after a turn that broke down."""
    return OPERATIONS[waiting.operation].prepare is None and waiting.id not in worker.careful


def do_turn(worker: BulkWorker, waiting: Waiting) -> Found | None:
    """Do the next rows of a job and return them; None while another thread of this engine is at it.

    That they were begun is committed before: rows on which a process died are suspects from then on. Until the turn is
    committed nothing else of it has happened, and whoever pauses, cancels or queues work in the workspace waits at its
    door for that: nothing begins afterwards. After a turn that breaks down, and with suspects, the worker is careful:
    it takes the next row by itself, so that the one at fault is known and given up in time.
    """
    if waiting.id in worker.turns:
        return None
    worker.turns.add(waiting.id)
    try:
        found = _turn(worker, waiting)
    finally:
        worker.turns.discard(waiting.id)
    worker.at(RowPoint.FINISHED)
    return found


def _turn(worker: BulkWorker, waiting: Waiting) -> Found:
    began, found = worker.elapsed(), _begin(worker, waiting)
    worker.at(RowPoint.CLAIMED)
    keys = [row.pk for row in found.rows]
    if keys:
        is_whole = False
        try:
            _end(worker, waiting, keys, began)
            is_whole = True
        finally:
            if not is_whole:
                worker.careful.add(waiting.id)
                _put_back(worker, waiting, keys)
    return found


def _begin(worker: BulkWorker, waiting: Waiting) -> Found:
    """Note of the next rows that this engine began them."""
    with worker.db.write(waiting.workspace) as session:
        job = open_job(session, waiting.id, worker.now())
        if job is None:
            return Found()
        found = find_rows(session, worker, job, worker.posts, lambda row: not is_suspect(row))
        hands = {"worker": worker.name, "lease_until": worker.now() + worker.lease, "tries": col(BulkRow.tries) + 1}
        _change(session, [row.pk for row in found.rows], **hands)
    return found


def _end(worker: BulkWorker, waiting: Waiting, keys: Sequence[int | None], began: float) -> None:
    """Do rows that were begun, unless the job was stopped or they were given to somebody else meanwhile."""
    with worker.db.write(waiting.workspace) as session:
        job = open_job(session, waiting.id, worker.now())
        mine = select(BulkRow).where(
            col(BulkRow.pk).in_(keys), BulkRow.state == RowState.PENDING, BulkRow.worker == worker.name
        )
        rows = session.scalars(mine.order_by(col(BulkRow.turn))).all()
        if job is None:
            _change(session, [row.pk for row in rows], **_NOT_BEGUN)
        elif rows:
            _do_rows(session, worker, job, rows, began)
        worker.at(RowPoint.FINISHING)


def _put_back(worker: BulkWorker, waiting: Waiting, keys: Sequence[int | None]) -> None:
    """Let rows wait again whose turn broke down in a process that lives: nothing died of them."""
    with suppress(DatabaseUnavailable, OperationalError), worker.db.write(waiting.workspace) as session:
        change_job(session, locked_job(session, waiting.id), tells=False, rest_until=None)
        mine = select(BulkRow.pk).where(col(BulkRow.pk).in_(keys), BulkRow.worker == worker.name)
        _change(session, session.scalars(mine).all(), **_NOT_BEGUN)


_NOT_BEGUN: dict[str, Any] = {"worker": None, "lease_until": None, "tries": col(BulkRow.tries) - 1}


def _change(session: ScopedSession, keys: Sequence[int | None], **values: Any) -> None:
    """Write into those of these rows that still wait."""
    rows = update(BulkRow).where(col(BulkRow.pk).in_(keys), col(BulkRow.state) == RowState.PENDING)
    session.execute(rows.values(**values).execution_options(synchronize_session=False))


def _do_rows(session: ScopedSession, worker: BulkWorker, job: BulkJob, rows: Sequence[BulkRow], began: float) -> None:
    started = worker.now()
    serve(session, job, started)
    ctx = replace(worker.act(job.workspace_id, job.created_by), transaction=session)
    outcomes = _outcomes([Work(ctx, session, job, draft_of(row.payload), {}) for row in rows])
    worker.at(RowPoint.DOING)
    now = worker.now()
    ended = {"worker": None, "lease_until": None, "started_at": started, "finished_at": now}
    for row, outcome in zip(rows, outcomes, strict=True):
        row.sqlmodel_update({**outcome, **ended})
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
