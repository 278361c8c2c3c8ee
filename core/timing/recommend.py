"""Recommendations: slots of a date range, ranked, apart from each other, each with its evidence."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
from scipy.special import ndtr

from core.timing.curve import Interval, Vector, WeekCurve, lift
from core.timing.explain import reasons
from core.timing.week import CELLS, DAYS, HOURS_PER_DAY
from core.vocabulary import Basis

MIN_SEPARATION = timedelta(hours=3)
"""Two suggestions nearer than this are one suggestion said twice."""


@dataclass(frozen=True)
class SlotChoice:
    """A slot one may post in: its start (aware) and the local hour of the week (0-167) that start falls into."""

    start: datetime
    hour_of_week: int


@dataclass(frozen=True)
class Suggestion:
    """A recommended slot.

    `score` as in `scores`; `expected_lift` over the channel's average (0.1 = 10 % more) with its 90 % `interval`;
    `sample_size` counts the channel's posts in that hour of the week and the two around it, `own_posts` that hour
    alone. `is_exploration`: nothing is known of the hour, posting there is an experiment.
    """

    start: datetime
    hour_of_week: int
    score: float
    expected_lift: float
    interval: Interval
    sample_size: int
    own_posts: int
    basis: Basis
    confidence: float
    reasons: tuple[str, ...]
    is_exploration: bool


def scores(curve: WeekCurve) -> Vector:
    """Return each hour's score, 0-1: its expected rank in the week, (1/167) Σ_j P(f_c > f_j) over the other hours.

    f is jointly normal under the posterior, so P(f_c > f_j) = Φ((m_c - m_j) / sd(f_c - f_j)). An hour of which
    nothing is known scores about ½, a certain winner 1; with no effect of timing all hours are near ½.
    """
    variance = np.diag(curve.covariance)
    spread = variance[:, None] + variance[None, :] - 2 * curve.covariance
    gap = curve.mean[:, None] - curve.mean[None, :]
    rounding = np.finfo(np.float64)
    wins = ndtr(gap / np.sqrt(np.maximum(spread, rounding.eps * variance.max() + rounding.tiny)))
    return np.asarray((wins.sum(axis=1) - 1 / 2) / (CELLS - 1), dtype=np.float64)


def score_of(curve: WeekCurve, hour_of_week: int) -> float:
    """Return how good an hour somebody picked is, 0-1, on the scale of `scores`."""
    return float(scores(curve)[hour_of_week])


def rank(
    curve: WeekCurve,
    slots: Sequence[SlotChoice],
    count: int,
    min_separation: timedelta = MIN_SEPARATION,
    *,
    explore: bool = False,
) -> tuple[Suggestion, ...]:
    """Return up to `count` suggestions, best score first, ties by time.

    Suggestions lie at least `min_separation` apart and are spread evenly over the days before a day gets more.
    Hours near which the channel never posted and of which the baseline says nothing are left out unless `explore`.
    """
    score = scores(curve)
    known = [slot for slot in slots if explore or not is_unknown(curve, slot.hour_of_week)]
    ordered = sorted(known, key=lambda slot: (-score[slot.hour_of_week], slot.start))
    chosen = _apart(ordered, count, min_separation)
    best_first = sorted(chosen, key=lambda slot: (-score[slot.hour_of_week], slot.start))
    return tuple(_suggest(curve, slot, float(score[slot.hour_of_week])) for slot in best_first)


def is_unknown(curve: WeekCurve, hour_of_week: int) -> bool:
    """Return whether neither posts nor baseline say anything of an hour: recommending it would be an experiment."""
    return curve.posts_around(hour_of_week) == 0 and curve.basis_of(hour_of_week) is not Basis.BASELINE


def _apart(ordered: Sequence[SlotChoice], count: int, min_separation: timedelta) -> list[SlotChoice]:
    """Take slots in order: first at most an even share a day, then whatever still keeps its distance."""
    days = {_local_date(slot) for slot in ordered}
    even_share = math.ceil(count / max(len(days), 1))
    chosen: list[SlotChoice] = []
    taken: Counter[date] = Counter()
    for limit in (even_share, count):
        for slot in ordered:
            day = _local_date(slot)
            has_room = len(chosen) < count and taken[day] < limit
            if has_room and all(abs(slot.start - other.start) >= min_separation for other in chosen):
                chosen.append(slot)
                taken[day] += 1
    return chosen


def _local_date(slot: SlotChoice) -> date:
    """Return the date on the channel's wall: the one of that weekday at most a day from the slot's own date."""
    ahead = (slot.hour_of_week // HOURS_PER_DAY - slot.start.weekday() + 1) % DAYS - 1
    return slot.start.date() + timedelta(days=ahead)


def _suggest(curve: WeekCurve, slot: SlotChoice, score: float) -> Suggestion:
    cell = slot.hour_of_week
    return Suggestion(
        start=slot.start,
        hour_of_week=cell,
        score=score,
        expected_lift=lift(float(curve.mean[cell])),
        interval=curve.interval_of(cell),
        sample_size=curve.posts_around(cell),
        own_posts=int(curve.n[cell]),
        basis=curve.basis_of(cell),
        confidence=curve.confidence_of(cell),
        reasons=reasons(curve, cell),
        is_exploration=is_unknown(curve, cell),
    )
