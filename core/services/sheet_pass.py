"""The work of one sync: looks at the sheet and at Slotwise until both agree."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from typing import Any

from core.google.errors import GoogleSwitchedOff, SheetNotFound, SheetReadOnly
from core.services.sheet_ledger import Kept, begun_writes, read_kept
from core.services.sheet_look import Look, Place, look
from core.services.sheet_mirror import unseen_posts
from core.services.sheet_ours import Manner, our_rows, read_posts
from core.services.sheet_steps import Work
from core.services.sheet_units import units_of
from core.services.sheet_worker import SyncPoint
from core.services.sheet_writing import add_id_column, add_own_columns, write_ids
from core.sheets.fields import USER_FIELDS
from core.sheets.plans import Plan
from core.sheets.reconcile import reconcile
from core.sheets.rows import KnownState, OurRow
from core.sheets.times import TimeStyle, style_of
from core.sheets.verify import with_sent
from core.sheets.words import SheetPermission
from core.storage.ids import IdPrefix, new_id
from core.storage.tenancy import ScopedSession

MOST_PASSES = 8
"""Looks at a sheet before it is left to the next sync: somebody is at work in it."""

FULL_LOOK = timedelta(days=1)
"""How long Google's word that nothing changed is enough."""

JUST_NOW = timedelta(minutes=1)
"""An edit so short before a look may be followed by one that Google dates alike: the next sync looks again."""

_WHEN = USER_FIELDS.index("scheduled_time")
_ON_THE_WAY = frozenset({KnownState.PENDING, KnownState.APPENDING})


@dataclass
class Sync:
    """One sync under way.

    `absent` are rows that one look did not find: only when a second one misses them too they are gone. `values` is what
    the connection is to remember, `settled` whether both sides agreed at the end.
    """

    work: Work
    read: int = 0
    absent: frozenset[str] = frozenset()
    settled: bool = False
    values: dict[str, Any] = field(default_factory=dict)
    ours: str = ""
    looked_at: datetime = field(init=False)

    def run(self) -> None:
        """Bring both sides together (GoogleError; Invalid: the header; StateConflict: the calendar takes no posts)."""
        for number in range(MOST_PASSES):
            modified_at = self._modified_at()
            if number == 0 and self._is_quiet(modified_at):
                self.settled, self.read = True, self.work.connection.figures.get("read", 0)
                return
            seen = self._look(modified_at)
            self.settled = self._pass(seen, is_first=number == 0)
            self._note(seen, modified_at)
            if self.settled:
                return

    @property
    def can_write(self) -> bool:
        """Whether the sheet may be written into."""
        return self.work.connection.permissions is not SheetPermission.READ

    # --- Is there anything to do? ---------------------------------------------------------------------------------

    def _modified_at(self) -> datetime | None:
        """Return when the file was changed last, None where Drive is switched off (SheetNotFound, SheetReadOnly)."""
        google = self.work.google
        try:
            file = google.file(self.work.connection.spreadsheet_id)
        except GoogleSwitchedOff:
            return None
        if file.is_trashed:
            raise SheetNotFound(who=google.who)
        if self.can_write and not file.can_edit:
            raise SheetReadOnly(who=google.who)
        return file.modified_at

    def _is_quiet(self, modified_at: datetime | None) -> bool:
        """Say whether neither side changed since they agreed, by one request and what is stored."""
        seen, now = self.work.connection.seen, self.work.hold.desk.now()
        if modified_at is None or seen.get("modified_at") != modified_at.isoformat():
            return False
        looked_at = datetime.fromisoformat(seen["looked_at"])
        if now - looked_at > FULL_LOOK or looked_at - modified_at < JUST_NOW:
            return False
        if seen["revision"] != self.work.hold.revision and not self._says_the_same(seen):
            return False
        self.values = {name: value for name, value in seen.items() if name != "revision"}
        return True

    def _says_the_same(self, seen: Mapping[str, Any]) -> bool:
        connection = self.work.connection
        with self.work.ctx.read() as session:
            kept = read_kept(session, connection.id)
            waits = begun_writes(session, connection.id) or unseen_posts(session, connection, kept)
            ours = self._ours(session, kept, self._manner(seen["zone"]))
        is_open = any(row.fault or row.known.state in _ON_THE_WAY for row in kept.values())
        return not (waits or is_open) and _digest(ours) == seen["ours"]

    # --- One look and what follows from it ------------------------------------------------------------------------

    def _look(self, modified_at: datetime | None) -> Look:
        connection = self.work.connection
        self.looked_at = self.work.hold.desk.now()
        at = modified_at or self.looked_at
        seen = look(self.work.google, Place.of(connection), connection.seen.get("headers", {}), at)
        self.read = len(seen.rows)
        self.work.at(SyncPoint.LOOKED)
        return seen

    def _pass(self, seen: Look, *, is_first: bool) -> bool:
        """Do what one look asks for; True when both sides agree."""
        work = self.work
        if self.can_write and (work.put_back(seen) or self._has_added_columns(seen)):
            return False
        manner = self._manner(work.connection.timezone or seen.spreadsheet.timezone, seen)
        if self.can_write:
            work.take_up(seen, manner)
        kept, plan = self._plan(seen, manner)
        if plan.ids and not seen.layout.id_column:
            add_id_column(work.google, seen)
            return False
        gone = self.absent & set(plan.removed)
        self.absent = frozenset(plan.removed) - gone
        if work.apply(seen, plan, units_of(plan, kept, gone, tries_again=is_first), manner) and not plan.ids:
            _, plan = self._plan(seen, manner)
        if plan.ids:
            write_ids(work.google, seen, plan.ids)
            work.at(SyncPoint.NUMBERED)
        elif plan.writes:
            work.write(seen, plan.writes)
        return plan.is_empty

    def _has_added_columns(self, seen: Look) -> bool:
        """Add the columns that Slotwise would write into, where it was asked to."""
        if self.work.connection.permissions is not SheetPermission.ADMIN:
            return False
        return add_own_columns(self.work.google, seen, Place.of(self.work.connection).area)

    def _manner(self, zone: str, seen: Look | None = None) -> Manner:
        style = TimeStyle.TEXT if seen is None else style_of([row.values[_WHEN] for row in seen.rows])
        is_split = seen is not None and seen.layout.is_split
        return Manner(zone, style, self.work.ctx.reference.platforms, is_split)

    def _plan(self, seen: Look, manner: Manner) -> tuple[Mapping[str, Kept], Plan]:
        with self.work.ctx.read() as session:
            kept = read_kept(session, self.work.connection.id)
            ours = self._ours(session, kept, manner)
        self.ours = _digest(ours)
        plan = reconcile(
            seen.rows,
            with_sent({row_id: row.known for row_id, row in kept.items()}, self.work.begun),
            ours,
            edited_at=seen.edited_at,
            new_id=partial(new_id, IdPrefix.SHEET_ROW),
            last_row=seen.last_row,
            can_write=self.can_write,
        )
        return kept, plan

    def _ours(self, session: ScopedSession, kept: Mapping[str, Kept], manner: Manner) -> Mapping[str, OurRow]:
        return our_rows(kept, read_posts(session, (key for row in kept.values() for key in row.items.values())), manner)

    def _note(self, seen: Look, modified_at: datetime | None) -> None:
        """Remember what was seen; only where both sides agree the next sync may do without a look."""
        self.values = {"headers": dict(seen.layout.headers), "zone": seen.spreadsheet.timezone}
        if self.settled and modified_at is not None:
            zone = self.work.connection.timezone or seen.spreadsheet.timezone
            agreed = {"modified_at": modified_at.isoformat(), "ours": self.ours, "zone": zone}
            self.values |= {**agreed, "looked_at": self.looked_at.isoformat()}
        connection = self.work.connection
        connection.gid, connection.sheet_name = seen.tab.gid, seen.tab.title
        connection.spreadsheet_title, connection.url = seen.spreadsheet.title, seen.spreadsheet.url


def _digest(ours: Mapping[str, OurRow]) -> str:
    """Return what is equal when Slotwise says the same of all rows."""
    said = [(row_id, row.values, row.own) for row_id, row in ours.items()]
    return sha256(json.dumps(said).encode()).hexdigest()
