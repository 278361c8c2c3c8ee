"""The bulk client and the progress monitors of the brief against a served API, request by request."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from api_server import Served, front_door, serving
from bulk_stage import told, work_off, worker_of
from planned_posts import StandingClock
from test_api_bulk import CAMPAIGN, PATH
from webhook_stage import courier_of, running_receiver, tell_all
from websockets.sync.client import ClientConnection, connect

from core.bootstrap import Slotwise
from core.services.api_keys import KeyDraft, create_key
from core.services.context import Context
from core.services.items import list_items
from core.services.webhook_outlets import reveal_callback_secret
from core.vocabulary import Scope

ALL = frozenset(Scope)


@pytest.fixture
def clock() -> StandingClock:
    """Stand before the dates of the brief."""
    return StandingClock(datetime(2025, 11, 1, 12, tzinfo=UTC))


@pytest.fixture
def here(house: Slotwise) -> Slotwise:
    """Give the installation with callbacks to this machine allowed."""
    return replace(house, settings=house.settings.model_copy(update={"webhook_allow_private": True}))


@pytest.fixture
def key(ctx: Context) -> str:
    """Give an API key that may do everything."""
    return create_key(ctx, KeyDraft("Client", tuple(ALL)), ALL).secret


@pytest.fixture
def server(here: Slotwise) -> Iterator[Served]:
    """Give a server that is asked with a key, from another machine."""
    with serving(front_door(here, exposed=True)) as server:
        yield server


@dataclass
class BulkOperationsClient:
    """Sends what the brief's client of this name sends, and insists on the answers it insists on."""

    client: httpx.Client

    def create_bulk_job(self, job_data: dict[str, Any]) -> dict[str, Any]:
        return self._read(self.client.post("/api/v1/bulk/jobs", json=job_data), 201)

    def get_bulk_job_status(self, job_id: str) -> dict[str, Any]:
        return self._read(self.client.get(f"/api/v1/bulk/jobs/{job_id}"), 200)

    def list_bulk_jobs(self, status: str | None = None, limit: int = 50) -> dict[str, Any]:
        params: dict[str, Any] = {"status": status} if status else {}
        return self._read(self.client.get("/api/v1/bulk/jobs", params={**params, "limit": limit}), 200)

    @staticmethod
    def _read(answer: httpx.Response, wanted: int) -> dict[str, Any]:
        assert answer.status_code == wanted, answer.text
        body: dict[str, Any] = answer.json()
        return body


@pytest.fixture
def client(server: Served, key: str) -> Iterator[BulkOperationsClient]:
    """Give the client of the brief; its headers go with GETs too."""
    with server.client(**{"Authorization": f"Bearer {key}", "Content-Type": "application/json"}) as http:
        yield BulkOperationsClient(http)


def campaign(rows: int, **fields: Any) -> dict[str, Any]:
    """Give a job of so many rows for one platform, an hour apart."""
    start = datetime(2025, 11, 10, tzinfo=UTC)
    items = [
        {
            "title": f"Post {n}",
            "platforms": ["linkedin"],
            "scheduled_times": {"linkedin": (start + timedelta(hours=n)).isoformat()},
        }
        for n in range(rows)
    ]
    return {
        "name": "Campaign",
        "operation_type": "schedule_content",
        "data": {"content_items": items},
        **fields,
    }


def heard(line: ClientConnection, last: str) -> list[dict[str, Any]]:
    """Give everything a socket is told, up to a message of the type `last`."""
    messages: list[dict[str, Any]] = []
    while not messages or messages[-1]["type"] != last:
        messages.append(json.loads(line.recv(timeout=60)))
    return messages


def test_the_bulk_client_creates_its_campaign_and_asks_until_it_is_completed(
    client: BulkOperationsClient, house: Slotwise, ctx: Context
) -> None:
    made = client.create_bulk_job(CAMPAIGN)
    job_id = made["data"]["id"]
    assert (made["data"]["status"], client.get_bulk_job_status(job_id)["data"]["status"]) == ("queued", "queued")
    worker = worker_of(house)
    assert work_off(worker, 1) == 1
    half = client.get_bulk_job_status(job_id)["data"]
    assert (half["status"], half["progress"]["percent"], half["progress"]["step"]) == ("running", 50, "scheduling rows")
    work_off(worker)
    assert client.get_bulk_job_status(job_id)["data"]["status"] == "completed"
    assert [each["id"] for each in client.list_bulk_jobs()["data"]] == [job_id]
    assert client.list_bulk_jobs("running", limit=10)["data"] == []
    zone = {item.platform: item.scheduled_at.isoformat() for item in list_items(ctx).items}
    assert zone["tiktok"] == "2025-11-10T21:00:00+00:00"


def test_who_waits_for_one_job_is_told_how_it_stands_and_how_it_ends(
    server: Served, key: str, client: BulkOperationsClient, house: Slotwise, clock: StandingClock
) -> None:
    job_id, worker = client.create_bulk_job(campaign(4))["data"]["id"], worker_of(house)
    with connect(f"ws://{server.host}/ws?token={key}", proxy=None) as line:
        line.send(json.dumps({"job_id": job_id}))
        first = json.loads(line.recv(timeout=60))
        assert (first["type"], first["data"]["job_id"], first["data"]["progress"]) == ("job_progress", job_id, 0)
        while work_off(worker, 1):
            clock.move(timedelta(seconds=2))
        messages = heard(line, "job_completed")
    assert [each["data"]["progress"] for each in messages] == [25, 50, 75, 100]
    assert (messages[-1]["error"], messages[-1]["data"]["result"]["done"]) == (None, 4)
    with connect(f"ws://{server.host}/ws?token={key}", proxy=None) as late:
        late.send(json.dumps({"job_id": job_id}))
        assert json.loads(late.recv(timeout=60))["type"] == "job_completed"


def test_the_progress_monitor_hears_every_job_and_why_one_failed(
    server: Served, key: str, client: BulkOperationsClient, house: Slotwise, clock: StandingClock
) -> None:
    with connect(f"ws://{server.host}/ws?token={key}", proxy=None) as line:
        line.send(json.dumps({"type": "subscribe", "channels": ["job_progress"]}))
        line.send(json.dumps({"type": "ping"}))
        assert json.loads(line.recv(timeout=60))["type"] == "pong"
        job_id = client.create_bulk_job(campaign(1))["data"]["id"]
        clock.move(timedelta(days=30))  # its time has passed when its turn comes
        work_off(worker_of(house))
        messages = heard(line, "job_failed")
    assert {each["data"]["job_id"] for each in messages} == {job_id}
    assert {each["type"] for each in messages} == {"job_progress", "job_failed"}
    assert messages[-1]["error"] == messages[-1]["data"]["error"]
    assert "already passed" in messages[-1]["error"]


def test_a_monitor_that_comes_back_with_the_last_id_it_saw_misses_nothing(
    server: Served, key: str, client: BulkOperationsClient, house: Slotwise, ctx: Context, clock: StandingClock
) -> None:
    address, worker = f"ws://{server.host}/ws?token={key}", worker_of(house)
    subscription = {"type": "subscribe", "channels": ["job_progress"]}
    with connect(address, proxy=None) as line:
        line.send(json.dumps(subscription))
        line.send(json.dumps({"type": "ping"}))
        assert json.loads(line.recv(timeout=60))["type"] == "pong"
        job_id = client.create_bulk_job(campaign(5))["data"]["id"]
        last = json.loads(line.recv(timeout=60))
    while work_off(worker, 1):
        clock.move(timedelta(seconds=2))
    with connect(address, proxy=None) as line:
        line.send(json.dumps({**subscription, "last_event_id": last["id"]}))
        messages = heard(line, "job_completed")
    resumed, *missed = messages
    assert (resumed["type"], resumed["data"]["complete"]) == ("resumed", True)
    shares = [share for _, share in told(ctx, job_id)]
    assert [last["data"]["progress"], *(each["data"]["progress"] for each in missed)] == shares
    assert shares == sorted(shares)


def test_a_job_calls_back_once_when_it_is_completed_with_its_signature(
    client: BulkOperationsClient, here: Slotwise, ctx: Context
) -> None:
    with running_receiver() as receiver:
        receiver.secret, receiver.minds_the_time = reveal_callback_secret(ctx), False
        callbacks = {"on_completed": receiver.url, "on_failed": "https://example.com/never"}
        job_id = client.create_bulk_job(campaign(2, callbacks=callbacks))["data"]["id"]
        work_off(worker_of(here))
        tell_all(courier_of(here))
        (body,) = receiver.visible.values()
    assert (body["type"], body["data"]["job_id"], body["data"]["result"]["done"]) == ("job_completed", job_id, 2)


def test_a_dry_run_creates_nothing_for_the_client_to_find(client: BulkOperationsClient) -> None:
    answer = client.client.post(PATH, json={**CAMPAIGN, "dry_run": True})
    assert (answer.status_code, answer.json()["data"]["ready"]) == (200, True)
    assert client.list_bulk_jobs()["data"] == []
