"""Rows of a connected sheet become posts, once, and the sheet says what became of them."""

from datetime import UTC, datetime, timedelta

from google_world import Google
from planned_posts import TUESDAY, put_in_state
from sheet_stage import WEDNESDAY, a_row, connected, desk_of, plan_sheet, posts, synced_once

from core.bootstrap import Slotwise
from core.google.door import GoogleDoor
from core.services.context import Context
from core.services.sheet_connections import find_connection
from core.services.sheet_lists import list_rows
from core.services.sheet_missing import cancel_missing, keep_missing
from core.services.sheet_syncing import sync_connection
from core.sheets.rows import KnownState
from core.sheets.words import ConnectionStatus
from core.vocabulary import ItemState, JobState


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


def test_a_blank_time_is_chosen_by_the_planner_and_written_into_the_sheet(
    house: Slotwise, ctx: Context, google: Google, door: GoogleDoor
) -> None:
    hand = plan_sheet(google, ["Any time", "Come and see.", "", "", "linkedin", ""])
    connection = connected(ctx, google, door, hand)

    sync_connection(desk_of(house, door), ctx.workspace, connection.id)

    (item,) = posts(ctx, connection)
    assert hand.rows()[1][5] == f"{item.scheduled_at:%Y-%m-%d %H:%M}"
    assert hand.rows()[1][6] == "Scheduled"


def test_every_row_gets_an_id_once_in_a_hidden_column_behind_the_last_header(
    house: Slotwise, ctx: Context, google: Google, door: GoogleDoor
) -> None:
    hand = plan_sheet(google, a_row("One", 9), a_row("Two", 12))
    hand.type("I1", "Notes")
    hand.type("I2", "mine")
    connection = connected(ctx, google, door, hand)
    desk = desk_of(house, door)

    sync_connection(desk, ctx.workspace, connection.id)
    ids = [row[9] for row in hand.rows()]
    sync_connection(desk, ctx.workspace, connection.id)

    assert ids[0] == "Slotwise ID"
    assert len({*ids}) == 3
    assert [row[9] for row in hand.rows()] == ids
    assert hand.tab.hidden_columns == {9}  # J, counted from 0
    assert [row[8] for row in hand.rows()][:2] == ["Notes", "mine"]


def test_a_second_sync_makes_nothing_twice_and_an_edited_row_changes_its_post(
    house: Slotwise, ctx: Context, google: Google, door: GoogleDoor
) -> None:
    hand, connection, desk = synced_once(house, ctx, google, door, a_row("One", 9), a_row("Two", 12))
    before = [item.id for item in posts(ctx, connection)]
    house.clock.move(timedelta(minutes=5))
    hand.type_rows("A2", [["One, mended", "New words.", None, None, None, "2026-03-04 10:15"]])

    run = sync_connection(desk, ctx.workspace, connection.id)

    first, second = posts(ctx, connection)
    assert {first.id, second.id} == set(before)
    assert (first.title, first.text, first.scheduled_at) == (
        "One, mended",
        "New words.",
        WEDNESDAY.replace(hour=10, minute=15),
    )
    assert (run.counts.created, run.counts.updated) == (0, 1)


def test_rows_that_are_sorted_inserted_and_moved_stay_themselves(
    house: Slotwise, ctx: Context, google: Google, door: GoogleDoor
) -> None:
    hand, connection, desk = synced_once(
        house, ctx, google, door, a_row("Alpha", 9), a_row("Beta", 12), a_row("Gamma", 15)
    )
    before = {item.title: item.id for item in posts(ctx, connection)}
    house.clock.move(timedelta(minutes=5))
    hand.sort("A2:I4", by="A", descending=True)
    hand.insert_rows(2)
    hand.type_rows("A2", [a_row("Delta", 18)])

    run = sync_connection(desk, ctx.workspace, connection.id)

    assert run.counts.created == 1
    now = {item.title: item.id for item in posts(ctx, connection)}
    assert {title: now[title] for title in before} == before
    assert [row[0] for row in hand.rows()] == ["Title", "Delta", "Gamma", "Beta", "Alpha"]
    assert {row[6] for row in hand.rows()[1:]} == {"Scheduled"}


def test_a_row_that_cannot_be_read_says_in_its_status_what_to_mend_and_is_taken_once_it_is(
    house: Slotwise, ctx: Context, google: Google, door: GoogleDoor
) -> None:
    hand = plan_sheet(
        google,
        ["One", "Words.", "", "", "lnkedin", "tomorrow-ish"],
        a_row("Two", 12),
        ["", "Only words", "", "", "", ""],
    )
    connection = connected(ctx, google, door, hand)
    desk = desk_of(house, door)

    run = sync_connection(desk, ctx.workspace, connection.id)

    assert (run.counts.created, run.counts.faults) == (1, 2)
    status = str(hand.at("G2"))
    assert status.startswith("Error: ")
    assert "LinkedIn" in status
    assert "tomorrow-ish" in status
    assert {row.fault for row in list_rows(ctx, connection.id, faulty=True).rows} == {
        str(hand.at(cell)).removeprefix("Error: ") for cell in ("G2", "G4")
    }
    house.clock.move(timedelta(minutes=5))
    hand.type_rows("E2", [["linkedin", "2026-03-03 15:00"]])
    run = sync_connection(desk, ctx.workspace, connection.id)
    assert (run.counts.created, run.counts.faults) == (1, 1)
    assert hand.at("G2") == "Scheduled"


def test_a_removed_row_is_offered_and_its_post_goes_out_unless_somebody_cancels_it(
    house: Slotwise, ctx: Context, google: Google, door: GoogleDoor
) -> None:
    hand, connection, desk = synced_once(
        house, ctx, google, door, a_row("One", 9), a_row("Two", 12), a_row("Three", 15)
    )
    house.clock.move(timedelta(minutes=5))
    hand.delete_rows(2, 3)

    run = sync_connection(desk, ctx.workspace, connection.id)

    assert run.counts.missing == 2
    assert {item.state for item in posts(ctx, connection)} == {ItemState.SCHEDULED}
    missing = list_rows(ctx, connection.id, KnownState.MISSING).rows
    assert [row.title for row in missing] == ["One", "Two"]
    assert cancel_missing(ctx, connection.id, [missing[0].id]) == 1
    assert keep_missing(ctx, connection.id) == 1
    states = {item.title: item.state for item in posts(ctx, connection)}
    assert states == {"One": ItemState.CANCELED, "Two": ItemState.SCHEDULED, "Three": ItemState.SCHEDULED}
    assert find_connection(ctx, connection.id).rows_missing == 0


def test_an_idle_sync_costs_one_request_of_drive_and_none_of_sheets(
    house: Slotwise, ctx: Context, google: Google, door: GoogleDoor
) -> None:
    hand = plan_sheet(google, a_row("One", 9), ["Any", "Words", "", "", "linkedin", ""])
    connection = connected(ctx, google, door, hand)
    desk = desk_of(house, door)
    for _ in range(2):  # what was written a moment ago is looked at once more
        sync_connection(desk, ctx.workspace, connection.id)
        house.clock.move(timedelta(minutes=5))
    google.calls.clear()

    run = sync_connection(desk, ctx.workspace, connection.id)

    assert run.counts.requests == 1
    assert google.count("sheets") == 0
    assert google.count("drive") == 1


def test_a_row_of_two_platforms_becomes_two_posts_and_its_status_names_both(
    house: Slotwise, ctx: Context, google: Google, door: GoogleDoor
) -> None:
    hand, connection, desk = synced_once(
        house, ctx, google, door, ["Both", "Words", "", "", "LinkedIn, X", "2026-03-03 09:30"]
    )
    first, second = posts(ctx, connection)
    assert (first.platform, second.platform) == ("linkedin", "twitter")
    put_in_state(ctx, first.id, ItemState.PUBLISHED, url="https://l.example/1", published_at=TUESDAY)

    sync_connection(desk, ctx.workspace, connection.id)

    assert hand.at("G2") == "Scheduled on X (Twitter); Published on LinkedIn"
    assert hand.at("H2") == "https://l.example/1"


def test_a_time_that_has_passed_is_named_as_the_cell_shows_it(
    house: Slotwise, ctx: Context, google: Google, door: GoogleDoor
) -> None:
    hand = plan_sheet(google, a_row("New", 9), a_row("Old", 9))
    hand.type("F2", "2026-03-01 09:00")
    connection = connected(ctx, google, door, hand, timezone="Europe/Berlin")
    desk = desk_of(house, door)
    sync_connection(desk, ctx.workspace, connection.id)
    passed = "Error: Scheduled Time “2026-03-01 09:00 CET”: has already passed; choose a later time"
    assert (hand.at("G2"), hand.at("G3")) == (passed, "Scheduled")
    (post,) = posts(ctx, connection)
    assert post.scheduled_at == datetime(2026, 3, 3, 8, tzinfo=UTC)
    house.clock.move(timedelta(minutes=5))
    hand.type("F3", "2026-03-01 09:00")
    sync_connection(desk, ctx.workspace, connection.id)
    assert "2026-03-01 09:00 CET" in str(hand.at("G3"))
