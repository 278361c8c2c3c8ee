"""WebSockets against a real server: current state, live events, resuming without loss, slow and foreign clients."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from event_writer import write
from planned_posts import TUESDAY, StandingClock, post
from socket_stage import BEAT, Client, KeyDoor, client, deaf_client, serving, sockets_of
from starlette.applications import Starlette
from starlette.routing import Mount
from told_events import told

from core.api import sockets
from core.api.app import create_api
from core.api.sockets import AtRoot
from core.bootstrap import Slotwise
from core.services.access import Caller
from core.services.calendars import (
    CalendarEdit,
    NewCalendar,
    create_calendar,
    edit_calendar,
    schedule_item,
)
from core.services.channels import ChannelDraft, ChannelView, add_channel
from core.services.context import Context
from core.services.events import newest_event_id
from core.services.item_views import ItemView
from core.services.moves import cancel_item, move_item
from core.services.pruning import prune
from core.storage.tables import JobRun
from core.vocabulary import JobState, Scope

WRITER = Path(__file__).with_name("event_writer.py")


@pytest.fixture
def address(house: Slotwise) -> Iterator[str]:
    with sockets_of(house) as served:
        yield served


@pytest.fixture
def item(ctx: Context, linkedin: ChannelView) -> ItemView:
    return schedule_item(ctx, post(linkedin, TUESDAY))


def start_job(ctx: Context, key: str = "run_1", state: JobState = JobState.QUEUED) -> None:
    with ctx.write() as session:
        session.add(JobRun(id=key, job="import_history", state=state, total=100, started_at=ctx.now()))


def change_job(ctx: Context, key: str, **values: object) -> None:
    with ctx.write() as session:
        session.get_one(JobRun, key).sqlmodel_update(values)


# --- What is told ---


def test_a_client_is_told_of_changes_as_they_happen(address: str, ctx: Context, item: ItemView) -> None:
    with client(address) as browser:
        browser.sync()
        cancel_item(ctx, item.id)
        first, second = browser.next(), browser.next()
    assert {first["type"], second["type"]} == {"item_updated", "schedule_updated"}
    changed = first if first["type"] == "item_updated" else second
    assert set(changed) == {"type", "data", "id", "at"}
    assert (changed["data"]["item_id"], changed["data"]["status"]) == (item.id, "canceled")
    assert [one["id"] for one in browser.told[1:]] == [str(event.id) for event in told(ctx)[-2:]]


def test_the_address_of_one_calendar_gives_its_state_at_once_and_then_its_events_alone(
    address: str, ctx: Context, item: ItemView, linkedin: ChannelView
) -> None:
    with client(address, f"/v1/scheduling/ws?schedule_id={item.calendar_id}") as browser:
        standing = browser.next()
        assert (standing["type"], standing["data"]["schedule_id"]) == ("schedule_updated", item.calendar_id)
        other = schedule_item_elsewhere(ctx, linkedin)
        move_item(ctx, other.id, TUESDAY.replace(hour=20))
        move_item(ctx, item.id, TUESDAY.replace(hour=18))
        assert browser.next()["data"]["item_id"] == item.id


def schedule_item_elsewhere(ctx: Context, channel: ChannelView) -> ItemView:
    return create_calendar(ctx, NewCalendar("Other", "UTC", (post(channel, TUESDAY, "Other"),))).items[0]


def test_a_calendar_of_somebody_else_does_not_exist(address: str, stranger: Context) -> None:
    with client(address, "/v1/scheduling/ws?schedule_id=cal_unknown") as browser:
        assert browser.next()["data"]["error_code"] == "not_found"
        assert browser.closed()[0] == 4404


def test_who_follows_a_job_is_told_how_it_stands_and_how_it_ends(address: str, ctx: Context) -> None:
    start_job(ctx)
    with client(address) as waiting:
        waiting.send(job_id="run_1")
        assert waiting.next()["data"] == {"job_id": "run_1", "progress": 0, "step": "queued"}
        change_job(ctx, "run_1", state=JobState.RUNNING, done=42)
        assert waiting.next()["data"] == {"job_id": "run_1", "progress": 42, "step": "import history"}
        change_job(ctx, "run_1", state=JobState.COMPLETED, result={"created": 7})
        end = waiting.next()
    assert (end["type"], end["error"]) == ("job_completed", None)
    assert end["data"] == {"job_id": "run_1", "progress": 100, "result": {"created": 7}}


@pytest.mark.parametrize(
    ("state", "wanted", "error"),
    [
        (JobState.COMPLETED, "job_completed", None),
        (JobState.FAILED, "job_failed", "No."),
        (JobState.CANCELED, "job_failed", "It was canceled."),
    ],
)
def test_a_job_that_has_ended_is_reported_as_ended(
    address: str, ctx: Context, state: JobState, wanted: str, error: str | None
) -> None:
    start_job(ctx, state=state)
    if state is JobState.FAILED:
        change_job(ctx, "run_1", error="No.")
    with client(address) as waiting:
        waiting.send(job_id="run_1")
        end = waiting.next()
    assert (end["type"], end["error"], end["data"]["job_id"]) == (wanted, error, "run_1")


def test_an_unknown_job_is_said_to_be_unknown(address: str, ctx: Context, stranger: Context) -> None:
    start_job(stranger, "run_theirs")
    with client(address) as waiting:
        for job in ("run_unknown", "run_theirs"):
            waiting.send(job_id=job)
            assert waiting.next()["data"]["error_code"] == "not_found"


def test_who_subscribes_to_topics_hears_those_alone(address: str, ctx: Context, item: ItemView) -> None:
    with client(address) as browser:
        browser.send(type="subscribe", channels=["job_progress"])
        browser.sync()
        cancel_item(ctx, item.id)
        start_job(ctx)
        assert browser.next()["type"] == "job_progress"


def test_a_client_is_answered_and_hears_a_heart(house: Slotwise) -> None:
    with sockets_of(house, beat=BEAT) as address, client(address) as browser:
        browser.send(type="ping")
        assert browser.next("pong")["data"] == {}
        assert browser.next("heartbeat")["type"] == "heartbeat"


def test_the_socket_of_the_whole_api_answers_at_the_root_as_well(house: Slotwise, ctx: Context) -> None:
    api = create_api(lambda: house, house.settings, exposed=False)
    app = Starlette(routes=[Mount("/api", api), AtRoot(api).route()])
    start_job(ctx)
    with serving(app) as address:
        for path in ("/ws", "/api/v1/ws", "/api/v1/scheduling/ws"):
            with client(address, path) as browser:
                browser.send(job_id="run_1")
                assert browser.next()["type"] == "job_progress"


# --- What makes no sense ---


@pytest.mark.parametrize("text", ["nonsense", "[]", '{"type":"explode"}', '{"channels":["secrets"]}', "[" * 60_000])
def test_a_message_that_makes_no_sense_is_explained_and_the_socket_goes_on(address: str, text: str) -> None:
    with client(address) as browser:
        browser.connection.send(text)
        assert browser.next()["data"]["error_code"] == "validation_error"
        browser.connection.send(text.encode())
        assert browser.next()["data"]["error_code"] == "validation_error"
        browser.sync()


def test_a_huge_message_closes_the_socket(address: str) -> None:
    with client(address) as browser:
        browser.connection.send("x" * 65_537)
        assert browser.closed()[0] == 1009


# --- Who may listen ---


def key(workspace: str, *scopes: Scope) -> Caller:
    return Caller(workspace, "key", frozenset(scopes), "key_1")


def test_a_socket_without_a_valid_key_is_closed_with_4401(house: Slotwise, ctx: Context) -> None:
    door = KeyDoor(False, {"good": key(ctx.workspace, Scope.SCHEDULING_READ)})
    with sockets_of(house, door) as address:
        for path, headers in (
            ("/v1/ws", {}),
            ("/v1/ws?token=bad", {}),
            ("/v1/ws", {"Authorization": "Bearer bad"}),
            ("/v1/ws?token=good", {"Authorization": "Basic good"}),
        ):
            with client(address, path, additional_headers=headers) as browser:
                assert browser.closed()[0] == 4401
        for path, headers in (("/v1/ws?token=good", {}), ("/v1/ws", {"Authorization": "Bearer good"})):
            with client(address, path, additional_headers=headers) as browser:
                browser.sync()


def test_a_key_without_the_scope_is_closed_with_4403(house: Slotwise, ctx: Context) -> None:
    door = KeyDoor(False, {"weak": key(ctx.workspace, Scope.CHANNELS_READ)})
    with sockets_of(house, door) as address, client(address, "/v1/ws?token=weak") as browser:
        code, reason = browser.closed()
    assert code == 4403
    assert "scheduling:read" in reason


def test_a_page_of_another_site_cannot_listen_in_local_mode(address: str) -> None:
    with client(address, origin="https://evil.example") as browser:  # type: ignore[arg-type]
        assert browser.closed()[0] == 4403
    with client(address, origin=f"http://{address}") as browser:  # type: ignore[arg-type]
        browser.sync()


def test_a_name_that_leads_here_by_rebinding_cannot_listen(address: str) -> None:
    with client(address, additional_headers={"X-Forwarded-For": "1.2.3.4"}) as browser:
        assert browser.closed()[0] == 4401


def test_the_socket_of_a_revoked_key_is_closed_within_a_heartbeat(house: Slotwise, ctx: Context) -> None:
    door = KeyDoor(False, {"good": key(ctx.workspace, Scope.SCHEDULING_READ), "other": key(ctx.workspace)})
    with sockets_of(house, door, BEAT) as address, client(address, "/v1/ws?token=good") as browser:
        browser.next("heartbeat")
        del door.known["good"]
        assert browser.closed()[0] == 4401


def test_a_socket_hears_its_own_workspace_alone(
    house: Slotwise, ctx: Context, stranger: Context, item: ItemView
) -> None:
    readers = {name: key(each.workspace, Scope.SCHEDULING_READ) for name, each in (("us", ctx), ("them", stranger))}
    with (
        sockets_of(house, KeyDoor(False, readers)) as address,
        client(address, "/v1/ws?token=us") as ours,
        client(address, "/v1/ws?token=them") as theirs,
    ):
        ours.sync()
        theirs.sync()
        move_item(ctx, item.id, TUESDAY.replace(hour=18))
        assert ours.next()["data"]["item_id"] == item.id
        start_job(stranger)
        assert theirs.next()["data"]["job_id"] == "run_1"
        assert f"{item.id}" not in json.dumps(theirs.told)
        theirs.send(type="subscribe", last_event_id=str(newest_event_id(ctx)))
        assert theirs.next("resumed")["data"]["complete"] is False


# --- Going on ---


def test_a_client_that_comes_back_misses_nothing_while_another_process_writes(
    house: Slotwise, house_url: str, ctx: Context, item: ItemView, address: str
) -> None:
    start = newest_event_id(ctx)
    seen: list[str] = []
    last = str(start)
    command = [sys.executable, str(WRITER), house_url, ctx.workspace, item.calendar_id, "400"]
    with subprocess.Popen(command) as writer:  # noqa: S603 - our own script
        while writer.poll() is None or len(seen) < 400:
            with client(address, f"/v1/ws?last_event_id={last}") as browser:
                assert browser.next("resumed")["data"]["complete"] is True
                for _ in range(min(23, 400 - len(seen))):
                    message = browser.next("schedule_updated")
                    seen.append(message["id"])
                    last = message["id"]
    assert seen == [str(event.id) for event in told(ctx, start)]
    assert len(seen) == 400


def test_many_pages_are_sent_to_a_client_that_was_away_for_long(
    house_url: str, ctx: Context, item: ItemView, address: str
) -> None:
    start = newest_event_id(ctx)
    write(house_url, ctx.workspace, item.calendar_id, 1300)
    with client(address) as browser:
        browser.send(type="subscribe", channels=["schedule"], last_event_id=str(start))
        revisions = [browser.next("schedule_updated")["data"]["revision"] for _ in range(1300)]
        assert revisions == list(range(2, 1302))
        edit_calendar(ctx, item.calendar_id, CalendarEdit("The last", "UTC"))
        assert browser.next("schedule_updated")["data"]["title"] == "The last"


def test_no_message_bears_a_later_id_than_what_was_sent_before_it(
    ctx: Context, item: ItemView, linkedin: ChannelView, address: str
) -> None:
    start = newest_event_id(ctx)
    move_item(ctx, item.id, TUESDAY.replace(hour=18))
    missed = [event.id for event in told(ctx, start)]
    with client(address) as browser:
        browser.send(type="subscribe", schedule_id=item.calendar_id, last_event_id=str(start))
        browser.next("resumed")
        heard = [browser.next() for _ in missed]
    standing = next(one for one in browser.told if one["type"] == "schedule_updated")
    assert standing["id"] == str(start)  # cut off here, the client goes on from the first event it has missed
    assert [int(one["id"]) for one in heard] == missed


def test_an_event_nobody_keeps_any_more_is_said_to_be_missing(
    house: Slotwise, ctx: Context, item: ItemView, address: str, clock: StandingClock
) -> None:
    old = newest_event_id(ctx)
    prune(house.db, clock() + timedelta(days=7))
    with client(address, f"/v1/ws?last_event_id={old}") as browser:
        said = browser.next()
        assert (said["type"], said["data"]["complete"]) == ("resumed", False)
        cancel_item(ctx, item.id)
        assert browser.next()["data"]["status"] in {"canceled", "completed"}


@pytest.mark.parametrize("given", ["x", "-1", "99999999999999999999"])
def test_an_id_that_is_none_is_explained(address: str, given: str) -> None:
    with client(address, f"/v1/ws?last_event_id={given}") as browser:
        assert browser.next()["data"]["error_message"].startswith("last_event_id")


def test_a_client_that_does_not_read_is_closed_with_4408_and_holds_up_nobody(
    ctx: Context, item: ItemView, house_url: str, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # It reads after the last of the events, which a busy machine writes more slowly than a closed client is waited for.
    monkeypatch.setattr(sockets, "CLOSE_SECONDS", 300.0)
    with deaf_client(address) as what_it_was_closed_with, client(address) as quick:
        quick.sync()
        for revision in range(2, 402, 20):  # by twenties, so that the quick one need be no quicker than the machine
            write(house_url, ctx.workspace, item.calendar_id, 20, padding=50_000)
            heard = [quick.next("schedule_updated")["data"]["revision"] for _ in range(20)]
            assert heard == list(range(revision, revision + 20))
        assert what_it_was_closed_with() == 4408


def test_a_thousand_events_arrive_at_many_clients_in_order(
    ctx: Context, item: ItemView, house_url: str, address: str
) -> None:
    with ExitStack() as stack:
        clients: list[Client] = [stack.enter_context(client(address)) for _ in range(20)]
        for one in clients:
            one.sync()
        subprocess.run([sys.executable, str(WRITER), house_url, ctx.workspace, item.calendar_id, "200"], check=True)  # noqa: S603
        for one in clients:
            assert [one.next("schedule_updated")["data"]["revision"] for _ in range(200)] == list(range(2, 202))


def test_a_channel_of_its_own_is_no_event(address: str, ctx: Context, linkedin: ChannelView) -> None:
    draft = ChannelDraft(linkedin.platform, "Second", linkedin.kind, "UTC")
    with client(address) as browser:
        browser.sync()
        add_channel(ctx, replace(draft, name="Third"))
        browser.sync()
        assert [one["type"] for one in browser.told] == ["pong", "pong"]
