"""Bulk jobs over HTTP: the brief's client request by request, faults by their places, moves, templates."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from bulk_stage import work_off, worker_of
from planned_posts import StandingClock

from core.bootstrap import Slotwise
from core.services.api_keys import KeyDraft, create_key
from core.services.channels import ChannelDraft, add_channel
from core.services.context import Context
from core.services.items import list_items
from core.services.scopes import ALL_SCOPES
from core.vocabulary import ChannelKind, Scope

PATH = "/api/v1/bulk/jobs"

CAMPAIGN: dict[str, Any] = {
    "name": "Weekly Multi-Platform Campaign",
    "operation_type": "schedule_content",
    "priority": "high",
    "data": {
        "content_items": [
            {
                "title": "Tutorial 1",
                "platforms": ["youtube", "tiktok"],
                "scheduled_times": {
                    "youtube": "2025-11-10T15:00:00-05:00",
                    "tiktok": "2025-11-10T16:00:00-05:00",
                },
            },
            {
                "title": "Tutorial 2",
                "platforms": ["instagram", "linkedin"],
                "scheduled_times": {
                    "instagram": "2025-11-11T10:00:00-05:00",
                    "linkedin": "2025-11-11T11:00:00-05:00",
                },
            },
        ]
    },
}
"""The bulk job of the brief's example, field by field."""


def one_row(**fields: Any) -> dict[str, Any]:
    row = {"title": "Post", "platforms": ["linkedin"], "scheduled_time": "2026-03-09T14:00:00Z"}
    return {
        "name": "Campaign",
        "operation_type": "schedule_content",
        "data": {"content_items": [row]},
        **fields,
    }


def faults_of(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 422, answer.text
    return [each["loc"] for each in answer.json()["details"]]


def test_an_answer_has_the_envelope_and_the_progress_of_the_contract(api: httpx.Client) -> None:
    body = api.post(PATH, json=one_row()).json()
    assert (body["id"], body["state"]) == (body["data"]["id"], body["data"]["status"])
    assert body["data"]["progress"] == {
        "total": 1,
        "done": 0,
        "failed": 0,
        "skipped": 0,
        "percent": 0,
        "step": "queued",
        "rate_per_minute": None,
        "success_rate": None,
        "eta": None,
        "eta_earliest": None,
        "eta_latest": None,
    }


def test_the_same_key_creates_one_job(api: httpx.Client) -> None:
    first, second = (api.post(PATH, json=one_row(), headers={"Idempotency-Key": "k1"}) for _ in range(2))
    assert (first.json(), second.headers["Idempotency-Replayed"]) == (second.json(), "true")
    assert api.get(PATH).json()["meta"]["count"] == 1


def test_everything_a_person_does_with_a_job(api: httpx.Client, house: Slotwise) -> None:
    job = api.post(PATH, json=one_row(scheduling={"start_immediately": False})).json()
    at = f"{PATH}/{job['id']}"
    states = [job["state"], *(api.post(f"{at}/{act}").json()["state"] for act in ("start", "pause", "resume"))]
    work_off(worker_of(house))
    states.append(api.get(at).json()["state"])
    assert states == ["pending", "queued", "paused", "queued", "completed"]
    assert api.post(f"{at}/retry").json()["error_code"] == "state_conflict"
    rows = api.get(f"{at}/items").json()["data"]
    assert [(row["number"], row["status"]) for row in rows] == [(1, "done")]
    assert rows[0]["result"]["item_ids"]
    assert api.get(f"{at}/items", params={"status": "failed"}).json()["data"] == []


def test_a_failed_row_is_mended_and_tried_again(api: httpx.Client, house: Slotwise) -> None:
    row = {"title": "Post", "platforms": ["linkedin"], "scheduled_time": "2026-03-09T14:00:00Z"}
    job = api.post(PATH, json=one_row(data={"content_items": [row, row]})).json()
    for name in ("News", "Jobs"):
        add_channel(house.context(), ChannelDraft("linkedin", name, ChannelKind.OUTBOX, "UTC"))
    work_off(worker_of(house))
    at = f"{PATH}/{job['id']}/items"
    (failed, _) = api.get(at, params={"status": "failed"}).json()["data"]
    assert failed["error"].startswith("LinkedIn, channel: ")
    refused = api.post(f"{at}/1/retry", json={"scheduled_time": "2020-01-01T10:00:00Z"})
    assert faults_of(refused) == ["row 1, LinkedIn, time", "row 1, LinkedIn, channel"]
    mended = api.post(f"{at}/1/retry", json={"platforms": ["facebook"], "content": "Better"}).json()
    assert (mended["state"], mended["data"]["progress"]["failed"]) == ("queued", 1)
    work_off(worker_of(house))
    assert [row["status"] for row in api.get(at).json()["data"]] == ["done", "failed"]
    assert api.post(f"{at}/1/retry", json={}).json()["error_code"] == "state_conflict"


def test_a_canceled_job_says_what_stays(api: httpx.Client) -> None:
    job = api.post(PATH, json=one_row()).json()
    canceled = api.post(f"{PATH}/{job['id']}/cancel").json()
    assert (canceled["state"], canceled["data"]["message"]) == (
        "canceled",
        "1 row was not begun and is canceled; 0 rows were done and stay.",
    )


@pytest.mark.parametrize(
    ("fields", "places"),
    [
        ({"scheduling": {"max_concurrent_jobs": 0}}, ["scheduling.max_concurrent_jobs"]),
        (
            {"scheduling": {"schedule_start_time": "2026-03-09T10:00Z", "schedule_end_time": "2026-03-09T09:00Z"}},
            ["scheduling.schedule_end_time"],
        ),
        ({"scheduling": {"schedule_start_time": "soon"}}, ["scheduling.schedule_start_time"]),
        (
            {"scheduling": {"scheduling_rules": [{"id": "a"}]}},
            ["scheduling.scheduling_rules[0].type", "scheduling.scheduling_rules[0].settings"],
        ),
        ({"timezone": "Mars/Base"}, ["timezone"]),
        ({"operation_type": "sync_sheet"}, ["data.content_items[0].connection_id"]),
        ({"data": None}, ["data"]),
        (
            {"data": None, "input_source": {"type": "sheet", "range": "A1:Z9"}},
            ["input_source.sheet_id"],
        ),
        ({"data": {"content_items": []}}, ["data.content_items"]),
        (
            {"data": {"content_items": [{"title": "A", "platforms": ["friendster"]}]}},
            ["data.content_items[0].platforms[0]"],
        ),
        ({"processing_deadline_ms": 0}, ["processing_deadline_ms"]),
        ({"surprise": 1}, ["surprise"]),
    ],
)
def test_a_fault_is_named_by_its_place_in_the_body(
    api: httpx.Client, fields: dict[str, Any], places: list[str]
) -> None:
    body = {key: value for key, value in one_row(**fields).items() if value is not None}
    assert faults_of(api.post(PATH, json=body)) == places
    assert api.get(PATH).json()["meta"]["count"] == 0


def test_a_dry_run_writes_nothing_and_tells_what_would_happen(api: httpx.Client, ctx: Context) -> None:
    body = one_row(dry_run=True)
    body["data"]["content_items"].append(
        {"title": "B", "platforms": ["linkedin"], "scheduled_time": "2026-01-01T10:00"}
    )
    answer = api.post(PATH, json=body)
    assert answer.status_code == 200
    found = answer.json()["data"]
    assert not found["ready"]
    assert [(each["row"], each["loc"]) for each in found["faults"]] == [(2, "scheduled_times.linkedin")]
    assert found["per_day"][-1] == {"day": "2026-03-09", "platform": "linkedin", "posts": 1}
    assert api.get(PATH).json()["meta"]["count"] == 0


def test_the_rows_may_be_the_text_of_a_csv(api: httpx.Client, house: Slotwise, ctx: Context) -> None:
    text = "Title,Content,Platform,Scheduled Time\n"
    text += 'One,Hello,"linkedin, twitter",2026-03-09 10:00\nTwo,Bye,linkedin,2026-03-10 10:00\n'
    body = {**one_row(), "input_source": {"type": "csv", "content": text}}
    del body["data"]
    assert api.post(PATH, json=body).status_code == 201
    work_off(worker_of(house))
    assert len(list_items(ctx).items) == 3


def test_the_planner_places_rows_without_a_time_when_the_mode_is_smart(
    api: httpx.Client, house: Slotwise, ctx: Context
) -> None:
    rows = [{"title": f"Post {number}", "platforms": ["linkedin"]} for number in range(3)]
    body = one_row(data={"content_items": rows}, scheduling={"mode": "smart", "optimization_level": "speed"})
    made = api.post(PATH, json=body)
    assert made.status_code == 201, made.text
    work_off(worker_of(house))
    assert api.get(f"{PATH}/{made.json()['id']}").json()["data"]["progress"]["done"] == 3
    times = {item.scheduled_at for item in list_items(ctx).items}
    assert len(times) == 3
    assert all(ctx.now() < when < ctx.now() + timedelta(days=28) for when in times)


def test_a_reader_may_not_write_and_other_keys_may_not_read(api: httpx.Client, ctx: Context) -> None:
    reader = create_key(ctx, KeyDraft("Reader", [Scope.BULK_READ]), ALL_SCOPES).secret
    other = create_key(ctx, KeyDraft("Other", [Scope.SCHEDULING_WRITE]), ALL_SCOPES).secret
    assert api.get(PATH, headers={"Authorization": f"Bearer {reader}"}).status_code == 200
    assert api.post(PATH, json=one_row(), headers={"Authorization": f"Bearer {reader}"}).status_code == 403
    assert api.get(PATH, headers={"Authorization": f"Bearer {other}"}).status_code == 403


def test_the_rules_of_the_brief_are_taken_and_tell_what_they_do(
    api: httpx.Client, house: Slotwise, ctx: Context, clock: StandingClock
) -> None:
    rules = [
        {"id": "peak-hours-avoid", "type": "time_based", "enabled": True,
         "settings": {"time_window": "09:00-17:00", "action": "delay"}},
        {"id": "high-priority-first", "type": "priority_based", "enabled": True,
         "settings": {"priority_threshold": "high"}},
    ]  # fmt: skip
    smart = {"mode": "smart", "optimization_level": "balanced", "max_concurrent_jobs": 5, "priority_queue": True}
    body = one_row(scheduling=smart | {"scheduling_rules": rules})
    row = body["data"]["content_items"][0]
    body["data"]["content_items"] = [row, row | {"title": "First", "priority": "high"}]
    found = api.post(PATH, json=body | {"dry_run": True}).json()["data"]
    assert {(each["row"], reason["action"]) for each in found["ruled"] for reason in each["reasons"]} == {
        (1, "delay"),
        (2, "delay"),
        (2, "boost"),
    }
    made = api.post(PATH, json=body)
    assert made.status_code == 201, made.text
    at = f"{PATH}/{made.json()['id']}"
    assert work_off(worker_of(house)) == 0  # it is noon
    rows = api.get(f"{at}/items").json()["data"]
    assert [each["not_before"] for each in rows] == ["2026-03-02T17:00:00Z"] * 2
    assert rows[0]["reasons"][0]["sentence"].startswith("Delayed to 17:00")
    clock.move(timedelta(hours=5))
    worker = worker_of(house)
    assert work_off(worker, 1) == 1
    assert [each["status"] for each in api.get(f"{at}/items").json()["data"]] == ["pending", "done"]
    work_off(worker)
    assert api.get(at).json()["state"] == "completed"


def test_templates_are_kept_by_name(api: httpx.Client) -> None:
    at = "/api/v1/bulk/templates"
    made = api.post(at, json={"name": "Weekly", "content": {"mode": "smart"}})
    assert made.status_code == 201
    again = api.post(at, json={"name": "Weekly", "content": {"mode": "manual"}}).json()
    assert (again["id"], again["data"]["revision"]) == (made.json()["id"], 2)
    listed = api.get(at).json()["data"]
    assert [(each["name"], each["content"]) for each in listed] == [("Weekly", {"mode": "manual"})]
    assert api.delete(f"{at}/{again['id']}").status_code == 200
    assert api.delete(f"{at}/{again['id']}").status_code == 404


@pytest.mark.parametrize("act", ["start", "pause", "resume", "cancel", "retry"])
def test_a_job_that_is_not_there_is_404(api: httpx.Client, act: str) -> None:
    assert api.post(f"{PATH}/job_of_others/{act}").status_code == 404
    assert api.get(f"{PATH}/job_of_others/items").status_code == 404
