"""Rows of a connected sheet become posts, once, and the sheet says what became of them."""

from collections.abc import Iterator

import pytest
from google_world import Google
from planned_posts import TUESDAY
from sheet_stage import connected, desk_of, door_of, plan_sheet, posts

from core.bootstrap import Slotwise
from core.google.door import GoogleDoor
from core.services.context import Context
from core.services.sheet_connections import find_connection
from core.services.sheet_syncing import sync_connection
from core.sheets.words import ConnectionStatus
from core.vocabulary import ItemState, JobState


@pytest.fixture
def door(google: Google, house: Slotwise) -> Iterator[GoogleDoor]:
    google.keep_time(house.clock)
    opened = door_of(google, house)
    yield opened
    opened.close()


def test_a_row_with_a_time_becomes_a_post_at_that_time(
    house: Slotwise, ctx: Context, google: Google, door: GoogleDoor
) -> None:
    hand = plan_sheet(google, ["Spring is here", "Come and see.", "", "", "linkedin", "2026-03-03 09:30"])
    connection = connected(ctx, google, door, hand)

    run = sync_connection(desk_of(house, door), ctx.workspace, connection.id)

    assert (run.state, run.error, run.counts.created) == (JobState.COMPLETED, None, 1)
    (item,) = posts(ctx, connection)
    assert (item.title, item.text, item.platform) == ("Spring is here", "Come and see.", "linkedin")
    assert item.scheduled_at == TUESDAY.replace(hour=9, minute=30)
    assert item.state is ItemState.SCHEDULED
    assert hand.rows()[1][6] == "Scheduled"
    assert find_connection(ctx, connection.id).status is ConnectionStatus.CONNECTED
