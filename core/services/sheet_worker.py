"""Who syncs sheets: one engine's name, doors and way to Google."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from random import Random

from core.clock import Clock
from core.google.door import GoogleDoor
from core.services.context import Context
from core.storage.doors import Database

LEASE = timedelta(minutes=10)
"""How long a sheet is in a worker's hands from one sign of life to the next: longer than any single step takes."""

AT_ONCE = 200
"""Rows whose effects happen in one transaction: a second or two, in which nobody else writes in the workspace."""


class SyncPoint(StrEnum):
    """The moments of a sync at which a process can die with a different meaning."""

    CLAIMED = "claimed"
    LOOKED = "looked"
    REMEMBERING = "remembering"
    REMEMBERED = "remembered"
    NUMBERED = "numbered"
    PLACED = "placed"
    APPLYING = "applying"
    APPLIED = "applied"
    BEGUN = "begun"
    WRITTEN = "written"
    FINISHING = "finishing"
    FINISHED = "finished"


def nothing(point: SyncPoint) -> None:
    """Pass every point without stopping, as every desk outside tests does."""


@dataclass(frozen=True)
class SheetDesk:
    """What one engine syncs sheets with.

    `act` gives the context of a workspace and an actor, `rng` draws the jitter between failures; `at` is told every
    point of a sync's way; `is_gone` knows engines that died on this machine.
    """

    name: str
    db: Database
    clock: Clock
    act: Callable[[str, str], Context]
    google: GoogleDoor
    rng: Random
    lease: timedelta = LEASE
    at: Callable[[SyncPoint], None] = nothing
    is_gone: Callable[[str], bool] = lambda _: False

    def now(self) -> datetime:
        """Return the present moment in UTC."""
        return self.clock()
