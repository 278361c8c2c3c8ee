"""How well smooth shapes of the week explain a channel's posts, and what each makes of them: closed forms."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.timing.curve import Matrix, Vector
from core.timing.rollup import WeekStats
from core.timing.shapes import SLOT_SDS, Family, families, log_priors

NOISE_PRIOR_POSTS = 4.0
NOISE_PRIOR_VARIANCE = 0.5
"""σ² is inverse gamma, worth 4 posts of variance 0.5; organizations' posts have about 1."""


class Posts(NamedTuple):
    """What posts say: weight of the 168 cells; the used ones, their centred means; variation within; total weight."""

    weight: Vector
    used: NDArray[np.intp]
    y: Vector
    within: float
    total: float

    @property
    def alpha(self) -> float:
        """Shape of σ²'s posterior, an inverse gamma."""
        return (NOISE_PRIOR_POSTS + self.total) / 2

    def beta(self, misfit: Vector) -> Vector:
        """Scale of σ²'s posterior where (y - expected)'A⁻¹(y - expected) is `misfit`."""
        known = NOISE_PRIOR_POSTS * NOISE_PRIOR_VARIANCE + self.within
        return np.asarray(known + np.maximum(misfit, 0.0)) / 2  # rounding of large sums may leave less than 0

    def noise(self, beta: Vector) -> Vector:
        """Posterior mean of σ²."""
        return np.asarray(beta / (self.alpha - 1))


class Belief(NamedTuple):
    """What one may believe before the posts.

    Log probability; expected value and prior variance (units of σ²; 0 = held fast) of the coefficients of the given
    columns, level and prior curves; scale of the standard deviation of the shapes (in units of one post's noise).
    """

    log_prior: float
    expected: Vector
    variances: Vector
    scale: float


class Weighed(NamedTuple):
    """Shapes of a family under a belief, one per row.

    Their log joint probability with the posts (terms equal for all shapes left out); the posterior scale of σ²;
    expected coefficients b, columns used and prior standard deviations √D; A = I + √D X'RX √D and √D X'R(y - Xb).
    """

    log_joint: Vector
    beta: Vector
    expected: Vector
    columns: NDArray[np.intp]
    sds: Matrix
    a: NDArray[np.float64]
    pull: Matrix
    slots: NDArray[np.intp]


class _Sums(NamedTuple):
    """X'RX, X'Ry, y'Ry and log|R⁻¹| for each size t² of slot noise: R = 1/(1/weight + t²)."""

    gram: NDArray[np.float64]
    cross: Matrix
    square: Vector
    log_det: Vector

    def about(self, expected: Vector) -> tuple[Matrix, Vector]:
        """Return X'Re and e'Re of e = y - X·expected; the columns that are not given are expected at 0."""
        given = len(expected)
        moved = self.gram[:, :, :given] @ expected
        return self.cross - moved, self.square - (2 * self.cross - moved)[:, :given] @ expected


def observe(stats: WeekStats) -> Posts:
    """Return what the posts say, outcomes relative to their mean."""
    weight = np.array(stats.weight)
    used = np.flatnonzero(weight)
    y = np.array(stats.mean)[used]
    total = float(weight.sum())
    centre = float(weight[used] @ y / total) if total else 0.0
    return Posts(weight, used, y - centre, math.fsum(stats.m2), total)


def weigh(columns: Matrix, beliefs: Sequence[Belief], posts: Posts) -> list[Weighed]:
    """Return every family of shapes under every belief, weighed by the posts.

    `columns` is 168 by [level, prior curves, basis]. Mean of a cell ~ N(columns·coefficients + slot, σ²/weight);
    coefficients and slot effects are normal, σ² inverse gamma: the evidence is a Student t. With e = y - Xb it is
    -½log|A| - ½log|R⁻¹| - (a₀ + W/2)·log(b₀ + ½(within + e'Re - |A^-½ √D X'Re|²)).
    """
    sums = _sum_up(columns[posts.used], posts)
    return [_weigh(family, belief, sums, posts) for belief in beliefs for family in families()]


def _sum_up(x: Matrix, posts: Posts) -> _Sums:
    variance = 1 / posts.weight[posts.used] + np.square(SLOT_SDS)[:, None]
    weighted = x.T / variance[:, None, :]
    cross = weighted @ posts.y
    return _Sums(weighted @ x, cross, (posts.y**2 / variance).sum(1), np.log(variance).sum(1))


def _weigh(family: Family, belief: Belief, sums: _Sums, posts: Posts) -> Weighed:
    level_and_curves = len(belief.variances)
    columns = np.concatenate([np.arange(level_and_curves), family.columns + level_and_curves])
    given = np.broadcast_to(belief.variances, (len(family.slots), level_and_curves))
    sds = np.sqrt(np.concatenate([given, family.variances], axis=1))
    cross, square = sums.about(belief.expected)
    pull = sds * cross[np.ix_(family.slots, columns)]
    a = sds[:, :, None] * sums.gram[family.slots][:, columns[:, None], columns] * sds[:, None, :]
    a[:, range(len(columns)), range(len(columns))] += 1
    factor = np.linalg.cholesky(a)
    solved = np.linalg.solve(factor, pull[:, :, None])[:, :, 0]
    beta = posts.beta(square[family.slots] - (solved**2).sum(1))
    log_det = 2 * np.log(np.diagonal(factor, axis1=1, axis2=2)).sum(1) + sums.log_det[family.slots]
    log_joint = belief.log_prior + log_priors(belief.scale)[family.signals] - log_det / 2 - posts.alpha * np.log(beta)
    return Weighed(log_joint, beta, belief.expected, columns, sds, a, pull, family.slots)
