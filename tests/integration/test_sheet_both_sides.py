"""Both sides change a sheet's posts: everything travels, and where both changed a field the later edit wins."""

from dataclasses import replace
from datetime import timedelta

from google_cells import Cell, serial
from google_world import Google
from planned_posts import TUESDAY, put_in_state
from sheet_stage import WEDNESDAY, a_row, connected, desk_of, plan_sheet, posts, synced_once

from core.bootstrap import Slotwise
from core.google.door import GoogleDoor
from core.services.calendars import schedule_item
from core.services.context import Context
from core.services.item_edits import edit_item
from core.services.item_views import edit_of
from core.services.moves import cancel_item, move_item
from core.services.new_items import NewItem
from core.services.sheet_connections import connect, disconnect, draft_of_connection
from core.services.sheet_lists import list_conflicts
from core.services.sheet_syncing import sync_connection
from core.sheets.words import ConflictWinner, SheetPermission
from core.vocabulary import ItemState

MINUTES = timedelta(minutes=5)


def test_what_is_changed_in_slotwise_is_written_into_the_cells_it_came_from(
    house: Slotwise, ctx: Context, google: Google, door: GoogleDoor
) -> None:
    hand, connection, desk = synced_once(house, ctx, google, door, a_row("One", 9), a_row("Two", 12))
    before = hand.rows()
    house.clock.move(MINUTES)
    item = posts(ctx, connection)[0]
    edit_item(ctx, item.id, replace(edit_of(item), title="=One!", scheduled_at=WEDNESDAY.replace(hour=8)))

    sync_connection(desk, ctx.workspace, connection.id)

    assert hand.rows()[1][0] == "'=One!"
    assert hand.rows()[1][5] == serial(WEDNESDAY.replace(hour=8, tzinfo=None))
    assert hand.rows()[1][1:5] == before[1][1:5]
    assert hand.rows()[2] == before[2]
    house.clock.move(MINUTES)
    run = sync_connection(desk, ctx.workspace, connection.id)
    assert (run.counts.written, run.counts.updated) == (0, 0)
    assert posts(ctx, connection)[0].title == "=One!"


def test_what_publishing_brought_about_is_written_though_nobody_changed_anything(
    house: Slotwise, ctx: Context, google: Google, door: GoogleDoor
) -> None:
    hand = plan_sheet(google, a_row("One", 9), a_row("Two", 12))
    hand.type("I1", "Published Time")
    connection = connected(ctx, google, door, hand)
    desk = desk_of(house, door)
    sync_connection(desk, ctx.workspace, connection.id)
    one, two = posts(ctx, connection)
    put_in_state(ctx, one.id, ItemState.PUBLISHED, url="https://l.example/1", published_at=TUESDAY)
    put_in_state(ctx, two.id, ItemState.FAILED, error="the token has expired")

    run = sync_connection(desk, ctx.workspace, connection.id)

    assert hand.rows()[1][6:9] == ["Published", "https://l.example/1", "2026-03-03 12:00"]
    assert hand.at("G3") == "Failed: the token has expired"
    assert run.counts.written == 4


def test_where_both_sides_changed_a_field_the_later_edit_stands_and_both_are_listed(
    house: Slotwise, ctx: Context, google: Google, door: GoogleDoor
) -> None:
    hand, connection, desk = synced_once(house, ctx, google, door, a_row("One", 9), a_row("Two", 12))
    one, two = posts(ctx, connection)
    house.clock.move(MINUTES)
    edit_item(ctx, one.id, replace(edit_of(one), title="One, ours"))
    house.clock.move(MINUTES)
    hand.type("A2", "One, theirs")
    hand.type("A3", "Two, theirs")
    house.clock.move(MINUTES)
    edit_item(ctx, two.id, replace(edit_of(two), title="Two, ours"))

    sync_connection(desk, ctx.workspace, connection.id)

    assert [item.title for item in posts(ctx, connection)] == ["One, theirs", "Two, ours"]
    assert [row[0] for row in hand.rows()[1:]] == ["One, theirs", "Two, ours"]
    listed = {each.title: each for each in list_conflicts(ctx, connection.id).conflicts}
    assert {(each.sheet_value, each.our_value, each.winner) for each in listed.values()} == {
        ("One, theirs", "One, ours", ConflictWinner.SHEET),
        ("Two, theirs", "Two, ours", ConflictWinner.SLOTWISE),
    }


def test_different_fields_changed_on_both_sides_are_no_conflict(
    house: Slotwise, ctx: Context, google: Google, door: GoogleDoor
) -> None:
    hand, connection, desk = synced_once(house, ctx, google, door, a_row("One", 9))
    house.clock.move(MINUTES)
    hand.type("A2", "Another title")
    move_item(ctx, posts(ctx, connection)[0].id, WEDNESDAY)

    run = sync_connection(desk, ctx.workspace, connection.id)

    (item,) = posts(ctx, connection)
    assert (item.title, item.scheduled_at) == ("Another title", WEDNESDAY)
    assert hand.rows()[1][5] == serial(WEDNESDAY.replace(tzinfo=None))
    assert run.counts.conflicts == 0


def test_a_post_that_is_out_follows_no_edit_and_the_cell_stays_as_the_user_left_it(
    house: Slotwise, ctx: Context, google: Google, door: GoogleDoor
) -> None:
    hand, connection, desk = synced_once(house, ctx, google, door, a_row("One", 9))
    put_in_state(ctx, posts(ctx, connection)[0].id, ItemState.PUBLISHED, published_at=TUESDAY)
    house.clock.move(MINUTES)
    hand.type("A2", "Too late")

    sync_connection(desk, ctx.workspace, connection.id)

    assert posts(ctx, connection)[0].title == "One"
    assert hand.at("A2") == "Too late"
    assert hand.at("G2") == "Published"
    (conflict,) = list_conflicts(ctx, connection.id).conflicts
    assert (conflict.sheet_value, conflict.winner, conflict.reason) == (
        "Too late",
        ConflictWinner.SLOTWISE,
        "already published",
    )
    sync_connection(desk, ctx.workspace, connection.id)
    assert len(list_conflicts(ctx, connection.id).conflicts) == 1


def test_a_time_that_has_passed_is_refused_and_the_post_keeps_its_own(
    house: Slotwise, ctx: Context, google: Google, door: GoogleDoor
) -> None:
    hand, connection, desk = synced_once(house, ctx, google, door, a_row("One", 9))
    house.clock.move(MINUTES)
    hand.type_rows("A2", [["New title", None, None, None, None, "2026-02-01 09:00"]])

    sync_connection(desk, ctx.workspace, connection.id)

    (item,) = posts(ctx, connection)
    assert item.scheduled_at == TUESDAY.replace(hour=9)
    assert str(hand.at("G2")).startswith("Error: ")
    assert "passed" in str(hand.at("G2"))
    house.clock.move(MINUTES)
    hand.type("F2", "2026-03-04 12:00")
    sync_connection(desk, ctx.workspace, connection.id)
    (item,) = posts(ctx, connection)
    assert (item.title, item.scheduled_at) == ("New title", WEDNESDAY)
    assert hand.at("G2") == "Scheduled"


def test_a_platform_taken_out_of_a_cell_takes_its_post_out_and_one_added_adds_one(
    house: Slotwise, ctx: Context, google: Google, door: GoogleDoor
) -> None:
    hand, connection, desk = synced_once(
        house, ctx, google, door, ["Both", "Words", "", "", "linkedin, x", "2026-03-03 09:30"]
    )
    house.clock.move(MINUTES)
    hand.type("E2", "linkedin, facebook")

    sync_connection(desk, ctx.workspace, connection.id)

    states = {item.platform: item.state for item in posts(ctx, connection)}
    assert states == {
        "linkedin": ItemState.SCHEDULED,
        "twitter": ItemState.CANCELED,
        "facebook": ItemState.SCHEDULED,
    }
    assert hand.at("E2") == "linkedin, facebook"
    assert hand.at("G2") == "Scheduled"


def test_posts_planned_in_slotwise_get_rows_of_their_own_in_a_sheet_that_mirrors(
    house: Slotwise, ctx: Context, google: Google, door: GoogleDoor
) -> None:
    hand = plan_sheet(google, a_row("One", 9))
    connection = connected(ctx, google, door, hand, mirrors=True)
    desk = desk_of(house, door)
    sync_connection(desk, ctx.workspace, connection.id)
    channel = posts(ctx, connection)[0].channel_id
    new = NewItem(channel, WEDNESDAY, "From Slotwise", "Come and see.")
    item = schedule_item(ctx, new, connection.calendar_id)

    sync_connection(desk, ctx.workspace, connection.id)

    said = ["From Slotwise", "Come and see.", "", "", "linkedin", serial(WEDNESDAY.replace(tzinfo=None)), "Scheduled"]
    assert hand.rows()[2][:7] == said
    hand.type("A3", "Edited in the sheet")
    house.clock.move(MINUTES)
    run = sync_connection(desk, ctx.workspace, connection.id)
    assert run.counts.created == 0
    assert {each.title: each.id for each in posts(ctx, connection)}["Edited in the sheet"] == item.id


def test_a_sheet_connected_again_finds_its_posts_and_makes_none_twice(
    house: Slotwise, ctx: Context, google: Google, door: GoogleDoor
) -> None:
    hand, connection, desk = synced_once(house, ctx, google, door, a_row("One", 9), a_row("Two", 12))
    before = [item.id for item in posts(ctx, connection)]
    disconnect(ctx, connection.id)
    hand.type("A2", "One, edited meanwhile")
    again = connect(ctx, door, replace(draft_of_connection(connection), calendar_id=connection.calendar_id))

    run = sync_connection(desk, ctx.workspace, again.id)

    assert run.counts.created == 0
    assert [(item.title, item.id) for item in posts(ctx, again)] == [
        ("One, edited meanwhile", before[0]),
        ("Two", before[1]),
    ]


def test_a_sheet_that_is_only_read_feeds_its_calendar_and_is_left_untouched(
    house: Slotwise, ctx: Context, google: Google, door: GoogleDoor
) -> None:
    hand = plan_sheet(google, a_row("One", 9), ["Any", "Words", "", "", "linkedin", ""], role="reader")
    connection = connected(ctx, google, door, hand, permissions=SheetPermission.READ)
    desk = desk_of(house, door)
    before = hand.cells()

    assert sync_connection(desk, ctx.workspace, connection.id).counts.created == 2
    house.clock.move(MINUTES)
    hand.type("B2", "Other words.")
    run = sync_connection(desk, ctx.workspace, connection.id)

    assert (run.counts.created, run.counts.updated) == (0, 1)
    assert posts(ctx, connection)[1].text == "Other words."
    hand.put("B2", Cell("One: come and see."))
    assert hand.cells() == before


def test_a_post_canceled_in_slotwise_says_so_in_its_row(
    house: Slotwise, ctx: Context, google: Google, door: GoogleDoor
) -> None:
    hand, connection, desk = synced_once(house, ctx, google, door, a_row("One", 9))
    cancel_item(ctx, posts(ctx, connection)[0].id)

    sync_connection(desk, ctx.workspace, connection.id)

    assert hand.at("G2") == "Canceled"
    assert hand.at("F2") == serial(TUESDAY.replace(hour=9, tzinfo=None))


def test_a_time_that_is_emptied_is_written_back_for_the_post_keeps_it(
    house: Slotwise, ctx: Context, google: Google, door: GoogleDoor
) -> None:
    hand, connection, desk = synced_once(house, ctx, google, door, a_row("One", 9))
    house.clock.move(MINUTES)
    hand.clear("F2")

    sync_connection(desk, ctx.workspace, connection.id)

    assert posts(ctx, connection)[0].scheduled_at == TUESDAY.replace(hour=9)
    assert hand.at("F2") == "2026-03-03 09:00"


def test_a_failed_post_whose_row_gets_another_time_is_tried_again_then(
    house: Slotwise, ctx: Context, google: Google, door: GoogleDoor
) -> None:
    hand, connection, desk = synced_once(house, ctx, google, door, a_row("One", 9))
    put_in_state(ctx, posts(ctx, connection)[0].id, ItemState.FAILED, error="the token has expired")
    house.clock.move(MINUTES)
    hand.type("F2", "2026-03-04 12:00")

    sync_connection(desk, ctx.workspace, connection.id)

    (item,) = posts(ctx, connection)
    assert (item.state, item.scheduled_at) == (ItemState.SCHEDULED, WEDNESDAY)
    assert hand.at("G2") == "Scheduled"
