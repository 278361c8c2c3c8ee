"""Scopes over HTTP: every call that the documents name refuses a key that was not given its scope."""

import re
from collections.abc import Iterator

import httpx
import pytest
from keys_at_hand import new_key

from core.services.context import Context
from core.services.scopes import ALL_SCOPES, implied
from core.vocabulary import Scope

NEEDED = re.compile(r"Scope: `(?P<scope>[a-z:]+)`")


def calls(api: httpx.Client) -> Iterator[tuple[str, str, Scope]]:
    """Give every call that needs a scope: method, path and the scope the documents say."""
    for path, operations in api.get("/api/openapi.json").json()["paths"].items():
        for method, operation in operations.items():
            if said := NEEDED.search(operation.get("description", "")):
                yield method.upper(), re.sub(r"\{\w+\}", "unknown", path), Scope(said["scope"])


@pytest.mark.parametrize("scope", Scope)
def test_a_key_with_every_other_scope_is_refused_before_anything_is_read(
    api: httpx.Client, ctx: Context, scope: Scope
) -> None:
    needing = [(method, path) for method, path, needed in calls(api) if needed is scope]
    others = [each for each in ALL_SCOPES if scope not in implied([each])]
    bearer = {"Authorization": f"Bearer {new_key(ctx, *others).secret}"}
    for method, path in needing:
        answer = api.request(
            method, f"/api{path}", json={} if method in {"POST", "PUT", "PATCH"} else None, headers=bearer
        )
        assert (answer.status_code, answer.json()["error_code"]) == (403, "insufficient_scope"), (method, path)
        assert scope in answer.json()["error_message"]


def test_nearly_every_call_needs_a_scope(api: httpx.Client) -> None:
    documented = sum(map(len, api.get("/api/openapi.json").json()["paths"].values()))
    assert documented - len(list(calls(api))) <= 4  # three ways to health, and where a token is given out


def test_a_key_of_one_workspace_sees_only_its_own(api: httpx.Client, ctx: Context, stranger: Context) -> None:
    bearer = {"Authorization": f"Bearer {new_key(ctx, Scope.ADMIN_WRITE).secret}"}
    listed = api.get("/api/v1/workspaces", headers=bearer).json()["data"]
    assert [each["id"] for each in listed] == [ctx.workspace]
    theirs = f"/api/v1/workspaces/{stranger.workspace}"
    assert api.get(theirs, headers=bearer).status_code == 404
    assert api.patch(theirs, json={"name": "Mine"}, headers=bearer).status_code == 404
    assert api.patch(f"/api/v1/workspaces/{ctx.workspace}", json={"name": "Ours"}, headers=bearer).status_code == 200
