"""What tests of connected sheets share: a robot that is let in, a desk that syncs, and what both sides hold."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any

from google_client import ROBOT
from google_hand import Hand
from google_world import Google
from planned_posts import StandingClock

from core.bootstrap import Slotwise
from core.google.client import Hosts
from core.google.door import GoogleDoor
from core.services.channels import ChannelDraft, add_channel
from core.services.context import Context
from core.services.item_views import ItemView
from core.services.items import every_item
from core.services.sheet_accounts import add_account
from core.services.sheet_connections import connect, find_connection
from core.services.sheet_lists import list_conflicts, list_rows
from core.services.sheet_syncing import sync_connection
from core.services.sheet_views import ConnectionDraft, ConnectionView, SheetRowView, SyncRunView
from core.services.sheet_worker import SheetDesk, SyncPoint, nothing
from core.vocabulary import ChannelKind, JobState

WRITER = {ROBOT: "writer"}
TICK = timedelta(milliseconds=1)


def hosts_of(google: Google) -> Hosts:
    """Give the stub's addresses in place of Google's."""
    return Hosts(f"{google.url}/token", google.url, google.url)


def door_to(google: Google, clock: StandingClock) -> GoogleDoor:
    """Give the way to the stub; whoever waits moves the clock on instead."""

    def pause(seconds: float) -> bool:
        clock.move(timedelta(seconds=seconds))
        return False

    return GoogleDoor(hosts_of(google), clock, Random(1), stopwatch=lambda: clock().timestamp(), pause=pause)


@dataclass
class SheetStage:
    """An installation with a sheet connected to it."""

    house: Slotwise
    ctx: Context
    clock: StandingClock
    google: Google
    sheet: Hand
    door: GoogleDoor
    connection: ConnectionView
    runs: list[SyncRunView] = field(default_factory=list)

    def desk(self, at: Callable[[SyncPoint], None] = nothing) -> SheetDesk:
        """Give somebody who syncs."""
        return SheetDesk("desk", self.house.db, self.clock, self.house.context, self.door, Random(2), at=at)

    def sync(self) -> SyncRunView:
        """Sync now."""
        self.runs.append(sync_connection(self.desk(), self.ctx.workspace, self.connection.id))
        return self.runs[-1]

    def synced(self) -> SyncRunView:
        """Sync now; it must go well."""
        run = self.sync()
        assert run.state is JobState.COMPLETED, (run.error, run.next_step)
        return run

    def connect_another(self, spreadsheet_id: str, **draft: Any) -> ConnectionView:
        """Connect one more sheet."""
        wish = ConnectionDraft("Another", self.connection.account_id, spreadsheet_id, every_minutes=None, **draft)
        return connect(self.ctx, self.door, wish)

    def look(self) -> ConnectionView:
        """Give the connection as it is shown."""
        return find_connection(self.ctx, self.connection.id)

    def rows(self) -> tuple[SheetRowView, ...]:
        """Give all rows that Slotwise knows."""
        return list_rows(self.ctx, self.connection.id, limit=1000).rows

    def items(self) -> dict[str, ItemView]:
        """Give all posts of the calendar."""
        return {item.id: item for item in every_item(self.ctx, self.connection.calendar_id or "")}

    def conflicts(self) -> set[tuple[str, str]]:
        """Give row and field of every conflict that was listed."""
        found, cursor = set[tuple[str, str]](), None
        while True:
            page = list_conflicts(self.ctx, self.connection.id, 200, cursor)
            found |= {(one.row_id, name) for one in page.conflicts for name in one.field.split(", ")}
            if (cursor := page.next_cursor) is None:
                return found


def open_stage(
    house: Slotwise, clock: StandingClock, google: Google, sheet: Hand, *, platforms: tuple[str, ...] = ("linkedin",),
    **draft: Any,
) -> SheetStage:  # fmt: skip
    """Let Slotwise in and connect a sheet that is shared with it; the clock of Google never stands quite still."""

    def ticking() -> object:
        clock.move(TICK)
        return clock()

    google.keep_time(ticking)
    ctx, door = house.context(), door_to(google, clock)
    for platform in platforms:
        add_channel(ctx, ChannelDraft(platform, f"Our {platform}", ChannelKind.OUTBOX, "Europe/Berlin"))
    account = add_account(ctx, door, "Robot", google.tokens.service_account(ROBOT))
    wish = ConnectionDraft("Our plan", account.id, sheet.id, every_minutes=None, **draft)
    return SheetStage(house, ctx, clock, google, sheet, door, connect(ctx, door, wish))
