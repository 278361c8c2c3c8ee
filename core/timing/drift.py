"""Drift: whether the audience's week has changed of late, which hours moved, and how surely."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.special import logsumexp, softmax

from core.timing.algebra import one_thread
from core.timing.curve import Interval, Matrix, Vector, Z, lift, lift_interval
from core.timing.explain import count_of, interval_words, percent
from core.timing.format_effects import format_offsets
from core.timing.outcomes import MONTHS_PER_YEAR, OUTCOME_UNITS
from core.timing.rollup import UNDATED
from core.timing.week import CELLS, DAYS, HOURS_PER_DAY, cell_name
from core.undefined import Undefined

MONTHS_BEFORE = 24
"""The week of long ago is no measure of what changed lately."""
LATEST_MONTHS = 6
"""A change is looked for at the start of each of the last six months with posts."""
FEWEST_BEFORE, FEWEST_SINCE = 60, 20
CHANGE_LOG_BAYES_FACTOR = 2.0
"""The week has changed above it. In 180 simulated channels in which nothing changed (heavy tails, uneven posting, 5 to
50 posts a week, curves of 0 to 30 %) the 95th percentile was at most 0.7 and the largest 1.5; the rest is margin.
"""
MOST_MOVED = 5
APART = 3
"""Hours nearer than this have moved together and are named once."""

CURVE_SDS = (0.1, 0.3)
CHANGE_SDS = (0.1, 0.2, 0.4)
"""Standard deviations of the week's curve and of its change, in units of one post's noise: all are averaged over."""
HOUR_LENGTH = 3.0
MIX = (0.45, 0.2, 0.2, 0.15)
"""Shares of hour of day, weekday, both together and each slot by itself in a curve's variance."""
LEVEL_VARIANCE = 1.0
NOISE_PRIOR_POSTS = 4.0
NOISE_PRIOR_VARIANCE = 0.5
"""σ² is inverse gamma, worth 4 posts of variance 0.5."""


@dataclass(frozen=True)
class MovedHour:
    """An hour of the week that earns more or less than it did, against the channel's average in each time.

    `change` is the ratio of both lifts minus 1 (0.1: 10 % more than before) with its 90 % `interval`.
    """

    hour_of_week: int
    name: str
    posts_before: int
    posts_since: int
    change: float
    interval: Interval


@dataclass(frozen=True)
class Changes:
    """What the posts from `since` on say against those of up to two years before.

    `level` is the lift of a post since then over one before, each measured against the posts just before it (so it
    shows growth that goes on), with its 90 % interval. `log_bayes_factor` compares a changed curve with the same
    one; `moved` names the hours that moved for sure, largest change first, and is empty unless `has_changed`.
    """

    since: date
    posts_before: int
    posts_since: int
    level: float
    level_interval: Interval
    log_bayes_factor: float
    has_changed: bool
    moved: tuple[MovedHour, ...]
    sentence: str


class _Halves(NamedTuple):
    """Posts, mean outcome and Σ squared deviations per cell: 168 before, then 168 since."""

    since: int
    posts: Vector
    mean: Vector
    within: float

    @property
    def used(self) -> NDArray[np.intp]:
        """The cells with posts, of 336."""
        return np.flatnonzero(self.posts)


class _Shape(NamedTuple):
    """Standard deviations of the curve and of its change (0: none)."""

    curve: float
    change: float


class _Weighed(NamedTuple):
    """A shape against the data: log evidence, and mean and covariance of the change per cell (posterior)."""

    log_evidence: float
    change: Vector
    covariance: Matrix


def what_changed(tallies: pl.DataFrame, since: int | None = None) -> Changes | Undefined:
    """Return what changed at the start of a month (year x 12 + month - 1), of the likeliest of the last six if None.

    `tallies` follows `TALLY_SCHEMA`; undated posts are left out, format effects taken off. Two weeks of 168 means,
    before and since, each with its own level: y ~ N(level + f + [since]·d, σ²/n), f and d Gaussian processes. The
    Bayes factor of "d is not 0" averages over the standard deviations and, where `since` is None, over the months.
    Simulated at 20 posts a week, a week whose good hours (+30 %) and bad ones (-30 %) trade places is found within
    8 weeks in at least 80 % of cases. The cost does not grow with the posts.
    """
    dated = tallies.filter(pl.col("month") != UNDATED)
    months = sorted(set(dated["month"]))
    candidates = months[1:][-LATEST_MONTHS:] if since is None else [since]
    halves = [half for half in (_split(dated, month) for month in candidates) if _is_enough(half)]
    if not halves:
        return Undefined(
            f"{FEWEST_BEFORE} dated posts before and {FEWEST_SINCE} since are needed to see a change of the week."
        )
    with one_thread():
        compared = [_compare(half) for half in halves]
    factors = np.array([factor for factor, _ in compared])
    likeliest = int(np.argmax(factors))
    log_bayes_factor = float(logsumexp(factors)) - math.log(len(factors))
    return _changes(halves[likeliest], log_bayes_factor, compared[likeliest][1])


def _split(dated: pl.DataFrame, since: int) -> _Halves:
    near = dated.filter(pl.col("month") >= since - MONTHS_BEFORE)
    offset = format_offsets(near.with_columns(weight=pl.lit(1.0)))
    posts, total, squares = (near[name].to_numpy().astype(np.float64) for name in ("posts", "total", "squares"))
    total, squares = total / OUTCOME_UNITS, squares / OUTCOME_UNITS**2
    row = near["hour_of_week"].to_numpy() + CELLS * (near["month"].to_numpy() >= since)
    n, sums, square_sums = (
        np.bincount(row, values, 2 * CELLS).astype(np.float64)
        for values in (posts, total - offset * posts, squares - 2 * offset * total + offset**2 * posts)
    )
    mean = np.divide(sums, n, out=np.zeros(2 * CELLS), where=n > 0)
    return _Halves(since, n, mean, max(float((square_sums - n * mean**2).sum()), 0.0))


def _is_enough(halves: _Halves) -> bool:
    before, since = (float(half.sum()) for half in np.split(halves.posts, 2))
    return before >= FEWEST_BEFORE and since >= FEWEST_SINCE


def _compare(halves: _Halves) -> tuple[float, tuple[Vector, Matrix]]:
    """Return the log Bayes factor of a change, and mean and covariance of the change if there was one."""
    same = [_weigh(halves, _Shape(curve, 0.0)).log_evidence for curve in CURVE_SDS]
    changed = [_weigh(halves, _Shape(curve, change)) for curve in CURVE_SDS for change in CHANGE_SDS]
    logs = np.array([each.log_evidence for each in changed])
    factor = float(logsumexp(logs)) - math.log(len(logs)) - float(logsumexp(same)) + math.log(len(same))
    return factor, _mixture(changed, softmax(logs))


def _mixture(parts: Sequence[_Weighed], shares: Vector) -> tuple[Vector, Matrix]:
    means = np.array([part.change for part in parts])
    mean = shares @ means
    off = means - mean
    within = np.tensordot(shares, np.array([part.covariance for part in parts]), 1)
    return mean, within + (off * shares[:, None]).T @ off


def _weigh(halves: _Halves, shape: _Shape) -> _Weighed:
    """Return the marginal likelihood with level and σ² integrated out (a Student t), and the posterior of d."""
    used = halves.used
    is_since = used >= CELLS
    at = np.ix_(used % CELLS, used % CELLS)
    both = np.outer(is_since, is_since)
    of_change = shape.change**2 * _unit()
    prior = shape.curve**2 * _unit()[at] + of_change[at] * both + LEVEL_VARIANCE * np.equal.outer(is_since, is_since)
    factor = cho_factor(prior + np.diag(1 / halves.posts[used]), lower=True, check_finite=False)
    y = halves.mean[used] - halves.posts[used] @ halves.mean[used] / halves.posts.sum()
    solved = cho_solve(factor, y, check_finite=False)
    alpha = (NOISE_PRIOR_POSTS + halves.posts.sum()) / 2
    beta = (NOISE_PRIOR_POSTS * NOISE_PRIOR_VARIANCE + halves.within + float(y @ solved)) / 2
    log_evidence = -float(np.log(np.diag(factor[0])).sum()) - alpha * math.log(beta)
    cross = of_change[used % CELLS] * is_since[:, None]
    left = of_change - cross.T @ cho_solve(factor, cross, check_finite=False)
    return _Weighed(log_evidence, solved @ cross, left * (beta / (alpha - 1)))


@cache
def _unit() -> Matrix:
    """Return the covariance of a week's curve of mean variance 1."""
    gap = np.subtract.outer(np.arange(HOURS_PER_DAY), np.arange(HOURS_PER_DAY)) * np.pi / HOURS_PER_DAY
    hours = _centred(np.exp(-((np.sin(gap) * HOURS_PER_DAY / np.pi / HOUR_LENGTH) ** 2) / 2))
    days = _centred(np.eye(DAYS))
    parts = (np.kron(np.ones((DAYS, DAYS)), hours), np.kron(days, np.ones_like(hours)), np.kron(days, hours))
    return np.asarray(np.tensordot(MIX, np.array([*parts, np.eye(CELLS)]), 1), dtype=np.float64)


def _centred(kernel: Matrix) -> Matrix:
    off = np.eye(len(kernel)) - 1 / len(kernel)
    centred = off @ kernel @ off
    return np.asarray(centred * len(kernel) / np.trace(centred), dtype=np.float64)


def _changes(halves: _Halves, log_bayes_factor: float, change: tuple[Vector, Matrix]) -> Changes:
    before, since = np.split(halves.posts, 2)
    has_changed = log_bayes_factor > CHANGE_LOG_BAYES_FACTOR
    moved = tuple(_moved(halves, *change)) if has_changed else ()
    level, bounds = _level(halves)
    first = date(halves.since // MONTHS_PER_YEAR, halves.since % MONTHS_PER_YEAR + 1, 1)
    return Changes(
        since=first,
        posts_before=int(before.sum()),
        posts_since=int(since.sum()),
        level=level,
        level_interval=bounds,
        log_bayes_factor=log_bayes_factor,
        has_changed=has_changed,
        moved=moved,
        sentence=_sentence(first, int(since.sum()), moved, has_changed=has_changed),
    )


def _level(halves: _Halves) -> tuple[float, Interval]:
    """Return the lift of the mean outcome since over that before; standard error √(s²/n₁ + s²/n₂)."""
    before, since = (float(half.sum()) for half in np.split(halves.posts, 2))
    sums = [float(half.sum()) for half in np.split(halves.posts * halves.mean, 2)]
    gap = sums[1] / since - sums[0] / before
    spread = halves.within + float((halves.posts * halves.mean**2).sum()) - sums[0] ** 2 / before - sums[1] ** 2 / since
    sd = math.sqrt(max(spread, 0.0) / (before + since - 2) * (1 / before + 1 / since))
    return lift(gap), lift_interval(gap, sd)


def _moved(halves: _Halves, mean: Vector, covariance: Matrix) -> Iterable[MovedHour]:
    """Yield the hours posted at before and since that moved for sure, against the average of the posts since."""
    before, since = np.split(halves.posts, 2)
    share = since / since.sum()
    d = mean - share @ mean
    with_average = covariance @ share
    variance = np.diag(covariance) - 2 * with_average + share @ with_average
    sd = np.sqrt(np.maximum(variance, 0.0))
    is_sure = (np.abs(d) > Z * sd) & (before > 0) & (since > 0)
    taken: list[int] = []
    for cell in (int(cell) for cell in np.argsort(-np.abs(d), kind="stable") if is_sure[cell]):
        if len(taken) < MOST_MOVED and all(_gap(cell, other) >= APART for other in taken):
            taken.append(cell)
            bounds = lift_interval(float(d[cell]), float(sd[cell]))
            posts = (int(before[cell]), int(since[cell]))
            yield MovedHour(cell, cell_name(cell), *posts, change=lift(float(d[cell])), interval=bounds)


def _gap(a: int, b: int) -> int:
    return min((a - b) % CELLS, (b - a) % CELLS)


def _sentence(first: date, since: int, moved: tuple[MovedHour, ...], *, has_changed: bool) -> str:
    told = f"{count_of(since)} since {first:%B %Y}"
    if not has_changed:
        return f"{told} show no change of the week: what was learned before still holds."
    if not moved:
        return f"{told} show that the week has changed, but not yet which hours."
    most = moved[0]
    words = f"{percent(most.change)} before against your average ({interval_words(most.interval)})"
    return f"{told} show that the week has changed: {most.name} now earns {words}."
