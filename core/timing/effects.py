"""Effects for the analyst: the week as a heat map, summaries per weekday and hour, the finding in a sentence."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from core.timing.curve import Interval, Vector, WeekCurve, lift, lift_interval
from core.timing.explain import NO_HISTORY, count_of, interval_words, no_effect, percent
from core.timing.week import CELLS, DAYS, HOURS_PER_DAY, WEEKDAYS, cell_name, clock_name
from core.undefined import Undefined

BLOCK_HOURS = 4
"""A format has posts enough for six times of day, seldom for 24 hours."""
BEST_SHARE = 0.25
"""The best quarter of a channel's posts by slot: the honest size of what timing can give."""


@dataclass(frozen=True)
class Effect:
    """The lift of some hours over the channel's average: posts behind it, estimate and 90 % interval.

    Undefined where the channel never posted: the curve goes on there, but on no evidence of its own.
    """

    name: str
    n: int
    lift: float | Undefined
    interval: Interval | Undefined

    @property
    def is_known(self) -> bool:
        """Whether posts stand behind it."""
        return self.n > 0


@dataclass(frozen=True)
class HourEstimate:
    """What is expected of an hour of the week, posted at or not: its lift, 90 % interval and the posts in that hour.

    `expected_before` is the lift that was expected before the channel's own posts were looked at.
    """

    n: int
    lift: float
    interval: Interval
    expected_before: float

    @property
    def width(self) -> float:
        """How far apart the bounds lie: 0.2 is 20 percentage points."""
        return self.interval.high - self.interval.low


@dataclass(frozen=True)
class WeekEffects:
    """168 cells, what is expected of each, 7 weekdays, 24 hours, the best quarter of posts by slot, and the finding."""

    cells: tuple[Effect, ...]
    estimates: tuple[HourEstimate, ...]
    weekdays: tuple[Effect, ...]
    hours: tuple[Effect, ...]
    best_quarter: Effect
    usual_range: str


def effects(curve: WeekCurve) -> WeekEffects:
    """Return everything the Analytics page shows of a curve."""
    index = np.arange(CELLS)
    day, hour = index // HOURS_PER_DAY, index % HOURS_PER_DAY
    best_quarter = effect_of(curve, "Best quarter of posts", _best_quarter(curve))
    return WeekEffects(
        cells=_each(curve, ((cell_name(c), index == c) for c in range(CELLS))),
        estimates=tuple(_estimate(curve, c) for c in range(CELLS)),
        weekdays=_each(curve, ((WEEKDAYS[d], day == d) for d in range(DAYS))),
        hours=_each(curve, ((clock_name(h), hour == h) for h in range(HOURS_PER_DAY))),
        best_quarter=best_quarter,
        usual_range=_headline(curve, best_quarter),
    )


def _estimate(curve: WeekCurve, cell: int) -> HourEstimate:
    expected, before = lift(float(curve.mean[cell])), lift(float(curve.baseline[cell]))
    return HourEstimate(int(curve.n[cell]), expected, curve.interval_of(cell), before)


def times_of_day(curve: WeekCurve) -> tuple[Effect, ...]:
    """Return the effect of each block of four hours, 00:00 first, over all weekdays."""
    block = np.arange(CELLS) % HOURS_PER_DAY // BLOCK_HOURS
    names = (
        f"{clock_name(start)} to {clock_name(start + BLOCK_HOURS)}" for start in range(0, HOURS_PER_DAY, BLOCK_HOURS)
    )
    return _each(curve, ((name, block == number) for number, name in enumerate(names)))


_NEVER = "You have not posted at these hours yet."


def _each(curve: WeekCurve, groups: Iterable[tuple[str, Vector]]) -> tuple[Effect, ...]:
    return tuple(effect_of(curve, name, np.where(where, curve.n, 0.0)) for name, where in groups)


def effect_of(curve: WeekCurve, name: str, posts: Vector) -> Effect:
    """Return the lift averaged over cells as `posts` are spread: mean qᵀm, variance qᵀΣq with q = posts / Σ posts."""
    total = posts.sum()
    if round(total) == 0:
        return Effect(name, 0, Undefined(_NEVER), Undefined(_NEVER))
    q = posts / total
    mean, sd = float(q @ curve.mean), float(np.sqrt(q @ curve.covariance @ q))
    return Effect(name, round(total), lift(mean), lift_interval(mean, sd))


def _best_quarter(curve: WeekCurve) -> Vector:
    """Return the posts of the best cells up to a quarter of all; the last cell counts in part."""
    order = np.argsort(-curve.mean, kind="stable")
    before = np.cumsum(curve.n[order]) - curve.n[order]
    taken = np.zeros(CELLS)
    taken[order] = np.clip(BEST_SHARE * curve.posts - before, 0, curve.n[order])
    return taken


def _headline(curve: WeekCurve, best: Effect) -> str:
    """Return the finding of the whole week in a sentence."""
    if isinstance(best.lift, Undefined) or isinstance(best.interval, Undefined):
        return NO_HISTORY.format(baseline=curve.baseline_name)
    if not curve.timing_matters:
        return no_effect(curve)
    size = f"{percent(best.lift)} your average ({interval_words(best.interval)})"
    return f"Timing matters here: the best-timed quarter of your {count_of(curve.posts)} earned about {size}."
