"""A platform added to a row gets the words its row's posts have by then, not those its cells still hold."""

from dataclasses import replace
from datetime import timedelta

import pytest
from google_world import Google
from sheet_stage import WEDNESDAY, a_row, posts, synced_once

from core.bootstrap import Slotwise
from core.google.door import GoogleDoor
from core.services.context import Context
from core.services.item_edits import edit_item
from core.services.item_views import edit_of
from core.services.sheet_syncing import sync_connection


@pytest.mark.parametrize("house_url", ["sqlite"], indirect=True)
def test_a_platform_added_after_slotwise_changed_the_post_says_what_the_post_says(
    house: Slotwise, ctx: Context, google: Google, door: GoogleDoor
) -> None:
    hand, connection, desk = synced_once(house, ctx, google, door, a_row("One", 9))
    house.clock.move(timedelta(minutes=5))
    (one,) = posts(ctx, connection)
    edit_item(ctx, one.id, replace(edit_of(one), title="Ours", scheduled_at=WEDNESDAY))
    hand.type("B2", "Their words.")
    hand.type("E2", "linkedin, facebook")

    sync_connection(desk, ctx.workspace, connection.id)

    said = [(item.platform, item.title, item.text, item.scheduled_at) for item in posts(ctx, connection)]
    assert said == [(platform, "Ours", "Their words.", WEDNESDAY) for platform in ("facebook", "linkedin")]
    assert hand.rows()[1][:2] == ["Ours", "Their words."]
