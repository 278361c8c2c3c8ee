"""Posts and what they earned, in pages and as files, for whoever wants them all."""

import csv
import io
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]
from sqlalchemy import Select
from sqlmodel import col, select

from core.services.context import Context
from core.services.export import spreadsheet_cell
from core.services.paging import read_cursor, write_cursor
from core.storage.tables import Channel, PostOutcome
from core.timing.outcomes import OUTCOME_UNITS
from core.vocabulary import ContentFormat

_BATCH = 2_000
_CHUNK_BYTES = 64 * 1024


@dataclass(frozen=True)
class OutcomeFilter:
    """Which posts are wanted; what is empty or None does not restrict. A range leaves out undated posts."""

    channel_id: str | None = None
    platforms: tuple[str, ...] = ()
    content_format: ContentFormat | None = None
    starts: datetime | None = None
    ends: datetime | None = None


@dataclass(frozen=True)
class OutcomeView:
    """A post and what it earned.

    `engagement` is its count as of `measured_at`, `early_engagement` at two days of age; `outcome` the distance from
    the channel's level at its time in log units (0.1 is about 10 % more), None where it does not count.
    """

    channel_id: str
    platform: str
    post_id: str
    item_id: str | None
    published_at: datetime | None
    hour_of_week: int | None
    content_format: ContentFormat | None
    title: str
    url: str | None
    engagement: float | None
    early_engagement: float | None
    outcome: float | None
    measured_at: datetime


def page_outcomes(
    ctx: Context, wanted: OutcomeFilter, limit: int, cursor: str | None = None
) -> tuple[tuple[OutcomeView, ...], str | None]:
    """Return up to `limit` posts, first told of first, after the cursor's, and the next cursor (Invalid)."""
    after = 0 if cursor is None else read_cursor(cursor, (int,))[0]
    found = _read(ctx, wanted, after, limit + 1)
    page = tuple(view for _, view in found[:limit])
    return page, write_cursor((found[limit - 1][0],)) if len(found) > limit else None


def outcomes_as_csv(ctx: Context, wanted: OutcomeFilter) -> Iterator[bytes]:
    """Yield the posts as CSV; times in UTC, an empty cell is nothing, formulas are made harmless."""
    yield _lines([[field.name for field in fields(OutcomeView)]])
    for batch in _batches(ctx, wanted):
        yield _lines([[spreadsheet_cell(value) for value in vars(view).values()] for view in batch])


def outcomes_as_parquet(ctx: Context, wanted: OutcomeFilter) -> Iterator[bytes]:
    """Yield the posts as a Parquet file; it lies on disk until the last of it is read."""
    with tempfile.TemporaryFile(prefix="slotwise-outcomes-") as file:
        with pq.ParquetWriter(file, _SCHEMA) as writer:
            for batch in _batches(ctx, wanted):
                writer.write_table(pa.Table.from_pylist([vars(view) for view in batch], _SCHEMA))
        file.seek(0)
        while chunk := file.read(_CHUNK_BYTES):
            yield chunk


_MOMENT = pa.timestamp("us", "UTC")
_KINDS = {
    "published_at": _MOMENT,
    "measured_at": _MOMENT,
    "hour_of_week": pa.int16(),
    **dict.fromkeys(("engagement", "early_engagement", "outcome"), pa.float64()),
}
_SCHEMA = pa.schema([(field.name, _KINDS.get(field.name, pa.string())) for field in fields(OutcomeView)])


def _batches(ctx: Context, wanted: OutcomeFilter) -> Iterator[list[OutcomeView]]:
    """Yield all posts; each batch is read by itself, so that a slow reader holds no transaction open."""
    after = 0
    while found := _read(ctx, wanted, after, _BATCH):
        after = found[-1][0]
        yield [view for _, view in found]


def _read(ctx: Context, wanted: OutcomeFilter, after: int, most: int) -> list[tuple[int, OutcomeView]]:
    rows = _wanted(wanted).where(col(PostOutcome.pk) > after).order_by(col(PostOutcome.pk)).limit(most)
    with ctx.read() as session:
        return [(row.pk or 0, _view(row, platform)) for row, platform in session.execute(rows)]


def _wanted(wanted: OutcomeFilter) -> Select[PostOutcome, str]:
    post = PostOutcome
    rows = select(post, Channel.platform).join(Channel, col(Channel.id) == col(post.channel_id))
    if wanted.channel_id is not None:
        rows = rows.where(post.channel_id == wanted.channel_id)
    if wanted.platforms:
        rows = rows.where(col(Channel.platform).in_(wanted.platforms))
    if wanted.content_format is not None:
        rows = rows.where(post.content_format == wanted.content_format)
    if wanted.starts is not None:
        rows = rows.where(col(post.published_at) >= wanted.starts)
    if wanted.ends is not None:
        rows = rows.where(col(post.published_at) < wanted.ends)
    return rows


def _view(row: PostOutcome, platform: str) -> OutcomeView:
    return OutcomeView(
        channel_id=row.channel_id,
        platform=platform,
        post_id=row.post_id,
        item_id=row.item_id,
        published_at=row.published_at,
        hour_of_week=row.hour_of_week,
        content_format=row.content_format,
        title=row.title,
        url=row.url,
        engagement=row.engagement,
        early_engagement=row.early_engagement,
        outcome=None if row.outcome is None else row.outcome / OUTCOME_UNITS,
        measured_at=row.measured_at,
    )


def _lines(rows: list[list[Any]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()
