"""Stores posts by the ten thousand: staged in a temporary table, then merged by a few statements."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import polars as pl
from sqlalchemy import Connection, TextClause, text

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


def store_posts(session: ScopedSession, posts: pl.DataFrame) -> Stored:
    """Merge a batch of `STAGED` rows into outcomes and KPI events; a post that changed nothing is left alone."""
    # Past the fence, which cannot confine SQL: each statement names the workspace, PostgreSQL's policies still hold.
    connection = session.connection()
    mine = {"workspace": session.workspace}
    metrics = [name for name in _METRICS if posts[name].count()]
    _stage(connection, posts.select(*_OUTCOME, *metrics))
    known, same = connection.execute(_COUNT, mine).one()
    if same:
        connection.execute(_DROP_UNCHANGED, mine)
    connection.execute(_MERGE, mine)
    if metrics:
        connection.execute(_events(metrics), mine)
    connection.exec_driver_sql("DROP TABLE staged")
    return Stored(created=posts.height - known, updated=known - same, unchanged=same)


def _events(metrics: Sequence[str]) -> TextClause:
    """Return the statement that stores each metric of each staged post, in the order of the table's key."""
    values = " ".join(f"WHEN '{metric}' THEN s.{metric}" for metric in metrics)
    # CROSS JOIN: SQLite then goes through the tables in this order, whatever it believes of their sizes.
    listed = " UNION ALL ".join(f"SELECT '{metric}' AS metric" for metric in sorted(metrics))
    return text(
        "INSERT INTO performance_kpi_events (workspace_id, outcome_pk, metric, measured_at, value)"
        " SELECT :workspace, pk, metric, measured_at, value FROM"
        f" (SELECT o.pk, m.metric, s.measured_at, CASE m.metric {values} END AS value"
        f" FROM staged s CROSS JOIN post_outcomes o CROSS JOIN ({listed}) m WHERE {_SAME_POST}) e"
        " WHERE value IS NOT NULL ON CONFLICT (outcome_pk, metric, measured_at) DO UPDATE SET value = excluded.value"
    )


def _stage(connection: Connection, posts: pl.DataFrame) -> None:
    is_sqlite = connection.dialect.name == "sqlite"
    moment = "text" if is_sqlite else "timestamptz"
    columns = ", ".join(f"{name} {_TYPES.get(STAGED[name], moment)}" for name in posts.columns)
    connection.exec_driver_sql(f"CREATE TEMPORARY TABLE staged ({columns})")
    mark = "?" if is_sqlite else "%s"
    insert = f"INSERT INTO staged VALUES ({', '.join([mark] * posts.width)})"
    rows = _rows(posts.cast({name: STAGED[name] for name in posts.columns}), is_sqlite=is_sqlite)
    if rows:
        connection.exec_driver_sql(insert, rows)


def _rows(posts: pl.DataFrame, *, is_sqlite: bool) -> Sequence[tuple[object, ...]]:
    if not is_sqlite:
        return posts.rows()
    # As SQLAlchemy writes moments into SQLite: text, in UTC, always with microseconds.
    moments = [name for name, dtype in STAGED.items() if isinstance(dtype, pl.Datetime)]
    return posts.with_columns(pl.col(moments).dt.strftime("%Y-%m-%d %H:%M:%S%.6f")).rows()
