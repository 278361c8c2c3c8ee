"""Doing a claimed row: its effect and its state in one transaction, so that it happens exactly once."""

from datetime import datetime
from typing import Any

from sqlmodel import select

from core.bulk.throttle import Throttle, adapt
from core.bulk.words import Mode, RowState
from core.errors import SlotwiseError
from core.services.bulk_claims import claim_next
from core.services.bulk_operations import OPERATIONS, Work
from core.services.bulk_rows import draft_of
from core.services.bulk_state import PACE, THROTTLE, change_job, count_rows, locked_job, pace_of, throttle_of
from core.services.bulk_worker import BulkWorker, Prepared, RowClaim, RowPoint
from core.services.context import Context
from core.storage.tables import BulkJob, BulkRow
from core.storage.tenancy import ScopedSession


def do_next(worker: BulkWorker) -> bool:
    """Take the row whose turn it is and do it; False when there is nothing to do now."""
    claim = claim_next(worker)
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
        if error.status >= SlotwiseError.status:
            raise
        _finish(worker, ctx, claim, {}, error)
        return
    worker.at(RowPoint.PREPARED)
    _finish(worker, ctx, claim, prepared)


def _prepare(worker: BulkWorker, ctx: Context, claim: RowClaim) -> Prepared:
    with ctx.read() as session:
        job = session.get_one(BulkJob, claim.job_id)
    return OPERATIONS[job.operation].prepare(worker, ctx, job, claim.draft)


def _finish(
    worker: BulkWorker, ctx: Context, claim: RowClaim, prepared: Prepared, failed: SlotwiseError | None = None
) -> None:
    with ctx.together() as joined, joined.write() as session:
        # The job before its row, as everybody locks them.
        job, row = locked_job(session, claim.job_id), _held(session, worker, claim)
        if row is None:
            return
        worker.at(RowPoint.DOING)
        outcome = _failure(failed) if failed else _do(joined, session, job, row, prepared)
        now = worker.now()
        row.sqlmodel_update({**outcome, "worker": None, "lease_until": None, "finished_at": now})
        session.flush()
        _measure(session, worker, job, claim, now, is_failed=outcome["state"] is RowState.FAILED)
        count_rows(session, job, now, **{_COUNTED[outcome["state"]]: 1})
        worker.at(RowPoint.FINISHING)
    worker.at(RowPoint.FINISHED)


_COUNTED = {RowState.DONE: "done", RowState.FAILED: "failed"}


def _held(session: ScopedSession, worker: BulkWorker, claim: RowClaim) -> BulkRow | None:
    """Return the row while it is in these hands."""
    row = session.scalars(select(BulkRow).where(BulkRow.pk == claim.pk).with_for_update()).one()
    mine = row.state is RowState.RUNNING and (row.worker, row.tries) == (worker.name, claim.tries)
    return row if mine else None


def _do(ctx: Context, session: ScopedSession, job: BulkJob, row: BulkRow, prepared: Prepared) -> dict[str, Any]:
    """Return what the row becomes; a refused effect is undone."""
    try:
        with session.begin_nested():
            work = Work(ctx, session, job, draft_of(row.payload), prepared)
            result = OPERATIONS[job.operation].do(work)
    except SlotwiseError as error:
        if error.status >= SlotwiseError.status:
            raise
        session.refresh(job)
        return _failure(error)
    return {"state": RowState.DONE, "result": dict(result), "error": None}


def _failure(error: SlotwiseError) -> dict[str, Any]:
    return {"state": RowState.FAILED, "error": str(error)}


def _measure(
    session: ScopedSession, worker: BulkWorker, job: BulkJob, claim: RowClaim, now: datetime, *, is_failed: bool
) -> None:
    """Note how long the row took, and how many may be done at once from now on."""
    pace, throttle = pace_of(job).after(now), throttle_of(job)
    if job.mode is Mode.SMART:
        throttle = adapt(throttle, worker.elapsed() - claim.began, job.max_concurrent, failed=is_failed)
    change_job(session, job, tells=False, pace=PACE.dump_python(pace, mode="json"), throttle=_kept(throttle))


def _kept(throttle: Throttle) -> dict[str, Any]:
    kept: dict[str, Any] = THROTTLE.dump_python(throttle, mode="json")
    return kept
