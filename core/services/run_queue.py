"""Runs that wait for an engine: taken up by one at a time, again when it dies, and told of as they go."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement
from sqlmodel import and_, col, exists, or_, select, update

from core.clock import Clock
from core.services.context import Context
from core.services.heartbeat import GONE_AFTER
from core.services.job_runs import Interrupted
from core.storage.doors import Database
from core.storage.ids import IdPrefix
from core.storage.outbox import change_told
from core.storage.tables import EngineHeartbeat, JobRun
from core.storage.tenancy import ScopedSession
from core.vocabulary import JobState

MOST_TRIES = 3
TELL_EVERY = timedelta(seconds=1)
STEPS = 100
"""`JobRun.total` of a run an engine carries out: percent."""

Then = Callable[[ScopedSession], object]
"""What belongs into the transaction that changes a run."""


@dataclass(frozen=True)
class RunTaker:
    """What one engine carries out runs with; `act` gives the context of a workspace and an actor.

    `is_gone` knows engines that died on this machine; of others their silence tells.
    """

    worker: str
    db: Database
    clock: Clock
    uploads: Path
    act: Callable[[str, str], Context]
    is_stopping: Callable[[], bool]
    is_gone: Callable[[str], bool] = lambda _: False


def find_waiting(taker: RunTaker, job: str) -> Sequence[JobRun]:
    """Return what this engine may take up, oldest first: queued runs, and those begun by an engine that is gone."""
    silent = taker.clock() - GONE_AFTER
    is_alive: ColumnElement[bool] = exists().where(
        col(EngineHeartbeat.worker) == col(JobRun.worker),
        col(EngineHeartbeat.stopped_at).is_(None),
        col(EngineHeartbeat.last_tick) > silent,
    )
    # A request gives no signs of life and carries out nothing that takes longer than an engine may be silent.
    is_request = col(JobRun.worker).startswith(IdPrefix.REQUEST, autoescape=True)
    is_alive = or_(is_alive, and_(is_request, col(JobRun.started_at) > silent))
    # This engine carries out one run of a job at a time: if it holds one now, it could not write down how that ended.
    is_left = or_(
        col(JobRun.worker) == taker.worker,
        and_(col(JobRun.worker).is_not(None), ~is_alive),
        col(JobRun.worker).in_(_gone(taker, job)),
    )
    waiting = (
        select(JobRun)
        .where(JobRun.job == job, or_(JobRun.state == JobState.QUEUED, and_(JobRun.state == JobState.RUNNING, is_left)))
        .order_by(col(JobRun.started_at), col(JobRun.id))
    )
    with taker.db.system(writable=False) as session:
        return session.scalars(waiting).all()


def _gone(taker: RunTaker, job: str) -> list[str]:
    """Return the engines that died on this machine while they carried out a run of this job."""
    busy = select(JobRun.worker).where(JobRun.job == job, JobRun.state == JobState.RUNNING).distinct()
    with taker.db.system(writable=False) as session:
        return [name for name in session.scalars(busy) if name is not None and taker.is_gone(name)]


def take(taker: RunTaker, run: JobRun, **values: Any) -> bool:
    """Take up a run, writing further values into it; False where another engine was first."""
    return _change(taker, run, state=JobState.RUNNING, worker=taker.worker, tries=run.tries + 1, done=0, **values)


def give_back(taker: RunTaker, run: JobRun) -> None:
    """Leave a run to the next engine, because this one stops; the try does not count."""
    _change(taker, run, state=JobState.QUEUED, worker=None, tries=run.tries - 1, done=0)


def give_up(taker: RunTaker, run: JobRun, error: str, then: Then = lambda _: None) -> None:
    """End a run that nobody can carry out, unless another engine was first."""
    _change(taker, run, then, state=JobState.FAILED, error=error, finished_at=taker.clock())


def _change(taker: RunTaker, run: JobRun, then: Then = lambda _: None, **values: Any) -> bool:
    """Change a run unless another engine was first."""
    as_seen = and_(
        col(JobRun.id) == run.id,
        col(JobRun.state) == run.state,
        col(JobRun.worker) == run.worker,
        col(JobRun.tries) == run.tries,
    )
    change = update(JobRun).where(as_seen).values(**values).returning(col(JobRun.id))
    with taker.db.write(run.workspace_id) as session:
        is_mine = bool(change_told(session, JobRun, change))
        if is_mine:
            then(session)
    if is_mine:
        run.sqlmodel_update(values)
    return is_mine


@dataclass
class Teller:
    """Writes down how far a run is, and ends it when the engine stops; progress moves no revision."""

    taker: RunTaker
    run: JobRun
    told_at: datetime = field(default=datetime.min.replace(tzinfo=UTC))

    def make_way(self) -> None:
        """Raise Interrupted when the engine stops."""
        if self.taker.is_stopping():
            raise Interrupted

    def is_time(self) -> bool:
        """Say whether it is time to tell again, and note that it was done."""
        now = self.taker.clock()
        is_time = now - self.told_at >= TELL_EVERY
        self.told_at = now if is_time else self.told_at
        return is_time

    def write(self, **values: Any) -> None:
        """Write into the run while it is in these hands."""
        mine = update(JobRun).where(col(JobRun.id) == self.run.id, col(JobRun.worker) == self.taker.worker)
        with self.taker.db.write(self.run.workspace_id, moves_revision=False) as session:
            change_told(session, JobRun, mine.values(**values).returning(col(JobRun.id)))
