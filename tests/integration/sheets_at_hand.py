"""Google on this machine for tests of the API, the command line and bulk jobs: an installation, its account, sheets."""

import json
from threading import Event
from typing import Any

from google_hand import Hand
from google_world import Google

from core.bootstrap import Slotwise, open_sheet_desk
from core.services.context import Context
from core.services.sheet_accounts import add_account
from core.services.sheet_connections import connect
from core.services.sheet_syncing import sync_connection
from core.services.sheet_views import ConnectionDraft, ConnectionView, GoogleAccountView, SyncRunView

ROBOT = "robot@slotwise.iam.gserviceaccount.com"
HEAD = ["Title", "Content", "Platform", "Scheduled Time", "Status"]


def hosts_of(google: Google) -> dict[str, Any]:
    """Give the settings that lead to this Google."""
    return {
        "google_token_url": f"{google.url}/token",
        "sheets_api_url": google.url,
        "drive_api_url": google.url,
    }


def key_of(google: Google, email: str = ROBOT) -> dict[str, Any]:
    """Give the JSON key of a service account, as Google gives it out."""
    key: dict[str, Any] = json.loads(google.tokens.service_account(email))
    return key


def robot(ctx: Context, house: Slotwise, google: Google, email: str = ROBOT) -> GoogleAccountView:
    """Add a service account."""
    return add_account(ctx, house.google, email.partition("@")[0], google.tokens.service_account(email))


def planned(google: Google, *rows: list[Any], role: str = "writer", **sheet: Any) -> Hand:
    """Give a sheet of posts that the robot may open."""
    return google.sheet("Plan", [HEAD, *rows], **{ROBOT: role, **sheet})


def connected(ctx: Context, house: Slotwise, google: Google, hand: Hand, **fields: Any) -> ConnectionView:
    """Connect a sheet; it is synced only when a test says so."""
    account = fields.pop("account_id", None) or robot(ctx, house, google).id
    told = {"name": "Spring plan", "spreadsheet_id": hand.id, "every_minutes": None, **fields}
    return connect(ctx, house.google, ConnectionDraft(account_id=account, **told))


def synced(ctx: Context, house: Slotwise, connection_id: str) -> SyncRunView:
    """Sync a sheet as an engine does."""
    return sync_connection(open_sheet_desk(house, "one", Event()), ctx.workspace, connection_id)
