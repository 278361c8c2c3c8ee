"""Optimistic concurrency: a resource's ETag is its revision, and an edit of an older one is refused."""

import re
from typing import Annotated

from fastapi import Header
from fastapi.responses import Response
from pydantic import BaseModel

from core.errors import Invalid, Problem, StaleEdit

_ETAG = re.compile(r'(?:W/)?"(\d{1,18})"', re.ASCII)

IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        description='The ETag that was read, such as "3"; an edit of an older one is refused.',
        json_schema_extra={"pattern": r'^((W/)?"[0-9]{1,18}"|\*)$'},
    ),
]


def expected_revision(if_match: str | None, in_body: int | None = None) -> int | None:
    """Return the revision an edit was made on, None where the client did not look (Invalid: unreadable, or two)."""
    if if_match is None or if_match.strip() == "*":
        return in_body
    found = _ETAG.fullmatch(if_match.strip())
    if found is None:
        raise Invalid((Problem("If-Match", if_match, 'send the ETag of the resource, such as "3"'),))
    revision = int(found[1])
    if in_body not in {None, revision}:
        raise Invalid((Problem("expected_revision", str(in_body), f"If-Match says {revision}; send one of the two"),))
    return revision


def refuse_stale(kind: str, expected: int | None, actual: int) -> None:
    """Raise StaleEdit where a client looked at another revision, even if it asks for no change."""
    if expected is not None and expected != actual:
        raise StaleEdit(kind=kind, expected=expected, actual=actual)


def with_etag(shape: BaseModel, revision: int, status: int = 200) -> Response:
    """Return a resource with its ETag."""
    text = shape.model_dump_json(by_alias=True)
    return Response(text, status, {"ETag": f'"{revision}"'}, media_type="application/json")
