"""Reads what was measured of posts, and writes down what it comes to."""

from collections.abc import Mapping

import polars as pl
from sqlalchemy import text

from core.storage.queries.frames import read_frame, staged
from core.storage.tenancy import ScopedSession
from core.vocabulary import Metric

_MOMENT = pl.Datetime("us", "UTC")
_MEASUREMENT: Mapping[str, pl.DataType] = {
    "pk": pl.Int64(),
    "measured_at": _MOMENT,
    **{metric.value: pl.Float64() for metric in Metric},
}
_VALUES = ", ".join(f"max(CASE WHEN e.metric = '{metric}' THEN e.value END)" for metric in Metric)
_SELECT = f"SELECT e.outcome_pk, e.measured_at, {_VALUES} FROM"
_GROUPED = "GROUP BY e.outcome_pk, e.measured_at"
# CROSS JOIN: SQLite then goes through the tables in this order, whatever it believes of their sizes.
_OF_POSTS = (
    f"{_SELECT} wanted CROSS JOIN performance_kpi_events e"
    f" WHERE e.outcome_pk = wanted.pk AND e.workspace_id = :workspace {_GROUPED}"
)
_OF_CHANNEL = (
    f"{_SELECT} post_outcomes o CROSS JOIN performance_kpi_events e"
    f" WHERE o.workspace_id = :workspace AND o.channel_id = :channel AND e.outcome_pk = o.pk {_GROUPED}"
)
_ENGAGED = (
    "SELECT pk FROM post_outcomes WHERE workspace_id = :workspace AND channel_id = :channel"
    " AND engagement IS NOT NULL AND pk < :before LIMIT :most"
)
COUNTED: Mapping[str, pl.DataType] = {
    "pk": pl.Int64(),
    "engagement": pl.Float64(),
    "measured_at": _MOMENT,
    "early_engagement": pl.Float64(),
}
"""What a post comes to; `measured_at` null leaves the moment as it is."""
_WRITE = text(
    "UPDATE post_outcomes SET engagement = c.engagement, early_engagement = c.early_engagement,"
    " measured_at = coalesce(c.measured_at, post_outcomes.measured_at)"
    " FROM counted c WHERE post_outcomes.pk = c.pk AND post_outcomes.workspace_id = :workspace"
)


def measurements_of_posts(session: ScopedSession, keys: pl.Series) -> pl.DataFrame:
    """Return the measurements of some posts: `pk`, `measured_at` and a column per `Metric`."""
    with staged(session, "wanted", keys.to_frame("pk")):
        return read_frame(session, _OF_POSTS, _MEASUREMENT)


def measurements_of_channel(session: ScopedSession, channel_id: str) -> pl.DataFrame:
    """Return the measurements of all posts of a channel, likewise."""
    return read_frame(session, _OF_CHANNEL, _MEASUREMENT, channel=channel_id)


def an_engaged_post(session: ScopedSession, channel_id: str, besides: pl.Series, before: int) -> pl.Series:
    """Return the key of a post with an engagement that is none of `besides` and smaller than `before`, if any."""
    bound = {"channel": channel_id, "before": before, "most": len(besides) + 1}
    found = read_frame(session, _ENGAGED, {"pk": pl.Int64()}, **bound)["pk"]
    return found.filter(~found.is_in(besides.implode())).head(1)


def write_counts(session: ScopedSession, counts: pl.DataFrame) -> None:
    """Write down what posts come to, as `COUNTED`."""
    with staged(session, "counted", counts.select(list(COUNTED))) as connection:
        connection.execute(_WRITE, {"workspace": session.workspace})
