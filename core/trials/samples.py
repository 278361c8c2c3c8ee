"""What a metric says about one arm: its estimate and how much one post varies, for means, proportions and ratios."""

import math
from dataclasses import dataclass

import numpy as np

from core.trials.moments import NO_POSTS, ONE_POST, Moments
from core.trials.values import Vector
from core.undefined import Undefined

NOT_FINITE = Undefined("The values are too large to be told apart in double precision.")
NO_DENOMINATOR = Undefined("The denominators add up to 0, so there is no ratio.")


@dataclass(frozen=True)
class Sample:
    """n posts, the estimate, the variance of one post (unit²), and the level that relative effects are measured by.

    `level` is the estimate itself, or what it was before CUPED moved it; then `level_variance` is that of one
    post about it, and `level_covariance` how the two go together (unit²).
    """

    n: int
    estimate: float
    variance: float
    level: float
    level_variance: float | None = None
    level_covariance: float | None = None

    @property
    def error_variance(self) -> float:
        """Squared standard error of the estimate."""
        return self.variance / self.n

    @property
    def level_error_variance(self) -> float:
        """Squared standard error of the level."""
        return (self.variance if self.level_variance is None else self.level_variance) / self.n

    def lift_error_variance(self, lift: float) -> float:
        """Return what this arm, as the control, adds to the squared error of a lift (1), times its squared level.

        Of (m_t - m_c)/l_c by the delta method: var m_c + 2 lift cov(m_c, l_c) + lift² var l_c; where the level is the
        estimate that is (1 + lift)² var m_c.
        """
        if self.level_covariance is None:
            return self.error_variance * (1 + lift) ** 2
        apart = self.error_variance + 2 * lift * self.level_covariance / self.n + lift**2 * self.level_error_variance
        return max(apart, 0.0)

    @property
    def df(self) -> int:
        """Degrees of freedom of the variance."""
        return self.n - 1


def sample_of(moments: Moments, estimate: float, gradient: Vector) -> Sample | Undefined:
    """Return a smooth function of means as a sample: variance g'Sg (delta method) with its gradient g (k) at the means.

    Undefined with no post, with one, and where the values overflow.
    """
    if moments.n < 2:  # noqa: PLR2004 - a variance needs two
        return ONE_POST if moments.n else NO_POSTS
    with np.errstate(over="ignore", invalid="ignore"):
        variance = float(gradient @ moments.covariance() @ gradient)
    if not (math.isfinite(variance) and math.isfinite(estimate)):
        return NOT_FINITE
    return Sample(moments.n, estimate, max(variance, 0.0), estimate)


def mean(moments: Moments) -> Sample | Undefined:
    """Return the mean of the first column."""
    gradient = np.zeros(len(moments.means))
    gradient[0] = 1.0
    return sample_of(moments, moments.means[0], gradient)


def ratio(moments: Moments) -> Sample | Undefined:
    """Return Σ first column / Σ second column, for posts (or days) that bring their own denominator.

    Delta method: gradient (1/d, -m/d²). Deng, Knoblich & Lu 2018, "Applying the Delta Method in Metric Analytics".
    """
    if moments.n == 0:
        return NO_POSTS
    top, bottom = moments.means[:2]
    if bottom == 0:
        return NO_DENOMINATOR
    gradient = np.zeros(len(moments.means))
    gradient[:2] = 1 / bottom, -top / bottom**2
    return sample_of(moments, top / bottom, gradient)


@dataclass(frozen=True)
class Proportion:
    """How many of n posts did it; it adds up."""

    n: int
    successes: int

    def __add__(self, other: "Proportion") -> "Proportion":
        return Proportion(self.n + other.n, self.successes + other.successes)


def proportion(counted: Proportion) -> Sample | Undefined:
    """Return a share of posts with the variance p(1 - p) of one of them."""
    if counted.n < 2:  # noqa: PLR2004 - as for a mean
        return ONE_POST if counted.n else NO_POSTS
    share = counted.successes / counted.n
    return Sample(counted.n, share, share * (1 - share), share)
