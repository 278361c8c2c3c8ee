"""Summaries of a channel's outcomes over time and by format, for the analyst."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import polars as pl
from scipy.special import stdtrit

from core.timing.curve import LEVEL, Interval, lift
from core.timing.outcomes import FINAL_AGE, LEVEL_POSTS
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
"""One row per local week (its Monday): posts, median engagement and its quartiles, null in a week without posts."""

FEWEST_OF_A_FORMAT = 5


@dataclass(frozen=True)
class FormatEffect:
    """What a format earns against the channel's average post: posts, lift (0.1 = 10 % more) and 90 % interval."""

    content_format: str
    posts: int
    lift: float | Undefined
    interval: Interval | Undefined


def final_results(posts: pl.DataFrame) -> pl.DataFrame:
    """Return the posts with a result that will hardly grow: measured a week after they went out, or undated.

    `posts` has `published_at`, `measured_at`, `engagement`. A younger post is left out, never counted as low.
    """
    engagement, published = pl.col("engagement"), pl.col("published_at")
    is_final = published.is_null() | (pl.col("measured_at") - published >= FINAL_AGE)
    return posts.filter(engagement.is_finite() & (engagement >= 0) & is_final)


def weekly_trend(posts: pl.DataFrame, zone: str) -> pl.DataFrame:
    """Return `TREND_SCHEMA` of the dated posts with a final result, oldest week first, no week left out between."""
    local = pl.col("published_at").dt.convert_time_zone(zone).dt
    engagement = pl.col("engagement")
    weeks = (
        final_results(posts)
        .drop_nulls("published_at")
        .group_by(week=local.date().dt.truncate("1w"))
        .agg(
            posts=pl.len(),
            median=engagement.median(),
            low=engagement.quantile(0.25, interpolation="linear"),
            high=engagement.quantile(0.75, interpolation="linear"),
        )
        .sort("week")
    )
    every_week = weeks.select(pl.date_ranges(pl.col("week").min(), pl.col("week").max(), "1w").explode().alias("week"))
    trend = every_week.drop_nulls().join(weeks, on="week", how="left", maintain_order="left")
    return trend.with_columns(pl.col("posts").fill_null(0)).cast(pl.Schema(TREND_SCHEMA))


def format_effects(posts: pl.DataFrame) -> tuple[FormatEffect, ...]:
    """Return each format's effect, most posts first.

    d = log1p(engagement) - median of the 40 posts before (of all undated posts where the date is unknown), so that a
    format that came up while the channel grew is not praised for the growth. The lift is exp(mean d of the format -
    mean d of all) - 1, a ratio of geometric means; its interval is Student's, of standard error s/√n.
    """
    known = final_results(posts).drop_nulls("content_format").sort("published_at", maintain_order=True)
    is_dated = pl.col("published_at").is_not_null()
    y = pl.col("engagement").log1p()
    dated = known.filter(is_dated).with_columns(d=y - y.rolling_median(LEVEL_POSTS, min_samples=1).shift(1))
    measured = pl.concat([dated, known.filter(~is_dated).with_columns(d=y - y.median())]).drop_nulls("d")
    d = pl.col("d") - pl.col("d").mean()
    groups = measured.with_columns(d=d).group_by("content_format").agg(n=pl.len(), mean=pl.mean("d"), sd=pl.std("d"))
    return tuple(_format_effect(*row) for row in groups.sort("n", "content_format", descending=[True, False]).rows())


def _format_effect(name: str, n: int, mean: float, sd: float | None) -> FormatEffect:
    if n < FEWEST_OF_A_FORMAT or sd is None:
        few = Undefined(f"{n} of {FEWEST_OF_A_FORMAT} posts needed to compare this format.")
        return FormatEffect(name, n, few, few)
    reach = float(stdtrit(n - 1, (1 + LEVEL) / 2)) * sd / n**0.5
    return FormatEffect(name, n, lift(mean), Interval(lift(mean - reach), lift(mean + reach)))
