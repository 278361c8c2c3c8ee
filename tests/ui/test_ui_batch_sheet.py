"""The batch scheduler takes its rows from a connected Google Sheet."""

from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest
from batch_steps_at_hand import PAGE, at, said
from google_hand import Hand
from google_world import Google
from screens import Open
from streamlit.testing.v1 import AppTest

from core.bootstrap import open_sheet_desk, running
from core.services.bulk_jobs import page_jobs, page_rows
from core.services.bulk_views import JobFilter
from core.services.channels import ChannelDraft, add_channel
from core.services.context import Context
from core.services.sheet_accounts import add_account
from core.services.sheet_connections import connect, list_connections
from core.services.sheet_syncing import sync_connection
from core.services.sheet_views import ConnectionDraft, ConnectionView
from core.vocabulary import ChannelKind

ROBOT = "robot@slotwise.iam.gserviceaccount.com"
HEAD = ["Title", "Platform", "Scheduled Time", "Notes"]
GOOD = ["Launch", "linkedin", "2036-03-03 09:00", "for Ann"]


@pytest.fixture
def data_dir(data_dir: Path, google: Google, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Lead the pages to the Google on this machine."""
    addresses = {"GOOGLE_TOKEN_URL": f"{google.url}/token", "SHEETS_API_URL": google.url, "DRIVE_API_URL": google.url}
    for name, address in addresses.items():
        monkeypatch.setenv(f"SLOTWISE_{name}", address)
    return data_dir


@pytest.fixture
def hand(ctx: Context, google: Google) -> Hand:
    """Give a sheet with two posts, of which one goes nowhere."""
    add_channel(ctx, ChannelDraft("linkedin", "News", ChannelKind.OUTBOX, "UTC"))
    return google.sheet("Plan", [HEAD, GOOD, ["Odd", "friendster", "2036-03-04 09:00", ""]], **{ROBOT: "writer"})


@pytest.fixture
def connection(ctx: Context, google: Google, hand: Hand) -> ConnectionView:
    """Connect it."""
    account = add_account(ctx, running().google, "Robot", google.tokens.service_account(ROBOT))
    return connect(ctx, running().google, ConnectionDraft("Spring plan", account.id, hand.id, every_minutes=None))


def taken(page: AppTest) -> AppTest:
    return page.button(key="batch_sheet_read").click().run()


def test_without_a_connection_the_way_to_one_is_shown(open_page: Open, ctx: Context) -> None:
    page = open_page(PAGE)
    assert "No sheet is connected yet" in said(page)
    assert not [button for button in page.button if button.key == "batch_sheet_read"]
    assert not page.exception


def test_the_rows_of_a_sheet_go_on_like_those_of_a_file(
    open_page: Open, ctx: Context, hand: Hand, connection: ConnectionView
) -> None:
    page = taken(open_page(PAGE))
    assert "**2 rows** from Spring plan" in said(page)
    assert "1 row cannot go yet" in said(page)
    assert "**Line 3**" in said(page)
    hand.type("B3", "linkedin")
    page.button(key="batch_other").click().run()
    taken(page)
    assert "Every row can go as it is." in said(page)
    at(page, "Review")
    page.button(key="batch_start").click().run()
    (job,) = page_jobs(ctx, JobFilter(), 10)[0]
    rows, _ = page_rows(ctx, job.id, 10)
    assert (job.name, [row.draft.title for row in rows]) == ("Spring plan", ["Launch", "Odd"])
    (left,) = list_connections(ctx)
    assert (left.last_sync, left.rows_in) == (None, 0)


def test_times_of_a_sheet_in_another_zone_keep_their_moment(
    open_page: Open, ctx: Context, google: Google, hand: Hand, connection: ConnectionView
) -> None:
    hand.file.time_zone = "Asia/Tokyo"
    hand.type("B3", "linkedin")
    page = taken(open_page(PAGE))
    at(page, "Review")
    page.button(key="batch_start").click().run()
    (job,) = page_jobs(ctx, JobFilter(), 10)[0]
    rows, _ = page_rows(ctx, job.id, 10)
    assert rows[0].draft.scheduled_times["linkedin"] == "2036-03-03 09:00+09:00"


def test_a_sheet_whose_rows_are_all_scheduled_by_its_syncs_says_so(
    open_page: Open, ctx: Context, hand: Hand, connection: ConnectionView
) -> None:
    hand.delete_rows(3)
    sync_connection(open_sheet_desk(running(), "one", Event()), ctx.workspace, connection.id)
    page = taken(open_page(PAGE))
    assert "1 row left out: syncs of this sheet have scheduled them." in said(page)
    assert page.button(key="batch_next").disabled


def test_a_sheet_that_is_no_longer_shared_says_so_and_changes_nothing(
    open_page: Open, hand: Hand, connection: ConnectionView
) -> None:
    hand.file.roles.pop(ROBOT)
    page = taken(open_page(PAGE))
    assert ROBOT in said(page)
    assert page.button(key="batch_next").disabled
    assert not page.exception
