"""Idempotency keys: the same request again does nothing and finds what the first one did."""

import dataclasses
import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlmodel import col, delete, select

from core.errors import IdempotencyConflict
from core.storage.tables import IdempotencyKey
from core.storage.tenancy import ScopedSession

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

REMEMBERED = timedelta(hours=24)
"""How long a key is known (API contract)."""


def digest(request: Any) -> str:
    """Return the hash of a command (a dataclass); the same moment in another zone is the same request."""
    text = json.dumps(dataclasses.asdict(request), sort_keys=True, default=_canonical)
    return hashlib.sha256(text.encode()).hexdigest()


def recall(session: ScopedSession, endpoint: str, key: str, request: str, now: datetime) -> dict[str, Any] | None:
    """Return what the request with this key did, None if it is new (IdempotencyConflict: another request's key).

    Call it in the transaction that does the work: writers of a workspace queue at the door, so of two that send the
    same key at once the second finds what the first remembered.
    """
    session.execute(delete(IdempotencyKey).where(col(IdempotencyKey.created_at) <= now - REMEMBERED))
    known = select(IdempotencyKey).where(IdempotencyKey.endpoint == endpoint, IdempotencyKey.key == key)
    row = session.scalars(known).one_or_none()
    if row is None:
        return None
    if row.request_hash != request:
        raise IdempotencyConflict(key=key)
    return row.result


def remember(
    session: ScopedSession, endpoint: str, key: str, request: str, now: datetime, result: dict[str, Any]
) -> None:
    """Keep what the request did."""
    session.add(IdempotencyKey(endpoint=endpoint, key=key, request_hash=request, result=result, created_at=now))


def _canonical(value: Any) -> str:
    if isinstance(value, datetime) and value.tzinfo is not None:
        return str(value - _EPOCH)  # not astimezone: that overflows at the ends of the calendar
    return str(value)
