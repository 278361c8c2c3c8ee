"""The OpenAPI document: what FastAPI knows of the routes, and what the gate before them answers."""

import re
from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts

from core.api.access import NEEDED
from core.api.answers import EVERYWHERE, MEANINGS
from core.api.errors import ErrorBody
from core.api.gate import OPEN

_CLAUSE = re.compile(r"[.,:;]")
"""Where the first clause of a call's sentence ends."""

BEARER = "key"
MOUNT = "/api"

DESCRIPTION = """
Plan and publish from your own programs: everything the dashboard does.

- **Keys**: `Authorization: Bearer <API key or access token>`. While nobody has a key, requests from this machine need
  none. A key is made on the Settings page or with `slotwise keys create`.
- **Lists** come in pages: `limit`, then `cursor` with the `next_cursor` of the page before.
- **Repetition**: send an `Idempotency-Key` with every POST; the same request again does nothing more.
- **Edits** carry `If-Match` with the ETag that was read; an edit of an older revision is refused.
- **Limits**: `X-RateLimit-Limit`, `-Remaining` and `-Reset` on every answer, `Retry-After` with a 429.
- **Errors** have one shape, and name the place, the value and the remedy.
"""


def install_openapi(api: FastAPI) -> None:
    """Let the application describe itself, once it is asked."""

    def document() -> dict[str, Any]:
        if api.openapi_schema is None:
            api.openapi_schema = _document(api)
        return api.openapi_schema

    api.openapi = document  # type: ignore[method-assign] # FastAPI's documented way


def _document(api: FastAPI) -> dict[str, Any]:
    made = get_openapi(
        title=api.title, version=api.version, openapi_version="3.1.0", description=DESCRIPTION, routes=api.routes
    )
    made["servers"] = [{"url": MOUNT}]
    parts = made.setdefault("components", {})
    parts.setdefault("schemas", {}).update(_error_schemas())
    parts["securitySchemes"] = {BEARER: {"type": "http", "scheme": "bearer"}}
    for route in documented_routes(api):
        for method in route.methods or ():
            _complete(made["paths"][str(route.path_format)][method.lower()], route)
    for unused in ("HTTPValidationError", "ValidationError"):
        parts["schemas"].pop(unused, None)
    return made


def documented_routes(api: FastAPI) -> Iterator[RouteContext]:
    """Yield the calls of every router; FastAPI keeps a router as one entry of `api.routes`."""
    routes = iter_route_contexts(api.routes)
    return (route for route in routes if isinstance(route.original_route, APIRoute) and route.include_in_schema)


def _complete(operation: dict[str, Any], route: RouteContext) -> None:
    """Add to one call what the gate may answer, and which scope it needs; name it by what it does."""
    operation["summary"] = _CLAUSE.split(operation["description"], maxsplit=1)[0]
    for status in EVERYWHERE:
        if str(status) not in operation["responses"] or status == 422:  # noqa: PLR2004 - FastAPI documents its own 422
            operation["responses"][str(status)] = _refusal(status)
    if OPEN.fullmatch(str(route.path)):
        return
    operation["security"] = [{BEARER: []}]
    for scope in _scopes(route.dependant):
        operation["description"] = f"{operation.get('description', '')}\n\nScope: `{scope}`."


def _scopes(dependant: Dependant) -> Iterator[str]:
    for each in dependant.dependencies:
        if scope := getattr(each.call, NEEDED, None):
            yield scope


def _refusal(status: int) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/ErrorBody"}
    return {"description": MEANINGS[status], "content": {"application/json": {"schema": schema}}}


def _error_schemas() -> dict[str, Any]:
    schema = ErrorBody.model_json_schema(ref_template="#/components/schemas/{model}")
    return {**schema.pop("$defs"), "ErrorBody": schema}
