"""Platforms, preferences, exceptions, workspaces and the audit log over HTTP."""

from datetime import timedelta

import httpx
import pytest
from planned_posts import MONDAY_NOON

from core.services.channels import ChannelView
from core.services.context import Context
from core.services.preferences import add_blackout, list_preferences

V1 = "/api/v1"
PREFERENCES, EXCEPTIONS = f"{V1}/scheduling/preferences", f"{V1}/scheduling/exceptions"


# --- Platforms ---


def test_platforms_say_what_they_accept_and_when_research_says_to_post(api: httpx.Client) -> None:
    body = api.get(f"{V1}/scheduling/platforms").json()
    youtube, *others = body["data"]
    assert body["meta"] == {"count": 1 + len(others), "limit": 1 + len(others), "next_cursor": None}
    assert (youtube["id"], youtube["name"]) == ("youtube", "YouTube")
    formats = {each["content_format"]: each for each in youtube["formats"]}
    assert formats["video_long"]["per_week"] == {"least": 2, "most": 3}
    assert formats["video_short"]["aspect"] == {"least": 0.0, "most": 1.0}
    assert youtube["baseline"][0]["weekdays"] == ["mon", "tue", "wed", "thu", "fri"]
    assert "x" in next(each for each in others if each["id"] == "twitter")["aliases"]


def test_a_parameter_nobody_knows_is_refused(api: httpx.Client) -> None:
    calls = (
        "platforms",
        "preferences",
        "items/item_1",
        "calendar/cal_1",
        "optimizations/run_1",
        "recommendations/slot_1",
    )
    for path in ("workspaces", "audit", "channels", "channels/chan_1", *(f"scheduling/{each}" for each in calls)):
        answer = api.get(f"{V1}/{path}", params={"colour": "red"})
        assert (answer.status_code, answer.json()["details"][0]["loc"]) == (422, "colour"), path
    assert api.post(EXCEPTIONS, params={"colour": "red"}, json=window()).status_code == 422


# --- Preferences ---


def test_a_preference_is_set_read_and_cleared_with_null(api: httpx.Client, ctx: Context) -> None:
    wanted = {"timezone": "Europe/Berlin", "quiet_from": "22:00", "quiet_to": "07:30", "posting_frequency_max": 5}
    saved = api.put(PREFERENCES, json={"preferences": {"x": wanted, "YouTube": {"working_days_only": True}}})
    assert saved.status_code == 200
    assert saved.json() == api.get(PREFERENCES).json()
    twitter, youtube = saved.json()["data"]
    assert twitter == {**wanted, "platform": "twitter", "posting_frequency_min": None, "working_days_only": False}
    assert (youtube["timezone"], youtube["working_days_only"]) == ("UTC", True)
    cleared = api.put(PREFERENCES, json={"preferences": {"twitter": None}})
    assert [each["platform"] for each in cleared.json()["data"]] == ["youtube"]
    assert len(list_preferences(ctx)) == 1


@pytest.mark.parametrize(
    ("preferences", "places"),
    [
        ({"myspace": {}}, ["preferences.myspace"]),
        ({"x": {}, "twitter": {}}, ["preferences.twitter"]),
        ({"x": {"timezone": "Mars/Base"}}, ["preferences.x.timezone"]),
        ({"x": {"quiet_from": "22:00"}}, ["preferences.x.quiet_to"]),
        ({"x": {"quiet_from": "25:00"}}, ["preferences.x.quiet_from"]),
        ({"x": {"posting_frequency_min": 2.5}}, ["preferences.x.posting_frequency_min"]),
        ({"x": {"posting_frequency_min": 2**40}}, ["preferences.x.posting_frequency_min"]),
        ({"x": {"often": True}}, ["preferences.x.often"]),
        (
            {"youtube": {}, "x": {"posting_frequency_min": 4, "posting_frequency_max": 2}, "tiktok": {"timezone": "?"}},
            ["preferences.x.posting_frequency_max", "preferences.tiktok.timezone"],
        ),
    ],
)
def test_a_preference_that_cannot_be_meant_changes_none(
    api: httpx.Client, ctx: Context, preferences: dict[str, object], places: list[str]
) -> None:
    answer = api.put(PREFERENCES, json={"preferences": preferences})
    assert answer.status_code == 422
    assert [each["loc"] for each in answer.json()["details"]] == places
    assert list_preferences(ctx) == ()


# --- Exceptions ---


def window(**changes: object) -> dict[str, object]:
    return {"starts_at": "2026-12-24T18:00", "ends_at": "2026-12-27T00:00", "reason": "Christmas", **changes}


def test_a_window_is_kept_free_once_and_opened_again(api: httpx.Client, linkedin: ChannelView) -> None:
    body = window(timezone="Europe/Berlin", channel_id=linkedin.id)
    made, again = (api.post(EXCEPTIONS, json=body, headers={"Idempotency-Key": "xmas"}) for _ in range(2))
    assert (made.status_code, again.status_code, again.content) == (201, 201, made.content)
    assert again.headers["Idempotency-Replayed"] == "true"
    data = made.json()["data"]
    assert (data["starts_at"], data["ends_at"]) == ("2026-12-24T17:00:00Z", "2026-12-26T23:00:00Z")
    assert (data["channel_id"], data["kind"], made.json()["state"]) == (linkedin.id, "blackout", "ahead")
    assert [each["id"] for each in api.get(EXCEPTIONS).json()["data"]] == [data["id"]]
    assert api.delete(f"{EXCEPTIONS}/{data['id']}").status_code == 204
    assert api.delete(f"{EXCEPTIONS}/{data['id']}").status_code == 404
    assert api.get(EXCEPTIONS).json()["data"] == []


@pytest.mark.parametrize(
    ("changes", "code", "places"),
    [
        ({"ends_at": "2026-12-24T18:00"}, "validation_error", ["ends_at"]),
        ({"starts_at": "soon", "ends_at": "later"}, "validation_error", ["starts_at", "ends_at"]),
        ({"timezone": "Europe/Berlin", "starts_at": "2026-03-29T02:30"}, "dst_gap", ["starts_at"]),
        ({"timezone": "Europe/Berlin", "starts_at": "2026-10-25T02:30"}, "dst_ambiguous", ["starts_at"]),
        ({"timezone": "Mars/Base"}, "validation_error", ["timezone", "timezone"]),
        ({"fold": 2}, "validation_error", ["fold"]),
    ],
)
def test_a_window_that_cannot_be_meant_is_refused_by_place(
    api: httpx.Client, changes: dict[str, object], code: str, places: list[str]
) -> None:
    answer = api.post(EXCEPTIONS, json=window(**changes))
    assert (answer.status_code, answer.json()["error_code"]) == (422, code)
    assert [each["loc"] for each in answer.json()["details"]] == places


def test_another_workspaces_window_and_channel_do_not_exist(api: httpx.Client, stranger: Context) -> None:
    theirs = add_blackout(stranger, MONDAY_NOON, MONDAY_NOON + timedelta(days=1), "Theirs")
    assert api.delete(f"{EXCEPTIONS}/{theirs.id}").status_code == 404
    assert api.get(EXCEPTIONS).json()["data"] == []
    assert api.post(EXCEPTIONS, json=window(channel_id="chan_none")).status_code == 404


def test_pages_of_windows_stay_in_step_when_one_is_added_meanwhile(api: httpx.Client, ctx: Context) -> None:
    def add(hours: int) -> str:
        starts = MONDAY_NOON + timedelta(hours=hours)
        return add_blackout(ctx, starts, starts + timedelta(hours=1), "").id

    made = [add(hours) for hours in range(0, 24, 2)]
    first = api.get(EXCEPTIONS, params={"limit": 10}).json()
    add(1)
    second = api.get(EXCEPTIONS, params={"limit": 10, "cursor": first["meta"]["next_cursor"]}).json()
    assert [each["id"] for each in first["data"] + second["data"]] == made
    assert second["meta"]["next_cursor"] is None
    late = api.get(EXCEPTIONS, params={"from": "2026-03-03T10:00:00Z"}).json()
    assert [each["id"] for each in late["data"]] == made[-1:]
    assert api.get(EXCEPTIONS, params={"cursor": "nonsense"}).status_code == 422


# --- Workspaces and the log ---


def test_a_workspace_is_read_and_edited(api: httpx.Client, ctx: Context) -> None:
    path = f"{V1}/workspaces/{ctx.workspace}"
    edited = api.patch(path, json={"name": "Team Nord", "timezone": "Europe/Berlin", "lateness_policy": "ask"})
    assert edited.status_code == 200
    assert edited.json() == api.get(path).json()
    data = edited.json()["data"]
    assert (data["name"], data["timezone"], data["lateness_policy"], data["max_attempts"]) == (
        "Team Nord",
        "Europe/Berlin",
        "ask",
        5,
    )
    for wrong in ({"timezone": "Mars/Base"}, {"name": "  "}, {"max_attempts": 0}, {"max_attempts": "3"}, {"plan": 1}):
        assert api.patch(path, json=wrong).status_code == 422
    assert api.get(f"{V1}/workspaces/ws_none").status_code == 404
    assert api.patch(f"{V1}/workspaces/ws_none", json={"name": "Mine"}).status_code == 404


def test_the_person_at_this_machine_sees_every_workspace(api: httpx.Client, ctx: Context, stranger: Context) -> None:
    listed = api.get(f"{V1}/workspaces").json()["data"]
    assert {each["id"] for each in listed} == {ctx.workspace, stranger.workspace}
    assert api.get(f"{V1}/workspaces/{stranger.workspace}").json()["data"]["name"] == "Strangers"


def test_the_log_tells_what_was_done_newest_first_and_by_whom(
    api: httpx.Client, ctx: Context, stranger: Context
) -> None:
    add_blackout(stranger, MONDAY_NOON, MONDAY_NOON + timedelta(days=1), "Theirs")
    made = [api.post(EXCEPTIONS, json=window(reason=f"No {number}")).json()["id"] for number in range(12)]
    log = f"{V1}/audit"
    first = api.get(log, params={"limit": 10, "action": "created", "subject_kind": "exception"}).json()
    api.post(EXCEPTIONS, json=window())
    again = {"limit": 10, "action": "created", "subject_kind": "exception", "cursor": first["meta"]["next_cursor"]}
    second = api.get(log, params=again).json()
    assert [line["subject_id"] for line in first["data"] + second["data"]] == made[::-1]
    (line,) = api.get(log, params={"subject": made[3], "actor": "owner"}).json()["data"]
    assert (line["action"], line["detail"], line["at"]) == ("created", {"reason": "No 3"}, "2026-03-02T12:00:00Z")
    assert api.get(log, params={"actor": "stranger"}).json()["data"] == []
    assert api.get(log, params={"action": "guessed"}).status_code == 422
