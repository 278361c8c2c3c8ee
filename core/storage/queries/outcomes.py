"""Reads a channel's posts as one frame: a hundred thousand rows pass without becoming objects."""

from collections.abc import Mapping
from types import MappingProxyType

import polars as pl
from sqlalchemy import text

from core.storage.tenancy import ScopedSession

POST_FRAME: Mapping[str, pl.DataType] = MappingProxyType(
    {
        "post_id": pl.String(),
        "published_at": pl.Datetime("us", "UTC"),
        "hour_of_week": pl.Int64(),
        "content_format": pl.String(),
        "engagement": pl.Float64(),
        "early_engagement": pl.Float64(),
        "measured_at": pl.Datetime("us", "UTC"),
    }
)
"""Columns of `read_posts`; `published_at` is null for undated history, `hour_of_week` for dated."""

CHUNK = 50_000
"""Rows that are Python objects at the same time: a million of them would take a gigabyte."""

_POSTS = text(
    f"SELECT {', '.join(POST_FRAME)} FROM post_outcomes"
    " WHERE workspace_id = :workspace AND channel_id = :channel ORDER BY pk"
)


def read_posts(session: ScopedSession, channel_id: str) -> pl.DataFrame:
    """Return the channel's posts as `POST_FRAME`, in the order they were stored."""
    # Past the fence, which cannot confine SQL: the workspace is named here, and PostgreSQL's policies still hold.
    bound = {"workspace": session.workspace, "channel": channel_id}
    found = session.connection().execute(_POSTS, bound)
    frames = [pl.DataFrame(schema=dict(POST_FRAME))]
    while rows := found.fetchmany(CHUNK):
        values = [tuple(row) for row in rows]
        raw = pl.DataFrame(values, schema=list(POST_FRAME), orient="row", infer_schema_length=None)
        frames.append(raw.select(_typed(name, raw.schema[name]) for name in POST_FRAME))
    return pl.concat(frames)


def _typed(name: str, found: pl.DataType) -> pl.Expr:
    wanted = POST_FRAME[name]
    if found == pl.String and isinstance(wanted, pl.Datetime):
        # SQLite keeps moments as text in UTC.
        return pl.col(name).str.to_datetime("%Y-%m-%d %H:%M:%S%.f", time_unit="us", time_zone="UTC")
    return pl.col(name).cast(wanted)
