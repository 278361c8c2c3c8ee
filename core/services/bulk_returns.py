"""Rows in the hands of engines: how many, and those whose engine is gone wait for their turn again."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import and_, col, or_, select, update

from core.bulk.words import BulkState, RowState
from core.services.bulk_state import CANCELED_ROW, change_job, give_up_rows, locked_job, settle_job
from core.services.bulk_worker import BulkWorker
from core.services.heartbeat import LATE_AFTER
from core.storage.tables import BulkRow, EngineHeartbeat


@dataclass(frozen=True)
class _Hold:
    """One worker's hold on one row."""

    workspace: str
    job: str
    worker: str
    lease_until: datetime


def rows_at_work(worker: BulkWorker) -> int:
    """Return how many rows are being done, by all engines; what nobody does any more is given back first."""
    holds = _holds(worker)
    lost = _lost(worker, holds)
    for workspace, job in {(hold.workspace, hold.job) for hold in holds if hold in lost}:
        _give_back(worker, workspace, job, {hold.worker for hold in lost})
    return sum(hold not in lost for hold in holds)


def _holds(worker: BulkWorker) -> Sequence[_Hold]:
    row = BulkRow
    held = select(row.workspace_id, row.job_id, row.worker, row.lease_until).where(row.state == RowState.RUNNING)
    with worker.db.system(writable=False) as session:
        return [_Hold(*each) for each in session.execute(held)]


def _lost(worker: BulkWorker, holds: Iterable[_Hold]) -> set[_Hold]:
    """Return the holds whose lease is over, and those of engines that died here or give no sign of life."""
    now = worker.now()
    others = {hold.worker for hold in holds} - {worker.name}
    alive = {worker.name, *_alive(worker, others)} if others else {worker.name}
    return {hold for hold in holds if hold.lease_until <= now or hold.worker not in alive}


def _alive(worker: BulkWorker, names: set[str]) -> set[str]:
    beat = EngineHeartbeat
    since = worker.now() - LATE_AFTER
    seen = select(beat.worker).where(
        col(beat.worker).in_(names), col(beat.stopped_at).is_(None), col(beat.last_tick) > since
    )
    with worker.db.system(writable=False) as session:
        return {name for name in session.scalars(seen) if not worker.is_gone(name)}


def _give_back(worker: BulkWorker, workspace: str, job_id: str, lost: set[str]) -> None:
    """Let rows of a job wait for their turn again; those of a canceled one end."""
    now, row = worker.now(), BulkRow
    is_lost = or_(col(row.lease_until) <= now, and_(col(row.worker).in_(lost), col(row.worker) != worker.name))
    waiting = {"state": RowState.PENDING, "worker": None, "lease_until": None}
    with worker.db.write(workspace, moves_revision=False) as session:
        job = locked_job(session, job_id)
        rows = update(row).where(col(row.job_id) == job_id, col(row.state) == RowState.RUNNING, is_lost)
        session.execute(rows.values(**waiting).execution_options(synchronize_session=False))
        change_job(session, job, tells=False, rest_until=None)
        if job.state is BulkState.CANCELING:
            give_up_rows(session, job, now, RowState.CANCELED, CANCELED_ROW)
            settle_job(session, job, now)
