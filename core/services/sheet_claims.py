"""Whose hands a sheet is in: taken for one sync, held while that shows signs of life, and left with how it went."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlmodel import col, or_, select, update

from core.errors import StateConflict
from core.services.rows import find
from core.services.sheet_views import SyncCounts
from core.services.sheet_worker import SheetDesk, SyncPoint
from core.storage.ids import IdPrefix, new_id
from core.storage.tables import Revision, SheetConnection, SheetSync
from core.storage.tenancy import ScopedSession
from core.vocabulary import JobState

CONNECTION = "sheet connection"
"""How errors and the audit log name a connection."""

MOST_FAILURES = 5
"""Failures in a row, of a kind that does not pass by itself, after which a connection rests."""

SHORTEST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=1)
LEFT = "The engine stopped in the middle of it; nothing is lost, the next sync goes on."


@dataclass(frozen=True)
class DueSync:
    """A connection whose time has come."""

    workspace: str
    connection_id: str


@dataclass(frozen=True)
class Hold:
    """One worker's hold on one sheet for one sync; `revision` is the workspace's before it began."""

    desk: SheetDesk
    workspace: str
    connection_id: str
    sync_id: str
    revision: int

    def keep(self, session: ScopedSession) -> None:
        """Show a sign of life in the transaction of what was done meanwhile (StateConflict: another worker has it)."""
        mine = update(SheetConnection).where(
            col(SheetConnection.id) == self.connection_id, col(SheetConnection.sync_id) == self.sync_id
        )
        kept = mine.values(lease_until=self.desk.now() + self.desk.lease).returning(col(SheetConnection.id))
        if session.scalars(kept.execution_options(synchronize_session=False)).first() is None:
            raise StateConflict(kind="sync", state="taken over by another engine", wanted="continued")


def due_connections(desk: SheetDesk) -> tuple[DueSync, ...]:
    """Return the connections to be synced now that are in nobody's hands, the longest due first."""
    row = SheetConnection
    due = select(row).where(or_(col(row.due_at) <= desk.now(), col(row.sync_id).is_not(None)))
    with desk.db.system(writable=False) as session:
        found: Sequence[SheetConnection] = session.scalars(due.order_by(col(row.due_at), col(row.id))).all()
    return tuple(DueSync(each.workspace_id, each.id) for each in found if _is_free(desk, each))


def take(desk: SheetDesk, workspace: str, connection_id: str) -> Hold:
    """Take a sheet for one sync (NotFound; StateConflict while another one is under way)."""
    with desk.db.write(workspace) as session:
        row = find(session, SheetConnection, connection_id, CONNECTION)
        if not _is_free(desk, row):
            raise StateConflict(kind="sync", state="under way", wanted="started again")
        _end_left(session, row, desk.now())
        run = SheetSync(
            id=new_id(IdPrefix.SYNC), connection_id=row.id, worker=desk.name, started_at=desk.now(), counts={}
        )
        session.add(run)
        hands = {"sync_id": run.id, "worker": desk.name, "lease_until": desk.now() + desk.lease}
        as_seen = (col(SheetConnection.id) == row.id, col(SheetConnection.sync_id).is_not_distinct_from(row.sync_id))
        taken = update(SheetConnection).where(*as_seen).values(**hands).returning(col(SheetConnection.id))
        if session.scalars(taken.execution_options(synchronize_session=False)).first() is None:
            raise StateConflict(kind="sync", state="under way", wanted="started again")
        revision = session.scalars(select(Revision.value)).one() - 1
    desk.at(SyncPoint.CLAIMED)
    return Hold(desk, workspace, connection_id, run.id, revision)


def _is_free(desk: SheetDesk, row: SheetConnection) -> bool:
    if row.sync_id is None:
        return True
    is_over = row.lease_until is None or row.lease_until <= desk.now()
    return is_over or (row.worker is not None and desk.is_gone(row.worker))


def _end_left(session: ScopedSession, row: SheetConnection, now: datetime) -> None:
    """Note that the run before was left in the middle."""
    if row.sync_id is not None and (run := session.get(SheetSync, row.sync_id)):
        run.sqlmodel_update({"state": JobState.FAILED, "error": LEFT, "finished_at": now})


def end_well(hold: Hold, counts: SyncCounts, *, seen: dict[str, Any], figures: dict[str, Any]) -> None:
    """Leave a sheet after a sync that did everything; `seen` gets the revision at which both sides agreed."""
    desk = hold.desk
    with desk.db.write(hold.workspace) as session:
        hold.keep(session)
        row, now = session.get_one(SheetConnection, hold.connection_id), desk.now()
        session.refresh(row)
        revision = session.scalars(select(Revision.value)).one()
        _leave(row, now, _next(row, now))
        row.sqlmodel_update({"last_sync": now, "failures": 0, "is_paused": False, "last_error": None})
        row.sqlmodel_update({"next_step": None, "seen": {**seen, "revision": revision}, "figures": figures})
        _end_run(session, hold, JobState.COMPLETED, counts)
        desk.at(SyncPoint.FINISHING)
    desk.at(SyncPoint.FINISHED)


def end_badly(hold: Hold, counts: SyncCounts, error: str, next_step: str, *, passes: bool) -> None:
    """Leave a sheet after a sync that failed: the next one waits, and after too many that need a person none comes."""
    desk = hold.desk
    with desk.db.write(hold.workspace) as session:
        hold.keep(session)
        row, now = session.get_one(SheetConnection, hold.connection_id), desk.now()
        session.refresh(row)
        failures = row.failures + 1
        is_paused = failures >= MOST_FAILURES and not passes
        again = None if is_paused or row.every_minutes is None else now + _wait(failures, desk.rng)
        _leave(row, now, again)
        row.sqlmodel_update({"failures": failures, "is_paused": is_paused, "last_error": error, "next_step": next_step})
        _end_run(session, hold, JobState.FAILED, counts, error=error, next_step=next_step)
        desk.at(SyncPoint.FINISHING)
    desk.at(SyncPoint.FINISHED)


def _leave(row: SheetConnection, now: datetime, due_at: datetime | None) -> None:
    hands = {"sync_id": None, "worker": None, "lease_until": None}
    row.sqlmodel_update({**hands, "due_at": due_at, "updated_at": now})


def _next(row: SheetConnection, now: datetime) -> datetime | None:
    return None if row.every_minutes is None else now + timedelta(minutes=row.every_minutes)


def _wait(failures: int, rng: Random) -> timedelta:
    """Return a minute, doubled with each failure up to an hour, spread by half so that not all come at once."""
    longest = min(SHORTEST_WAIT * 2 ** min(failures - 1, 10), LONGEST_WAIT)
    return longest * (0.5 + rng.random() / 2)


def _end_run(session: ScopedSession, hold: Hold, state: JobState, counts: SyncCounts, **said: str) -> None:
    run = session.get_one(SheetSync, hold.sync_id)
    run.sqlmodel_update({"state": state, "counts": asdict(counts), "finished_at": hold.desk.now(), **said})
