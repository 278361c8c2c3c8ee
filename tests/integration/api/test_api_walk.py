"""Every route there is, found in the document: other workspaces' things, missing scopes, keys that are none any more.

A route that is added later is walked by itself.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx
import jwt
import pytest
from api_bodies import a_calendar, an_item, refusal
from api_server import front_door, serving
from planned_posts import StandingClock

from core.bootstrap import Slotwise
from core.services.api_keys import KeyDraft, create_key, revoke_key, rotate_key
from core.services.context import Context
from core.vocabulary import Scope

ALL = frozenset(Scope)
OPEN = ("/health", "/auth/token")
Call = tuple[str, str, dict[str, Any]]


@pytest.fixture
def house_url(sqlite_url: str) -> str:
    """Give a SQLite database; that PostgreSQL fences workspaces as well is shown below the API."""
    return sqlite_url


@dataclass
class Walk:
    """A client of the API, and the calls its document lists."""

    client: httpx.Client
    calls: list[Call] = field(default_factory=list)

    def __post_init__(self) -> None:
        paths = self.client.get("/api/openapi.json").json()["paths"]
        self.calls = [
            (method.upper(), path, call)
            for path, methods in paths.items()
            for method, call in methods.items()
            if not path.endswith(OPEN)
        ]

    def send(self, method: str, path: str, key: str, body: Any = None) -> httpx.Response:
        """Send one call with a key."""
        return self.client.request(method, f"/api{path}", json=body, headers={"authorization": f"Bearer {key}"})


@pytest.fixture
def walk(house: Slotwise) -> Iterator[Walk]:
    """Give the calls of a server that asks for keys."""
    with serving(front_door(house, exposed=True)) as server, server.client() as client:
        yield Walk(client)


def key_of(ctx: Context, *scopes: Scope) -> str:
    """Make a key with these scopes, or all."""
    return create_key(ctx, KeyDraft("Test", scopes or tuple(ALL)), ALL).secret


def addressed(path: str, ids: dict[str, str]) -> str:
    """Write ids into a path; what is not known gets an id nobody has."""
    return re.sub(r"\{(\w+)\}", lambda part: ids.get(part[1], "nobody_has_this"), path)


def things_of(walk: Walk, key: str) -> dict[str, str]:
    """Make one of everything that has an id, and give the ids by the name they have in paths."""
    made = walk.send("POST", "/v1/scheduling/calendar", key, a_calendar()).json()["data"]
    item = made["items"][0]
    ids = {"calendar_id": made["id"], "item_id": item["id"], "channel_id": item["channel_id"]}
    for listing in ("/v1/api-keys", "/v1/workspaces", "/v1/webhooks"):
        answer = walk.send("GET", listing, key)
        if answer.is_success and answer.json()["data"]:
            name = {"/v1/api-keys": "key_id", "/v1/workspaces": "workspace_id", "/v1/webhooks": "webhook_id"}[listing]
            ids[name] = answer.json()["data"][0]["id"]
    return ids


def test_no_route_shows_or_changes_another_workspaces_things(walk: Walk, ctx: Context, stranger: Context) -> None:
    ours, theirs = key_of(ctx), key_of(stranger)
    ids = things_of(walk, theirs)
    before = walk.send("GET", f"/v1/scheduling/calendar/{ids['calendar_id']}?expand=items", theirs).json()
    walked = 0
    for method, path, _ in walk.calls:
        if not set(re.findall(r"\{(\w+)\}", path)) & set(ids):
            continue
        answer = walk.send(method, addressed(path, ids), ours, {} if method in {"POST", "PATCH", "PUT"} else None)
        assert answer.status_code in {404, 422}, (method, path, answer.text)
        assert not [each for name, each in ids.items() if each in answer.text and each not in addressed(path, ids)]
        walked += 1
    assert walked > 10
    assert walk.send("GET", f"/v1/scheduling/calendar/{ids['calendar_id']}?expand=items", theirs).json() == before


def test_no_list_shows_another_workspaces_things(walk: Walk, ctx: Context, stranger: Context) -> None:
    ours, theirs = key_of(ctx), key_of(stranger)
    ids = things_of(walk, theirs)
    for method, path, _ in walk.calls:
        if method == "GET" and "{" not in path:
            answer = walk.send(method, path, ours)
            assert not [each for each in ids.values() if each in answer.text], path


def test_ids_of_another_workspace_in_a_body_or_query_find_nothing(walk: Walk, ctx: Context, stranger: Context) -> None:
    ours, ids = key_of(ctx), things_of(walk, key_of(stranger))
    foreign = walk.send("POST", "/v1/scheduling/calendar", ours, a_calendar(an_item(channel_id=ids["channel_id"])))
    assert refusal(foreign)[2] == {"items[0].channel_id": ids["channel_id"]}
    plan = walk.send("POST", "/v1/scheduling/optimize", ours, {"schedule_id": ids["calendar_id"]})
    assert plan.status_code == 404
    for name in ("calendar_id", "channel_id"):
        assert walk.send("GET", f"/v1/scheduling/calendar?{name}={ids[name]}", ours).json()["data"] == []


def scope_of(call: dict[str, Any]) -> Scope:
    """Give the scope a call needs, as the document says."""
    found = re.search(r"Scope: `([a-z:]+)`", call["description"])
    assert found
    return Scope(found[1])


def test_no_route_lets_a_key_do_what_its_scopes_do_not_cover(walk: Walk, ctx: Context) -> None:
    ids = things_of(walk, key_of(ctx))
    for method, path, call in walk.calls:
        needed = scope_of(call)
        group = needed.value.partition(":")[0]
        others = [each for each in Scope if not each.value.startswith(group)]
        weaker = [Scope(f"{group}:read")] if needed.value.endswith(":write") else []
        key = key_of(ctx, *others, *weaker)
        answer = walk.send(method, addressed(path, ids), key, empty_body(call))
        assert refusal(answer)[:2] == (403, "insufficient_scope"), (method, path, answer.text)
        assert needed.value in answer.json()["error_message"]


def empty_body(call: dict[str, Any]) -> Any:
    """Give a body where a call takes one; the scope is looked at before what it says."""
    return {} if "requestBody" in call else None


def test_the_scope_the_document_names_is_enough(walk: Walk, ctx: Context) -> None:
    for method, path, call in walk.calls:
        answer = walk.send(method, addressed(path, {}), key_of(ctx, scope_of(call)), empty_body(call))
        assert answer.status_code not in {401, 403}, (method, path, answer.text)


def test_nobody_gives_a_key_more_than_they_have(walk: Walk, ctx: Context) -> None:
    admin = key_of(ctx, Scope.ADMIN_WRITE)
    draft = {"name": "More", "scopes": [Scope.SCHEDULING_WRITE.value]}
    assert refusal(walk.send("POST", "/v1/api-keys", admin, draft))[0] in {403, 422}


def dead_keys(ctx: Context, clock: StandingClock) -> dict[str, Callable[[], str]]:
    """Give ways to come by a key that is none any more."""

    def expired() -> str:
        made = create_key(ctx, KeyDraft("Old", tuple(ALL), ctx.now() + timedelta(hours=1)), ALL).secret
        clock.move(timedelta(hours=1))
        return made

    def revoked() -> str:
        made = create_key(ctx, KeyDraft("Gone", tuple(ALL)), ALL)
        revoke_key(ctx, made.key.id)
        return made.secret

    def rotated() -> str:
        made = create_key(ctx, KeyDraft("Turned", tuple(ALL)), ALL)
        rotate_key(ctx, made.key.id, ALL)
        return made.secret

    def cut() -> str:
        return key_of(ctx)[:-1]

    def other_secret() -> str:
        first, second = key_of(ctx), key_of(ctx)
        return first[:12] + second[12:]

    return {each.__name__: each for each in (expired, revoked, rotated, cut, other_secret)}


@pytest.mark.parametrize("way", ["expired", "revoked", "rotated", "cut", "other_secret"])
def test_a_key_that_is_none_any_more_opens_no_route(walk: Walk, ctx: Context, clock: StandingClock, way: str) -> None:
    key = dead_keys(ctx, clock)[way]()
    for method, path, _ in walk.calls[:20]:
        assert refusal(walk.send(method, addressed(path, {}), key))[:2] == (401, "unauthenticated"), (method, path)


def test_a_revoked_key_is_refused_though_its_answer_was_kept(walk: Walk, ctx: Context) -> None:
    made = create_key(ctx, KeyDraft("Soon gone", tuple(ALL)), ALL)
    assert [walk.send("GET", "/v1/scheduling/calendars", made.secret).status_code for _ in range(3)] == [200] * 3
    revoke_key(ctx, made.key.id)
    assert walk.send("GET", "/v1/scheduling/calendars", made.secret).status_code == 401


def test_a_kept_answer_is_not_given_to_a_key_without_the_scope(walk: Walk, ctx: Context) -> None:
    reader, other = key_of(ctx, Scope.SCHEDULING_READ), key_of(ctx, Scope.CHANNELS_WRITE)
    assert [walk.send("GET", "/v1/scheduling/calendars", reader).status_code for _ in range(2)] == [200, 200]
    assert refusal(walk.send("GET", "/v1/scheduling/calendars", other))[:2] == (403, "insufficient_scope")


def forged(token: str, **changes: Any) -> dict[str, str]:
    """Write tokens that say the same as a good one, or more, without knowing the key that signs them."""
    claims = jwt.decode(token, options={"verify_signature": False}) | changes
    head, body, signature = token.split(".")
    return {
        "none": jwt.encode(claims, "", algorithm="none"),
        "other secret": jwt.encode(claims, "x" * 64, algorithm="HS256"),
        "zeros": jwt.encode(claims, "0" * 64, algorithm="HS512"),
        "no signature": f"{head}.{body}.",
        "other head": f"{jwt.encode(claims, 'x' * 64, algorithm='HS384').partition('.')[0]}.{body}.{signature}",
        "cut": token[:-2],
        "key id": jwt.encode(claims, "x" * 64, algorithm="HS256", headers={"kid": "../../dev/null"}),
    }


def test_a_token_that_slotwise_did_not_sign_is_none(walk: Walk, ctx: Context) -> None:
    key = key_of(ctx, Scope.SCHEDULING_READ)
    pair = walk.client.post("/api/v1/auth/token", json={"grant_type": "api_key", "api_key": key}).json()
    good = pair["access_token"]
    assert walk.send("GET", "/v1/scheduling/calendars", good).status_code == 200
    more = {"scopes": [each.value for each in Scope], "exp": 4_000_000_000}
    for name, token in (forged(good) | {f"more, {name}": each for name, each in forged(good, **more).items()}).items():
        answer = walk.send("GET", "/v1/scheduling/calendars", token)
        assert refusal(answer)[:2] == (401, "unauthenticated"), name


def test_a_token_ends_after_its_time_and_says_so(walk: Walk, ctx: Context, clock: StandingClock) -> None:
    body = {"grant_type": "api_key", "api_key": key_of(ctx)}
    pair = walk.client.post("/api/v1/auth/token", json=body).json()
    clock.move(timedelta(seconds=pair["expires_in"]))
    assert refusal(walk.send("GET", "/v1/scheduling/calendars", pair["access_token"]))[:2] == (401, "token_expired")


def test_a_refresh_token_that_is_sent_twice_ends_all_that_came_of_it(walk: Walk, ctx: Context) -> None:
    def refresh(token: str) -> httpx.Response:
        return walk.client.post("/api/v1/auth/token", json={"grant_type": "refresh_token", "refresh_token": token})

    body = {"grant_type": "api_key", "api_key": key_of(ctx)}
    first = walk.client.post("/api/v1/auth/token", json=body).json()
    second = refresh(first["refresh_token"]).json()
    assert walk.send("GET", "/v1/scheduling/calendars", second["access_token"]).status_code == 200
    assert refresh(first["refresh_token"]).status_code == 401
    assert refresh(second["refresh_token"]).status_code == 401
    assert walk.send("GET", "/v1/scheduling/calendars", second["access_token"]).status_code == 401
