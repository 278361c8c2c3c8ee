"""Summaries of a channel's outcomes over time and by format, for the analyst."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import polars as pl

from core.timing.curve import Interval, lift, lift_interval
from core.undefined import Undefined

TREND_SCHEMA: Mapping[str, pl.DataType] = MappingProxyType(
    {
        "week": pl.Date(),
        "posts": pl.UInt32(),
        "median": pl.Float64(),
        "low": pl.Float64(),
        "high": pl.Float64(),
    }
)
"""One row per local week (its Monday): posts, median engagement and its quartiles."""

FEWEST_OF_A_FORMAT = 5


@dataclass(frozen=True)
class FormatEffect:
    """What a format earns against the channel's average post: posts, lift (0.1 = 10 % more) and 90 % interval."""

    content_format: str
    posts: int
    lift: float | Undefined
    interval: Interval | Undefined


def weekly_trend(posts: pl.DataFrame, zone: str) -> pl.DataFrame:
    """Return `TREND_SCHEMA`, oldest week first, of the dated posts (`published_at`, `engagement`) with a result."""
    local = pl.col("published_at").dt.convert_time_zone(zone).dt
    engagement = pl.col("engagement")
    return (
        posts.filter(pl.col("published_at").is_not_null() & engagement.is_not_null())
        .group_by(week=local.date().dt.truncate("1w"))
        .agg(
            posts=pl.len(),
            median=engagement.median(),
            low=engagement.quantile(0.25, interpolation="linear"),
            high=engagement.quantile(0.75, interpolation="linear"),
        )
        .sort("week")
        .cast(pl.Schema(TREND_SCHEMA))
    )


def format_effects(posts: pl.DataFrame) -> tuple[FormatEffect, ...]:
    """Return each format's effect, most posts first.

    The ratio of geometric means, exp(mean log1p of the format - mean log1p of all) - 1, with a normal interval of
    standard error s/√n; formats differ by orders of magnitude, which a log scale shows and a mean would hide.
    """
    y = pl.col("engagement").log1p()
    known = posts.filter(pl.col("engagement").is_not_null() & pl.col("content_format").is_not_null())
    average = known.select(y.mean()).item()
    groups = known.group_by("content_format").agg(n=pl.len(), mean=y.mean() - average, sd=y.std())
    return tuple(_format_effect(*row) for row in groups.sort("n", "content_format", descending=[True, False]).rows())


def _format_effect(name: str, n: int, mean: float, sd: float | None) -> FormatEffect:
    if n < FEWEST_OF_A_FORMAT or sd is None:
        few = Undefined(f"{n} of {FEWEST_OF_A_FORMAT} posts needed to compare this format.")
        return FormatEffect(name, n, few, few)
    return FormatEffect(name, n, lift(mean), lift_interval(mean, sd / n**0.5))
