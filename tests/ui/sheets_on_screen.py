"""What the tests of the Google Sheets page connect: sheets at the local Google, synced as the engine does it."""

from collections.abc import Sequence
from dataclasses import replace
from threading import Event
from typing import TYPE_CHECKING, Any

from posts_on_screen import a_channel
from screens import frame, words
from streamlit.testing.v1 import AppTest

from core.bootstrap import open_sheet_desk, running
from core.services.context import Context
from core.services.sheet_accounts import add_account, list_accounts
from core.services.sheet_connections import connect
from core.services.sheet_syncing import sync_connection
from core.services.sheet_views import ConnectionDraft, ConnectionView, SyncRunView

if TYPE_CHECKING:
    from google_hand import Hand
    from google_world import Google

PAGE = "sheets_connection.py"
ROBOT = "robot@team.iam.gserviceaccount.com"
HEADER = ("Title", "Content", "Platform", "Scheduled Time", "Status", "Owner")


def row(title: str, platform: str = "linkedin", at: str = "2036-03-03 09:00") -> tuple[str, ...]:
    return (title, f"Text of {title}", platform, at, "", "Mara")


def a_sheet(google: "Google", rows: Sequence[Sequence[object]], title: str = "Spring plan", **options: Any) -> "Hand":
    return google.sheet(title, [HEADER, *rows], **{ROBOT: "writer", **options})


def an_account(ctx: Context, google: "Google") -> str:
    """Connect the account once, with a channel to post on."""
    if not (known := list_accounts(ctx)):
        a_channel(ctx)
        return add_account(ctx, running().google, "Robot", google.tokens.service_account(ROBOT)).id
    return known[0].id


def connected(ctx: Context, google: "Google", hand: "Hand", name: str = "Spring", **fields: Any) -> ConnectionView:
    """Connect a sheet, which no sync has seen yet."""
    draft = ConnectionDraft(name, an_account(ctx, google), hand.id, timezone="Europe/Berlin")
    return connect(ctx, running().google, replace(draft, **fields))


def sync(ctx: Context, connection: ConnectionView) -> SyncRunView:
    """Sync it as the engine does."""
    return sync_connection(open_sheet_desk(running(), "engine", Event()), ctx.workspace, connection.id)


def synced(ctx: Context, google: "Google", hand: "Hand", **fields: Any) -> ConnectionView:
    """Connect a sheet and sync it once."""
    connection = connected(ctx, google, hand, **fields)
    assert sync(ctx, connection).error is None
    return connection


def alone(connection: ConnectionView, tab: str = "Rows", **more: str) -> AppTest:
    """Open the address of one connection."""
    page = frame().run().switch_page(PAGE)
    for name, value in {"connection": connection.id, "sheet": tab, **more}.items():
        page.query_params[name] = value
    return page.run()


def table(page: AppTest) -> list[dict[str, str]]:
    """Return the rows of the first table, as plain text."""
    frames = [each.value.reset_index() for each in page.table]
    return [
        {name: str(cell).replace("\\", "").replace("\u2060", "") for name, cell in line.items()}
        for line in frames[0].to_dict("records")
    ]


def plainly(page: AppTest) -> str:
    """Return everything a page says, as somebody reads it."""
    return words(page).replace("\\", "").replace("\u2060", "")


def press(page: AppTest, key: str) -> AppTest:
    return page.button(key=key).click().run()


def labels(page: AppTest) -> list[str]:
    return [button.label for button in page.main.button]
