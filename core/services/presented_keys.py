"""API keys as they are presented: which row one belongs to, and whether it is good now."""

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, inspect, select
from sqlmodel import col

from core.errors import Unauthenticated
from core.services.scopes import ALL_SCOPES, implied
from core.storage.doors import Database
from core.storage.ids import API_KEY_MARK
from core.storage.tables import ApiKey, Revision
from core.vocabulary import Scope

_KEY = re.compile(rf"{API_KEY_MARK}_(?P<prefix>[a-z0-9]{{8}})_(?P<secret>[A-Za-z0-9_-]{{43}})")

_BY_PREFIX = (
    select(*inspect(ApiKey).columns, col(Revision.value).label("revision"))
    .join(Revision, col(Revision.workspace_id) == col(ApiKey.workspace_id))
    .where(col(ApiKey.prefix) == bindparam("prefix"))
)


@dataclass(frozen=True)
class GoodKey:
    """A key that opens something now; `generation` is that of the secret presented, an older one while they overlap.

    `revision` counts the writes that its workspace has seen, None where they were not asked for.
    """

    row: ApiKey
    generation: int
    revision: int | None = None


def looks_like_key(presented: str) -> bool:
    """Tell whether a text has the form of an API key."""
    return _KEY.fullmatch(presented) is not None


def open_key(db: Database, now: datetime, presented: str) -> GoodKey:
    """Return the key behind `sw_<prefix>_<secret>` by one read (Unauthenticated: none fits, revoked, expired).

    An unknown prefix takes the same comparisons as a wrong secret, so that neither answer nor time tells them apart.
    """
    parts = _KEY.fullmatch(presented)
    if parts is None:
        raise Unauthenticated(reason="This is not an API key.")
    found = db.glance(_BY_PREFIX, prefix=parts["prefix"])
    columns = dict(found._mapping) if found else {}  # noqa: SLF001 - SQLAlchemy's public name for it
    revision, row = columns.pop("revision", None), ApiKey(**columns) if columns else None
    is_current = _fits(parts["secret"], row.hash if row else None)
    is_previous = _fits(parts["secret"], row.previous_hash if row else None) and overlaps(row, now)
    if row is None or not (is_current or is_previous):
        raise Unauthenticated(reason="No API key fits what was sent.")
    refuse_dead(row, now)
    return GoodKey(row, row.generation if is_current else row.generation - 1, revision)


def overlaps(row: ApiKey | None, now: datetime) -> bool:
    """Tell whether the secret of before the last rotation is still good."""
    return row is not None and row.previous_until is not None and row.previous_until > now


def refuse_dead(row: ApiKey, now: datetime) -> None:
    """Refuse a key that was revoked or has expired (Unauthenticated)."""
    if row.revoked_at is not None:
        raise Unauthenticated(reason="This API key was revoked.")
    if row.expires_at is not None and row.expires_at <= now:
        raise Unauthenticated(
            reason=f"This API key expired on {row.expires_at:%Y-%m-%d} at {row.expires_at:%H:%M} UTC."
        )


def refuse_older(row: ApiKey, generation: int, now: datetime) -> None:
    """Refuse what came of a secret that was rotated away (Unauthenticated); while secrets overlap both are good."""
    if generation != row.generation and not (generation == row.generation - 1 and overlaps(row, now)):
        raise Unauthenticated(reason="The API key of this token was rotated since.")


def scopes_of(row: ApiKey) -> frozenset[Scope]:
    """Return what a key may do, with what that contains; a scope this version does not know counts for nothing."""
    return implied(Scope(scope) for scope in row.scopes if scope in ALL_SCOPES)


def secret_hash(secret: str) -> str:
    """Return what is kept of a secret: SHA-256 in hex. Its 256 random bits need no stretching."""
    return hashlib.sha256(secret.encode()).hexdigest()


_NOBODYS = secret_hash("no secret has this hash, for it is too short")


def _fits(secret: str, kept: str | None) -> bool:
    """Compare in constant time, with nobody's hash where there is none."""
    return hmac.compare_digest(secret_hash(secret), kept or _NOBODYS)
