"""The week's curve as a value: the posterior of 168 hours and what it rests on."""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, ndtri

from core.timing.week import neighbourhood
from core.undefined import Undefined
from core.vocabulary import Basis

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]

LEVEL = 0.9
"""Probability with which every interval of the package holds the true value."""
Z = float(ndtri((1 + LEVEL) / 2))
TIMING_LOG_BAYES_FACTOR = 1.5
"""Timing matters above it. Without an effect the 95th percentile was at most 0.7 in 5,000 simulated channels (50 to
5,000 posts, Student t noise, growth, uneven posting, formats tied to hours, priors that claim an effect) and 0.1 in 695
real histories shifted against their stamps, which keeps their drift; the 99th there was 1.0. The rest is margin.
"""
LEADING_SHARE = 0.5
BLEND_SHARE = 0.1
"""Below a tenth the baseline no longer shows in what is advised."""


@dataclass(frozen=True)
class Interval:
    """Bounds that hold the true value with probability `LEVEL`, as lift: 0.1 is 10 % above the channel's average."""

    low: float
    high: float


@dataclass(frozen=True)
class Influence:
    """What an hour's figure rests on, as shares that sum to 1.

    Posts of that hour, of the hours before and after, of all other hours, and what was expected before any post.
    """

    own: float
    neighbours: float
    elsewhere: float
    prior: float


@dataclass(frozen=True, eq=False)
class WeekCurve:
    """Log outcome of each hour of the week relative to the channel's average: posterior and what it rests on.

    Arrays of 168 (covariance 168 by 168) are read-only. `n` counts the channel's posts in a cell, `weight` older ones
    for less, `observed` is their mean relative to the average of all, NaN without posts. `baseline` is the curve
    expected before any post, less its mean, `baseline_name` what most of it comes from, `baseline_share` the part of
    its first weight it keeps in a cell; `resolved` the part of a cell's prior variance the posts removed.
    `log_bayes_factor` compares an effect of timing with none; `confidence` (0-1) is the probability that timing
    matters at even prior odds, times the resolution averaged over the hours posted at.
    """

    mean: Vector
    covariance: Matrix
    n: NDArray[np.int64]
    weight: Vector
    observed: Vector
    baseline: Vector
    baseline_share: Vector
    resolved: Vector
    noise_sd: float | Undefined
    log_bayes_factor: float
    confidence: float
    baseline_name: str

    def __post_init__(self) -> None:
        """Close the arrays to writing."""
        for field in fields(self):
            if isinstance(value := getattr(self, field.name), np.ndarray):
                value.setflags(write=False)

    @property
    def sd(self) -> Vector:
        """Posterior standard deviation of each cell, in log units."""
        return np.sqrt(np.diag(self.covariance))

    @property
    def posts(self) -> int:
        """Posts behind the curve."""
        return int(self.n.sum())

    @property
    def timing_probability(self) -> float:
        """Probability that timing matters, at even odds before the data."""
        return float(expit(self.log_bayes_factor))

    @property
    def timing_matters(self) -> bool:
        """Whether the posts show an effect of timing; false for at least 95 % of the channels that have none."""
        return self.log_bayes_factor > TIMING_LOG_BAYES_FACTOR

    @property
    def basis(self) -> Basis:
        """What the curve as a whole rests on."""
        return _basis(self.posts, float(self.baseline_share.mean()))

    def posts_around(self, cell: int) -> int:
        """Posts in the hour, the one before and the one after: those that move its figure most."""
        return int(self.n[list(neighbourhood(cell))].sum())

    def basis_of(self, cell: int) -> Basis:
        """What the figure of one cell rests on: near no post of the channel, on the baseline where that leads."""
        share = float(self.baseline_share[cell])
        if self.posts_around(cell) == 0 and share > LEADING_SHARE:
            return Basis.BASELINE
        return _basis(self.posts, share)

    def influence_of(self, cell: int) -> Influence:
        """Return what moves the figure of one cell.

        Posts share the part of the prior variance they removed, each cell u by its pull |cov(f_c, f_u)|·weight_u: that
        is the gain cov·weight/σ² of the posterior mean of a Gaussian process.
        """
        pull = np.abs(self.covariance[cell]) * self.weight
        share = float(self.resolved[cell]) * pull / (pull.sum() or 1.0)
        own = float(share[cell])
        near = float(share[list(neighbourhood(cell))].sum()) - own
        return Influence(own, near, float(share.sum()) - own - near, 1 - float(share.sum()))

    def confidence_of(self, cell: int) -> float:
        """Confidence in one cell, 0-1: probability that timing matters times the part of the uncertainty resolved."""
        return self.timing_probability * float(self.resolved[cell])

    def interval_of(self, cell: int) -> Interval:
        """Bounds of one cell's lift."""
        return lift_interval(float(self.mean[cell]), float(self.sd[cell]))


def _basis(posts: int, baseline_share: float) -> Basis:
    if posts == 0:
        return Basis.BASELINE
    return Basis.BLEND if baseline_share > BLEND_SHARE else Basis.HISTORY


def lift(log_difference: float) -> float:
    """Return the lift of a difference of log outcomes: exp(d) - 1, a ratio of geometric means minus 1."""
    return float(np.expm1(log_difference))


def lift_interval(mean: float, sd: float) -> Interval:
    """Return the bounds of a lift whose log is normal."""
    return Interval(lift(mean - Z * sd), lift(mean + Z * sd))
