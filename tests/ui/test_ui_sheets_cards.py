"""Connected sheets as cards: what each says, and every action on it."""

from random import Random
from typing import TYPE_CHECKING

import google_faults as faults
import pytest
from screens import Open, frame, words
from sheets_on_screen import (
    PAGE,
    ROBOT,
    a_sheet,
    alone,
    an_account,
    connected,
    plainly,
    press,
    row,
    sync,
    synced,
    table,
)

from core.bootstrap import running
from core.google.client import Hosts
from core.google.door import GoogleDoor
from core.services.context import Context
from core.services.items import list_items
from core.services.sheet_accounts import list_accounts
from core.services.sheet_connections import find_connection, list_connections
from core.vocabulary import ItemState

if TYPE_CHECKING:
    from google_world import Google


def test_a_card_says_where_the_sheet_is_how_it_was_synced_and_what_waits(
    team: Context, open_page: Open, google: "Google"
) -> None:
    connection = synced(
        team, google, a_sheet(google, [row("First"), row("Second", "myspace")], tab="Plan"), range="A:F"
    )
    page = open_page(PAGE)
    said = plainly(page)
    assert "Spring plan · Plan · A:F" in said
    assert "Last sync " in said
    assert "Europe/Berlin" in said
    assert "Next sync in 15 min · every 15 minutes" in said
    assert "Read and write back · as Robot" in said
    assert "1 row in · 2 written back · :red[1 row to mend]" in said
    assert page.get("link_button")[0].proto.url == connection.url


def test_syncing_by_hand_makes_it_due_at_once_and_the_page_says_that_the_engine_does_not_run(
    team: Context, open_page: Open, google: "Google"
) -> None:
    connection = synced(team, google, a_sheet(google, [row("First")]))
    page = press(open_page(PAGE), f"sheet_sync_{connection.id}")
    due = find_connection(team, connection.id).next_sync
    assert due is not None
    assert due <= team.now()
    assert "Syncs wait for the engine" in words(page)
    assert "The next sync begins in a moment" in words(page)


def test_a_sync_that_failed_says_why_and_what_to_do(team: Context, open_page: Open, google: "Google") -> None:
    hand = a_sheet(google, [row("First")])
    connection = synced(team, google, hand)
    hand.file.roles[ROBOT] = "reader"
    sync(team, connection)
    page = open_page(PAGE)
    assert "Needs attention" in plainly(page)
    assert "may be read by" in page.error[0].proto.title
    assert "make" in page.error[0].value
    history = alone(connection, "Syncs")
    assert "may be read by" in table(history)[0]["What it did"]


def test_a_paused_sheet_says_why_and_goes_on_when_it_is_resumed(
    team: Context, open_page: Open, google: "Google"
) -> None:
    hand = a_sheet(google, [row("First")])
    connection = synced(team, google, hand)
    del hand.file.roles[ROBOT]
    for _ in range(5):
        sync(team, connection)
    assert find_connection(team, connection.id).is_paused
    page = open_page(PAGE)
    assert "It failed too often and rests" in page.warning[0].value
    assert f"sheet_sync_{connection.id}" not in {button.key for button in page.button}
    hand.file.roles[ROBOT] = "writer"
    press(page, f"sheet_resume_{connection.id}")
    assert sync(team, connection).error is None
    assert not find_connection(team, connection.id).is_paused


def test_a_test_shows_what_google_allows_and_what_is_in_the_sheet(
    team: Context, open_page: Open, google: "Google"
) -> None:
    hand = a_sheet(google, [row("First", "myspace")])
    connection = connected(team, google, hand)
    page = press(open_page(PAGE), f"sheet_test_{connection.id}")
    assert "Slotwise may read and write" in words(page)
    assert "platform is not known" in page.dataframe[0].value["To mend"][0]
    press(page, "sheet_test_close")
    assert not page.dataframe


def test_a_test_while_google_is_out_of_reach_says_what_still_works(
    team: Context, open_page: Open, google: "Google", monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = synced(team, google, a_sheet(google, [row("First")]))
    hosts = Hosts(f"{google.url}/token", google.url, google.url)
    impatient = GoogleDoor(hosts, team.now, Random(7), pause=lambda _: True)
    monkeypatch.setitem(vars(running()), "google", impatient)
    google.weather = lambda _: faults.page(503)
    page = press(open_page(PAGE), f"sheet_test_{connection.id}")
    assert "cannot be reached" in page.error[0].proto.title
    assert "What still works:" in words(page)
    assert "Planned posts go out at their times" in words(page)
    google.weather = lambda _: None
    press(page, "sheet_test_again")
    assert "The sheet can be synced as it is" in words(page)


def test_disconnecting_asks_first_and_leaves_the_posts(team: Context, open_page: Open, google: "Google") -> None:
    connection = synced(team, google, a_sheet(google, [row("First")]))
    page = press(open_page(PAGE), f"sheet_disconnect_{connection.id}")
    assert "Its posts stay in the calendar" in words(page)
    press(page, "sheet_keep")
    assert len(list_connections(team)) == 1
    press(page, f"sheet_disconnect_{connection.id}")
    press(page, "sheet_disconnect_sure")
    assert list_connections(team) == ()
    assert [item.state for item in list_items(team).items] == [ItemState.SCHEDULED]
    assert page.subheader[0].value == "No sheet connected yet"


def test_an_account_in_use_is_not_removed_and_the_refusal_names_its_sheets(
    team: Context, open_page: Open, google: "Google"
) -> None:
    connection = connected(team, google, a_sheet(google, []))
    page = press(open_page(PAGE), f"account_gone_{connection.account_id}")
    press(page, "account_remove_sure")
    assert "Spring" in page.error[0].value
    assert len(list_accounts(team)) == 1


def test_an_account_that_nothing_uses_is_removed_after_a_question(
    team: Context, open_page: Open, google: "Google"
) -> None:
    account = an_account(team, google)
    page = press(open_page(PAGE), f"account_gone_{account}")
    press(page, "account_remove_sure")
    assert list_accounts(team) == ()


def many(team: Context, google: "Google", number: int = 60) -> None:
    for each in range(number):
        connected(team, google, a_sheet(google, [], f"Client {each:02}"), f"Client {each:02}", every_minutes=None)


def test_sixty_sheets_come_in_pages_and_a_search_in_the_address_finds_one(team: Context, google: "Google") -> None:
    google.quota = 1000
    running().__dict__.pop("google", None)
    many(team, google)
    page = frame().run().switch_page(PAGE).run()
    assert len([button for button in page.button if button.label == "Details"]) == 10
    page = frame().run().switch_page(PAGE)
    page.query_params["sheet_search"] = "client 42"
    page.run()
    assert [button.label for button in page.button if button.label == "Details"] == ["Details"]
    assert "Client 42" in words(page)


def test_a_filter_that_hides_every_sheet_offers_to_be_cleared(team: Context, open_page: Open, google: "Google") -> None:
    many(team, google, 4)
    page = open_page(PAGE)
    page.text_input(key="sheet_search").set_value("no such name").run()
    assert "No sheets match this filter" in words(page)
    press(page, "clear_sheets")
    assert "Client 03" in words(page)


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "[x](javascript:alert(1))", ":material/home:", "$x$"])
def test_a_hostile_name_is_shown_as_text(team: Context, open_page: Open, google: "Google", name: str) -> None:
    connected(team, google, a_sheet(google, [], name), name)
    page = open_page(PAGE)
    assert not page.exception
    assert name not in words(page)
    assert name in plainly(page)
