"""How often to post: what a post earned in weeks with more and with fewer posts of the channel."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

import polars as pl
from scipy.special import stdtrit

from core.timing.curve import LEVEL, Interval, lift
from core.timing.explain import interval_words
from core.timing.outcomes import MAD_TO_SD, WINSOR_SDS
from core.timing.summary import final_results
from core.undefined import Undefined

FEWEST_WEEKS = 12
"""Fewer weeks with posts cannot tell frequency from chance."""
BLOCK_WEEKS = 13
"""Weeks are compared with the line through those of their quarter, so that growth does not pass for frequency."""
LEAST_VARIATION = 0.1
"""Standard deviation of the log of posts a week below which there is nothing to compare: 10 % around the usual."""
FEWER, MORE = 0.25, 0.75
"""The comparison people read: the upper quartile of posts a week against the lower."""
BUCKETS = (1, 2, 3, 5, 8, 13, 21, 34, 55, 89)
"""Lower bounds of the table's rows, in posts a week; the last is open."""
FEWEST_IN_BUCKET = 3
OBSERVATIONAL = "Weeks with more posts may differ in other ways too: only a trial shows a cause."

FREQUENCY_SCHEMA: Mapping[str, pl.DataType] = MappingProxyType(
    {
        "from_posts": pl.Int64(),
        "to_posts": pl.Int64(),
        "weeks": pl.Int64(),
        "lift": pl.Float64(),
        "low": pl.Float64(),
        "high": pl.Float64(),
    }
)
"""A row per number of posts a week (`to_posts` inclusive, null for the open one): weeks, lift of a post over the
line of its quarter with its 90 % interval; null where fewer than three weeks had so many posts."""


class FrequencyFinding(StrEnum):
    """What the history says about posting more."""

    MORE_EARNED_MORE = "more_earned_more"
    MORE_EARNED_LESS = "more_earned_less"
    CANNOT_TELL = "cannot_tell"


@dataclass(frozen=True, eq=False)
class FrequencyAdvice:
    """Weeks with `more` posts against weeks with `fewer`, and the table behind it (`FREQUENCY_SCHEMA`).

    `per_post` and `in_all` are the lifts of a post and of the week (posts times what a post typically earned), with
    their 90 % intervals; `elasticity` β: a post earns in proportion to (posts a week)^β.
    """

    weeks: int
    posts: int
    fewer: int
    more: int
    elasticity: float
    per_post: float
    per_post_interval: Interval
    in_all: float
    in_all_interval: Interval
    finding: FrequencyFinding
    sentence: str
    table: pl.DataFrame


def advise_frequency(posts: pl.DataFrame, zone: str) -> FrequencyAdvice | Undefined:
    """Return how a post's engagement went with the posts of its local week.

    `posts` has `published_at`, `measured_at`, `engagement`; all dated ones count as posts of their week, those with a
    final result are compared. The first and the last week are left out, for they are not whole. Least squares of
    log1p(engagement) on log(posts of the week), a straight line over each quarter taken off both. The standard error
    is clustered by week, each week's residual divided by 1 - its leverage (Bell and McCaffrey 2002, their jackknife);
    Student with as many degrees of freedom as weeks exceed the parameters of lines and slope.
    """
    judged = _judged(posts, zone)
    weeks = _by_week(judged, 0.0)
    if weeks.height < FEWEST_WEEKS:
        return Undefined(f"{weeks.height} of {FEWEST_WEEKS} whole weeks with posts are needed to compare them.")
    fewer, more = (int(weeks["posts"].quantile(share, "nearest") or 0) for share in (FEWER, MORE))
    spread = math.sqrt(float((weeks["judged"] * weeks["x"] ** 2).sum()) / float(weeks["judged"].sum()))
    if fewer == more or spread < LEAST_VARIATION:
        return Undefined(_SAME)
    first, _ = _slope(weeks)
    weeks = _by_week(judged, first)
    return _advice(weeks, fewer, more, *_slope(weeks))


def _judged(posts: pl.DataFrame, zone: str) -> pl.DataFrame:
    """Return `week`, `block`, `posts` of the week and `y` = log1p(engagement) of the posts with a final result."""
    dated = posts.drop_nulls("published_at").with_columns(
        week=pl.col("published_at").dt.convert_time_zone(zone).dt.date().dt.truncate("1w")
    )
    whole = dated.group_by("week").agg(posts=pl.len().cast(pl.Int64)).sort("week")[1:-1]
    block = (pl.col("week") - pl.col("week").min()).dt.total_days() // (_DAYS * BLOCK_WEEKS)
    judged = final_results(dated).join(whole, on="week")
    return judged.select("week", "posts", block=block, y=pl.col("engagement").log1p())


_DAYS = 7
_SAME = "The weeks of a quarter had nearly the same number of posts: there is nothing to compare."


def _by_week(judged: pl.DataFrame, slope: float) -> pl.DataFrame:
    """Return each week's posts, how many are judged, x = log(posts) and mean y, both less the line of their quarter.

    What a post earned beside slope·x is cut at three robust deviations from its quarter's median.
    """
    x = pl.col("posts").log()
    beside = pl.col("y") - slope * x
    middle = beside.median().over("block")
    reach = WINSOR_SDS * MAD_TO_SD * (beside - middle).abs().median()
    cut = pl.when(reach > 0).then(beside.clip(middle - reach, middle + reach)).otherwise(beside)
    weeks = judged.with_columns(x=x, y=cut + slope * x).group_by("week", "block", "posts")
    means = weeks.agg(judged=pl.len().cast(pl.Int64), x=pl.col("x").first(), y=pl.col("y").mean()).sort("week")
    timed = means.with_columns(t=(pl.col("week") - pl.col("week").min()).dt.total_days().cast(pl.Float64))
    centred = timed.with_columns(pl.col(name) - _block_mean(pl.col(name)) for name in ("t", "x", "y"))
    return centred.with_columns(pl.col(name) - _block_trend(name) for name in ("x", "y"))


def _block_mean(values: pl.Expr) -> pl.Expr:
    weight = pl.col("judged")
    return ((weight * values).sum() / weight.sum()).over("block")


def _block_trend(name: str) -> pl.Expr:
    return _per_time(_block_mean(pl.col("t") * pl.col(name))) * pl.col("t")


def _per_time(values: pl.Expr) -> pl.Expr:
    """Return values over the mean square of time in the quarter, 0 in a quarter of one week."""
    square = _block_mean(pl.col("t") ** 2)
    return pl.when(square > 0).then(values / square).otherwise(0.0)


def _slope(weeks: pl.DataFrame) -> tuple[float, float]:
    """Return the slope and the half-width of its interval."""
    weight, x, y = pl.col("judged"), pl.col("x"), pl.col("y")
    square = (weight * x**2).sum()
    slope = (weight * x * y).sum() / square
    line = weight / weight.sum().over("block") * (1 + _per_time(pl.col("t") ** 2))
    leverage = line + weight * x**2 / square
    score = weight * x * (y - slope * x) / (1 - leverage.clip(upper_bound=_LEVERAGE))
    found = weeks.select(slope=slope, error=((score**2).sum()).sqrt() / square).row(0)
    freedom = max(weeks.height - 2 * weeks["block"].n_unique() - 1, 1)
    return float(found[0]), float(found[1]) * _student(freedom)


_LEVERAGE = 0.9
"""A week alone in its quarter has leverage 1 and tells nothing: its residual, 0, must not be divided by 0."""


def _student(freedom: int) -> float:
    return float(stdtrit(freedom, (1 + LEVEL) / 2))


def _advice(weeks: pl.DataFrame, fewer: int, more: int, slope: float, reach: float) -> FrequencyAdvice:
    log_ratio = math.log(more / fewer)
    per_post, in_all = (_bounds(log_ratio, slope + own, reach) for own in (0, 1))
    finding = _finding(in_all)
    earned, total = lift(log_ratio * slope), lift(log_ratio * (slope + 1))
    return FrequencyAdvice(
        weeks=weeks.height,
        posts=int(weeks["judged"].sum()),
        fewer=fewer,
        more=more,
        elasticity=slope,
        per_post=earned,
        per_post_interval=per_post,
        in_all=total,
        in_all_interval=in_all,
        finding=finding,
        sentence=(
            f"Weeks with {more} posts earned {_change(earned)} per post ({interval_words(per_post)}) and "
            f"{_change(total)} in all ({interval_words(in_all)}) than weeks with {fewer}: {_SAID[finding]}"
        ),
        table=_table(weeks),
    )


def _bounds(log_ratio: float, slope: float, reach: float) -> Interval:
    return Interval(lift(log_ratio * (slope - reach)), lift(log_ratio * (slope + reach)))


def _finding(in_all: Interval) -> FrequencyFinding:
    if in_all.low > 0:
        return FrequencyFinding.MORE_EARNED_MORE
    return FrequencyFinding.MORE_EARNED_LESS if in_all.high < 0 else FrequencyFinding.CANNOT_TELL


_SAID = {
    FrequencyFinding.MORE_EARNED_MORE: f"nothing speaks against posting that often. {OBSERVATIONAL}",
    FrequencyFinding.MORE_EARNED_LESS: f"fewer posts went with more in all. {OBSERVATIONAL}",
    FrequencyFinding.CANNOT_TELL: f"too uncertain to say whether posting more pays. {OBSERVATIONAL}",
}


def _change(change: float) -> str:
    size = round(abs(change) * 100)
    return f"{size} % {'less' if change < 0 else 'more'}" if size else "as much"


def _table(weeks: pl.DataFrame) -> pl.DataFrame:
    """Return the lift of a post by posts a week; the interval is Student's over the weeks' means."""
    rows = []
    for low, after in zip(BUCKETS, (*BUCKETS[1:], None), strict=True):
        there = weeks.filter(pl.col("posts") >= low, pl.lit(after is None) | (pl.col("posts") < (after or 0)))
        last = None if after is None else after - 1
        if there.height:
            rows.append((low, last, there.height, *_bucket(there)))
    return pl.DataFrame(rows, schema=dict(FREQUENCY_SCHEMA), orient="row")


def _bucket(there: pl.DataFrame) -> tuple[float | None, float | None, float | None]:
    count = there.height
    if count < FEWEST_IN_BUCKET:
        return None, None, None
    share = there["judged"] / there["judged"].sum()
    mean = float((share * there["y"]).sum())
    error = math.sqrt(float(((share * (there["y"] - mean)) ** 2).sum()) * count / (count - 1))
    reach = error * _student(count - 1)
    return lift(mean), lift(mean - reach), lift(mean + reach)
