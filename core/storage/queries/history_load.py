"""Stores posts by the ten thousand: staged in a temporary table, then merged by a few statements."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import polars as pl
from sqlalchemy import Connection, text

from core.storage.queries.frames import read_frame, staged
from core.storage.tenancy import ScopedSession
from core.vocabulary import Metric

_MOMENT = pl.Datetime("us", "UTC")
_METRICS: dict[str, pl.DataType] = {metric.value: pl.Float64() for metric in Metric}
_DETAILS: dict[str, pl.DataType] = {
    "published_at": _MOMENT,
    "hour_of_week": pl.Int64(),
    "content_format": pl.String(),
    "title": pl.String(),
    "url": pl.String(),
    "engagement": pl.Float64(),
    "early_engagement": pl.Float64(),
    "measured_at": _MOMENT,
    "fingerprint": pl.Int64(),
}
STAGED: Mapping[str, pl.DataType] = MappingProxyType(
    {"channel_id": pl.String(), "post_id": pl.String(), **_DETAILS, "kind": pl.Int64(), **_METRICS}
)
"""One row per post, each post once; `fingerprint` tells whether anything changed since the last time, `kind` what is
counted as its success (`core.history.engagement`; null: it has nothing that could be)."""

TOUCHED: Mapping[str, pl.DataType] = MappingProxyType(
    {
        "pk": pl.Int64(),
        "channel_id": pl.String(),
        "published_at": _MOMENT,
        "kind": pl.Int64(),
        "was_known": pl.Boolean(),
        "was_published_at": _MOMENT,
        "was_hour_of_week": pl.Int64(),
        "was_content_format": pl.String(),
        "was_outcome": pl.Int64(),
    }
)
"""One row per post that is new or changed: as it is now, and as what it was counted before (`was_`)."""
_BEFORE = {name: dtype for name, dtype in TOUCHED.items() if name == "pk" or name.startswith("was_")}
_AFTER = {name: dtype for name, dtype in TOUCHED.items() if name not in _BEFORE or name == "pk"}


@dataclass(frozen=True)
class Stored:
    """What became of the posts of a batch; `touched` (`TOUCHED`) are those that are new or changed."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    touched: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=dict(TOUCHED)), compare=False)

    def plus(self, other: "Stored") -> "Stored":
        """Return the sum of two batches."""
        counts = (self.created + other.created, self.updated + other.updated, self.unchanged + other.unchanged)
        return Stored(*counts, pl.concat([self.touched, other.touched], rechunk=False))


_SAME_POST = "o.workspace_id = :workspace AND o.channel_id = staged.channel_id AND o.post_id = staged.post_id"
_IS_UNCHANGED = f"SELECT 1 FROM post_outcomes o WHERE {_SAME_POST} AND o.fingerprint = staged.fingerprint"
_FIND_BEFORE = (
    "SELECT o.pk, true, o.published_at, o.hour_of_week, o.content_format, o.outcome"
    f" FROM staged JOIN post_outcomes o ON {_SAME_POST}"
)
_FIND_AFTER = f"SELECT o.pk, o.channel_id, o.published_at, staged.kind FROM staged JOIN post_outcomes o ON {_SAME_POST}"
_COLUMNS = f"channel_id, post_id, {', '.join(_DETAILS)}"
# What an older measurement says of a post replaces nothing; its count is settled from all its measurements anyway.
_NEWER = ", ".join(
    f"{name} = CASE WHEN excluded.measured_at >= post_outcomes.measured_at"
    f" THEN excluded.{name} ELSE post_outcomes.{name} END"
    for name in _DETAILS
)
_MERGE = text(
    f"INSERT INTO post_outcomes (workspace_id, {_COLUMNS}) SELECT :workspace, {_COLUMNS} FROM staged WHERE true"
    f" ON CONFLICT (channel_id, post_id) DO UPDATE SET outcome = NULL, {_NEWER}"
)


def store_posts(session: ScopedSession, posts: pl.DataFrame) -> Stored:
    """Merge a batch of `STAGED` rows into outcomes and KPI events; a post that changed nothing is left alone.

    A post touched counts for nothing (its `outcome` is null) until it is learned from.
    """
    metrics = [name for name in _METRICS if posts[name].count()]
    mine = {"workspace": session.workspace}
    wanted = ["channel_id", "post_id", *_DETAILS, "kind", *metrics]
    with staged(session, "staged", posts.select(wanted).cast({name: STAGED[name] for name in wanted})) as connection:
        unchanged = _drop_unchanged(connection, metrics, mine)
        before = read_frame(session, _FIND_BEFORE, _BEFORE)
        connection.execute(_MERGE, mine)
        after = read_frame(session, _FIND_AFTER, _AFTER)
        if metrics:
            connection.execute(text(_events(metrics)), mine)
    touched = after.join(before, on="pk", how="left").with_columns(pl.col("was_known").fill_null(value=False))
    created = posts.height - unchanged - before.height
    return Stored(created, before.height, unchanged, touched.select(list(TOUCHED)))


def _drop_unchanged(connection: Connection, metrics: Sequence[str], mine: Mapping[str, object]) -> int:
    """Forget staged posts that say what was said last, or an older measurement that is known already."""
    missing = " OR ".join(
        f"staged.{metric} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM performance_kpi_events e WHERE e.outcome_pk = o.pk"
        f" AND e.metric = '{metric}' AND e.measured_at = staged.measured_at AND e.value = staged.{metric})"
        for metric in metrics
    )
    is_known = f"SELECT 1 FROM post_outcomes o WHERE {_SAME_POST} AND o.measured_at > staged.measured_at"
    is_known += f" AND NOT ({missing})" if missing else ""
    dropped = connection.execute(
        text(f"DELETE FROM staged WHERE EXISTS ({_IS_UNCHANGED}) OR EXISTS ({is_known})"), mine
    )
    return int(dropped.rowcount)


def _events(metrics: Sequence[str]) -> str:
    """Return the statement that stores each metric of each staged post, in the order of the table's key."""
    values = " ".join(f"WHEN '{metric}' THEN staged.{metric}" for metric in metrics)
    # CROSS JOIN: SQLite then goes through the tables in this order, whatever it believes of their sizes.
    listed = " UNION ALL ".join(f"SELECT '{metric}' AS metric" for metric in sorted(metrics))
    return (
        "INSERT INTO performance_kpi_events (workspace_id, outcome_pk, metric, measured_at, value)"
        " SELECT :workspace, pk, metric, measured_at, value FROM"
        f" (SELECT o.pk, m.metric, staged.measured_at, CASE m.metric {values} END AS value"
        f" FROM staged CROSS JOIN post_outcomes o CROSS JOIN ({listed}) m WHERE {_SAME_POST}) e"
        " WHERE value IS NOT NULL ON CONFLICT (outcome_pk, metric, measured_at) DO UPDATE SET value = excluded.value"
    )
