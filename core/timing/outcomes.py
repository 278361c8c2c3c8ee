"""Outcomes: what each post earned, made comparable across a channel's growth and the ages of its posts."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType

import polars as pl

from core.timing.week import HOURS_PER_DAY

POST_SCHEMA: Mapping[str, pl.DataType] = MappingProxyType(
    {
        "post_id": pl.String(),
        "published_at": pl.Datetime("us", "UTC"),
        "content_format": pl.String(),
        "engagement": pl.Float64(),
        "early_engagement": pl.Float64(),
        "measured_at": pl.Datetime("us", "UTC"),
    }
)
"""One row per dated post of ONE channel; `post_id` tells posts apart and is never null.

`engagement` null = unknown; `measured_at` null = when it will hardly grow any more; `early_engagement` is what the
post had at two days of age, null where nobody looked.
"""

OUTCOME_SCHEMA: Mapping[str, pl.DataType] = MappingProxyType(
    {
        **POST_SCHEMA,
        "hour_of_week": pl.Int64(),
        "month": pl.Int64(),
        "relative": pl.Float64(),
        "outcome": pl.Float64(),
    }
)
"""`relative` is the log distance from the level as it is, to judge by; `outcome` the same, cut and rounded to whole
`OUTCOME_UNITS`, to learn from. `month` is year x 12 + month - 1 of the UTC date."""

OUTCOME_UNITS = 10_000
"""Outcomes are whole ten-thousandths of a log unit (0.01 %): sums of whole numbers are the same in any order."""
LEVEL_POSTS = 40
"""The trailing level is the median over so many previous posts: weeks, not days, of a usual channel."""
FEWEST_SNAPSHOTS = 10
"""With fewer of the previous posts looked at after two days, final values are compared instead."""
LEVEL_GAP = timedelta(days=180)
"""After a silence of half a year the level starts anew: the audience that made the old one has moved on."""
FINAL_AGE = timedelta(days=7)
"""Most platforms add next to nothing to a post after a week."""
HALF_LIFE = timedelta(days=180)
"""A post half a year old counts half: the last 6-12 months predict better than all history."""
CUT_POSTS = 200
"""The spread that outcomes are cut by is that of so many previous posts."""
FEWEST_TO_CUT_BY = 40
"""With fewer of them known, the spread is `USUAL_SD`."""
USUAL_SD = 1.0
"""Standard deviation of the outcomes of real accounts (about 1.06 on 13 of organizations), in log units."""
WINSOR_SDS = 3.0
"""Outcomes are cut at this many robust standard deviations; about 0.3 % of Gaussian ones lie beyond."""
MAD_TO_SD = 1.4826
"""Standard deviation of a Gaussian in units of its median absolute deviation."""
SMALLEST_REACH = math.log(2)
"""However steady a channel is, twice its level counts in full."""
MONTHS_PER_YEAR = 12

REACH_POSTS = LEVEL_POSTS + CUT_POSTS
"""A post depends on so many dated posts before it at most, so a change of it reaches no further after it."""


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


def relative_outcomes(posts: pl.DataFrame, zone: str) -> Outcomes:
    """Return r = log1p(engagement) - trailing level for every post that has one; a post depends on earlier ones only.

    `posts` follows `POST_SCHEMA` (further columns are kept), in any order; of rows of one post the one measured last
    counts. `zone` is the IANA zone of the audience. The level is the median of the values known among the 40 dated
    posts before; it starts anew after half a year without a post. Like is compared with like: two-day values with
    two-day values where at least 10 of the 40 have one, else final values with final values. A post measured before
    it was 7 days old is no final value: without a two-day value it neither has an outcome nor enters a level, and is
    never counted as low. The outcome is r cut at 3 robust standard deviations (1.4826 x median |r| of the 200 posts
    before, 1 log unit until 40 are known, at least ln 2 in all). Raises `polars.exceptions.SchemaError` for columns of
    another type, `ComputeError` for an unknown zone.
    """
    further = [name for name in posts.columns if name not in OUTCOME_SCHEMA]
    chosen = posts.select(*POST_SCHEMA, *further)
    typed = chosen.match_to_schema({**chosen.schema, **POST_SCHEMA})
    ordered = _each_once(typed).sort("published_at", "post_id")
    valued = ordered.with_columns(_reason=_drop_reason(), _era=_era()).with_columns(_final=_final(), _early=_early())
    relative = pl.coalesce(
        pl.col("_early") - _level("_early", FEWEST_SNAPSHOTS), pl.col("_final") - _level("_final", 1)
    )
    judged = valued.with_columns(relative=relative).with_columns(outcome=_cut())
    reason = pl.coalesce("_reason", pl.when(pl.col("relative").is_null()).then(pl.lit(DropReason.NO_PREVIOUS_POST)))
    counts = dict(judged.select(reason).to_series().drop_nulls().value_counts().iter_rows())
    known = judged.filter(pl.col("relative").is_not_null()).with_columns(*placed(zone))
    frame = known.select(*OUTCOME_SCHEMA, *further)
    return Outcomes(frame, MappingProxyType({reason: counts.get(reason, 0) for reason in DropReason}))


def placed(zone: str) -> tuple[pl.Expr, pl.Expr]:
    """Return the `hour_of_week` (0-167, local) and the `month` that a post's `published_at` falls into.

    Both readings of a repeated hour fall into the same one.
    """
    local = pl.col("published_at").dt.convert_time_zone(zone).dt
    hour = (local.weekday().cast(pl.Int64) - 1) * HOURS_PER_DAY + local.hour().cast(pl.Int64)
    date = pl.col("published_at").dt
    month = date.year().cast(pl.Int64) * MONTHS_PER_YEAR + date.month().cast(pl.Int64) - 1
    return hour.alias("hour_of_week"), month.alias("month")


def in_units(outcome: pl.Expr) -> pl.Expr:
    """Return outcomes as the whole numbers they are counted in."""
    return (outcome * OUTCOME_UNITS).round().cast(pl.Int64)


def _each_once(posts: pl.DataFrame) -> pl.DataFrame:
    if posts["post_id"].n_unique() == posts.height:
        return posts
    latest_last = posts.sort("measured_at", *(name for name in POST_SCHEMA if name != "measured_at"), nulls_last=True)
    return latest_last.unique("post_id", keep="last", maintain_order=True)


def _drop_reason() -> pl.Expr:
    """Return the first reason that speaks against a post, null where none does."""
    engagement, age = pl.col("engagement"), pl.col("measured_at") - pl.col("published_at")
    return (
        pl.when(age < timedelta(0))
        .then(pl.lit(DropReason.FUTURE))
        .when(engagement.is_null() | ~engagement.is_finite())
        .then(pl.lit(DropReason.UNKNOWN_ENGAGEMENT))
        .when(engagement < 0)
        .then(pl.lit(DropReason.NEGATIVE_ENGAGEMENT))
        .when((age < FINAL_AGE) & ~_is_count("early_engagement"))
        .then(pl.lit(DropReason.TOO_YOUNG))
    )


def _is_count(name: str) -> pl.Expr:
    return (pl.col(name).is_finite() & (pl.col(name) >= 0)).fill_null(value=False)


def _era() -> pl.Expr:
    """Number the stretches between silences of half a year."""
    return (pl.col("published_at").diff() > LEVEL_GAP).fill_null(value=False).cum_sum()


def _final() -> pl.Expr:
    is_final = (pl.col("measured_at") - pl.col("published_at") >= FINAL_AGE).fill_null(value=True)
    return pl.when(pl.col("_reason").is_null() & is_final).then(pl.col("engagement").log1p())


def _early() -> pl.Expr:
    return pl.when(pl.col("_reason").is_null() & _is_count("early_engagement")).then(pl.col("early_engagement").log1p())


def _level(value: str, fewest: int) -> pl.Expr:
    """Return the median of the values known among the previous posts; null where they are fewer than `fewest`."""
    return pl.col(value).rolling_median(LEVEL_POSTS, min_samples=fewest).shift(1).over("_era")


def _cut() -> pl.Expr:
    """Return r within its reach, so that one viral post owns no slot, in whole units."""
    spread = pl.col("relative").abs().rolling_median(CUT_POSTS, min_samples=FEWEST_TO_CUT_BY).shift(1) * MAD_TO_SD
    reach = pl.max_horizontal(WINSOR_SDS * spread.fill_null(USUAL_SD), SMALLEST_REACH)
    return in_units(pl.col("relative").clip(-reach, reach)) / OUTCOME_UNITS
