"""A sheet of 50,000 rows is imported within one minute's quota, in a number of requests that its bytes ask for."""

from datetime import timedelta
from math import ceil

import pytest
from google_client import ROBOT
from google_world import QUOTA, Google
from planned_posts import MONDAY_NOON, StandingClock
from sheet_killing import running_victim
from walk_stage import open_stage

from core.bootstrap import Slotwise
from core.services.items import count_items
from core.services.sheet_lists import list_sync_runs
from core.vocabulary import ItemState

ROWS = 50_000
PAYLOAD = 2_000_000
"""Bytes of a body or an answer that Google recommends at most."""

HEADERS = ["Title", "Content", "Platform", "Scheduled Time", "Status"]


def plan(rows: int) -> list[list[object]]:
    """Give rows of about 170 bytes, a minute apart."""
    start = MONDAY_NOON + timedelta(days=30)
    return [
        [f"Post {n}", f"Words of post {n}, " + "as long as such words are. " * 4, "linkedin",
         f"{start + timedelta(minutes=n):%Y-%m-%d %H:%M}", ""]
        for n in range(rows)
    ]  # fmt: skip


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("house_url", ["sqlite"], indirect=True)  # requests and memory are the same on PostgreSQL
def test_fifty_thousand_rows_are_imported_within_the_quota_and_a_bounded_memory(
    house: Slotwise, clock: StandingClock, google: Google
) -> None:
    hand = google.sheet("Large", size=(ROWS + 1, 8), **{ROBOT: "writer"})
    hand.type_rows("A1", [HEADERS, *plan(ROWS)])
    stage = open_stage(house, clock, google, hand)
    google.calls.clear()
    with running_victim(stage) as victim:
        assert not victim.sync(stage)
        peak = victim.peak
    (run,) = list_sync_runs(stage.ctx, stage.connection.id).runs
    assert (run.error, run.counts.read, run.counts.created) == (None, ROWS, ROWS)
    assert dict(count_items(stage.ctx)) == {ItemState.SCHEDULED: ROWS}
    assert [row[4] for row in hand.rows()[1:]] == ["Scheduled"] * ROWS
    reads, writes = google.count(r"values\.batchGet|spreadsheets\.get$"), google.count("batchUpdate")
    read = sum(call.answered for call in google.calls if "batchGet" in call.method)
    written = sum(call.asked for call in google.calls if "batchUpdate" in call.method)
    looks = google.count(r"spreadsheets\.get$")
    least = looks * ceil(read / looks / PAYLOAD) + ceil(written / PAYLOAD)
    print(  # noqa: T201 - figures for whoever looks
        f"{reads} reads, {writes} writes; {read:,} and {written:,} bytes: at least {least}; peak {peak / 1024:.0f} MB"
    )
    assert {call.status for call in google.calls} == {200}
    assert max(reads, writes) <= QUOTA
    assert max(call.answered for call in google.calls) <= 1.2 * PAYLOAD
    assert max(call.asked for call in google.calls) <= PAYLOAD
    assert reads + writes <= 2 * least
    assert peak < 700 * 1024
