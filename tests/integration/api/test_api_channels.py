"""Channels over HTTP: all that the dashboard can do with one, and secrets only where they belong."""

from dataclasses import replace

import httpx
import pytest
from planned_posts import linkedin_draft
from sqlmodel import select

from core.services.channels import ChannelView, add_channel, reveal_secret
from core.services.context import Context
from core.storage.tables import IdempotencyKey

PATH = "/api/v1/channels"
HOOK = {"platform": "facebook", "name": "Hook", "kind": "webhook", "settings": {"url": "https://example.com/in"}}


def test_a_channel_is_connected_read_edited_and_switched_off(api: httpx.Client) -> None:
    made = api.post(PATH, json={"platform": "X", "name": "Our voice", "timezone": "Europe/Berlin"})
    assert made.status_code == 201
    body = made.json()
    assert (body["state"], body["data"]["platform"], body["data"]["secret"]) == ("active", "twitter", None)
    path = f"{PATH}/{body['id']}"
    read = api.get(path)
    assert read.headers["ETag"] == '"1"'
    assert read.json()["data"] == {name: value for name, value in body["data"].items() if name != "secret"}
    edited = api.patch(path, json={"max_per_day": None, "min_gap_minutes": 30}, headers={"If-Match": '"1"'}).json()
    assert (edited["data"]["max_per_day"], edited["data"]["min_gap_minutes"], edited["data"]["revision"]) == (
        None,
        30,
        2,
    )
    assert edited["data"]["name"] == "Our voice"
    assert api.patch(path, json={"name": "Late"}, headers={"If-Match": '"1"'}).status_code == 409
    off = api.delete(path).json()
    assert (off["state"], off["data"]["active"]) == ("switched_off", False)
    assert api.patch(path, json={"active": True}).json()["state"] == "active"


def test_a_signing_secret_is_handed_over_at_creation_and_on_demand_and_kept_in_no_answer(
    api: httpx.Client, ctx: Context
) -> None:
    made, again = (api.post(PATH, json=HOOK, headers={"Idempotency-Key": "hook"}) for _ in range(2))
    assert (made.status_code, again.content) == (201, made.content)
    secret, path = made.json()["data"]["secret"], f"{PATH}/{made.json()['id']}"
    assert secret.startswith("whsec_")
    assert secret == reveal_secret(ctx, made.json()["id"])
    assert api.get(f"{path}/secret").json()["data"] == {"channel_id": made.json()["id"], "secret": secret}
    for answer in (api.get(path), api.get(PATH), api.patch(path, json={"name": "Hook 2"}), api.get("/api/v1/audit")):
        assert secret not in answer.text
    with ctx.read() as session:
        assert secret not in str([row.result for row in session.scalars(select(IdempotencyKey))])


@pytest.mark.parametrize(
    ("changes", "status", "place"),
    [
        ({"platform": "myspace"}, 422, "platform"),
        ({"timezone": "Mars/Base"}, 422, "timezone"),
        ({"name": " "}, 422, "name"),
        ({"settings": {}}, 422, "settings.url"),
        ({"max_per_day": 0}, 422, "max_per_day"),
        ({"max_per_day": 2**40}, 422, "max_per_day"),
        ({"exploration_percent": 51}, 422, "exploration_percent"),
        ({"is_peer": "yes"}, 422, "is_peer"),
        ({"kind": "pigeon"}, 422, "kind"),
        ({"secret": "mine"}, 422, "secret"),
        ({"platform": "linkedin", "name": "Our page"}, 409, "linkedin channel"),
    ],
)
def test_a_channel_that_cannot_be_is_refused_by_place(
    api: httpx.Client, linkedin: ChannelView, changes: dict[str, object], status: int, place: str
) -> None:
    answer = api.post(PATH, json={**HOOK, **changes})
    assert (answer.status_code, answer.json()["details"][0]["loc"]) == (status, place)
    assert len(api.get(PATH).json()["data"]) == 1


def test_channels_are_listed_by_platform_kind_and_use_and_pages_stay_in_step(
    api: httpx.Client, ctx: Context, stranger: Context
) -> None:
    add_channel(stranger, linkedin_draft())
    made = [add_channel(ctx, replace(linkedin_draft(), name=f"Page {n}", is_peer=n % 2 == 1)).id for n in range(12)]
    first = api.get(PATH, params={"limit": 10}).json()
    second = api.get(PATH, params={"limit": 10, "cursor": first["meta"]["next_cursor"]}).json()
    assert sorted(each["id"] for each in first["data"] + second["data"]) == sorted(made)
    api.delete(f"{PATH}/{made[0]}")
    assert [each["id"] for each in api.get(PATH, params={"active": "false"}).json()["data"]] == made[:1]
    assert {each["id"] for each in api.get(PATH, params={"is_peer": "true"}).json()["data"]} == set(made[1::2])
    assert api.get(PATH, params={"platform": "youtube"}).json()["data"] == []


def test_another_workspaces_channel_does_not_exist(api: httpx.Client, stranger: Context) -> None:
    path = f"{PATH}/{add_channel(stranger, linkedin_draft()).id}"
    answers = [api.get(path), api.patch(path, json={"name": "Mine"}), api.delete(path), api.get(f"{path}/secret")]
    assert [each.status_code for each in answers] == [404] * 4
