"""Rows in the hands of engines: how many, and those whose engine is gone wait for their turn again."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlmodel import and_, col, or_, select, update

from core.bulk.words import BulkState, RowState
from core.services.bulk_state import CANCELED_ROW, change_job, give_up_rows, locked_job, settle_job
from core.services.bulk_worker import BulkWorker
from core.services.heartbeat import LATE_AFTER
from core.storage.tables import BulkRow, EngineHeartbeat

_EVER = datetime(1970, 1, 1, tzinfo=UTC)
"""Before every lease: a range of the index, unlike `is not null`."""


@dataclass(frozen=True)
class _Hold:
    """One worker's hold on one row; `is_running` unless it is one of a turn, whose rows begin and end at once."""

    workspace: str
    job: str
    worker: str
    lease_until: datetime
    is_running: bool


def rows_at_work(worker: BulkWorker) -> int:
    """Return how many rows are being done, by all engines; what nobody does any more is given back first."""
    holds = _holds(worker)
    lost = _lost(worker, holds)
    for workspace, job in {(hold.workspace, hold.job) for hold in holds if hold in lost}:
        _give_back(worker, workspace, job, _is_lost(worker, {hold.worker for hold in lost}))
    return sum(hold.is_running and hold not in lost for hold in holds)


def leave_rows(worker: BulkWorker) -> None:
    """Let rows that this engine has begun wait for another one, because it stops: the try does not count."""
    mine = {(hold.workspace, hold.job) for hold in _holds(worker) if hold.worker == worker.name}
    for workspace, job in mine:
        _give_back(worker, workspace, job, col(BulkRow.worker) == worker.name, tries=col(BulkRow.tries) - 1)


def _holds(worker: BulkWorker) -> Sequence[_Hold]:
    row = BulkRow
    columns = (row.workspace_id, row.job_id, row.worker, row.lease_until, row.state == RowState.RUNNING)
    held = select(*columns).where(_is_held())  # type: ignore[call-overload]
    with worker.db.system(writable=False) as session:
        return [_Hold(*each) for each in session.execute(held)]


def _is_held() -> Any:
    row = BulkRow
    is_of_a_turn = and_(col(row.state) == RowState.PENDING, col(row.lease_until) > _EVER)
    return or_(col(row.state) == RowState.RUNNING, is_of_a_turn)


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


def _is_lost(worker: BulkWorker, lost: set[str]) -> Any:
    row = BulkRow
    is_others = and_(col(row.worker).in_(lost), col(row.worker) != worker.name)
    return or_(col(row.lease_until) <= worker.now(), is_others)


def _give_back(worker: BulkWorker, workspace: str, job_id: str, which: Any, **values: Any) -> None:
    """Let rows of a job wait for their turn again; those of a canceled one end."""
    now, row = worker.now(), BulkRow
    waiting = {"state": RowState.PENDING, "worker": None, "lease_until": None, **values}
    with worker.db.write(workspace, moves_revision=False) as session:
        job = locked_job(session, job_id)
        rows = update(row).where(col(row.job_id) == job_id, _is_held(), which)
        session.execute(rows.values(**waiting).execution_options(synchronize_session=False))
        change_job(session, job, tells=False, rest_until=None)
        if job.state is BulkState.CANCELING:
            give_up_rows(session, job, now, RowState.CANCELED, CANCELED_ROW)
            settle_job(session, job, now)
