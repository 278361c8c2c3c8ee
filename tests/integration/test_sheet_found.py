"""What the random walk found, each told again in a few steps."""

from dataclasses import replace
from datetime import timedelta

import google_faults as faults
from google_client import ROBOT
from google_world import Google
from planned_posts import StandingClock
from walk_stage import open_stage

from core.bootstrap import Slotwise
from core.services.item_edits import edit_item
from core.services.item_views import edit_of
from core.services.moves import move_item

HEADERS = ["Title", "Content", "Platform", "Scheduled Time", "Status"]


def test_a_time_that_could_not_be_read_is_forgotten_once_slotwise_wrote_another(
    house: Slotwise, clock: StandingClock, google: Google
) -> None:
    hand = google.sheet("Plan", [HEADERS, ["One", "Words", "linkedin", "2026-04-01 09:00"]], **{ROBOT: "writer"})
    stage = open_stage(house, clock, google, hand)
    stage.synced()
    hand.type("D2", "soon")
    clock.move(timedelta(minutes=1))
    stage.synced()
    assert str(hand.at("E2")).startswith("Error")
    (item,) = stage.items().values()
    clock.move(timedelta(minutes=1))
    move_item(stage.ctx, item.id, item.scheduled_at + timedelta(days=1))
    stage.synced()
    assert hand.rows("FORMATTED_VALUE")[1][3:5] == ["2026-04-02 09:00", "Scheduled"]


def test_what_was_written_into_an_inserted_row_is_taken_out_though_that_row_moved_on(
    house: Slotwise, clock: StandingClock, google: Google
) -> None:
    rows = [[f"Post {n}", f"Words {n}", "linkedin", f"2026-04-0{n} 09:00"] for n in range(1, 5)]
    hand = google.sheet("Plan", [HEADERS, *rows], **{ROBOT: "writer"})
    stage = open_stage(house, clock, google, hand)
    stage.synced()
    first = min(stage.items().values(), key=lambda item: item.scheduled_at)
    clock.move(timedelta(minutes=1))
    edit_item(stage.ctx, first.id, replace(edit_of(first), title="Ours", text="Our words"))
    google.will(
        faults.before(lambda: hand.insert_rows(2)),
        faults.before(lambda: hand.move_rows(2, 2, before=7)),
        on="batchUpdate",
    )
    stage.synced()
    assert [row[:3] for row in hand.rows()[1:]] == [["Ours", "Our words", "linkedin"], *(row[:3] for row in rows[1:])]


def test_a_row_that_loses_its_first_platform_shows_the_time_of_the_post_that_is_left(
    house: Slotwise, clock: StandingClock, google: Google
) -> None:
    row = ["One", "Words", "linkedin, facebook", "'2026-04-01 09:00"]
    hand = google.sheet("Plan", [HEADERS, row], **{ROBOT: "writer"})
    stage = open_stage(house, clock, google, hand, platforms=("linkedin", "facebook"))
    stage.synced()
    later = next(item for item in stage.items().values() if item.platform == "facebook")
    move_item(stage.ctx, later.id, later.scheduled_at + timedelta(days=2))
    stage.synced()
    assert hand.rows("FORMATTED_VALUE")[1][3] == "2026-04-01 09:00"
    clock.move(timedelta(minutes=1))
    hand.type("C2", "facebook")
    stage.synced()
    assert hand.rows("FORMATTED_VALUE")[1][2:5] == ["facebook", "2026-04-03 09:00", "Scheduled"]
