"""Who does the rows of bulk jobs: one engine's name, doors, limits and writer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from core.bulk.words import Operation
from core.clock import Clock, Stopwatch, stopwatch
from core.errors import StateConflict
from core.generation.contract import Writer
from core.services.bulk_views import RowDraft
from core.services.context import Context
from core.services.sheet_views import SyncRunView
from core.storage.doors import Database

LEASE = timedelta(minutes=2)
"""How long a row is in a worker's hands: longer than any row takes, short enough not to be missed after a crash."""

LONG_LEASES: Mapping[Operation, timedelta] = {Operation.SYNC_SHEET: timedelta(minutes=30)}
"""The same for rows that wait for Google: 50,000 rows of a sheet are read and written within its quota a minute."""

POSTS_A_TURN = 25
"""Rows that need no preparation are done together, up to so many posts: about a tenth of a second of a busy machine."""

MOST_TRIES = 3
GAVE_UP = "Slotwise stopped three times while working on this row. Look at its log, then try it again."


class RowPoint(StrEnum):
    """The moments of a row's way at which a process can die with a different meaning."""

    CLAIMING = "claiming"
    CLAIMED = "claimed"
    PREPARED = "prepared"
    DOING = "doing"
    FINISHING = "finishing"
    FINISHED = "finished"


def nothing(point: RowPoint) -> None:
    """Pass every point without stopping, as every worker outside tests does."""


def _without_sheets(ctx: Context, connection_id: str) -> SyncRunView:
    """Refuse to sync a sheet, as a worker does that has no way to Google."""
    raise StateConflict(kind="sheet", state=f"out of reach ({connection_id})", wanted=f"synced in {ctx.workspace}")


@dataclass(frozen=True)
class BulkWorker:
    """What one engine does rows with; over all engines `most` are done at once, `most_of_platform` of one platform.

    `act` gives the context of a workspace and an actor; `at` is told every point of a row's way; `is_gone` knows
    engines that died on this machine, `sync` syncs a connected sheet. `posts` are done in one turn. `turns` are jobs
    that have one at present,
    `careful` those whose last one broke down, so that their rows are taken one by one.
    """

    name: str
    db: Database
    clock: Clock
    act: Callable[[str, str], Context]
    writer: Writer
    most: int
    most_of_platform: int
    lease: timedelta = LEASE
    elapsed: Stopwatch = stopwatch
    at: Callable[[RowPoint], None] = nothing
    is_gone: Callable[[str], bool] = lambda _: False
    sync: Callable[[Context, str], SyncRunView] = _without_sheets
    posts: int = 1
    turns: set[str] = field(default_factory=set)
    careful: set[str] = field(default_factory=set)

    def now(self) -> datetime:
        """Return the present moment in UTC."""
        return self.clock()


@dataclass(frozen=True)
class RowClaim:
    """One worker's hold on one row, until its lease ends; `began` is a reading of the stopwatch."""

    pk: int
    workspace: str
    job_id: str
    actor: str
    number: int
    tries: int
    draft: RowDraft
    began: float


Prepared = Mapping[str, Any]
