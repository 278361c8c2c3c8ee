"""The steps of a sync that change something: effects in the database in parts, and writes into the sheet."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from core.google.gateway import Google
from core.services.context import Context
from core.services.sheet_claims import Hold
from core.services.sheet_drafts import Reader
from core.services.sheet_effects import Done, Subject, apply_units
from core.services.sheet_ledger import (
    Kept,
    begin_writes,
    begun_writes,
    forget_rows,
    forget_writes,
    in_parts,
    read_kept,
    remember_ids,
)
from core.services.sheet_look import Look
from core.services.sheet_mirror import adopt_rows, append_posts, strange_rows, unseen_posts
from core.services.sheet_new_posts import place_readings
from core.services.sheet_ours import Manner
from core.services.sheet_units import Unit, read_units
from core.services.sheet_worker import AT_ONCE, SyncPoint
from core.services.sheet_writing import write_cells
from core.sheets.plans import CellWrite, Plan
from core.sheets.rows import KnownState
from core.sheets.verify import undo
from core.storage.tables import SheetConnection
from core.storage.tenancy import ScopedSession

BEGUN_AT_ONCE = 5_000
"""Writes that one transaction stores as begun."""


@dataclass
class Work:
    """What one sync works with, and what it has done so far."""

    hold: Hold
    ctx: Context
    google: Google
    connection: SheetConnection
    done: Done = field(default_factory=Done)
    cells: int = 0
    rows: set[str] = field(default_factory=set)
    """The rows that were written into."""
    begun: Sequence[CellWrite] = ()
    """What was written since the rows were stored, as the latest look shows."""

    def at(self, point: SyncPoint) -> None:
        """Pass a point of the way."""
        self.hold.desk.at(point)

    @contextmanager
    def together(self) -> Iterator[tuple[Context, ScopedSession]]:
        """Give one transaction, in which the sheet is still in these hands (StateConflict)."""
        with self.ctx.together() as joined, joined.write() as session:
            self.hold.keep(session)
            yield joined, session

    def take_up(self, seen: Look, manner: Manner) -> None:
        """Store what the reconciliation has to know of: rows known from before, and posts without a row."""
        key = self.connection.id
        with self.ctx.read() as session:
            kept = read_kept(session, key)
            unseen = unseen_posts(session, self.connection, kept)
            strange = strange_rows(session, seen.rows, kept)
        if not (unseen or strange):
            return
        with self.together() as (_, session):
            adopt_rows(session, key, strange, manner)
            append_posts(session, key, unseen)

    def apply(self, seen: Look, plan: Plan, units: Mapping[str, Unit], manner: Manner) -> bool:
        """Do what a plan asks of the database, in parts; False where it asks for nothing."""
        key = self.connection.id
        if plan.dropped or any(each.is_new for each in plan.ids):
            with self.together() as (_, session):
                forget_rows(session, key, plan.dropped, KnownState.PENDING)
                remember_ids(session, key, [each for each in plan.ids if each.is_new])
                self.at(SyncPoint.REMEMBERING)
            self.at(SyncPoint.REMEMBERED)
        subject = Subject(key, self.connection.calendar_id or "", manner)
        for part in in_parts(self._read(seen, units, manner), AT_ONCE):
            with self.together() as (joined, session):
                done = apply_units(session, joined, subject, part)
                self.at(SyncPoint.APPLYING)
            self.done += done
            self.at(SyncPoint.APPLIED)
        return bool(units)

    def _read(self, seen: Look, units: Mapping[str, Unit], manner: Manner) -> Sequence[Unit]:
        """Read the rows that say something new; those without posts get times before any transaction begins."""
        if not any(unit.says_something for unit in units.values()):
            return [*units.values()]
        with self.ctx.read() as session:
            kept = read_kept(session, self.connection.id)
        read = list(read_units(units.values(), kept, Reader(self.ctx, seen.rows, manner.zone)))
        fresh = [unit for unit in read if _needs_posts(unit, kept)]
        placed = place_readings(self.ctx, [unit.reading for unit in fresh if unit.reading], manner.zone)
        for unit, reading in zip(fresh, placed, strict=True):
            unit.reading = reading
        self.at(SyncPoint.PLACED)
        return read

    def write(self, seen: Look, writes: Sequence[CellWrite]) -> None:
        """Write cells, each stored as begun before."""
        for part in in_parts(writes, BEGUN_AT_ONCE):
            with self.together() as (_, session):
                begin_writes(session, self.connection.id, part)
        self.at(SyncPoint.BEGUN)
        write_cells(self.google, seen, writes)
        self.cells += len(writes)
        self.rows.update(each.row_id for each in writes)
        self.at(SyncPoint.WRITTEN)

    def put_back(self, seen: Look) -> bool:
        """Undo writes that went into wrong rows because rows moved meanwhile; False where none did."""
        with self.ctx.read() as session:
            self.begun = begun_writes(session, self.connection.id)
            kept = read_kept(session, self.connection.id) if self.begun else {}
        if not self.begun:
            return False
        back = undo(self.begun, {row_id: row.known for row_id, row in kept.items()}, seen.rows)
        if back:
            self.write(seen, back)
            return True
        with self.together() as (_, session):
            forget_writes(session, self.connection.id)
        return False


def _needs_posts(unit: Unit, kept: Mapping[str, Kept]) -> bool:
    if unit.reading is None or unit.reading.is_broken or unit.reading.faults:
        return False
    known = kept.get(unit.row_id)
    return known is None or not known.items
