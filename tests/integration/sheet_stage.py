"""A sheet to play with, a desk that syncs it, and what came of it on both sides."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from random import Random

from google_hand import Hand
from google_world import Google
from planned_posts import TUESDAY

from core.bootstrap import Slotwise
from core.google.client import Hosts
from core.google.door import GoogleDoor
from core.services.context import Context
from core.services.item_views import ItemView
from core.services.items import every_item
from core.services.sheet_accounts import add_account
from core.services.sheet_connections import connect
from core.services.sheet_syncing import sync_connection
from core.services.sheet_views import ConnectionDraft, ConnectionView, GoogleAccountView
from core.services.sheet_worker import SheetDesk, SyncPoint, nothing

WEDNESDAY = TUESDAY + timedelta(days=1)
ROBOT = "robot@slotwise.iam.gserviceaccount.com"
HEADERS = [
    "Title", "Content", "Target Audience", "Tone", "Platform", "Scheduled Time", "Status", "Generated Content URL",
]  # fmt: skip
"""The template of the brief."""


def door_of(google: Google, house: Slotwise) -> GoogleDoor:
    """Give the way to the local Google; it waits for nothing."""
    hosts = Hosts(f"{google.url}/token", google.url, google.url)
    return GoogleDoor(hosts, house.clock, Random(7), pause=lambda _: False)


def desk_of(
    house: Slotwise, door: GoogleDoor, name: str = "one", at: Callable[[SyncPoint], None] = nothing
) -> SheetDesk:
    """Give a desk of this installation."""
    return SheetDesk(name, house.db, house.clock, house.context, door, Random(7), at=at)


def account(ctx: Context, google: Google, door: GoogleDoor) -> GoogleAccountView:
    """Keep the robot's key."""
    return add_account(ctx, door, "Robot", google.tokens.service_account(ROBOT))


def a_row(title: str, hour: int) -> list[object]:
    """Give a row that is posted on LinkedIn on Tuesday."""
    return [title, f"{title}: come and see.", "", "", "linkedin", f"2026-03-03 {hour:02}:00"]


def plan_sheet(google: Google, *rows: list[object], role: str = "writer") -> Hand:
    """Give a sheet with the brief's header and these rows, shared with the robot."""
    return google.sheet("Plan", [HEADERS, *rows], **{ROBOT: role})


def connected(ctx: Context, google: Google, door: GoogleDoor, hand: Hand, **fields: object) -> ConnectionView:
    """Connect a sheet, its times in UTC."""
    draft = ConnectionDraft("Spring plan", account(ctx, google, door).id, hand.id, timezone="UTC")
    return connect(ctx, door, replace(draft, **fields))


def synced_once(
    house: Slotwise, ctx: Context, google: Google, door: GoogleDoor, *rows: list[object]
) -> tuple[Hand, ConnectionView, SheetDesk]:
    """Give a sheet of these rows that was connected and synced, its connection, and the desk that did it."""
    hand = plan_sheet(google, *rows)
    connection = connected(ctx, google, door, hand)
    desk = desk_of(house, door)
    sync_connection(desk, ctx.workspace, connection.id)
    return hand, connection, desk


def posts(ctx: Context, connection: ConnectionView) -> list[ItemView]:
    """Give the posts of a connection's calendar by their titles."""
    return sorted(every_item(ctx, connection.calendar_id or ""), key=lambda item: (item.title, item.platform))
