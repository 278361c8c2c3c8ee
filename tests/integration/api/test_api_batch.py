"""Batches over HTTP: each operation by itself, as the single call would do it, and never twice."""

from typing import Any

import httpx
import pytest

from core.services.audit import list_audit
from core.services.calendars import list_calendars
from core.services.context import Context
from core.services.items import find_item, list_items
from core.vocabulary import CalendarState, ItemState

PATH = "/api/v1/scheduling/batch"


def new(title: str = "Launch week", **changes: object) -> dict[str, Any]:
    item = {"content_id": "c1", "platform": "youtube", "scheduled_time": "2026-03-09T14:00:00Z", **changes}
    return {"type": "create", "data": {"title": title, "timezone": "UTC", "items": [item]}}


def send(api: httpx.Client, *operations: dict[str, Any], key: str = "") -> httpx.Response:
    return api.post(PATH, json={"operations": operations}, headers={"Idempotency-Key": key} if key else {})


def test_one_that_fails_affects_no_other_and_is_told_by_its_place(api: httpx.Client, ctx: Context) -> None:
    answer = send(api, new(), new(platform="yuotube"), {"type": "fly", "data": {}}, new("Second week"), new("Xy"))
    assert answer.status_code == 200
    body = answer.json()
    assert [each["status"] for each in body["results"]] == ["success", "error", "error", "success", "error"]
    assert [each["index"] for each in body["successful"]] == [0, 3]
    assert [each["index"] for each in body["failed"]] == [1, 2, 4]
    places = [each["error"]["details"][0]["loc"] for each in body["failed"]]
    assert places == ["operations[1].data.items[0].platform", "operations[2].type", "operations[4].data.title"]
    assert body["failed"][0]["error"]["error_code"] == "validation_error"
    assert body["results"][0]["result"] == body["successful"][0]["result"]
    assert body["results"][0]["result"]["data"]["items"][0]["platform"] == "youtube"
    assert sorted(each.title for each in list_calendars(ctx)) == ["Launch week", "Second week"]


def test_nothing_of_an_operation_that_fails_is_left(api: httpx.Client, ctx: Context) -> None:
    wrong = new()
    wrong["data"]["items"].append({"platform": "youtube", "scheduled_time": "2020-01-01T00:00:00Z"})
    failed = send(api, wrong).json()["failed"]
    assert failed[0]["error"]["details"][0]["loc"] == "operations[0].data.items[1].scheduled_time"
    assert (list_calendars(ctx), list_items(ctx).items, list_audit(ctx)) == ((), (), ())


def test_calendars_and_items_are_planned_updated_and_canceled(api: httpx.Client, ctx: Context) -> None:
    made = send(api, new("One week"), new("Other week")).json()["successful"]
    one, other = (each["result"] for each in made)
    item = one["data"]["items"][0]
    words = {"title": "A film", "text": "Come and see.", "content_format": "video_long"}
    body = send(
        api,
        {"type": "update", "data": {"schedule_id": one["id"], "title": "Renamed", "expected_revision": 1}},
        {"type": "update", "data": {"item_id": item["id"], "priority": 7, "scheduled_time": "2026-03-10T09:00"}},
        {"type": "optimize_schedule", "data": {"schedule_id": one["id"], "apply": True}},
        {"type": "cancel", "data": {"item_id": other["data"]["items"][0]["id"]}},
        {"type": "cancel", "data": {"schedule_id": one["id"]}},
        {"type": "update", "data": {"schedule_id": one["id"], "title": "Stale", "expected_revision": 1}},
        {"type": "update", "data": {"item_id": item["id"], **words}},
    ).json()
    assert [each["status"] for each in body["results"]] == ["success"] * 5 + ["error"] * 2, body["failed"]
    assert body["results"][0]["result"]["data"]["title"] == "Renamed"
    assert body["results"][1]["result"]["data"]["priority"] == 7
    assert body["results"][2]["result"]["data"]["schedule_id"] == one["id"]
    assert [each["error"]["error_code"] for each in body["failed"]] == ["state_conflict", "state_conflict"]
    assert find_item(ctx, item["id"]).item.state is ItemState.CANCELED
    assert {each.state for each in list_calendars(ctx)} <= {CalendarState.CANCELED, CalendarState.COMPLETED}


def test_the_same_batch_again_does_nothing_more(api: httpx.Client, ctx: Context) -> None:
    operations = (new(), new(platform="yuotube"), new("Second week"))
    first, again = (send(api, *operations, key="batch-1") for _ in range(2))
    assert again.json() == first.json()
    assert ("Idempotency-Replayed" in first.headers, again.headers["Idempotency-Replayed"]) == (False, "true")
    assert len(list_calendars(ctx)) == 2
    assert send(api, new("Another"), key="batch-1").json()["error_code"] == "idempotency_conflict"
    assert len(list_calendars(ctx)) == 2


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"operations": []}, "operations"),
        ({"operations": [new()] * 101}, "operations"),
        ({"operations": [{"type": "create"}]}, "operations[0].data"),
        ({"operations": [{"type": "create", "data": [], "id": 1}]}, "operations[0].data"),
        ({"operations": [{"type": "optimize", "data": {"level": "quality"}}] * 4}, "operations"),
    ],
)
def test_a_batch_that_is_none_is_refused_whole(api: httpx.Client, body: dict[str, object], place: str) -> None:
    answer = api.post(PATH, json=body)
    assert (answer.status_code, answer.json()["details"][0]["loc"]) == (422, place)


def test_things_of_another_workspace_do_not_exist_for_any_operation(
    api: httpx.Client, ctx: Context, stranger: Context
) -> None:
    theirs = {"schedule_id": "cal_theirs"}
    kinds = [("update", {**theirs, "title": "Mine now"}), ("cancel", theirs), ("optimize", theirs)]
    kinds += [("update", {"item_id": "item_theirs", "title": "x"}), ("cancel", {"item_id": "item_theirs"})]
    failed = send(api, *({"type": kind, "data": data} for kind, data in kinds)).json()["failed"]
    assert [each["error"]["error_code"] for each in failed] == ["not_found"] * 5
