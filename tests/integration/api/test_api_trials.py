"""Trials over HTTP: planned, started, joined, read, audited, exported, stopped and decided; scopes, edits, faults."""

import csv
import io
import math
from datetime import time, timedelta
from typing import Any

import httpx
import polars as pl
import pytest
from keys_at_hand import new_key
from planned_posts import StandingClock
from pypdf import PdfReader
from told_posts import Told, tell
from trial_stage import FIRST_MONDAY, go_out, habits, planned

from core.services.channels import ChannelView
from core.services.context import Context
from core.services.preferences import list_preferences
from core.services.trial_drafts import find_trial
from core.vocabulary import Scope

PATH = "/api/v1/trials"
EARLY = {
    "name": "early",
    "strategy": "windows",
    "windows": [{"weekdays": ["mon", "tue", "wed", "thu", "fri"], "starts": "07:00", "ends": "11:00"}],
}
PLANNED = {"name": "as planned", "strategy": "as_planned"}


def a_trial(channel: ChannelView, **fields: Any) -> dict[str, Any]:
    """Give a trial of early hours against the times posts come with."""
    arms = [PLANNED, EARLY]
    return {"name": "Early against as planned", "channel_ids": [channel.id], "arms": arms, "seed": "known", **fields}


def created(api: httpx.Client, channel: ChannelView, **fields: Any) -> dict[str, Any]:
    """Plan a trial and give it."""
    answer = api.post(PATH, json=a_trial(channel, **fields))
    assert answer.status_code == 201, answer.text
    data: dict[str, Any] = answer.json()["data"]
    return data


def test_a_trial_lives_over_http(api: httpx.Client, ctx: Context, linkedin: ChannelView, clock: StandingClock) -> None:
    trial = created(api, linkedin, measure="engagement", weeks=4)
    mine = f"{PATH}/{trial['id']}"
    assert (trial["status"], trial["registration"], trial["control"]) == ("draft", None, "as planned")
    started = api.post(f"{mine}/start").json()
    assert started["state"] == "running"
    assert started["data"]["registration"]["arms"][1]["windows"] == [
        {"weekdays": [0, 1, 2, 3, 4], "starts": "07:00", "ends": "11:00"}
    ]
    assert len(started["data"]["fingerprint"]) == 64
    ids = [item.id for item in planned(ctx, linkedin, 2, 6)]
    joined = api.post(f"{mine}/assignments", json={"item_ids": [*ids, "item_none"]}).json()["data"]
    assert [each["item_id"] for each in joined["assigned"]] == ids
    assert joined["refused"] == [{"item_id": "item_none", "reason": "there is no such item in this workspace"}]
    audit = api.get(f"{mine}/audit").json()["data"]
    assert (audit["lines"], audit["deviations"], audit["fingerprint_holds"]) == (12, [], True)
    go_out(ctx, clock, find_trial(ctx, trial["id"]))
    results = api.get(f"{mine}/results").json()["data"]
    assert results["verdict"] in {"too little data", "invalid"}
    assert results["effects"][0]["by_draw"] == {
        "lift": None, "low": None, "high": None, "undefined": "There are no posts with an outcome."
    }  # fmt: skip
    assert results["effects"][0]["p_permuted"] == {
        "value": None,
        "undefined": "There are no posts with an outcome.",
    }
    assert api.post(f"{mine}/stop", json={"reason": "Enough"}).json()["data"]["stop_reason"] == "Enough"
    decided = api.post(f"{mine}/decide", json={"winner": "early", "apply": True}).json()["data"]
    assert (decided["status"], decided["decision"]["winner"]) == ("decided", "early")
    (preference,) = list_preferences(ctx)
    assert (preference.quiet_from, preference.quiet_to) == (time(11), time(7))
    assert [each["id"] for each in api.get(PATH, params={"status": "decided"}).json()["data"]] == [trial["id"]]


def test_whole_days_are_asked_for_registered_and_designed(
    api: httpx.Client, ctx: Context, linkedin: ChannelView
) -> None:
    habits(ctx, linkedin)
    trial = created(api, linkedin, unit="days")
    power = api.get(f"{PATH}/{trial['id']}/power").json()["data"]
    assert (trial["unit"], power["unit"]) == ("days", "days")
    assert "days in each arm" in power["message"]
    asked = api.get(f"{PATH}/power", params={"channel_id": linkedin.id, "unit": "days"}).json()["data"]
    assert asked["outcomes"] == power["outcomes"]
    assert api.post(f"{PATH}/{trial['id']}/start").json()["data"]["registration"]["unit"] == "days"
    assert api.patch(f"{PATH}/{created(api, linkedin)['id']}", json={"unit": "days"}).json()["data"]["unit"] == "days"


def test_a_draft_is_edited_by_its_revision_and_a_running_trial_is_not(api: httpx.Client, linkedin: ChannelView) -> None:
    trial = created(api, linkedin)
    mine = f"{PATH}/{trial['id']}"
    read = api.get(mine)
    edited = api.patch(mine, json={"weeks": 3}, headers={"If-Match": read.headers["etag"]})
    assert (edited.json()["data"]["weeks"], edited.json()["data"]["name"]) == (3, trial["name"])
    stale = api.patch(mine, json={"weeks": 5}, headers={"If-Match": read.headers["etag"]})
    assert (stale.status_code, stale.json()["error_code"]) == (409, "state_conflict")
    assert api.post(f"{mine}/start").status_code == 200
    refused = api.patch(mine, json={"arms": [PLANNED, {**EARLY, "weight": 9}]})
    assert (refused.status_code, refused.json()["error_code"]) == (409, "state_conflict")
    assert "registered when it started" in refused.json()["error_message"]
    assert api.delete(mine).status_code == 409
    other = created(api, linkedin)
    assert api.delete(f"{PATH}/{other['id']}").json()["data"]["id"] == other["id"]
    assert api.get(f"{PATH}/{other['id']}").status_code == 404


def test_faults_are_named_by_their_places(api: httpx.Client, linkedin: ChannelView) -> None:
    overnight = {**EARLY, "windows": [{"weekdays": ["mon"], "starts": "22:00", "ends": "02:00"}]}
    answer = api.post(PATH, json=a_trial(linkedin, arms=[PLANNED, overnight], control="nobody"))
    assert answer.status_code == 422
    assert {each["loc"] for each in answer.json()["details"]} == {"control", "arms[1].windows[0].ends"}
    assert api.post(PATH, json=a_trial(linkedin, arms=[PLANNED])).status_code == 422
    assert api.get(PATH).json()["data"] == []


def test_power_says_what_a_trial_can_show(api: httpx.Client, ctx: Context, linkedin: ChannelView) -> None:
    habits(ctx, linkedin, posts=300)
    asked = {"channel_id": linkedin.id, "weeks": 8, "posts_per_week": 20, "detect": 0.5, "simulate": True}
    data = api.get(f"{PATH}/power", params=asked).json()["data"]
    assert data["outcomes"] > 250
    assert data["asked"]["posts_per_arm"] == 80
    sd = data["sd"]["value"]
    assert 0.8 < sd < 1.2  # log-normal with 1
    least = math.expm1(2.8016 * sd * (2 / 80) ** 0.5)  # z(0.975) + z(0.8) = 2.8016
    assert data["asked"]["detectable"]["value"] == pytest.approx(least, rel=1e-3)
    assert data["is_too_coarse"]
    assert 0.6 < data["chance"]["value"] < 0.9
    assert [each["lift"] for each in data["needs"]] == [0.1, 0.2, 0.3, 0.5]
    trial = created(api, linkedin)
    own = api.get(f"{PATH}/{trial['id']}/power").json()["data"]
    assert own["posts_per_week"] == pytest.approx(300 / 350 * 7, rel=0.25)


def test_power_without_a_history_is_undefined(api: httpx.Client, linkedin: ChannelView) -> None:
    data = api.get(f"{PATH}/power", params={"channel_id": linkedin.id}).json()["data"]
    assert data["sd"]["value"] is None
    assert data["sd"]["undefined"]
    assert data["asked"]["detectable"]["value"] is None
    assert data["is_too_coarse"]


def test_hours_without_a_trial_are_told_as_an_observation(
    api: httpx.Client, ctx: Context, linkedin: ChannelView, clock: StandingClock
) -> None:
    at = clock().replace(minute=0, second=0, microsecond=0)
    tell(ctx, linkedin.id, [
        Told((at - timedelta(days=10 + day)).replace(hour=hour), earned * (1 + day % 5 / 10))
        for day in range(60) for hour, earned in ((9, 50.0), (18, 75.0))
    ])  # fmt: skip
    asked = {"channel_id": linkedin.id, "hours": "mon-sun 17:00-21:00", "from": "2020-01-01T00:00"}
    data = api.get(f"{PATH}/observed", params=asked).json()["data"]
    assert (data["kind"], data["shows_cause"], data["verdict"]) == ("observation", False, None)
    assert "shows no cause and carries no verdict" in data["caution"]
    assert (data["inside"], data["outside"]) == (60, 59)  # the first has nothing to be measured by
    assert data["difference"]["low"] < data["difference"]["lift"] == pytest.approx(0.5, abs=0.05)
    assert data["hours"] == ["mon,tue,wed,thu,fri,sat,sun 17:00-21:00"]
    assert (data["starts"], data["timezone"]) == ("2019-12-31T23:00:00Z", "Europe/Berlin")
    later = api.get(f"{PATH}/observed", params=asked | {"to": "2020-02-01T00:00Z"}).json()["data"]
    assert later["difference"] == {
        "lift": None,
        "low": None,
        "high": None,
        "undefined": "There are no posts with an outcome.",
    }


@pytest.mark.parametrize(
    ("wrong", "place"),
    [({"hours": "evenings"}, "hours"), ({"from": "soon"}, "from"), ({"hours": "mon 21:00-18:00"}, "windows[0].ends")],
)
def test_an_observation_that_cannot_be_asked_names_the_place(
    api: httpx.Client, linkedin: ChannelView, wrong: dict[str, str], place: str
) -> None:
    asked = {"channel_id": linkedin.id, "hours": "mon-thu 18:00-21:00"}
    answer = api.get(f"{PATH}/observed", params=asked | wrong)
    assert (answer.status_code, [each["loc"] for each in answer.json()["details"]]) == (422, [place])
    assert api.get(f"{PATH}/observed", params=asked | {"channel_id": "chan_none"}).status_code == 404


def test_the_drawn_posts_are_exported_and_paged(api: httpx.Client, ctx: Context, linkedin: ChannelView) -> None:
    trial = created(api, linkedin)
    mine = f"{PATH}/{trial['id']}"
    api.post(f"{mine}/start")
    api.post(f"{mine}/assignments", json={"item_ids": [item.id for item in planned(ctx, linkedin, 2, 6)]})
    first = api.get(f"{mine}/assignments", params={"limit": 10}).json()
    rest = api.get(f"{mine}/assignments", params={"limit": 10, "cursor": first["meta"]["next_cursor"]}).json()
    listed = [*first["data"], *rest["data"]]
    assert (len(first["data"]), len(rest["data"]), rest["meta"]["next_cursor"]) == (10, 2, None)
    rows = list(csv.DictReader(io.StringIO(api.get(f"{mine}/export").text)))
    frame = pl.read_parquet(api.get(f"{mine}/export", params={"format": "parquet"}).content)
    for told in (rows, frame.to_dicts()):
        assert [(row["item_id"], row["arm"], row["block"]) for row in told] == [
            (each["item_id"], each["arm"], each["block"]) for each in listed
        ]
    assert frame["slot_at"].min() >= FIRST_MONDAY


def test_the_report_comes_as_a_page_and_as_a_pdf(api: httpx.Client, ctx: Context, linkedin: ChannelView) -> None:
    mine = f"{PATH}/{created(api, linkedin)['id']}"
    assert api.get(f"{mine}/report").status_code == 409  # nothing has started
    api.post(f"{mine}/start")
    api.post(f"{mine}/assignments", json={"item_ids": [item.id for item in planned(ctx, linkedin, 2, 6)]})
    page, pdf = api.get(f"{mine}/report"), api.get(f"{mine}/report", params={"format": "pdf"})
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert (pdf.status_code, pdf.headers["content-type"]) == (200, "application/pdf")
    for kind, answer in (("html", page), ("pdf", pdf)):
        name = f"{mine.rpartition('/')[2]}.{kind}"
        assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
    read = " ".join(sheet.extract_text() for sheet in PdfReader(io.BytesIO(pdf.content)).pages)
    for said in (page.text, read):
        assert "All 12 posts have the arm that the registered seed gives." in said
    assert api.get(mine).json()["data"]["looks"] == 1  # both on one day
    assert api.get(f"{mine}/report", params={"format": "docx"}).status_code == 422


def test_starting_twice_with_the_same_key_starts_once(api: httpx.Client, linkedin: ChannelView) -> None:
    trial = created(api, linkedin)
    first, again = (api.post(f"{PATH}/{trial['id']}/start", headers={"Idempotency-Key": "start-1"}) for _ in range(2))
    assert first.content == again.content
    assert again.headers["idempotency-replayed"] == "true"
    assert api.post(f"{PATH}/{trial['id']}/start").status_code == 409


def test_what_moves_posts_needs_the_scope_that_moves_posts(
    api: httpx.Client, ctx: Context, linkedin: ChannelView
) -> None:
    bearer = {"Authorization": f"Bearer {new_key(ctx, Scope.ANALYTICS_WRITE).secret}"}
    made = api.post(PATH, json=a_trial(linkedin), headers=bearer)
    assert made.status_code == 201
    mine = f"{PATH}/{made.json()['id']}"
    refused = [
        api.post(PATH, json=a_trial(linkedin, takes_new=True), headers=bearer),
        api.patch(mine, json={"takes_new": True}, headers=bearer),
        api.post(f"{mine}/assignments", json={"item_ids": ["item_1"]}, headers=bearer),
        api.post(f"{mine}/decide", json={"winner": "early", "apply": True}, headers=bearer),
    ]
    assert [answer.status_code for answer in refused] == [403] * 4
    assert all("scheduling:write" in answer.json()["error_message"] for answer in refused)
    assert api.post(f"{mine}/start", headers=bearer).status_code == 200


def test_another_workspaces_trial_is_not_found(api: httpx.Client, linkedin: ChannelView, stranger: Context) -> None:
    trial = created(api, linkedin)
    bearer = {"Authorization": f"Bearer {new_key(stranger, Scope.ADMIN_WRITE, Scope.ANALYTICS_WRITE).secret}"}
    for call in ("", "/results", "/assignments", "/audit", "/export", "/report", "/power"):
        assert api.get(f"{PATH}/{trial['id']}{call}", headers=bearer).status_code == 404
    assert api.get(PATH, headers=bearer).json()["data"] == []
