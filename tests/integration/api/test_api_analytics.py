"""Analytics over HTTP: measurements in, and out what worked, how sure that is, and every post behind it."""

import csv
import io
from datetime import timedelta
from typing import Any

import httpx
import polars as pl
import pytest
from plan_stage import channel
from planned_posts import MONDAY_NOON, StandingClock, post, put_in_state
from sqlmodel import select
from told_posts import Told, evenings, tell

from core.services.analytics import top_posts
from core.services.calendars import schedule_item
from core.services.channels import ChannelView
from core.services.context import Context
from core.services.timing import rebuild_timing
from core.storage.tables import PerformanceKpiEvent, PlatformTimingData, PostOutcome, TimingTally
from core.vocabulary import ItemState

V1 = "/api/v1/analytics"
DAY = timedelta(days=1)


def event(channel_id: str | None = None, **changes: Any) -> dict[str, Any]:
    named = {} if channel_id is None else {"channel_id": channel_id, "post_id": "p1"}
    told = {"metric": "likes", "value": 5, "measured_at": "2026-03-01T12:00:00Z", "published_at": "2026-02-20T18:00Z"}
    return {**named, **told, **changes}


def send(api: httpx.Client, *events: dict[str, Any], key: str = "") -> httpx.Response:
    return api.post(f"{V1}/events", json={"events": events}, headers={"Idempotency-Key": key} if key else {})


def learned(ctx: Context) -> list[object]:
    """Give everything that is derived from measurements."""
    with ctx.read() as session:
        return [
            sorted(str(row.model_dump(exclude={"pk"})) for row in session.scalars(select(table)))
            for table in (PostOutcome, TimingTally, PlatformTimingData)
        ]


# --- Measurements in ---


def test_measurements_are_kept_once_and_corrected_by_newer_words(
    api: httpx.Client, ctx: Context, linkedin: ChannelView
) -> None:
    first, later = event(linkedin.id), event(linkedin.id, measured_at="2026-03-01T18:00:00Z", value=9)
    assert send(api, first, later).json() == {"data": {"added": 2, "unchanged": 0, "updated": 0}}
    assert send(api, first, later).json() == {"data": {"added": 0, "unchanged": 2, "updated": 0}}
    assert top_posts(ctx, linkedin.id)[0].engagement == 9
    assert send(api, {**later, "value": 7}, first).json() == {"data": {"added": 0, "unchanged": 1, "updated": 1}}
    assert top_posts(ctx, linkedin.id)[0].engagement == 7
    older = event(linkedin.id, measured_at="2026-02-25T18:00:00Z", value=1)
    assert send(api, older).json()["data"]["added"] == 1
    assert top_posts(ctx, linkedin.id)[0].engagement == 7


def test_what_is_learned_from_events_is_what_a_rebuild_from_them_learns(
    api: httpx.Client, ctx: Context, linkedin: ChannelView
) -> None:
    def told(number: int, metric: str, value: float, hours: int) -> dict[str, Any]:
        published = MONDAY_NOON - (100 - number) * DAY + timedelta(hours=number % 5)
        return event(
            linkedin.id,
            post_id=f"p{number}",
            metric=metric,
            value=value,
            published_at=published.isoformat(),
            measured_at=(published + timedelta(hours=hours)).isoformat(),
            content_format="text" if number % 2 else "image",
        )

    assert send(api, *(told(n, "views", 100 + 7 * n, 200) for n in range(60))).status_code == 200
    several = [told(n, "views", 50 + n, 48) for n in range(20, 70)] + [told(n, "shares", n % 4, 220) for n in (3, 61)]
    assert send(api, *several, told(61, "likes", 3, 220)).status_code == 200
    assert send(api, told(5, "likes", 30, 240), told(66, "clicks", 2, 300)).status_code == 200
    before = learned(ctx)
    rebuild_timing(ctx, linkedin.id)
    assert learned(ctx) == before
    assert before[1]


def test_an_item_that_is_out_is_measured_by_its_own_id(
    api: httpx.Client, ctx: Context, clock: StandingClock, linkedin: ChannelView
) -> None:
    item = schedule_item(ctx, post(linkedin, MONDAY_NOON + DAY, "Out now"))
    waiting = {"metric": "likes", "value": 4, "item_id": item.id}
    early = send(api, {**waiting, "measured_at": "2026-03-02T11:00:00Z"})
    assert (early.status_code, early.json()["details"][0]["loc"]) == (422, "events[0].item_id")
    put_in_state(ctx, item.id, ItemState.PUBLISHED, published_at=MONDAY_NOON + DAY, remote_id="urn:7")
    clock.move(3 * DAY)
    assert send(api, {**waiting, "measured_at": "2026-03-04T12:00:00Z"}).json()["data"]["added"] == 1
    (row,) = api.get(f"{V1}/outcomes").json()["data"]
    assert (row["item_id"], row["post_id"], row["title"]) == (item.id, "urn:7", "Out now")
    assert (row["engagement"], row["published_at"]) == (4.0, "2026-03-03T12:00:00Z")
    metrics = api.get(f"/api/v1/scheduling/calendar/{item.calendar_id}?expand=metrics").json()["data"]["metrics"]
    assert metrics["outcome"] == {"posts": 1, "engagement": 4.0}


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"channel_id": "chan_none"}, "channel_id"),
        ({"metric": "applause"}, "metric"),
        ({"value": -1}, "value"),
        ({"value": "5"}, "value"),
        ({"measured_at": "2026-03-02T12:00:01Z"}, "measured_at"),
        ({"measured_at": "2026-02-20T17:00Z"}, "measured_at"),
        ({"measured_at": "yesterday"}, "measured_at"),
        ({"published_at": None}, "published_at"),
        ({"post_id": None}, "post_id"),
        ({"item_id": "item_1"}, "item_id"),
        ({"item_id": "item_1", "channel_id": None, "post_id": None}, "item_id"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_one_measurement_that_cannot_be_meant_keeps_all_out(
    api: httpx.Client, ctx: Context, linkedin: ChannelView, changes: dict[str, Any], place: str
) -> None:
    answer = send(api, event(linkedin.id), {**event(linkedin.id, post_id="p2"), **changes})
    assert answer.status_code == 422
    assert f"events[1].{place}" in {detail["loc"] for detail in answer.json()["details"]}
    with ctx.read() as session:
        assert session.scalars(select(PerformanceKpiEvent)).all() == []


def test_a_number_no_json_has_and_two_that_contradict_each_other_are_refused(
    api: httpx.Client, linkedin: ChannelView
) -> None:
    huge = f'{{"events": [{str(event(linkedin.id)).replace(chr(39), chr(34)).replace("5,", "1e999,", 1)}]}}'
    answer = api.post(f"{V1}/events", content=huge, headers={"Content-Type": "application/json"})
    assert answer.status_code in {400, 422}
    twice = send(api, event(linkedin.id), event(linkedin.id, value=6))
    assert (twice.status_code, twice.json()["details"][0]["loc"]) == (422, "events[1].value")
    assert send(api).status_code == 422


def test_a_channel_of_another_workspace_is_unknown_to_events_and_reports(api: httpx.Client, stranger: Context) -> None:
    theirs = channel(stranger)
    tell(stranger, theirs.id, evenings(3))
    assert send(api, event(theirs.id)).json()["details"][0]["loc"] == "events[0].channel_id"
    for path in ("heatmap", "summary", "outcomes", "export"):
        assert api.get(f"{V1}/{path}", params={"channel_id": theirs.id}).status_code == 404
    assert api.get(f"{V1}/outcomes").json()["data"] == []


def test_ten_thousand_measurements_fit_into_one_call(api: httpx.Client, linkedin: ChannelView) -> None:
    metrics = ("likes", "comments", "shares", "views")
    events = [
        event(linkedin.id, post_id=f"p{n // 4}", metric=metrics[n % 4], value=n % 97, published_at="2026-02-20T18:00Z")
        for n in range(10_000)
    ]
    assert send(api, *events).json()["data"] == {"added": 10_000, "unchanged": 0, "updated": 0}
    assert send(api, *events, events[0]).status_code == 422


# --- What worked ---


def test_the_week_of_a_channel_is_told_with_posts_and_intervals(api: httpx.Client, ctx: Context) -> None:
    page = channel(ctx)
    tell(ctx, page.id, evenings(20))
    body = api.get(f"{V1}/heatmap", params={"channel_id": page.id}).json()
    data = body["data"]
    assert (body["id"], body["state"], data["timing_matters"]) == (page.id, "history", True)
    assert (len(data["hours"]), len(data["weekdays"]), len(data["times_of_day"])) == (168, 7, 24)
    best = max(data["hours"], key=lambda hour: hour["lift"] or 0)
    assert best["hour"] == 18
    assert best["interval"]["low"] < best["lift"] < best["interval"]["high"]
    silent = next(hour for hour in data["hours"] if hour["posts"] == 0)
    assert (silent["lift"], silent["interval"]) == (None, None)
    assert api.get(f"{V1}/heatmap").status_code == 422
    assert "Timing matters here" in api.get(f"{V1}/summary").json()["data"][0]["finding"]


def test_a_channel_without_history_is_summarized_as_such(api: httpx.Client, linkedin: ChannelView) -> None:
    (data,) = api.get(f"{V1}/summary", params={"platform": "linkedin"}).json()["data"]
    assert (data["channel_id"], data["posts"], data["basis"], data["first"]) == (linkedin.id, 0, "baseline", None)
    assert data["best_quarter"] == {"name": "Best quarter of posts", "posts": 0, "lift": None, "interval": None}
    assert api.get(f"{V1}/summary", params={"platform": "youtube"}).json()["data"] == []


# --- Every post ---


def test_posts_are_listed_by_what_is_asked_and_pages_stay_in_step(api: httpx.Client, ctx: Context) -> None:
    page, path = channel(ctx), f"{V1}/outcomes"
    tell(ctx, page.id, (Told(MONDAY_NOON - (30 - n) * DAY, float(n)) for n in range(12)))
    first = api.get(path, params={"limit": 10}).json()
    tell(ctx, page.id, [Told(MONDAY_NOON - 40 * DAY, 99.0), Told(None, 3.0, hour_of_week=5)])
    second = api.get(path, params={"limit": 10, "cursor": first["meta"]["next_cursor"]}).json()
    assert [each["engagement"] for each in first["data"] + second["data"]] == [*map(float, range(12)), 99.0, 3.0]
    assert (second["data"][-1]["published_at"], second["data"][-1]["hour_of_week"]) == (None, 5)
    ranged = api.get(path, params={"from": "2026-02-01T00:00", "to": "2026-02-03T00:00"}).json()["data"]
    assert [each["published_at"][:10] for each in ranged] == ["2026-02-01", "2026-02-02"]
    assert api.get(path, params={"content_format": "text"}).json()["data"] == []
    for wrong in ({"from": "soon"}, {"platform": "?"}, {"content_format": "poem"}, {"limit": "5"}, {"cursor": "x"}):
        assert api.get(path, params=wrong).status_code == 422


def test_posts_are_exported_as_files_that_no_spreadsheet_runs(api: httpx.Client, ctx: Context) -> None:
    page = channel(ctx)
    tell(ctx, page.id, [Told(MONDAY_NOON - 30 * DAY, 5.0, title="=1+1"), Told(None, None, hour_of_week=5)])
    answer = api.get(f"{V1}/export")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert 'filename="outcomes.csv"' in answer.headers["content-disposition"]
    formula, undated = csv.DictReader(io.StringIO(answer.text))
    assert (formula["title"], formula["engagement"]) == ("'=1+1", "5.0")
    assert (undated["engagement"], undated["published_at"], undated["hour_of_week"]) == ("", "", "5")
    frame = pl.read_parquet(io.BytesIO(api.get(f"{V1}/export", params={"format": "parquet"}).content))
    assert frame["title"].to_list() == ["=1+1", "A post"]
    assert frame["engagement"].to_list() == [5.0, None]
    assert frame["published_at"].to_list() == [MONDAY_NOON - 30 * DAY, None]
    assert api.get(f"{V1}/export", params={"format": "xls"}).status_code == 422
