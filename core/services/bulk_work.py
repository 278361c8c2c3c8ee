"""Doing a claimed row: its effect and its state in one transaction, so that it happens exactly once."""

from sqlmodel import select

from core.bulk.queue import Waiting
from core.bulk.words import RowState
from core.errors import SlotwiseError
from core.services.bulk_claims import claim_row, jobs_in_turn
from core.services.bulk_operations import OPERATIONS, Work
from core.services.bulk_outcomes import failure, outcome_of, refuse_unexpected
from core.services.bulk_state import count_rows, locked_job, measured
from core.services.bulk_turns import do_turn, has_turns
from core.services.bulk_worker import BulkWorker, Prepared, RowClaim, RowPoint
from core.services.context import Context
from core.storage.tables import BulkJob, BulkRow
from core.storage.tenancy import ScopedSession


def do_next(worker: BulkWorker) -> bool:
    """Do the next turn, of the job whose turn it is; False when there is nothing to do now."""
    return any(_takes_turn(worker, job) for job in jobs_in_turn(worker))


def _takes_turn(worker: BulkWorker, job: Waiting) -> bool:
    if has_turns(worker, job):
        turn = do_turn(worker, job)
        if turn is None or turn.rows or not turn.waits:
            return turn is not None and (bool(turn.rows) or turn.goes_on)
    claim = claim_row(worker, job)
    if claim is not None:
        do_row(worker, claim)
    return claim is not None


def do_row(worker: BulkWorker, claim: RowClaim) -> None:
    """Do a row; what a person can mend fails the row, anything else is the engine's, and the row is tried again.

    A job that was paused or canceled meanwhile keeps this row: it was begun. Nothing happens when the row is not in
    these hands any more.
    """
    ctx = worker.act(claim.workspace, claim.actor)
    try:
        prepared = _prepare(worker, ctx, claim)
    except SlotwiseError as error:
        refuse_unexpected(error)
        _finish(worker, ctx, claim, {}, error)
        return
    worker.at(RowPoint.PREPARED)
    _finish(worker, ctx, claim, prepared)
    worker.careful.discard(claim.job_id)


def _prepare(worker: BulkWorker, ctx: Context, claim: RowClaim) -> Prepared:
    with ctx.read() as session:
        job = session.get_one(BulkJob, claim.job_id)
    prepare = OPERATIONS[job.operation].prepare
    return {} if prepare is None else prepare(worker, ctx, job, claim.draft)


def _finish(
    worker: BulkWorker, ctx: Context, claim: RowClaim, prepared: Prepared, failed: SlotwiseError | None = None
) -> None:
    with ctx.together() as joined, joined.write() as session:
        # The job before its row, as everybody locks them.
        job, row = locked_job(session, claim.job_id), _held(session, worker, claim)
        if row is None:
            return
        worker.at(RowPoint.DOING)
        outcome = failure(failed) if failed else outcome_of(Work(joined, session, job, claim.draft, prepared))
        now, seconds = worker.now(), worker.elapsed() - claim.began
        row.sqlmodel_update({**outcome, "worker": None, "lease_until": None, "finished_at": now})
        session.flush()
        is_failed = outcome["state"] is RowState.FAILED
        count_rows(session, job, now, {outcome["state"]: 1}, **measured(job, now, seconds, 1, failed=is_failed))
        worker.at(RowPoint.FINISHING)
    worker.at(RowPoint.FINISHED)


def _held(session: ScopedSession, worker: BulkWorker, claim: RowClaim) -> BulkRow | None:
    """Return the row while it is in these hands."""
    row = session.scalars(select(BulkRow).where(BulkRow.pk == claim.pk).with_for_update()).one()
    mine = row.state is RowState.RUNNING and (row.worker, row.tries) == (worker.name, claim.tries)
    return row if mine else None
