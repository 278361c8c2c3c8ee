"""What the random walk found, each told again in a few steps."""

from datetime import timedelta

from google_client import ROBOT
from google_world import Google
from planned_posts import StandingClock
from walk_stage import open_stage

from core.bootstrap import Slotwise
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
