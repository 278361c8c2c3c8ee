"""Recommendations over HTTP: from the first call on an empty installation to the posts behind a slot."""

from datetime import datetime

import httpx
import pytest
from plan_stage import channel
from planned_posts import MONDAY_NOON
from told_posts import evenings, tell

from core.services.channels import ChannelView
from core.services.context import Context

PATH = "/api/v1/scheduling/recommendations"


def ask(api: httpx.Client, **params: object) -> httpx.Response:
    return api.get(PATH, params=params)  # type: ignore[arg-type]


# --- What is advised ---


def test_the_first_call_on_an_empty_installation_is_answered_from_research(api: httpx.Client) -> None:
    answer = ask(api, platforms="youtube", target_count=5)
    assert answer.status_code == 200
    body = answer.json()
    assert body["meta"] == {"count": 5, "limit": 5, "next_cursor": None}
    assert {each["platform"] for each in body["data"]} == {"youtube"}
    assert {(each["basis"], each["channel_id"]) for each in body["data"]} == {("baseline", None)}
    best = body["data"][0]
    assert best["recommended_time"] == best["window_start"] == "2026-03-04T16:00:00Z"
    assert best["reason"] == " ".join(best["reasons"])
    assert best["interval"].keys() == {"low", "high", "level"}


def test_the_best_slots_of_all_channels_come_first(api: httpx.Client, ctx: Context, linkedin: ChannelView) -> None:
    page = channel(ctx)
    tell(ctx, page.id, evenings(20))
    body = ask(api, target_count=7).json()
    scores = [each["score"] for each in body["data"]]
    assert len(scores) == 7
    assert scores == sorted(scores, reverse=True)
    assert body["data"][0]["channel_id"] == page.id
    assert body["data"][0]["basis"] == "history"
    assert {each["channel_id"] for each in body["data"]} <= {page.id, linkedin.id}


@pytest.mark.parametrize(
    "query",
    ["platforms=tiktok,x", "platforms[]=tiktok&platforms[]=twitter", "platforms=tiktok&platforms=Twitter"],
)
def test_platforms_may_be_named_in_every_spelling(api: httpx.Client, query: str) -> None:
    body = api.get(f"{PATH}?{query}&target_count=40").json()
    assert {each["platform"] for each in body["data"]} == {"tiktok", "twitter"}


def test_all_platforms_are_advised_while_there_is_no_channel_and_the_channels_once_there_are(
    api: httpx.Client, ctx: Context
) -> None:
    assert len({each["platform"] for each in ask(api, platforms="all", target_count=200).json()["data"]}) > 4
    page = channel(ctx)
    assert {each["channel_id"] for each in ask(api, platforms="all").json()["data"]} == {page.id}


def test_times_without_offset_are_read_in_the_zone_that_is_named(api: httpx.Client) -> None:
    body = ask(api, platforms="youtube", timezone="Asia/Tokyo", start="2026-03-04T16:00", end="2026-03-04T16:30").json()
    (only,) = body["data"]
    assert (only["window_start"], only["timezone"]) == ("2026-03-04T07:00:00Z", "Asia/Tokyo")


def test_slots_below_the_confidence_asked_for_are_left_out(api: httpx.Client) -> None:
    assert ask(api, platforms="youtube", min_confidence=0.99).json()["data"] == []


def test_what_is_past_is_not_advised_again_when_time_goes_by(api: httpx.Client, clock: object, ctx: Context) -> None:
    channel(ctx)
    first = ask(api, start="2026-03-02T12:00Z", end="2026-03-02T15:00Z").json()["data"]
    clock.moment = MONDAY_NOON.replace(hour=14)  # type: ignore[attr-defined]
    later = ask(api, start="2026-03-02T12:00Z", end="2026-03-02T15:00Z").json()["data"]
    assert min(datetime.fromisoformat(each["window_start"]) for each in first + later) >= MONDAY_NOON
    assert all(datetime.fromisoformat(each["window_start"]) >= ctx.now() for each in later)


# --- What is refused ---


@pytest.mark.parametrize(
    ("params", "place", "value"),
    [
        ({"platforms": "yuotube"}, "platforms", "yuotube"),
        ({"timezone": "Mars/Base"}, "timezone", "Mars/Base"),
        ({"start": "soon"}, "start", "soon"),
        ({"end": "2026-03-01T00:00Z"}, "end", "2026-03-01T00:00:00+00:00"),
        ({"target_count": "0"}, "target_count", "0"),
        ({"target_count": "201"}, "target_count", "201"),
        ({"min_confidence": "nan"}, "min_confidence", "nan"),
        ({"count": "3"}, "count", "3"),
        ({"start": "2026-03-29T02:30", "timezone": "Europe/Berlin"}, "start", "2026-03-29T02:30"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_place_and_value(
    api: httpx.Client, params: dict[str, str], place: str, value: str
) -> None:
    answer = api.get(PATH, params=params)
    assert answer.status_code == 422
    (detail,) = answer.json()["details"]
    assert (detail["loc"], detail["value"]) == (place, value)


def test_a_channel_of_another_platform_is_refused_and_one_of_another_workspace_unknown(
    api: httpx.Client, linkedin: ChannelView, stranger: Context
) -> None:
    theirs = channel(stranger)
    assert ask(api, channel_id=theirs.id).status_code == 404
    refused = ask(api, channel_id=linkedin.id, platforms="youtube")
    assert (refused.status_code, refused.json()["details"][0]["loc"]) == (422, "channel_id")
    assert ask(api, channel_id=linkedin.id, platforms="linkedin").status_code == 200


# --- Why ---


def test_a_recommendation_of_a_channel_is_explained_by_its_posts(api: httpx.Client, ctx: Context) -> None:
    page = channel(ctx)
    tell(ctx, page.id, evenings(20))
    best = ask(api, target_count=1).json()["data"][0]
    body = api.get(f"{PATH}/{best['id']}").json()
    assert (body["id"], body["state"]) == (best["id"], "open")
    data = body["data"]
    assert {key: data[key] for key in best} == best
    assert sum(data["influence"].values()) == pytest.approx(1)
    assert data["posts"][0]["channel_id"] == page.id
    assert data["has_learned_since"] is False


def test_a_recommendation_from_research_is_explained_too(api: httpx.Client) -> None:
    best = ask(api, platforms="youtube", timezone="America/New_York", target_count=1).json()["data"][0]
    data = api.get(f"{PATH}/{best['id']}").json()["data"]
    assert {key: data[key] for key in best} == best
    assert (data["posts"], data["baseline"], data["influence"]["prior"]) == ([], "Published research", 1.0)


def test_an_id_that_was_never_given_out_is_not_found(api: httpx.Client, ctx: Context, stranger: Context) -> None:
    theirs = channel(stranger)
    body = api.get(PATH, params={"platforms": "youtube", "target_count": 1}).json()
    known = body["data"][0]["id"]
    for wrong in ("nothing", known + "0", known.replace("research", "reserach"), f"slot_{theirs.id}-any-a1-0-00000000"):
        assert api.get(f"{PATH}/{wrong}").status_code == 404
