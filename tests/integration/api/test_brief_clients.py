"""The requests of the clients that the product was ordered with, one by one: what they send and what they read of it.

Time stands before the dates they were written with. Their clients are told apart by how they write a request.
"""

import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from api_bodies import CALENDAR, refusal
from api_server import Served, front_door, serving
from planned_posts import StandingClock
from websockets.sync.client import connect

from core.bootstrap import Slotwise
from core.services.api_keys import KeyDraft, create_key
from core.services.context import Context
from core.vocabulary import Scope, Signing

RECOMMENDATIONS = "/api/v1/scheduling/recommendations"
ALL = frozenset(Scope)


@pytest.fixture
def clock() -> StandingClock:
    """Stand before the dates of the brief."""
    return StandingClock(datetime(2025, 11, 1, 12, tzinfo=UTC))


@pytest.fixture
def key(ctx: Context) -> str:
    """Give an API key that may do everything."""
    return create_key(ctx, KeyDraft("Integrator", tuple(ALL)), ALL).secret


@pytest.fixture
def server(house: Slotwise) -> Iterator[Served]:
    """Give a server that is asked with a key, from another machine."""
    with serving(front_door(house, exposed=True)) as server:
        yield server


@pytest.fixture
def client(server: Served, key: str) -> Iterator[httpx.Client]:
    """Give a client that sends its key and the type of its body with every request, GETs too."""
    with server.client(**{"Authorization": f"Bearer {key}", "Content-Type": "application/json"}) as client:
        yield client


def single(content_id: str, platform: str, at: str, **fields: Any) -> dict[str, Any]:
    """Give a calendar of one item."""
    return {
        "title": "Launch Week Cadence",
        "timezone": "America/New_York",
        "items": [{"content_id": content_id, "platform": platform, "scheduled_time": at, **fields}],
    }


# --- README of the API: curl ---


def test_the_first_curl_works_without_any_header(served: Served) -> None:
    answer = httpx.get(served.url(f"{RECOMMENDATIONS}?platforms=youtube&target_count=5"), trust_env=False)
    assert answer.status_code == 200
    assert len(answer.json()["data"]) == 5
    assert {each["platform"] for each in answer.json()["data"]} == {"youtube"}


def test_the_second_curl_creates_a_calendar(client: httpx.Client) -> None:
    body = single("content_123", "youtube", "2025-11-06T14:00:00-05:00", metadata={"campaign_id": "camp_456"})
    made = client.post(CALENDAR, content=json.dumps(body))
    assert made.status_code == 201
    (item,) = made.json()["data"]["items"]
    assert (item["scheduled_time"], item["metadata"]) == ("2025-11-06T19:00:00Z", {"campaign_id": "camp_456"})


def test_platforms_and_health_answer(client: httpx.Client) -> None:
    platforms = client.get("/api/v1/scheduling/platforms").json()["data"]
    named = {each["id"] for each in platforms}
    assert {"youtube", "tiktok", "instagram", "linkedin", "twitter", "facebook"} <= named
    health = client.get("/api/v1/scheduling/health").json()
    assert health["scheduling_service"]
    assert health["timestamp"]


# --- The Python client ---


def test_the_python_client_reads_recommendations_and_creates_a_calendar(client: httpx.Client) -> None:
    params = {"platforms": "youtube,tiktok,instagram", "target_count": 15}
    advice = client.get(RECOMMENDATIONS, params=params)
    assert advice.status_code == 200
    assert len(advice.json()["data"]) == 15
    body = single("content_123", "youtube", "2025-11-07T15:00:00-05:00", metadata={"campaign_id": "summer_launch"})
    assert client.post(CALENDAR, json=body).status_code == 201


def test_the_multi_platform_client_takes_the_first_recommendation_as_the_time(client: httpx.Client) -> None:
    for platform in ("youtube", "tiktok", "instagram", "linkedin", "twitter", "facebook"):
        (advice,) = client.get(RECOMMENDATIONS, params={"platforms": platform, "target_count": 1}).json()["data"]
        body = single(f"{platform}_new_video", platform, advice["recommended_time"], metadata={"content": "x" * 500})
        made = client.post(CALENDAR, json=body)
        assert made.status_code == 201, made.text
        data = made.json()["data"]
        assert data.get("url") is None
        assert client.get(f"{CALENDAR}/{data['id']}").json()["data"]["title"] == "Launch Week Cadence"


def test_the_sheets_client_reads_the_items_of_a_calendar_without_asking_for_them(client: httpx.Client) -> None:
    metadata = {"source": "google_sheets", "target_audience": "makers", "tone": "friendly", "content": "A text"}
    body = single("sheets_my_post", "linkedin", "2025-11-10T09:00:00", metadata=metadata)
    made = client.post(CALENDAR, json=body).json()["data"]
    data = client.get(f"{CALENDAR}/{made['id']}").json()["data"]
    assert data["title"]
    assert data["items"][0]["metadata"] == metadata
    assert data["items"][0]["scheduled_time"] == "2025-11-10T14:00:00Z"


def test_the_resilient_client_reads_its_limits_in_whole_numbers(client: httpx.Client) -> None:
    made = client.post(CALENDAR, json=single("c", "youtube", "2025-11-07T15:00:00-05:00"))
    assert int(made.headers["x-ratelimit-remaining"]) >= 0
    assert int(made.headers["x-ratelimit-reset"]) > 0
    assert int(made.headers["x-ratelimit-limit"]) > 0


def test_the_agency_and_the_shop_create_many_calendars_one_after_the_other(client: httpx.Client) -> None:
    days = [f"2025-11-{day:02}T{hour}:00:00" for day in (3, 5, 7) for hour in (10, 15)]
    ids = [client.post(CALENDAR, json=single(f"c_{day}", "tiktok", day)).json()["data"]["id"] for day in days]
    assert len(set(ids)) == len(days)


# --- The React components and hooks ---


@pytest.mark.parametrize("platform", ["all", "youtube", "tiktok", "instagram", "linkedin", "twitter"])
def test_the_dashboard_of_the_brief_loads_posts_and_advice(client: httpx.Client, platform: str) -> None:
    client.post(CALENDAR, json=single("c", "twitter", "2025-11-07T15:00:00-05:00", metadata={"campaign_id": "k"}))
    posts = client.get(f"{CALENDAR}?platform={platform}")
    assert posts.status_code == 200
    for each in posts.json()["data"]:
        assert {"id", "content_id", "platform", "scheduled_time", "status", "metadata"} <= set(each)
    assert len(posts.json()["data"]) == (platform in {"all", "twitter"})
    advice = client.get(f"{RECOMMENDATIONS}?platforms={platform}&target_count=5")
    assert len(advice.json()["data"]) == 5
    for each in advice.json()["data"]:
        assert each["platform"]
        assert 0 <= each["confidence_score"] <= 1
        assert datetime.fromisoformat(each["recommended_time"])
        assert each["reason"]


def test_the_dashboard_schedules_a_recommendation_as_it_stands(client: httpx.Client) -> None:
    advice = client.get(f"{RECOMMENDATIONS}?platforms=all&target_count=5").json()["data"]
    for number, each in enumerate(advice):
        metadata = {"auto_generated": True, "confidence": each["confidence_score"]}
        body = single(f"generated_{number}", each["platform"], each["recommended_time"], metadata=metadata)
        assert client.post(CALENDAR, json=body).status_code == 201


def test_the_form_of_the_brief_sends_a_local_time_without_seconds(client: httpx.Client) -> None:
    made = client.post(CALENDAR, json=single("content_9", "youtube", "2025-11-07T15:00", metadata={}))
    assert made.json()["data"]["items"][0]["scheduled_time"] == "2025-11-07T20:00:00Z"


def test_the_form_sent_empty_names_the_empty_fields(client: httpx.Client) -> None:
    empty = {"title": "", "timezone": "America/New_York", "items": [single("", "youtube", "")["items"][0]]}
    status, code, values = refusal(client.post(CALENDAR, json=empty))
    assert (status, code) == (422, "validation_error")
    assert {"title", "items[0].content_id"} <= set(values)


def test_the_hooks_read_scores_windows_and_reasons(client: httpx.Client) -> None:
    params = {"platforms": "youtube", "target_count": 10, "timezone": "Europe/Berlin"}
    for each in client.get(RECOMMENDATIONS, params=params).json()["data"]:
        assert each["id"]
        assert 0 <= each["score"] <= 1
        assert each["recommended_time"] == each["window_start"] < each["window_end"]
        assert each["reason"] == ", ".join(each["reasons"]) or all(part in each["reason"] for part in each["reasons"])
        assert each["timezone"] == "Europe/Berlin"


@pytest.mark.parametrize("title", ["My Schedule", "Mobile Schedule"])
def test_the_hooks_write_the_fields_of_an_item_as_javascript_does(client: httpx.Client, title: str) -> None:
    advice = client.get(RECOMMENDATIONS, params={"platforms": "youtube", "target_count": 10}).json()["data"][0]
    item = {"contentId": "content_123", "platform": "youtube", "scheduledTime": advice["window_start"]}
    made = client.post(CALENDAR, json={"title": title, "timezone": "Europe/Berlin", "items": [item]})
    assert made.status_code == 201, made.text
    assert made.json()["data"]["items"][0]["content_id"] == "content_123"
    optimized = client.post("/api/v1/scheduling/optimize", json={"scheduleId": made.json()["id"], "apply": True})
    assert optimized.json()["schedule"]["id"] == made.json()["id"]


# --- JavaScript on a server, and phones ---


def test_the_direct_client_makes_a_key_of_time_and_chance(client: httpx.Client) -> None:
    headers = {"Idempotency-Key": "key_1762437600000_k3j9x7abc"}
    body = single("content_123", "youtube", "2025-11-06T14:00:00-05:00")
    first, again = (client.post(CALENDAR, json=body, headers=headers) for _ in range(2))
    assert first.status_code == 201
    assert first.json()["id"] == again.json()["id"]


@pytest.mark.parametrize(
    "spelling",
    ["platforms[]=youtube&platforms[]=tiktok", "platforms%5B%5D=tiktok&platforms%5B%5D=youtube",
     "platforms=youtube&platforms=tiktok", "platforms=youtube,tiktok", "platforms=youtube,%20tiktok"],
)  # fmt: skip
def test_every_spelling_of_a_list_means_the_same(client: httpx.Client, spelling: str) -> None:
    answer = client.get(f"{RECOMMENDATIONS}?{spelling}&target_count=10")
    same = client.get(f"{RECOMMENDATIONS}?platforms=youtube,tiktok&target_count=10")
    assert answer.json()["data"] == same.json()["data"]
    assert {each["platform"] for each in answer.json()["data"]} <= {"youtube", "tiktok"}


@pytest.mark.parametrize(
    "spelling",
    ["expand=items,metrics", "expand=items&expand=metrics", "expand[]=items&expand[]=metrics",
     "expand%5B%5D=items,metrics"],
)  # fmt: skip
def test_every_spelling_of_expand_means_the_same(client: httpx.Client, spelling: str) -> None:
    made = client.post(CALENDAR, json=single("c", "youtube", "2025-11-07T15:00:00-05:00")).json()
    data = client.get(f"{CALENDAR}/{made['id']}?{spelling}").json()["data"]
    assert len(data["items"]) == 1
    assert data["metrics"]["total"] == 1


def test_the_phone_reads_the_id_at_the_top_and_opens_it(client: httpx.Client) -> None:
    answer = client.get(f"{RECOMMENDATIONS}?platforms%5B%5D=youtube&target_count=5")
    body = single("content_123", "youtube", answer.json()["data"][0]["window_start"])
    schedule = client.post(CALENDAR, json={**body, "title": "Mobile Schedule"}).json()
    opened = client.get(f"{CALENDAR}/{schedule['id']}")
    assert opened.json()["data"]["title"] == "Mobile Schedule"


def test_the_node_proxy_asks_for_two_expansions_and_is_told_what_is_not_there(client: httpx.Client) -> None:
    assert client.get(f"{CALENDAR}/sched_123", params={"expand": ["items", "metrics"]}).status_code == 404


def test_the_queue_optimizes_and_applies(client: httpx.Client) -> None:
    made = client.post(CALENDAR, json=single("content_7", "youtube", "2025-11-07T03:00:00-05:00")).json()
    target = {"content_id": "content_7", "platform": "youtube", "current_scheduled_time": "2025-11-07T03:00:00-05:00"}
    answer = client.post(
        "/api/v1/scheduling/optimize", json={"schedule_id": made["id"], "targets": [target], "apply": True}
    )
    assert answer.status_code == 200, answer.text
    assert answer.json()["data"]["applied"] is True
    assert answer.json()["schedule"]["id"] == made["id"]


# --- The FastAPI proxy ---


def test_the_fastapi_proxy_sends_its_deadline_and_nulls(client: httpx.Client) -> None:
    body = single("content_123", "youtube", "2025-11-06T14:00:00-05:00", metadata=None, callbacks=None)
    body["processing_deadline_ms"] = 10_800_000
    made = client.post(CALENDAR, json=body, headers={"Idempotency-Key": "0b0e7a1c-3a4c-4b7e-9d62-5ad1d2b9a111"})
    assert made.status_code == 201, made.text


def test_the_fastapi_proxy_may_send_callbacks(client: httpx.Client) -> None:
    callbacks = {"on_published": "https://hooks.example.com/published", "on_failed": "https://hooks.example.com/failed"}
    body = single("content_123", "youtube", "2025-11-06T14:00:00-05:00", callbacks=callbacks)
    assert client.post(CALENDAR, json=body).status_code == 201


@pytest.mark.parametrize(("create", "optimize"), [("create", "optimize"), ("create_schedule", "optimize_schedule")])
def test_a_batch_of_either_client_is_answered_for_each_operation(
    client: httpx.Client, create: str, optimize: str
) -> None:
    made = client.post(CALENDAR, json=single("a", "youtube", "2025-11-07T15:00:00-05:00")).json()["id"]
    operations = [
        {"type": create, "data": single("b", "tiktok", "2025-11-08T15:00:00-05:00")},
        {"type": optimize, "data": {"schedule_id": made, "targets": [], "apply": False}},
        {"type": create, "data": single("c", "nowhere", "2025-11-08T15:00:00-05:00")},
        {"type": "unknown_operation", "data": {}},
    ]
    answer = client.post("/api/v1/scheduling/batch", json={"operations": operations})
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert [each["index"] for each in body["results"]] == [0, 1, 2, 3]
    assert [each["status"] for each in body["results"]] == ["success", "success", "error", "error"]
    assert [each["index"] for each in body["successful"]] == [0, 1]
    assert [each["index"] for each in body["failed"]] == [2, 3]


# --- Tokens and signatures ---


def test_the_auth_manager_refreshes_its_token(server: Served, key: str) -> None:
    with server.client() as client:
        first = client.post("/api/v1/auth/token", json={"grant_type": "api_key", "api_key": key}).json()
        body = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
        renewed = client.post("/api/v1/auth/token", json=body).json()
        assert renewed["expires_in"] > 0
        headers = {"Authorization": f"Bearer {renewed['access_token']}", "User-Agent": "App/1.0"}
        assert client.get(CALENDAR, headers=headers).status_code == 200


def test_the_signed_client_signs_method_address_body_and_time(
    server: Served, ctx: Context, clock: StandingClock
) -> None:
    made = create_key(ctx, KeyDraft("Signed", tuple(ALL), signing=Signing.REQUIRED), ALL)
    body = json.dumps(single("content_123", "youtube", "2025-11-06T14:00:00-05:00"), separators=(",", ":"))
    address, moment = server.url(CALENDAR), str(int(clock().timestamp() * 1000))
    said = f"POST\n{address}\n{body}\n{moment}".encode()
    assert made.signing_secret is not None
    headers = {
        "Authorization": f"Bearer {made.secret}",
        "X-Signature": hmac.new(made.signing_secret.encode(), said, hashlib.sha256).hexdigest(),
        "X-Timestamp": moment,
        "Content-Type": "application/json",
    }
    with httpx.Client(trust_env=False) as client:
        assert client.post(address, content=body, headers=headers).status_code == 201
        again = client.post(address, content=body, headers=headers)
        assert refusal(again)[:2] == (401, "invalid_signature")
        other = client.post(address, content=body.replace("content_123", "content_124"), headers=headers)
        assert refusal(other)[:2] == (401, "invalid_signature")
        del headers["X-Signature"]
        assert refusal(client.post(address, content=body, headers=headers))[:2] == (401, "invalid_signature")


# --- WebSockets ---


def test_the_progress_monitor_connects_at_the_root_with_its_token(
    server: Served, key: str, client: httpx.Client
) -> None:
    address = f"ws://{server.host}/ws?token={key}"
    with connect(address, proxy=None) as line:
        line.send(json.dumps({"type": "subscribe", "channels": ["job_progress"]}))
        line.send(json.dumps({"type": "ping"}))
        assert json.loads(line.recv(timeout=60))["type"] == "pong"


def test_the_first_socket_of_the_brief_follows_one_calendar(server: Served, key: str, client: httpx.Client) -> None:
    made = client.post(CALENDAR, json=single("a", "youtube", "2025-11-07T15:00:00-05:00")).json()["id"]
    with connect(f"ws://{server.host}/api/v1/scheduling/ws?schedule_id={made}&token={key}", proxy=None) as line:
        assert json.loads(line.recv(timeout=60))["data"]["schedule_id"] == made
        client.patch(f"{CALENDAR}/{made}", json={"title": "Renamed"})
        assert json.loads(line.recv(timeout=60))["type"] == "schedule_updated"
