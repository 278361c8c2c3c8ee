"""What the random walk found, each told again in a few steps."""

from dataclasses import replace
from datetime import timedelta

import google_faults as faults
from google_client import ROBOT
from google_hand import Hand
from google_world import Google
from planned_posts import StandingClock
from publishing_stage import run, worker_of
from walk_stage import SheetStage, open_stage

from core.bootstrap import Slotwise
from core.publishing.recorder import Recorder
from core.services.item_edits import edit_item
from core.services.item_views import edit_of
from core.services.moves import move_item, publish_now
from core.services.sheet_lists import list_conflicts
from core.sheets.rows import KnownState
from core.vocabulary import JobState

HEADERS = ["Title", "Content", "Platform", "Scheduled Time", "Status"]


def connected(
    house: Slotwise, clock: StandingClock, google: Google, *rows: list[str], platforms: tuple[str, ...] = ("linkedin",)
) -> tuple[SheetStage, Hand]:
    """Give a sheet of these rows that was read once, and the hand of its users."""
    hand = google.sheet("Plan", [HEADERS, *rows], **{ROBOT: "writer"})
    stage = open_stage(house, clock, google, hand, platforms=platforms)
    stage.synced()
    return stage, hand


def test_a_time_that_could_not_be_read_is_forgotten_once_slotwise_wrote_another(
    house: Slotwise, clock: StandingClock, google: Google
) -> None:
    stage, hand = connected(house, clock, google, ["One", "Words", "linkedin", "2026-04-01 09:00"])
    hand.type("D2", "soon")
    clock.move(timedelta(minutes=1))
    stage.synced()
    assert str(hand.at("E2")).startswith("Error")
    (item,) = stage.items().values()
    clock.move(timedelta(minutes=1))
    move_item(stage.ctx, item.id, item.scheduled_at + timedelta(days=1))
    stage.synced()
    assert hand.rows("FORMATTED_VALUE")[1][3:5] == ["2026-04-02 09:00", "Scheduled"]


def test_an_error_typed_over_a_time_that_could_not_be_read_is_named_once_and_as_it_is(
    house: Slotwise, clock: StandingClock, google: Google
) -> None:
    stage, hand = connected(house, clock, google, ["One", "Words", "linkedin", "soon"])
    hand.break_cell("D2")
    clock.move(timedelta(minutes=1))
    stage.synced()
    assert hand.at("E2") == (
        "Error: Scheduled Time “#REF!”: its formula points to cells that are gone; "
        "mend the formula or write the value itself"
    )


def test_what_was_written_into_an_inserted_row_is_taken_out_though_that_row_moved_on(
    house: Slotwise, clock: StandingClock, google: Google
) -> None:
    rows = [[f"Post {n}", f"Words {n}", "linkedin", f"2026-04-0{n} 09:00"] for n in range(1, 5)]
    stage, hand = connected(house, clock, google, *rows)
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


def test_what_is_put_back_into_a_row_that_has_moved_on_overwrites_no_other_for_good(
    house: Slotwise, clock: StandingClock, google: Google
) -> None:
    rows = [[f"Post {n}", f"Words {n}", "linkedin", f"'2026-04-0{n} 09:00"] for n in range(1, 5)]
    stage, hand = connected(house, clock, google, *rows)
    first = min(stage.items().values(), key=lambda item: item.scheduled_at)
    clock.move(timedelta(minutes=1))
    edit_item(stage.ctx, first.id, replace(edit_of(first), title="Ours", text="Our words"))
    google.will(
        faults.before(lambda: hand.move_rows(2, 2, before=6)),  # ours fall on Post 2
        faults.before(lambda: hand.move_rows(2, 2, before=6)),  # and what is put back falls on Post 3
        on="batchUpdate",
    )
    stage.synced()
    stage.synced()
    order = [*hand.rows()[3:5], *hand.rows()[1:3]]
    assert [row[:2] for row in sorted(order, key=lambda row: str(row[3]))] == [
        ["Ours", "Our words"],
        *(row[:2] for row in rows[1:]),
    ]
    assert sorted(item.title for item in stage.items().values()) == ["Ours", "Post 2", "Post 3", "Post 4"]


def test_a_row_that_lost_its_id_and_came_to_stand_where_it_was_written_into_is_not_cleared(
    house: Slotwise, clock: StandingClock, google: Google
) -> None:
    stage, hand = connected(house, clock, google, ["One", "Words", "linkedin", "'2026-04-01 09:00"])
    (item,) = stage.items().values()
    clock.move(timedelta(minutes=1))
    later = item.scheduled_at + timedelta(days=1)
    edit_item(stage.ctx, item.id, replace(edit_of(item), title="Ours", text="Our words", scheduled_at=later))
    google.will(faults.after(lambda: google.will(faults.refuse(404), on="drive")), on="batchUpdate")
    assert stage.sync().state is JobState.FAILED  # it wrote, and never saw what came of it
    hand.insert_rows(2)
    hand.sort("A2:E3", by="A")  # without the hidden column of ids
    clock.move(timedelta(minutes=1))
    stage.synced()
    assert hand.rows()[1][:4] == ["Ours", "Our words", "linkedin", "2026-04-02 09:00"]
    assert [(row.item_ids, row.state) for row in stage.rows()] == [((item.id,), KnownState.ACTIVE)]


def test_a_row_of_one_cell_gets_it_back_when_another_ones_was_written_over_it(
    house: Slotwise, clock: StandingClock, google: Google
) -> None:
    rows = [["Post 1", "Words 1", "linkedin", "'2026-04-01 09:00"], ["", "", "", "'2026-04-02 09:00"]]
    stage, hand = connected(house, clock, google, *rows)
    (first,) = stage.items().values()
    clock.move(timedelta(minutes=1))
    move_item(stage.ctx, first.id, first.scheduled_at + timedelta(days=9))
    google.will(faults.before(lambda: hand.move_rows(2, 2, before=4)), on="batchUpdate")
    stage.synced()
    assert [row[3] for row in hand.rows()[1:]] == ["2026-04-02 09:00", "2026-04-10 09:00"]


def test_two_posts_alike_of_which_one_takes_the_others_time_come_to_rest_in_their_rows(
    house: Slotwise, clock: StandingClock, google: Google
) -> None:
    rows = [["Post", "Words", "linkedin", f"'2026-04-01 {hour}:00"] for hour in ("09", "12")]
    stage, hand = connected(house, clock, google, *rows)
    ids = [row[5] for row in hand.rows()]
    clock.move(timedelta(minutes=1))
    for item in stage.items().values():
        move_item(stage.ctx, item.id, item.scheduled_at + timedelta(hours=3))
    stage.synced()
    assert [row[3] for row in hand.rows()[1:]] == ["2026-04-01 12:00", "2026-04-01 15:00"]
    assert [row[5] for row in hand.rows()] == ids
    clock.move(timedelta(minutes=2))
    assert stage.synced().counts.written == 0


def test_a_copy_of_a_row_is_not_taken_for_it_when_the_row_was_written_into_and_lost_its_id(
    house: Slotwise, clock: StandingClock, google: Google
) -> None:
    rows = [["Post", "Words", "linkedin", "'2026-04-01 09:00", "", note] for note in ("first", "copy")]
    hand = google.sheet("Plan", [[*HEADERS, "Notes"], *rows], **{ROBOT: "writer"})
    stage = open_stage(house, clock, google, hand)
    stage.synced()
    first = stage.rows()[0]
    clock.move(timedelta(minutes=1))
    move_item(stage.ctx, first.item_ids[0], stage.items()[first.item_ids[0]].scheduled_at + timedelta(days=1))

    def lose_ids_and_move() -> None:
        hand.clear("G2:G3")
        hand.move_rows(2, 2, before=4)

    google.will(faults.after(lose_ids_and_move), on="batchUpdate")
    stage.synced()
    assert [row[3:6] for row in hand.rows()[1:]] == [
        ["2026-04-01 09:00", "Scheduled", "copy"], ["2026-04-02 09:00", "Scheduled", "first"],
    ]  # fmt: skip
    assert hand.rows()[2][6] == first.id


def test_a_text_that_is_emptied_becomes_the_title_that_slotwise_has_given_the_post_meanwhile(
    house: Slotwise, clock: StandingClock, google: Google
) -> None:
    stage, hand = connected(house, clock, google, ["One", "Words", "linkedin", "2026-04-01 09:00"])
    (item,) = stage.items().values()
    clock.move(timedelta(minutes=1))
    edit_item(stage.ctx, item.id, replace(edit_of(item), title="Ours"))
    hand.clear("B2")
    stage.synced()
    (item,) = stage.items().values()
    assert (item.title, item.text) == ("Ours", "Ours")
    assert hand.rows()[1][:2] == ["Ours", ""]


def test_what_could_not_be_followed_until_the_post_went_out_is_listed(
    house: Slotwise, clock: StandingClock, google: Google
) -> None:
    stage, hand = connected(house, clock, google, ["One", "Words", "linkedin", "2026-04-01 09:00"])
    hand.clear("A2:B2")
    clock.move(timedelta(minutes=1))
    stage.synced()
    assert str(hand.at("E2")).startswith("Error")
    (item,) = stage.items().values()
    publish_now(stage.ctx, item.id)
    run(worker_of(house, Recorder()))
    stage.synced()
    stage.synced()
    assert hand.rows()[1][:2] == ["", ""]
    listed = list_conflicts(stage.ctx, stage.connection.id).conflicts
    assert {(one.field, one.sheet_value, one.our_value, one.reason) for one in listed} == {
        ("title", "", "One", "already published"), ("text", "", "Words", "already published"),
    }  # fmt: skip
    assert len(listed) == 2


def test_a_row_that_loses_its_first_platform_shows_the_time_of_the_post_that_is_left(
    house: Slotwise, clock: StandingClock, google: Google
) -> None:
    row = ["One", "Words", "linkedin, facebook", "'2026-04-01 09:00"]
    stage, hand = connected(house, clock, google, row, platforms=("linkedin", "facebook"))
    later = next(item for item in stage.items().values() if item.platform == "facebook")
    move_item(stage.ctx, later.id, later.scheduled_at + timedelta(days=2))
    stage.synced()
    assert hand.rows("FORMATTED_VALUE")[1][3] == "2026-04-01 09:00"
    clock.move(timedelta(minutes=1))
    hand.type("C2", "facebook")
    stage.synced()
    assert hand.rows("FORMATTED_VALUE")[1][2:5] == ["facebook", "2026-04-03 09:00", "Scheduled"]
