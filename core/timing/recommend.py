"""Recommendations: slots of a date range, ranked, apart from each other, each with its evidence."""

import hashlib
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from core.timing.curve import Interval, Vector, WeekCurve, Z, lift
from core.timing.explain import NEVER_NEARBY, reasons, why_try
from core.timing.explore import chances, rarely_used, tries
from core.timing.week import CELLS, DAYS, HOURS_PER_DAY
from core.vocabulary import Basis

MIN_SEPARATION = timedelta(hours=3)
"""Two suggestions nearer than this are one suggestion said twice; also keeps a repeated hour from coming twice."""
VERSION_DECIMALS = 6
"""Figures that agree to a millionth of a log unit are the same knowledge."""
VERSION_LENGTH = 12


@dataclass(frozen=True)
class SlotChoice:
    """A slot one may post in: its start (aware) and the local hour of the week (0-167) that start falls into."""

    start: datetime
    hour_of_week: int


@dataclass(frozen=True)
class Suggestion:
    """A recommended slot.

    `score` as in `scores`; `expected_lift` over the channel's average, exp(m) - 1 with m the posterior mean of the
    hour's log outcome (0.1 = 10 % more), with its 90 % `interval`, exp(m ± 1.645 sd) - 1; `confidence` is the
    probability that timing matters on the channel times the part of the hour's prior variance its posts removed.
    `sample_size` counts the channel's posts in that hour of the week and the two around it, `own_posts` that hour
    alone. `is_exploration`: chosen not because it is known to be good, but because it may be and little is known.
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


@dataclass(frozen=True)
class Exploration:
    """The share (0-0.5) of suggestions that try rarely used hours, and the seed of the draws behind them."""

    share: float = 0.0
    seed: int = 0


NO_EXPLORATION = Exploration()


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


def version_of(curve: WeekCurve) -> str:
    """Return 12 hexadecimal digits that stay the same until something new is learned of the channel."""
    known = (curve.mean, np.diag(curve.covariance), curve.n.astype(np.float64))
    # Adding 0 turns -0.0 into 0.0: both are the same knowledge.
    digits = b"".join((np.round(values, VERSION_DECIMALS) + 0.0).tobytes() for values in known)
    return hashlib.sha256(digits).hexdigest()[:VERSION_LENGTH]


def rank(
    curve: WeekCurve,
    slots: Sequence[SlotChoice],
    count: int,
    min_separation: timedelta = MIN_SEPARATION,
    exploration: Exploration = NO_EXPLORATION,
) -> tuple[Suggestion, ...]:
    """Return up to `count` suggestions, best score first, ties by time.

    Suggestions lie at least `min_separation` apart and are spread evenly over the days before a day gets more.
    Hours of which too little is known are no advice (`_unknown`). With `exploration`
    its share of the suggestions goes to rarely used hours that may be the best open ones (`core.timing.explore`),
    each hour once before one comes again. The same arguments give the same suggestions.
    """
    if not slots or count < 1:
        return ()
    slots = sorted(slots, key=attrgetter("start"))
    agenda = _Agenda(slots, min_separation, count)
    by_hour = scores(curve)
    score, unknown = by_hour[agenda.cells], _unknown(curve)[agenda.cells]
    best = [at for at in np.argsort(-score, kind="stable").tolist() if not unknown[at]]
    rng = np.random.default_rng(exploration.seed)
    chance = chances(curve, agenda.is_open, rng)[agenda.cells] if exploration.share else np.zeros(len(slots))
    tried = tries(count, exploration.share, rng)
    advised = agenda.take(best, count - tried)
    explored = agenda.take(_in_turn(agenda.cells, chance), tried, is_even=False)
    advised += agenda.take(best, tried - len(explored))
    hours = {slots[at].hour_of_week: slots[at] for at in (*advised, *explored)}
    about = {cell: suggest(curve, slot, float(by_hour[cell])) for cell, slot in hours.items()}
    chosen = [replace(about[slots[at].hour_of_week], start=slots[at].start) for at in advised]
    for at in explored:
        slot = replace(about[slots[at].hour_of_week], start=slots[at].start)
        chosen.append(as_try(curve, slot, float(chance[at])))
    return tuple(sorted(chosen, key=lambda one: (-one.score, one.start)))


def suggest(curve: WeekCurve, slot: SlotChoice, score: float) -> Suggestion:
    """Return what is known of a slot, as advice; `score` of its hour as in `scores`."""
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
        is_exploration=False,
    )


def as_try(curve: WeekCurve, slot: Suggestion, chance: float) -> Suggestion:
    """Return the suggestion as a try; `chance` (0-1) of being the best open hour as in `core.timing.explore`."""
    others = (reason for reason in slot.reasons if reason != NEVER_NEARBY)
    return replace(slot, reasons=(why_try(curve, slot.hour_of_week, chance), *others), is_exploration=True)


def _unknown(curve: WeekCurve) -> NDArray[np.bool_]:
    """Return for each hour whether too little is known of it to be advice; trying it is what exploration is for.

    Near no post of the channel, unless the baseline speaks for it; or rarely used, with an interval that reaches below
    the average.
    """
    around = curve.n + np.roll(curve.n, 1) + np.roll(curve.n, -1)
    is_silent = np.array([curve.basis_of(cell) is not Basis.BASELINE for cell in range(CELLS)])
    is_unsure = rarely_used(curve) & (curve.mean - Z * curve.sd <= 0)
    return np.where(around == 0, is_silent, is_unsure)


class _Agenda:
    """Takes slots, which are in order of time: apart from each other, and evenly over the days while possible."""

    def __init__(self, slots: Sequence[SlotChoice], min_separation: timedelta, count: int) -> None:
        self.cells = np.array([slot.hour_of_week for slot in slots])
        self.is_open = np.bincount(self.cells, minlength=CELLS) > 0
        times = np.array([slot.start.timestamp() for slot in slots])
        self._first_near = np.searchsorted(times, times - min_separation.total_seconds(), side="right").tolist()
        self._first_apart = np.searchsorted(times, times + min_separation.total_seconds(), side="left").tolist()
        self._days = _local_days(times, self.cells).tolist()
        self._even_share = math.ceil(count / len(set(self._days)))
        self._taken: Counter[int] = Counter()
        self._is_blocked = bytearray(len(slots))

    def take(self, order: Sequence[int], wanted: int, *, is_even: bool = True) -> list[int]:
        """Take up to so many slots in order: first an even share a day if `is_even`, then what keeps its distance."""
        chosen: list[int] = []
        for limit in (self._even_share if is_even else 0, len(order)):
            for at in order:
                if len(chosen) >= wanted:
                    return chosen
                if not self._is_blocked[at] and self._taken[self._days[at]] < limit:
                    chosen.append(at)
                    self._taken[self._days[at]] += 1
                    near = range(min(self._first_near[at], at), max(self._first_apart[at], at + 1))
                    self._is_blocked[near.start : near.stop] = bytes([True]) * len(near)
        return chosen


def _local_days(times: Vector, cells: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the date on the channel's wall as a number: that of the cell's weekday at most a day from the UTC date."""
    day = (times // _SECONDS_PER_DAY).astype(np.int64)
    weekday = (day + _FIRST_WEEKDAY) % DAYS
    return np.asarray(day + (cells // HOURS_PER_DAY - weekday + 1) % DAYS - 1, dtype=np.int64)


_SECONDS_PER_DAY = 86_400
_FIRST_WEEKDAY = 3
"""1 January 1970, day 0 of timestamps, was a Thursday."""


def _in_turn(cells: NDArray[np.int64], chance: Vector) -> list[int]:
    """Return the slots that may be tried, likeliest hour first, every hour once before one comes again."""
    seen: Counter[int] = Counter()
    turns = []
    for at in np.flatnonzero(chance).tolist():
        turns.append((seen[cells[at]], -chance[at], at))
        seen[cells[at]] += 1
    return [at for *_, at in sorted(turns)]
