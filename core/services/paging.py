"""Cursors: where a list goes on, by the last thing seen, so that what is inserted meanwhile shifts nothing."""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, and_, or_

from core.errors import Invalid, Problem
from core.storage.tenancy import ScopedSession

Row = TypeVar("Row")

Key = tuple[Any, ...]
"""The values a list is ordered by, of one row; the last one is unique."""


@dataclass(frozen=True)
class Order:
    """What a list of rows is ordered by: columns of these kinds, the last one unique."""

    columns: tuple[Any, ...]
    kinds: tuple[type, ...]
    is_descending: bool = False


def read_page(
    session: ScopedSession, rows: Select[Row], order: Order, limit: int, cursor: str | None
) -> tuple[Sequence[Row], str | None]:
    """Return up to `limit` rows of a query, behind the one the cursor names, and the next cursor (Invalid: cursor)."""
    columns = [column.desc() for column in order.columns] if order.is_descending else order.columns
    wanted = rows.order_by(*columns).limit(limit + 1)
    if cursor is not None:
        key = read_cursor(cursor, order.kinds)
        wanted = wanted.where(following(order.columns, key, descending=order.is_descending))
    found = session.scalars(wanted).all()
    if len(found) <= limit:
        return found, None
    return found[:limit], write_cursor(tuple(getattr(found[limit - 1], column.key) for column in order.columns))


def write_cursor(key: Key) -> str:
    """Return the cursor of a row; moments and numbers keep their type."""
    parts = [f"@{part.isoformat()}" if isinstance(part, datetime) else part for part in key]
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode()


def read_cursor(cursor: str, kinds: Sequence[type]) -> Key:
    """Return the values of a cursor, of these kinds (Invalid: it is none of ours)."""
    try:
        parts = json.loads(base64.b64decode(cursor, altchars=b"-_", validate=True))
        return tuple(_of_kind(part, kind) for part, kind in zip(parts, kinds, strict=True))
    except (binascii.Error, TypeError, ValueError, OverflowError, RecursionError) as error:
        raise Invalid((Problem("cursor", cursor, "send the next_cursor of the page before, unchanged"),)) from error


def following(columns: Sequence[Any], key: Key, *, descending: bool = False) -> ColumnElement[bool]:
    """Return the condition for rows behind `key` in a list ordered by these columns."""
    conditions = []
    for number, (column, value) in enumerate(zip(columns, key, strict=True)):
        beyond = column < value if descending else column > value
        equal = [earlier == at for earlier, at in zip(columns[:number], key[:number], strict=True)]
        conditions.append(and_(*equal, beyond))
    return or_(*conditions)


def _of_kind(part: Any, kind: type) -> Any:
    if kind is datetime:
        if not isinstance(part, str) or not part.startswith("@"):
            raise ValueError(part)
        return datetime.fromisoformat(part[1:]).astimezone(UTC)
    if type(part) is not kind or (isinstance(part, str) and not _is_plain(part)) or _is_huge(part):
        raise ValueError(part)
    return part


def _is_plain(text: str) -> bool:
    return text.isascii() and text.isprintable()


def _is_huge(part: Any) -> bool:
    """Say whether a number is one that no serial column can hold."""
    return isinstance(part, int) and abs(part) >= 2**63
