"""Reads a channel's posts as frames, and writes down what each counts as."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType

import polars as pl
from sqlalchemy import text

from core.storage.queries.frames import read_frame, staged
from core.storage.tenancy import ScopedSession

_MOMENT = pl.Datetime("us", "UTC")
POST_FRAME: Mapping[str, pl.DataType] = MappingProxyType(
    {
        "pk": pl.Int64(),
        "post_id": pl.String(),
        "published_at": _MOMENT,
        "hour_of_week": pl.Int64(),
        "content_format": pl.String(),
        "engagement": pl.Float64(),
        "early_engagement": pl.Float64(),
        "measured_at": _MOMENT,
        "was_outcome": pl.Int64(),
    }
)
"""A post; `published_at` is null for undated history, `hour_of_week` for dated; `was_outcome` is what it counts as."""

_COLUMNS = ", ".join(POST_FRAME).replace("was_outcome", "outcome")
_MINE = "workspace_id = :workspace AND channel_id = :channel"
_POSTS = f"SELECT {_COLUMNS} FROM post_outcomes WHERE {_MINE}"
_AFTER = f"SELECT published_at FROM post_outcomes WHERE {_MINE} AND published_at > :at ORDER BY published_at"
_BEFORE = f"SELECT published_at FROM post_outcomes WHERE {_MINE} AND published_at < :at ORDER BY published_at DESC"
_NTH = " LIMIT 1 OFFSET :skipped"
_WRITE = text(
    "UPDATE post_outcomes SET outcome = judged.outcome FROM judged"
    " WHERE post_outcomes.pk = judged.pk AND post_outcomes.workspace_id = :workspace"
)
_BEGINNING, _END = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, eq=False)
class Stretch:
    """Posts of a channel in a row (`POST_FRAME`), of which those from `since` on are to be judged anew."""

    posts: pl.DataFrame
    since: datetime


def read_posts(session: ScopedSession, channel_id: str) -> pl.DataFrame:
    """Return all posts of a channel as `POST_FRAME`, in the order they were stored."""
    return read_frame(session, f"{_POSTS} ORDER BY pk", POST_FRAME, channel=channel_id)


def read_undated(session: ScopedSession, channel_id: str) -> pl.DataFrame:
    """Return the posts without a date, likewise."""
    return read_frame(session, f"{_POSTS} AND published_at IS NULL", POST_FRAME, channel=channel_id)


def read_stretches(
    session: ScopedSession, channel_id: str, moments: Sequence[datetime], reach: int
) -> Iterator[Stretch]:
    """Yield the dated posts that something at one of `moments` (sorted) can reach, and what they depend on.

    A post depends on at most `reach` posts before it, whatever the length of the history; posts of one moment count
    as one another's neighbours.
    """
    for first, end in _reached(session, channel_id, moments, reach):
        start = _nth(session, _BEFORE, channel_id, first, reach) or _BEGINNING
        between = f"{_POSTS} AND published_at BETWEEN :first AND :last"
        posts = read_frame(session, between, POST_FRAME, channel=channel_id, first=start, last=end)
        yield Stretch(posts, since=first)


def _reached(
    session: ScopedSession, channel_id: str, moments: Sequence[datetime], reach: int
) -> Iterator[tuple[datetime, datetime]]:
    """Yield the stretches of time that the moments reach; those that overlap are one."""
    at = 0
    while at < len(moments):
        first, end, last = moments[at], moments[at], at - 1
        while (furthest := bisect_right(moments, end) - 1) > last:
            last = furthest
            end = _nth(session, _AFTER, channel_id, moments[last], reach) or _END
        yield first, end
        at = last + 1


def _nth(session: ScopedSession, query: str, channel_id: str, at: datetime, number: int) -> datetime | None:
    found = read_frame(session, query + _NTH, {"at": _MOMENT}, channel=channel_id, at=at, skipped=number - 1)["at"]
    return next(iter(found), None)


def write_outcomes(session: ScopedSession, judged: pl.DataFrame) -> None:
    """Write down what posts count as: `pk` and `outcome` in whole units, null for not at all."""
    with staged(session, "judged", judged.select("pk", "outcome")) as connection:
        connection.execute(_WRITE, {"workspace": session.workspace})
