"""What stands for a post's success, decided once per channel so that all its posts are measured alike.

A channel counts interactions as soon as one of its measurements has any: a measurement's own total, else the sum of
the likes, comments, shares and saves it has. A channel without any counts views, else reach, else impressions: the
first that one of its measurements has. What a post earned is what its latest measurement with such a count says, so
an older measurement that is imported later replaces nothing. Imports and rebuilds both follow these functions.
"""

from datetime import timedelta

import polars as pl

from core.vocabulary import EXPOSURES, INTERACTIONS, Metric

SNAPSHOT_AGE = timedelta(hours=48)
SNAPSHOT_TOLERANCE = timedelta(hours=12)
"""A measurement between 36 and 60 hours after publication is what a post had earned at two days of age."""

_SUCCESSES = ((Metric.INTERACTIONS, *INTERACTIONS), *((metric,) for metric in EXPOSURES))
"""What a channel may count, best first."""


def kind_counted() -> pl.Expr:
    """Return the number of the best thing to count that a measurement has (0: interactions), null where it has none.

    Expressions are over measurements: one column per `Metric`, `published_at` (null: undated) and `measured_at`.
    """
    has = (pl.any_horizontal(pl.col(metrics).is_not_null()) for metrics in _SUCCESSES)
    return pl.coalesce(pl.when(found).then(pl.lit(kind, pl.Int64())) for kind, found in enumerate(has))


def count_of(kind: pl.Expr) -> pl.Expr:
    """Return what a measurement says of that thing, null where it says nothing."""
    has_parts = pl.any_horizontal(pl.col(INTERACTIONS).is_not_null())
    # Named one by one: a sum of numbers with a fraction depends on its order.
    parts = pl.when(has_parts).then(sum((pl.col(part).fill_null(0.0) for part in INTERACTIONS), start=pl.lit(0.0)))
    interactions = pl.coalesce(Metric.INTERACTIONS, parts)
    exposures = (pl.when(kind == number).then(pl.col(metric)) for number, metric in enumerate(EXPOSURES, start=1))
    return pl.coalesce(pl.when(kind == 0).then(interactions), *exposures)


def at_two_days() -> pl.Expr:
    """Tell whether a measurement was taken at about two days of age."""
    return (_distance() <= SNAPSHOT_TOLERANCE).fill_null(value=False)


def results(measurements: pl.DataFrame, kind: int) -> pl.DataFrame:
    """Return `pk`, `engagement`, `measured_at` and `early_engagement` of the posts that have a count, by `pk`.

    `measurements` has `pk` and what `kind_counted` reads. Of several measurements at about two days the one nearest
    to them counts, of equally near ones the earlier.
    """
    counted = measurements.with_columns(engagement=count_of(pl.lit(kind))).drop_nulls("engagement")
    latest = counted.sort("pk", "measured_at").unique("pk", keep="last", maintain_order=True)
    snapshots = counted.filter(at_two_days()).sort("pk", _distance(), "measured_at").unique("pk", keep="first")
    early = snapshots.select("pk", early_engagement="engagement")
    return latest.select("pk", "engagement", "measured_at").join(early, on="pk", how="left", maintain_order="left")


def _distance() -> pl.Expr:
    return (pl.col("measured_at") - pl.col("published_at") - SNAPSHOT_AGE).abs()
