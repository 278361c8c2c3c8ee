"""Sheets as an engine syncs them: by itself, side by side, and waiting no longer than it runs."""

from pathlib import Path
from random import Random
from threading import Event

from google_faults import before, too_many
from google_server import Conversation
from google_world import Google
from sheet_stage import HEADERS, ROBOT, a_row, account, connected, desk_of, door_of, plan_sheet, posts

from core.bootstrap import Slotwise, assemble, open_worker
from core.engine.embedded import EmbeddedEngine
from core.engine.runner import Runner
from core.engine.sheet_crew import SheetCrew
from core.google.client import Hosts
from core.google.door import GoogleDoor
from core.services.context import Context
from core.services.sheet_connections import connect, find_connection, list_connections
from core.services.sheet_lists import list_sync_runs
from core.services.sheet_views import ConnectionDraft
from core.services.sheet_worker import SyncPoint
from core.settings import Settings

LONG = 60.0


def test_an_engine_syncs_a_connected_sheet_by_itself(google: Google, tmp_path: Path) -> None:
    settings = Settings(
        data_dir=tmp_path / "data",
        google_token_url=f"{google.url}/token",
        sheets_api_url=google.url,
        drive_api_url=google.url,
    )
    slotwise = assemble(settings)
    ctx, written = slotwise.context(), Event()
    row = ["Spring", "It is here.", "", "", "linkedin", "2036-03-03 10:00"]
    hand = google.sheet("Plan", [HEADERS, row], **{ROBOT: "writer"})
    connection = connected(ctx, google, slotwise.google, hand)

    google.weather = lambda _: written.set() if hand.at("G2") == "Scheduled" else None
    engine = EmbeddedEngine(open_worker(slotwise), slotwise)
    engine.start()
    assert written.wait(LONG)
    engine.stop()

    assert [post.title for post in posts(ctx, connection)] == ["Spring"]
    assert find_connection(ctx, connection.id).last_error is None
    slotwise.close()


def test_a_slow_sheet_holds_up_no_other(google: Google, house: Slotwise, ctx: Context) -> None:
    door = door_of(google, house)
    robot = account(ctx, google, door)
    for hour in (10, 11):
        hand = plan_sheet(google, a_row(f"Post {hour}", hour))
        connect(ctx, door, ConnectionDraft(f"Plan {hour}", robot.id, hand.id, timezone="UTC"))
    goes_on, finished = Event(), Event()
    google.will(before(lambda: goes_on.wait(LONG)), on="spreadsheets.get")
    desk = desk_of(house, door, at=lambda point: finished.set() if point is SyncPoint.FINISHED else None)
    crew = SheetCrew(desk, Event(), Runner(house.clock), threads=2)

    crew.wake()

    assert finished.wait(LONG)
    assert sorted(each.last_sync is None for each in list_connections(ctx)) == [False, True]
    goes_on.set()
    crew.stop(LONG)
    door.close()


def test_a_sheet_that_is_being_synced_is_not_begun_again(google: Google, house: Slotwise, ctx: Context) -> None:
    door = door_of(google, house)
    connection = connected(ctx, google, door, plan_sheet(google, a_row("Spring", 10)))
    crew = SheetCrew(desk_of(house, door), Event(), Runner(house.clock), threads=4)

    for _ in range(5):
        crew.wake()
    crew.stop(LONG)
    crew.wake()

    assert [post.title for post in posts(ctx, connection)] == ["Spring"]
    assert len(list_sync_runs(ctx, connection.id).runs) == 1
    door.close()


def test_a_stopping_engine_waits_for_no_quota(google: Google, house: Slotwise, ctx: Context) -> None:
    connection = connected(ctx, google, door_of(google, house), plan_sheet(google, a_row("Spring", 10)))
    asked, stopping = Event(), Event()

    def refuse(call: Conversation) -> None:
        too_many(100)(call)
        asked.set()

    google.weather = lambda _: refuse
    door = GoogleDoor(Hosts(f"{google.url}/token", google.url, google.url), house.clock, Random(7))
    crew = SheetCrew(desk_of(house, door.until(stopping)), stopping, Runner(house.clock), threads=1)

    crew.wake()
    assert asked.wait(LONG)
    crew.stop(LONG)

    assert crew.busy() == frozenset()
    assert "Slotwise is stopping" in str(find_connection(ctx, connection.id).last_error)
    door.close()
