"""Outcomes: what each post earned, made comparable across a channel's growth, formats and ages."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

import polars as pl

from core.timing.week import HOURS_PER_DAY

POST_SCHEMA: Mapping[str, pl.DataType] = MappingProxyType(
    {
        "published_at": pl.Datetime("us", "UTC"),
        "content_format": pl.String(),
        "engagement": pl.Float64(),
        "measured_at": pl.Datetime("us", "UTC"),
    }
)
"""One row per post of ONE channel. `engagement` null = unknown; `measured_at` null = measured at `now`."""

OUTCOME_SCHEMA: Mapping[str, pl.DataType] = MappingProxyType(
    {**POST_SCHEMA, "hour_of_week": pl.Int64(), "outcome": pl.Float64(), "weight": pl.Float64()}
)
"""`outcome` in log units, `weight` in posts (1 = as recent as the newest post)."""

LEVEL_POSTS = 40
"""The trailing level is the median of so many previous posts: weeks, not days, of a usual channel."""
FINAL_AGE = timedelta(days=7)
"""Most platforms add next to nothing to a post after a week."""
HALF_LIFE = timedelta(days=180)
"""A post half a year old counts half: the last 6-12 months predict better than all history."""
FORMAT_PRIOR_POSTS = 20.0
"""A format's effect is halved while it rests on so many posts."""
WINSOR_SDS = 3.0
"""Outcomes are cut at this many robust standard deviations; about 0.3 % of Gaussian ones lie beyond."""
MAD_TO_SD = 1.4826
"""Standard deviation of a Gaussian in units of its median absolute deviation."""


class DropReason(StrEnum):
    """Why a post has no outcome."""

    FUTURE = "future"
    UNKNOWN_ENGAGEMENT = "unknown_engagement"
    NEGATIVE_ENGAGEMENT = "negative_engagement"
    TOO_YOUNG = "too_young"
    NO_PREVIOUS_POST = "no_previous_post"


@dataclass(frozen=True, eq=False)
class Outcomes:
    """Posts with their outcomes (`OUTCOME_SCHEMA`, in order of time) and how many posts had none, by reason."""

    frame: pl.DataFrame
    dropped: Mapping[DropReason, int]


def relative_outcomes(posts: pl.DataFrame, zone: str, now: datetime) -> Outcomes:
    """Return r = log1p(engagement) - format effect - trailing level for every post that has one, winsorized.

    `posts` follows `POST_SCHEMA`, in any order, each post once; `zone` is the IANA zone of the audience; `now` is
    aware. The level is the median of the up to 40 posts published before (past only), so the first post has no
    outcome. A post measured before it was 7 days old is left out, never counted as low. Raises
    `polars.exceptions.SchemaError` for columns of another type, `ComputeError` for an unknown zone.
    """
    typed = posts.select(list(POST_SCHEMA)).match_to_schema(dict(POST_SCHEMA))
    labelled = typed.with_columns(_drop_reason(now).alias("_reason")).with_columns(
        _hour_of_week(zone).alias("hour_of_week")
    )
    kept = labelled.filter(pl.col("_reason").is_null()).sort("published_at", "content_format", "engagement")
    measured = kept.with_columns(_y=pl.col("engagement").log1p())
    above = measured.with_columns(_above=(pl.col("_y") - _level()).fill_null(0.0))
    levelled = above.with_columns(pl.col("_y") - _format_effect()).with_columns(_r=pl.col("_y") - _level())
    known = levelled.filter(pl.col("_r").is_not_null())
    counts = dict(labelled["_reason"].drop_nulls().value_counts().iter_rows())
    counts[DropReason.NO_PREVIOUS_POST] = levelled.height - known.height
    frame = (
        known.with_columns(outcome=_winsorized(), weight=_weight())
        .select(list(OUTCOME_SCHEMA))
        .cast(pl.Schema(OUTCOME_SCHEMA))
    )
    return Outcomes(frame, MappingProxyType({reason: counts.get(reason, 0) for reason in DropReason}))


def _drop_reason(now: datetime) -> pl.Expr:
    """Return the first reason that speaks against a post, null where none does."""
    engagement, published = pl.col("engagement"), pl.col("published_at")
    measured = pl.col("measured_at").fill_null(pl.lit(now))
    return (
        pl.when((published > now) | (measured > now))
        .then(pl.lit(DropReason.FUTURE.value))
        .when(engagement.is_null() | ~engagement.is_finite())
        .then(pl.lit(DropReason.UNKNOWN_ENGAGEMENT.value))
        .when(engagement < 0)
        .then(pl.lit(DropReason.NEGATIVE_ENGAGEMENT.value))
        .when(measured - published < FINAL_AGE)
        .then(pl.lit(DropReason.TOO_YOUNG.value))
    )


def _hour_of_week(zone: str) -> pl.Expr:
    """Return the local hour of the week; both readings of a repeated hour fall into the same cell."""
    local = pl.col("published_at").dt.convert_time_zone(zone).dt
    return (local.weekday().cast(pl.Int64) - 1) * HOURS_PER_DAY + local.hour().cast(pl.Int64)


def _weight() -> pl.Expr:
    """Return ½^(age / half-life), age against the newest post: an old import is stale as a whole, not worthless."""
    age = (pl.col("published_at").max() - pl.col("published_at")).dt.total_seconds()
    return (-(age / HALF_LIFE.total_seconds()) * math.log(2)).exp()


def _level() -> pl.Expr:
    """Return the median of the previous posts, null for the first."""
    return pl.col("_y").rolling_median(LEVEL_POSTS, min_samples=1).shift(1)


def _format_effect() -> pl.Expr:
    """Return how far a format lies above the level, shrunk by n / (n + prior posts); taken off before the level.

    The level moves with the mix of formats, so the effect is measured against the level of all posts (`_above`).
    """
    above = pl.col("_above")
    posts = pl.len().over("content_format")
    gap = above.median().over("content_format") - above.median()
    return gap * posts / (posts + FORMAT_PRIOR_POSTS)


def _winsorized() -> pl.Expr:
    """Return r cut at `WINSOR_SDS` robust deviations from its median, so that one viral post cannot own a slot.

    Where more than half of the outcomes are equal the MAD is 0 and the standard deviation stands in.
    """
    r = pl.col("_r")
    mad = (r - r.median()).abs().median() * MAD_TO_SD
    reach = pl.when(mad > 0).then(mad).otherwise(r.std(ddof=0)) * WINSOR_SDS
    return r.clip(r.median() - reach, r.median() + reach)
