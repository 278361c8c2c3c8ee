"""Webhook endpoints and deliveries over HTTP."""

from collections.abc import Iterator

import httpx
import pytest
from webhook_stage import Receiver, courier_of, endpoint, refuse, running_receiver, tell_all

from core.bootstrap import Slotwise
from core.services.context import Context
from core.services.webhook_views import EndpointDraft
from core.services.webhooks import add_endpoint

WEBHOOKS, DELIVERIES = "/api/v1/webhooks", "/api/v1/deliveries"
NEW = {"url": "https://example.com/hook", "description": "CRM", "types": ["item.published"]}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with running_receiver() as running:
        yield running


def made(api: httpx.Client) -> dict[str, object]:
    answer = api.post(WEBHOOKS, json=NEW)
    assert answer.status_code == 201
    data: dict[str, object] = answer.json()["data"]
    return data


def test_an_endpoint_is_made_read_changed_and_removed(api: httpx.Client) -> None:
    new = made(api)
    assert {name: new[name] for name in NEW} == NEW
    assert (new["state"], new["disabled_reason"], new["waiting"]) == ("active", None, 0)
    read = api.get(f"{WEBHOOKS}/{new['id']}")
    assert (read.json()["data"], read.headers["etag"]) == (new, '"1"')
    assert api.get(WEBHOOKS).json()["data"] == [new]
    off = api.patch(f"{WEBHOOKS}/{new['id']}", json={"active": False}, headers={"If-Match": '"1"'})
    assert (off.status_code, off.json()["state"], off.json()["data"]["types"]) == (200, "inactive", ["item.published"])
    stale = api.patch(f"{WEBHOOKS}/{new['id']}", json={"active": True}, headers={"If-Match": '"1"'})
    assert (stale.status_code, stale.json()["error_code"]) == (409, "state_conflict")
    assert api.delete(f"{WEBHOOKS}/{new['id']}", headers={"If-Match": '"1"'}).status_code == 409
    assert api.delete(f"{WEBHOOKS}/{new['id']}").status_code == 204
    assert api.get(f"{WEBHOOKS}/{new['id']}").status_code == 404


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({}, "url"),
        ({"url": "https://10.0.0.1/"}, "url"),
        ({"url": "http://example.com/"}, "url"),
        ({**NEW, "types": ["item.lost"]}, "types[0]"),
        ({**NEW, "types": "all"}, "types"),
        ({**NEW, "colour": "red"}, "colour"),
    ],
)
def test_an_endpoint_that_makes_no_sense_is_refused_by_its_place(
    api: httpx.Client, body: dict[str, object], place: str
) -> None:
    answer = api.post(WEBHOOKS, json=body)
    assert (answer.status_code, answer.json()["details"][0]["loc"]) == (422, place)


def test_a_secret_is_read_and_rotated_and_not_remembered(api: httpx.Client) -> None:
    own = f"{WEBHOOKS}/{made(api)['id']}"
    secret = api.get(f"{own}/secret").json()["data"]["secret"]
    assert secret.startswith("whsec_")
    assert secret not in api.get(own).text
    rotated = api.post(f"{own}/rotate-secret").json()["data"]["secret"]
    assert rotated == api.get(f"{own}/secret").json()["data"]["secret"] != secret
    first = api.get("/api/v1/callbacks/secret").json()["data"]["secret"]
    assert api.get("/api/v1/callbacks/secret").json()["data"]["secret"] == first
    assert api.post("/api/v1/callbacks/rotate-secret").json()["data"]["secret"] != first


def test_a_test_leaves_a_delivery_that_tells_how_it_went_and_can_be_sent_again(
    house: Slotwise, ctx: Context, api: httpx.Client, receiver: Receiver
) -> None:
    made_here = endpoint(ctx, receiver)
    receiver.faults.append(refuse(410, b"gone fishing"))
    ping = api.post(f"{WEBHOOKS}/{made_here.id}/test", headers={"Idempotency-Key": "once"})
    assert (ping.status_code, ping.json()["state"]) == (202, "pending")
    again = api.post(f"{WEBHOOKS}/{made_here.id}/test", headers={"Idempotency-Key": "once"})
    assert again.json() == ping.json()
    tell_all(courier_of(house))
    detail = api.get(f"{DELIVERIES}/{ping.json()['id']}").json()["data"]
    assert (detail["state"], detail["last_status"], detail["attempts"]) == ("failed", 410, 1)
    assert detail["payload"]["type"] == "ping"
    assert detail["log"][0]["error"] == "The receiver answered 410: gone fishing."
    assert api.get(f"{WEBHOOKS}/{made_here.id}").json()["data"]["disabled_reason"]
    off = api.post(f"{DELIVERIES}/{detail['id']}/replay")
    assert (off.status_code, off.json()["error_code"]) == (409, "state_conflict")
    log = api.get(f"{WEBHOOKS}/{made_here.id}/deliveries", params={"state": "failed"}).json()
    assert [each["id"] for each in log["data"]] == [detail["id"]]
    assert api.get(DELIVERIES, params={"state": "delivered"}).json()["data"] == []
    assert api.post(f"{WEBHOOKS}/{made_here.id}/test").status_code == 409


def test_a_delivery_is_replayed(house: Slotwise, ctx: Context, api: httpx.Client, receiver: Receiver) -> None:
    ping = api.post(f"{WEBHOOKS}/{endpoint(ctx, receiver).id}/test").json()["id"]
    assert api.post(f"{DELIVERIES}/{ping}/replay").status_code == 409
    tell_all(courier_of(house))
    assert api.post(f"{DELIVERIES}/{ping}/replay").status_code == 202
    tell_all(courier_of(house))
    assert receiver.ids == [ping, ping]


def test_what_belongs_to_somebody_else_is_not_there(api: httpx.Client, stranger: Context) -> None:
    theirs = add_endpoint(stranger, EndpointDraft("https://example.com/"))
    for path in (theirs.id, f"{theirs.id}/secret", f"{theirs.id}/deliveries"):
        assert api.get(f"{WEBHOOKS}/{path}").status_code == 404
    for path in (f"{WEBHOOKS}/{theirs.id}/test", f"{WEBHOOKS}/{theirs.id}/rotate-secret", f"{DELIVERIES}/msg_1/replay"):
        assert api.post(path).status_code == 404
    assert api.get(f"{DELIVERIES}/msg_1").status_code == 404
    assert api.get(WEBHOOKS).json()["data"] == []


def test_a_call_of_callbacks_is_checked_by_its_place(api: httpx.Client) -> None:
    item = {"content_id": "c", "platform": "linkedin", "scheduled_time": "2027-03-01T10:00:00Z"}
    body = {"title": "Spring", "items": [{**item, "callbacks": {"on_published": "https://127.0.0.1/x"}}]}
    answer = api.post("/api/v1/scheduling/calendar", json=body)
    assert (answer.status_code, answer.json()["details"][0]["loc"]) == (422, "items[0].callbacks.on_published")
