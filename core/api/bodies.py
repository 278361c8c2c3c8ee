"""Reads a request's body within its bounds of size, time and depth, and refuses what no database can keep."""

import asyncio
import json
import re
from collections.abc import Iterator
from email.message import Message as Header
from typing import Any

from starlette.datastructures import Headers
from starlette.types import Message, Receive

from core.api.refusals import InvalidJson, InvalidParameter, PayloadTooLarge, TooSlow, UnsupportedMediaType
from core.errors import Invalid, Problem

MOST_BYTES = 10 * 1024 * 1024
MOST_SECONDS = 30.0
"""A body that takes longer is somebody holding a connection open."""

MOST_DEPTH = 64
"""Objects and lists inside one another; nothing the API takes comes near it."""

_UNSTORABLE = "holds a character that cannot be stored (a zero byte or half a surrogate pair); leave it out"
_NO_TEXT = re.compile("[\0\ud800-\udfff]")


class Disconnected(Exception):
    """The client went away before its request had arrived."""


async def read_body(headers: Headers, receive: Receive) -> bytes:
    """Return the whole body (PayloadTooLarge, TooSlow, UnsupportedMediaType, InvalidJson, Invalid, Disconnected)."""
    declared = headers.get("content-length", "")
    if declared.isdigit() and int(declared) > MOST_BYTES:
        raise PayloadTooLarge(most=MOST_BYTES)
    try:
        async with asyncio.timeout(MOST_SECONDS):
            body = b"".join([chunk async for chunk in _chunks(receive)])
    except TimeoutError as error:
        raise TooSlow(seconds=MOST_SECONDS) from error
    if body:
        _check_type(headers.get("content-type", ""))
        check_json(body)
    return body


def replay(body: bytes, receive: Receive) -> Receive:
    """Return a channel that gives the body that was read, then goes on listening for the client to leave."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


def check_query(query: bytes) -> None:
    """Refuse a query with a zero byte (InvalidParameter): no database finds anything by it."""
    if b"\0" in query or b"%00" in query:
        raise InvalidParameter(place="query", value=query.decode("latin-1")[:80], reason="holds a zero byte")


def check_json(body: bytes) -> None:
    """Refuse what is no JSON (InvalidJson, with its place), too deep, or holds what cannot be stored (Invalid)."""
    try:
        value = json.loads(body, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise InvalidJson(reason=f"{error.msg} at line {error.lineno}, column {error.colno}") from error
    except RecursionError as error:
        raise InvalidJson(reason=f"it is nested deeper than {MOST_DEPTH} levels") from error
    except (UnicodeDecodeError, ValueError) as error:
        raise InvalidJson(reason=str(error)) from error
    if problems := tuple(_faults(value)):
        raise Invalid(problems)


async def _chunks(receive: Receive) -> Any:
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Disconnected
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > MOST_BYTES:
            raise PayloadTooLarge(most=MOST_BYTES)
        more = message.get("more_body", False)
        yield chunk


def _check_type(content_type: str) -> None:
    header = Header()
    header["content-type"] = content_type or "unknown/unknown"
    subtype = header.get_content_subtype()
    if header.get_content_maintype() != "application" or not (subtype == "json" or subtype.endswith("+json")):
        raise UnsupportedMediaType(found=content_type)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no number that JSON knows")


def _faults(value: Any) -> Iterator[Problem]:
    """Yield what is too deep or cannot be stored, by its place; walks without recursion."""
    waiting: list[tuple[str, Any, int]] = [("", value, 1)]
    while waiting:
        place, each, depth = waiting.pop()
        if depth > MOST_DEPTH:
            raise InvalidJson(reason=f"it is nested deeper than {MOST_DEPTH} levels")
        if isinstance(each, str) and not _is_storable(each):
            yield Problem(place, ascii(each)[1:-1], _UNSTORABLE)
        elif isinstance(each, dict):
            yield from (Problem(place, ascii(key)[1:-1], _UNSTORABLE) for key in each if not _is_storable(key))
            waiting += [(f"{place}.{key}".lstrip("."), inner, depth + 1) for key, inner in each.items()]
        elif isinstance(each, list):
            waiting += [(f"{place}[{number}]", inner, depth + 1) for number, inner in enumerate(each)]


def _is_storable(text: str) -> bool:
    return _NO_TEXT.search(text) is None
