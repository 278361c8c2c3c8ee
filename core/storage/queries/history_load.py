"""Stores posts by the ten thousand: staged in a temporary table, then merged by a few statements."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import polars as pl
from sqlalchemy import Connection, text

from core.storage.tenancy import ScopedSession
from core.vocabulary import Metric

_METRICS: dict[str, pl.DataType] = {metric.value: pl.Float64() for metric in Metric}
STAGED: Mapping[str, pl.DataType] = MappingProxyType(
    {
        "channel_id": pl.String(),
        "post_id": pl.String(),
        "published_at": pl.Datetime("us", "UTC"),
        "hour_of_week": pl.Int64(),
        "content_format": pl.String(),
        "title": pl.String(),
        "url": pl.String(),
        "engagement": pl.Float64(),
        "measured_at": pl.Datetime("us", "UTC"),
        "fingerprint": pl.Int64(),
        **_METRICS,
    }
)
"""One row per post, each post once; `fingerprint` tells whether anything changed since the last time."""


@dataclass(frozen=True)
class Stored:
    """What became of the posts of a batch."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0

    def plus(self, other: "Stored") -> "Stored":
        """Return the sum of two batches."""
        return Stored(self.created + other.created, self.updated + other.updated, self.unchanged + other.unchanged)


_TYPES = {pl.String(): "text", pl.Int64(): "bigint", pl.Float64(): "double precision"}
_SAME_POST = "o.workspace_id = :workspace AND o.channel_id = s.channel_id AND o.post_id = s.post_id"
_OUTCOME = tuple(name for name in STAGED if name not in _METRICS)
_COUNT = text(
    "SELECT count(o.pk), count(CASE WHEN o.fingerprint = s.fingerprint THEN 1 END)"
    f" FROM staged s JOIN post_outcomes o ON {_SAME_POST}"
)
_DROP_UNCHANGED = text(
    "DELETE FROM staged WHERE EXISTS (SELECT 1 FROM post_outcomes o WHERE o.workspace_id = :workspace"
    " AND o.channel_id = staged.channel_id AND o.post_id = staged.post_id AND o.fingerprint = staged.fingerprint)"
)
_MERGE = text(
    f"INSERT INTO post_outcomes (workspace_id, {', '.join(_OUTCOME)})"
    f" SELECT :workspace, {', '.join(_OUTCOME)} FROM staged WHERE true ON CONFLICT (channel_id, post_id) DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in _OUTCOME if name not in {"channel_id", "post_id"})
)
_EVENTS = text(
    "INSERT INTO performance_kpi_events (workspace_id, outcome_pk, metric, measured_at, value) "
    + " UNION ALL ".join(
        f"SELECT :workspace, o.pk, '{metric}', s.measured_at, s.{metric}"
        f" FROM staged s JOIN post_outcomes o ON {_SAME_POST} WHERE s.{metric} IS NOT NULL"
        for metric in _METRICS
    )
    + " ON CONFLICT (outcome_pk, metric, measured_at) DO UPDATE SET value = excluded.value"
)


def store_posts(session: ScopedSession, posts: pl.DataFrame) -> Stored:
    """Merge a batch of `STAGED` rows into outcomes and KPI events; a post that changed nothing is left alone."""
    # Past the fence, which cannot confine SQL: each statement names the workspace, PostgreSQL's policies still hold.
    connection = session.connection()
    mine = {"workspace": session.workspace}
    _stage(connection, posts)
    known, same = connection.execute(_COUNT, mine).one()
    if same:
        connection.execute(_DROP_UNCHANGED, mine)
    connection.execute(_MERGE, mine)
    connection.execute(_EVENTS, mine)
    return Stored(created=posts.height - known, updated=known - same, unchanged=same)


def _stage(connection: Connection, posts: pl.DataFrame) -> None:
    is_sqlite = connection.dialect.name == "sqlite"
    moment = "text" if is_sqlite else "timestamptz"
    columns = ", ".join(f"{name} {_TYPES.get(dtype, moment)}" for name, dtype in STAGED.items())
    connection.exec_driver_sql("DROP TABLE IF EXISTS staged")
    connection.exec_driver_sql(f"CREATE TEMPORARY TABLE staged ({columns})")
    mark = "?" if is_sqlite else "%s"
    insert = f"INSERT INTO staged VALUES ({', '.join([mark] * len(STAGED))})"
    rows = _rows(posts.select(list(STAGED)).cast(pl.Schema(STAGED)), is_sqlite=is_sqlite)
    if rows:
        connection.exec_driver_sql(insert, rows)


def _rows(posts: pl.DataFrame, *, is_sqlite: bool) -> Sequence[tuple[object, ...]]:
    if not is_sqlite:
        return posts.rows()
    # As SQLAlchemy writes moments into SQLite: text, in UTC, always with microseconds.
    moments = [name for name, dtype in STAGED.items() if isinstance(dtype, pl.Datetime)]
    return posts.with_columns(pl.col(moments).dt.strftime("%Y-%m-%d %H:%M:%S%.6f")).rows()
