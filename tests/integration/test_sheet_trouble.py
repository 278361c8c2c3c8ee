"""What can be wrong with a sheet is said in a marketer's words, with the next step, and nothing is lost by it."""

from datetime import timedelta

import pytest
from google_faults import page
from google_world import Google
from sheet_stage import ROBOT, a_row, account, connected, desk_of, plan_sheet, posts, synced_once

from core.bootstrap import Slotwise
from core.errors import Duplicate, Invalid, StateConflict
from core.google.door import GoogleDoor
from core.google.errors import CredentialsRefused, UnusableCredentials
from core.services.context import Context
from core.services.sheet_accounts import add_account, list_accounts, remove_account
from core.services.sheet_checks import check_connection, check_draft, preview
from core.services.sheet_claims import due_connections
from core.services.sheet_connections import (
    connect,
    disconnect,
    draft_of_connection,
    find_connection,
    list_connections,
    request_sync,
)
from core.services.sheet_lists import list_rows, list_sync_runs
from core.services.sheet_syncing import sync_connection, sync_if_free
from core.services.sheet_views import ConnectionDraft
from core.services.sheet_worker import SheetDesk
from core.sheets.words import ConnectionStatus, SheetPermission
from core.vocabulary import ItemState, JobState

MINUTES = timedelta(minutes=5)


def test_a_sheet_that_is_not_shared_is_kept_with_whom_to_share_it_and_works_once_it_is(
    house: Slotwise, ctx: Context, google: Google, door: GoogleDoor
) -> None:
    hand = plan_sheet(google, a_row("One", 9))
    del hand.file.roles[ROBOT]

    connection = connected(ctx, google, door, hand)

    assert connection.status is ConnectionStatus.ERROR
    assert ROBOT in str(connection.next_step)
    hand.file.roles[ROBOT] = "writer"
    sync_connection(desk_of(house, door), ctx.workspace, connection.id)
    found = find_connection(ctx, connection.id)
    assert (found.status, found.last_error, found.next_step) == (ConnectionStatus.CONNECTED, None, None)
    assert [item.title for item in posts(ctx, connection)] == ["One"]


def test_a_sheet_that_may_only_be_read_imports_nothing_until_somebody_decides(
    house: Slotwise, ctx: Context, google: Google, door: GoogleDoor
) -> None:
    hand = plan_sheet(google, a_row("One", 9), role="reader")
    connection = connected(ctx, google, door, hand)

    run = sync_connection(desk_of(house, door), ctx.workspace, connection.id)

    assert run.state is JobState.FAILED
    assert "editor" in str(run.next_step)
    assert posts(ctx, connection) == []
    check = check_draft(ctx, door, draft_of_connection(connection))
    assert check.permission is SheetPermission.READ
    assert not check.is_ready


def test_a_deleted_sheet_and_a_deleted_tab_leave_the_posts_as_they_are(
    house: Slotwise, ctx: Context, google: Google, door: GoogleDoor
) -> None:
    hand, connection, desk = synced_once(house, ctx, google, door, a_row("One", 9))
    house.clock.move(MINUTES)
    hand.add_tab("Other")
    hand.delete_tab()

    run = sync_connection(desk, ctx.workspace, connection.id)

    assert "no sheet named “Sheet1”" in str(run.error)
    hand.file.is_trashed = True
    run = sync_connection(desk, ctx.workspace, connection.id)
    assert "bin" in str(run.next_step)
    assert [item.state for item in posts(ctx, connection)] == [ItemState.SCHEDULED]
    assert list_rows(ctx, connection.id).total == 1


def test_a_renamed_tab_is_followed(house: Slotwise, ctx: Context, google: Google, door: GoogleDoor) -> None:
    hand, connection, desk = synced_once(house, ctx, google, door, a_row("One", 9))
    house.clock.move(MINUTES)
    hand.rename_tab("Summer")

    run = sync_connection(desk, ctx.workspace, connection.id)

    assert run.state is JobState.COMPLETED
    assert find_connection(ctx, connection.id).sheet_name == "Summer"


def test_a_renamed_header_stops_the_sync_until_it_is_back_or_tested_again(
    house: Slotwise, ctx: Context, google: Google, door: GoogleDoor
) -> None:
    hand, connection, desk = synced_once(house, ctx, google, door, a_row("One", 9))
    house.clock.move(MINUTES)
    hand.type("B1", "Banana")

    run = sync_connection(desk, ctx.workspace, connection.id)

    assert "Content" in str(run.error)
    assert posts(ctx, connection)[0].text == "One: come and see."
    check = check_connection(ctx, door, connection.id)
    assert (check.is_ready, check.extra) == (True, ("Banana",))
    assert sync_connection(desk, ctx.workspace, connection.id).state is JobState.COMPLETED
    assert posts(ctx, connection)[0].text == "One: come and see."


def test_a_header_without_a_platform_says_what_is_missing(
    house: Slotwise, ctx: Context, google: Google, door: GoogleDoor
) -> None:
    hand = google.sheet("Plan", [["Title", "Notes"], ["One", "x"]], **{ROBOT: "writer"})
    connection = connected(ctx, google, door, hand)

    run = sync_connection(desk_of(house, door), ctx.workspace, connection.id)

    assert "Platform" in str(run.error)
    assert find_connection(ctx, connection.id).status is ConnectionStatus.ERROR


def test_merged_and_protected_cells_are_warned_of_and_a_protected_column_fails_with_the_way_out(
    house: Slotwise, ctx: Context, google: Google, door: GoogleDoor
) -> None:
    hand = plan_sheet(google, a_row("One", 9), a_row("Two", 12))
    hand.merge("B2:B3")
    hand.protect("A1:Z3")
    connection = connected(ctx, google, door, hand)

    warnings = " ".join(check_connection(ctx, door, connection.id).warnings)
    run = sync_connection(desk_of(house, door), ctx.workspace, connection.id)

    assert "Unmerge" in warnings
    assert "Protect sheets and ranges" in warnings
    assert "protected" in str(run.error)
    assert posts(ctx, connection) == []


def test_an_error_cell_keeps_its_row_as_it_was_until_it_is_mended(
    house: Slotwise, ctx: Context, google: Google, door: GoogleDoor
) -> None:
    hand = plan_sheet(google, a_row("One", 9), a_row("Two", 12))
    hand.break_cell("A3")
    connection = connected(ctx, google, door, hand)
    desk = desk_of(house, door)

    assert sync_connection(desk, ctx.workspace, connection.id).counts.faults == 1
    assert "#REF!" in str(hand.at("G3"))
    house.clock.move(MINUTES)
    hand.break_cell("B2", "#N/A")
    hand.type("A3", "Two")
    sync_connection(desk, ctx.workspace, connection.id)

    assert [(item.title, item.text) for item in posts(ctx, connection)] == [
        ("One", "One: come and see."),
        ("Two", "Two: come and see."),
    ]
    assert "#N/A" in str(hand.at("G2"))
    assert hand.at("G3") == "Scheduled"
    house.clock.move(MINUTES)
    hand.type("B2", "One: come and see.")
    sync_connection(desk, ctx.workspace, connection.id)
    assert hand.at("G2") == "Scheduled"
    assert find_connection(ctx, connection.id).rows_faulty == 0


def test_a_huge_cell_is_refused_by_its_platform_in_words(
    house: Slotwise, ctx: Context, google: Google, door: GoogleDoor
) -> None:
    hand = plan_sheet(google, ["One", "x" * 49_000, "", "", "linkedin", "2026-03-03 09:00"])
    connection = connected(ctx, google, door, hand)

    sync_connection(desk_of(house, door), ctx.workspace, connection.id)

    assert posts(ctx, connection) == []
    assert str(hand.at("G2")).startswith("Error: Content")


def test_a_wrong_credentials_file_and_a_revoked_key_are_told_apart(
    ctx: Context, google: Google, door: GoogleDoor
) -> None:
    with pytest.raises(UnusableCredentials):
        add_account(ctx, door, "Robot", '{"installed": {"client_id": "x"}}')
    secret = google.tokens.service_account(ROBOT)
    google.tokens.revoke(ROBOT)
    with pytest.raises(CredentialsRefused):
        add_account(ctx, door, "Robot", secret)
    assert list_accounts(ctx) == ()


def test_a_key_that_is_revoked_later_says_so_at_the_connection(
    house: Slotwise, ctx: Context, google: Google, door: GoogleDoor
) -> None:
    _, connection, desk = synced_once(house, ctx, google, door, a_row("One", 9))
    google.tokens.revoke(ROBOT)
    google.tokens.expire()

    run = sync_connection(desk, ctx.workspace, connection.id)

    assert ROBOT in str(run.error)
    assert find_connection(ctx, connection.id).status is ConnectionStatus.ERROR


def test_after_five_failures_that_need_a_person_a_connection_rests_until_somebody_syncs_it(
    house: Slotwise, ctx: Context, google: Google, door: GoogleDoor
) -> None:
    hand = plan_sheet(google, a_row("One", 9))
    connection = connected(ctx, google, door, hand)
    del hand.file.roles[ROBOT]
    desk = desk_of(house, door)
    waits = []
    for _ in range(5):
        sync_what_is_due(desk)
        due = find_connection(ctx, connection.id).next_sync
        waits.append(due and (due - house.now()).total_seconds())
        house.clock.move(timedelta(hours=1))

    paused = find_connection(ctx, connection.id)
    assert (paused.is_paused, paused.next_sync, waits[4]) == (True, None, None)
    assert 30 <= waits[0] <= 60
    assert 240 <= waits[3] <= 480
    assert ROBOT in str(paused.next_step)
    sync_what_is_due(desk)
    assert len(list_sync_runs(ctx, connection.id).runs) == 5
    hand.file.roles[ROBOT] = "writer"
    assert not request_sync(ctx, connection.id).is_paused
    sync_what_is_due(desk)
    assert find_connection(ctx, connection.id).status is ConnectionStatus.CONNECTED
    assert find_connection(ctx, connection.id).next_sync == house.now() + timedelta(minutes=15)


def test_an_outage_of_google_never_pauses_a_connection(
    house: Slotwise, ctx: Context, google: Google, door: GoogleDoor
) -> None:
    hand = plan_sheet(google, a_row("One", 9))
    connection = connected(ctx, google, door, hand)
    desk = desk_of(house, door)
    google.weather = lambda _: page(503)
    for _ in range(6):
        sync_what_is_due(desk)
        house.clock.move(timedelta(hours=2))

    found = find_connection(ctx, connection.id)
    assert (found.is_paused, found.status) == (False, ConnectionStatus.ERROR)
    google.weather = lambda _: None
    sync_what_is_due(desk)
    assert find_connection(ctx, connection.id).rows_in == 1


def test_one_sheet_is_connected_once_and_an_account_in_use_stays(
    house: Slotwise, ctx: Context, google: Google, door: GoogleDoor
) -> None:
    hand = plan_sheet(google, a_row("One", 9))
    connection = connected(ctx, google, door, hand)
    with pytest.raises(Duplicate, match="Spring plan"):
        connect(ctx, door, draft_of_connection(connection))
    with pytest.raises(StateConflict, match="Spring plan"):
        remove_account(ctx, connection.account_id)
    sync_connection(desk_of(house, door), ctx.workspace, connection.id)

    disconnect(ctx, connection.id)
    remove_account(ctx, connection.account_id)

    assert (list_connections(ctx), list_accounts(ctx)) == ((), ())
    assert [item.title for item in posts(ctx, connection)] == ["One"]


def test_every_fault_of_a_draft_is_named_by_its_field(ctx: Context, google: Google, door: GoogleDoor) -> None:
    key = account(ctx, google, door).id
    draft = ConnectionDraft("x", key, "not an id!", range="A0", timezone="Mars", every_minutes=0)

    with pytest.raises(Invalid) as caught:
        connect(ctx, door, draft)

    assert {problem.place for problem in caught.value.problems} >= {"name", "every_minutes", "range"}


def test_a_preview_shows_the_first_rows_with_what_is_wrong_with_each(
    ctx: Context, google: Google, door: GoogleDoor
) -> None:
    hand = plan_sheet(google, a_row("One", 9), ["Two", "", "", "", "lnkedin", ""])
    connection = connected(ctx, google, door, hand)

    shown = preview(ctx, door, connection.id)

    assert [row.cells["Title"] for row in shown.rows] == ["One", "Two"]
    assert shown.rows[0].problems == ()
    assert [problem.place for problem in shown.rows[1].problems] == ["Platform"]


def test_a_stranger_sees_neither_accounts_nor_connections(
    ctx: Context, stranger: Context, google: Google, door: GoogleDoor
) -> None:
    connected(ctx, google, door, plan_sheet(google, a_row("One", 9)))
    assert (list_accounts(stranger), list_connections(stranger)) == ((), ())


def sync_what_is_due(desk: SheetDesk) -> None:
    """Sync as the engine does, one sheet after the other."""
    for due in due_connections(desk):
        sync_if_free(desk, due.workspace, due.connection_id)
