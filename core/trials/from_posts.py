"""What only the posts themselves tell of an arm against the control: tails, ranks, days, the draw repeated."""

from dataclasses import dataclass, fields

import numpy as np
import polars as pl
from numpy.typing import NDArray

from core.trials.carry_over import Steady, compare_steady
from core.trials.clusters import compare_clustered
from core.trials.comparison import Comparison, compare
from core.trials.moments import moments_of
from core.trials.permutation import Periods, Permuted, by_period, permute
from core.trials.plan import Primary, TrialPlan
from core.trials.samples import mean
from core.trials.tails import GeometricRatio, RankComparison, compare_logs, compare_ranks, geometric, winsorized
from core.trials.units import Metric, has, known, numbered, values_of
from core.trials.values import Scale, Vector
from core.undefined import Undefined

MOST_PERMUTED = 100_000
"""Posts; beyond it a permutation takes minutes."""
NEEDS_POSTS = Undefined("This needs the posts themselves, not their sums.")
NO_DAYS = Undefined("This needs the day of every post.")


@dataclass(frozen=True)
class FromPosts:
    """What only the posts themselves tell; all but `logs` and `ranks` on the scale of the primary effect.

    `by_day` allows for what the posts of a day share; `permuted` repeats the draw of posts within blocks and
    `switchback` that of days; `without_carry_over` keeps of those only the days whose day before had the same arm;
    `as_published` compares by the slot a post went out in, not by its draw.
    """

    logs: GeometricRatio | Undefined = NEEDS_POSTS
    winsorized: Comparison | Undefined = NEEDS_POSTS
    ranks: RankComparison | Undefined = NEEDS_POSTS
    by_day: Comparison | Undefined = NEEDS_POSTS
    permuted: Permuted | Undefined = NEEDS_POSTS
    switchback: Permuted | Undefined = NEEDS_POSTS
    without_carry_over: Steady | Undefined = NEEDS_POSTS
    as_published: Comparison | Undefined = NEEDS_POSTS


_ONLY_MEANS = Undefined("This is for means, not for shares or ratios.")


def from_posts(rows: pl.DataFrame, control: str, treatment: str, plan: TrialPlan) -> FromPosts:
    """Compare two arms by their posts (UNIT_SCHEMA)."""
    if plan.metric is Metric.RATIO:
        return FromPosts(*([_ONLY_MEANS] * len(fields(FromPosts))))
    two = known(rows, plan.metric).filter(pl.col("arm").is_in([control, treatment]))
    arms = values_of(two, control), values_of(two, treatment)
    logs = _ONLY_MEANS if plan.metric is Metric.PROPORTION else _logs(*arms, plan)
    if plan.primary is Primary.LOG and isinstance(logs, Undefined):
        return FromPosts(logs, *([logs] * (len(fields(FromPosts)) - 1)))
    if plan.primary is Primary.LOG:
        two = two.with_columns(pl.col("value").log1p())
    scaled = values_of(two, control), values_of(two, treatment)
    days = _days(two, treatment)
    return FromPosts(
        logs=logs,
        winsorized=_compare_values(*winsorized(*scaled), plan),
        ranks=compare_ranks(*arms, plan.alpha),
        by_day=_by_day(two, treatment, plan),
        permuted=_permuted(two, treatment, plan),
        switchback=_switchback(days, plan),
        without_carry_over=_without_carry_over(two, days, plan),
        as_published=_as_published(two, control, treatment, plan),
    )


def _logs(control: Vector, treatment: Vector, plan: TrialPlan) -> GeometricRatio | Undefined:
    if plan.primary is not Primary.LOGGED:
        return compare_logs(control, treatment, plan.alpha)
    return geometric(compare(mean(moments_of(control)), mean(moments_of(treatment)), alpha=plan.alpha))


def _compare_values(control: Vector, treatment: Vector, plan: TrialPlan) -> Comparison | Undefined:
    arms = mean(moments_of(control)), mean(moments_of(treatment))
    return compare(*arms, Scale.ABSOLUTE, plan.alternative, plan.alpha)


def _is_treated(rows: pl.DataFrame, treatment: str) -> NDArray[np.bool_]:
    return np.asarray((rows["arm"] == treatment).to_numpy())


def _by_day(rows: pl.DataFrame, treatment: str, plan: TrialPlan) -> Comparison | Undefined:
    if not has(rows, "day"):
        return NO_DAYS
    values = rows["value"].to_numpy()
    return compare_clustered(values, _is_treated(rows, treatment), numbered(rows["day"]), plan.alpha)


def _blocks(rows: pl.DataFrame) -> NDArray[np.intp]:
    return numbered(rows["block"])


def _permuted(rows: pl.DataFrame, treatment: str, plan: TrialPlan) -> Permuted | Undefined:
    if rows.height > MOST_PERMUTED:
        return Undefined(f"Beyond {MOST_PERMUTED:,} posts Welch's test says the same in no time.")
    values, treated = rows["value"].to_numpy(), _is_treated(rows, treatment)
    return permute(values, treated, _blocks(rows), seed=plan.seed, alternative=plan.alternative)


def _days(rows: pl.DataFrame, treatment: str) -> Periods | Undefined:
    """Return the days as a switchback drew them."""
    if not has(rows, "day"):
        return NO_DAYS
    calendar = rows["day"].str.to_date("%Y-%m-%d", strict=False)
    numbers = numbered(rows["day"]) if calendar.null_count() else calendar.to_physical().to_numpy().astype(np.intp)
    return by_period(rows["value"].to_numpy(), _is_treated(rows, treatment), numbers, _blocks(rows))


def _switchback(days: Periods | Undefined, plan: TrialPlan) -> Permuted | Undefined:
    if isinstance(days, Undefined):
        return days
    return permute(days.outcome, days.is_treated, days.blocks, seed=plan.seed, alternative=plan.alternative)


def _without_carry_over(rows: pl.DataFrame, days: Periods | Undefined, plan: TrialPlan) -> Steady | Undefined:
    if isinstance(days, Undefined):
        return days
    if rows["day"].str.to_date("%Y-%m-%d", strict=False).null_count():
        return Undefined("This needs days written as 2026-03-02, to know which day was the one before.")
    return compare_steady(days, seed=plan.seed, alternative=plan.alternative)


def _as_published(rows: pl.DataFrame, control: str, treatment: str, plan: TrialPlan) -> Comparison | Undefined:
    if not has(rows, "published_arm"):
        return Undefined("This needs the arm in whose slot every post went out.")
    moved = rows.with_columns(pl.col("published_arm").alias("arm"))
    return _compare_values(values_of(moved, control), values_of(moved, treatment), plan)
