"""What a webhook receiver's answer means, decided from its status, headers and body alone."""

import json
from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from urllib.parse import urlsplit

from core.publishing.contract import Firing, Published, Refused
from core.retry_after import retry_after
from core.vocabulary import Refusal

_EXCERPT = 200
_LONGEST_ID = 200
_LONGEST_URL = 2000
_NOT_NOW = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)


def read_answer(status: int, headers: Mapping[str, str], body: bytes, now: datetime) -> Firing:
    """Return what became of the post; `headers` has lower-case names, `body` may be cut short."""
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return _published(body, now)
    said = f"The receiver answered {status}{excerpt(body)}."
    if status in _NOT_NOW:
        return Refused(Refusal.RATE_LIMITED, said, retry_after(headers.get("retry-after"), now))
    if status == HTTPStatus.REQUEST_TIMEOUT or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Refused(Refusal.UNKNOWN_OUTCOME, f"{said} It may have taken the item before it failed.")
    return Refused(Refusal.INVALID, f"{said} {_fix(status)}")


def _fix(status: int) -> str:
    if status == HTTPStatus.GONE:
        return "It wants no more items: remove the channel or change its address."
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        return "Redirects are not followed: enter the final address in the channel's settings."
    return "Check the channel's address and secret and what the receiver accepts."


def _published(body: bytes, now: datetime) -> Published:
    """Take the receiver's `id` and `url` where they can be shown and linked; anything else is no reason to fail."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):  # not JSON, cut short, or nested to break the reader
        return Published(at=now)
    if not isinstance(answer, dict):
        return Published(at=now)
    return Published(at=now, url=_sane_url(answer.get("url")), remote_id=_sane_id(answer.get("id")))


def _sane_id(value: object) -> str | None:
    return value if isinstance(value, str) and value.isprintable() and 0 < len(value) <= _LONGEST_ID else None


def _sane_url(value: object) -> str | None:
    """Return an http(s) address; `javascript:` and the like must not become a link in the dashboard."""
    if not isinstance(value, str) or len(value) > _LONGEST_URL or not value.isprintable() or " " in value:
        return None
    try:
        parts = urlsplit(value)
    except ValueError:
        return None
    return value if parts.scheme in ("http", "https") and parts.hostname else None


def excerpt(body: bytes) -> str:
    """Return the start of the body on one line, without control and text-direction characters."""
    text = " ".join(body.decode("utf-8", "replace").split())
    shown = "".join(character for character in text if character.isprintable())[:_EXCERPT]
    return f": {shown}" if shown else ""
