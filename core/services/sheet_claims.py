"""Whose hands a sheet is in: taken for one sync, held while that shows signs of life, and left with how it went."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlmodel import col, func, or_, select, update

from core.errors import StateConflict
from core.services.rows import find
from core.services.sheet_views import SyncCounts
from core.services.sheet_worker import SheetDesk, SyncPoint
from core.sheets.rows import KnownState
from core.storage.ids import IdPrefix, new_id
from core.storage.tables import Revision, SheetConnection, SheetRow, SheetSync
from core.storage.tenancy import ScopedSession
from core.vocabulary import JobState

CONNECTION = "sheet connection"
"""How errors and the audit log name a connection."""

MOST_FAILURES = 5
"""Failures in a row, of a kind that does not pass by itself, after which a connection rests."""

SHORTEST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=1)
LEFT = "The engine stopped in the middle of it; nothing is lost, the next sync goes on."


@dataclass(frozen=True)
class Failure:
    """Why a sync failed and the next step, both in words; `passes`: it may go away by itself."""

    reason: str
    fix: str
    passes: bool


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


def take(desk: SheetDesk, workspace: str, connection_id: str) -> Hold | None:
    """Take a sheet for one sync, None while another one is under way (NotFound)."""
    with desk.db.write(workspace) as session:
        row = find(session, SheetConnection, connection_id, CONNECTION)
        if not _is_free(desk, row):
            return None
        _end_left(session, row, desk.now())
        run = SheetSync(id=new_id(IdPrefix.SYNC), connection_id=row.id, worker=desk.name, started_at=desk.now())
        session.add(run)
        hands = {"sync_id": run.id, "worker": desk.name, "lease_until": desk.now() + desk.lease}
        as_seen = (col(SheetConnection.id) == row.id, col(SheetConnection.sync_id).is_not_distinct_from(row.sync_id))
        taken = update(SheetConnection).where(*as_seen).values(**hands).returning(col(SheetConnection.id))
        if session.scalars(taken.execution_options(synchronize_session=False)).first() is None:
            session.expunge(run)
            return None
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


def end_well(
    hold: Hold, counts: SyncCounts, kept: Mapping[str, Any], seen: Mapping[str, Any], *, settled: bool
) -> None:
    """Leave a sheet after a sync without a failure; `seen` gets the revision at which both sides agreed.

    Where they are not `settled`, for somebody is at work in the sheet, the next sync comes soon.
    """
    with _leaving(hold) as (session, row, run):
        now = hold.desk.now()
        revision = session.scalars(select(Revision.value)).one()
        following = None if row.every_minutes is None else now + timedelta(minutes=row.every_minutes)
        row.due_at = _asked_meanwhile(row, run) or (following if settled else now + SHORTEST_WAIT)
        row.sqlmodel_update({**kept, "seen": {**seen, "revision": revision}, "last_sync": now, "failures": 0})
        row.sqlmodel_update({"is_paused": False, "last_error": None, "next_step": None})
        found = _findings(session, row.id)
        run.sqlmodel_update({"state": JobState.COMPLETED, "counts": asdict(replace(counts, **found))})


def end_badly(hold: Hold, counts: SyncCounts, failure: Failure, kept: Mapping[str, Any]) -> None:
    """Leave a sheet after a sync that failed: the next one waits, and after too many that need a person none comes."""
    with _leaving(hold) as (session, row, run):
        now, failures = hold.desk.now(), row.failures + 1
        is_paused = failures >= MOST_FAILURES and not failure.passes
        is_regular = row.every_minutes is not None or failure.passes
        again = now + _wait(failures, hold.desk.rng) if is_regular and not is_paused else None
        row.due_at = _asked_meanwhile(row, run) or again
        row.sqlmodel_update({**kept, "failures": failures, "is_paused": is_paused})
        said = {"error": failure.reason, "next_step": failure.fix}
        row.sqlmodel_update({"last_error": failure.reason, "next_step": failure.fix})
        found = _findings(session, row.id)
        run.sqlmodel_update({"state": JobState.FAILED, "counts": asdict(replace(counts, **found)), **said})


@contextmanager
def _leaving(hold: Hold) -> Iterator[tuple[ScopedSession, SheetConnection, SheetSync]]:
    """Give the rows of a sync in the transaction that ends it."""
    with hold.desk.db.write(hold.workspace) as session:
        hold.keep(session)
        row = session.get_one(SheetConnection, hold.connection_id)
        run = session.get_one(SheetSync, hold.sync_id)
        yield session, row, run
        row.sqlmodel_update({"sync_id": None, "worker": None, "lease_until": None, "updated_at": hold.desk.now()})
        run.finished_at = hold.desk.now()
        hold.desk.at(SyncPoint.FINISHING)
    hold.desk.at(SyncPoint.FINISHED)


def _asked_meanwhile(row: SheetConnection, run: SheetSync) -> datetime | None:
    """Return when somebody asked for another sync while this one was under way, None if nobody did."""
    return row.due_at if row.due_at is not None and run.started_at < row.due_at else None


def _findings(session: ScopedSession, connection_id: str) -> dict[str, int]:
    """Return how many rows have something to mend, and how many are missing."""
    rows = select(func.count()).select_from(SheetRow).where(SheetRow.connection_id == connection_id)
    faulty = rows.where((col(SheetRow.fault) != "") | (col(SheetRow.cell_fault) != ""))
    missing = rows.where(SheetRow.state == KnownState.MISSING)
    return {"faults": session.scalars(faulty).one(), "missing": session.scalars(missing).one()}


def _wait(failures: int, rng: Random) -> timedelta:
    """Return a minute, doubled with each failure up to an hour, spread by half so that not all come at once."""
    longest: timedelta = min(SHORTEST_WAIT * 2 ** min(failures - 1, 10), LONGEST_WAIT)
    return longest * (0.5 + rng.random() / 2)
