"""CUPED: takes out of an outcome what was known before the trial began."""

from dataclasses import dataclass

import numpy as np

from core.trials.moments import Moments
from core.trials.samples import NO_DENOMINATOR, Sample, mean, ratio, sample_of
from core.trials.values import Vector
from core.undefined import Undefined

NOTHING_BEFORE = Undefined(
    "What was known before the trial does not differ between posts, so there is nothing to adjust."
)


@dataclass(frozen=True)
class Adjusted:
    """Both arms with θ times the covariate taken out, and the share of the control's variance that went with it."""

    control: Sample
    treatment: Sample
    theta: float
    reduction: float


def adjusted_means(control: Moments, treatment: Moments) -> Adjusted | Undefined:
    """Adjust means; columns are outcome and covariate, measured before the trial.

    y - θx with θ = cov(y, x)/var(x) over all arms (Deng, Xu, Kohavi & Walker 2013); the variance falls by the squared
    correlation. Reproduces GrowthBook's `test_sequential_test_runs_ra`: lift 0.50338, standard error 0.33341.
    """
    return _adjusted(control, treatment, np.array([1.0, 0.0]), np.array([0.0, 1.0]))


def adjusted_ratios(control: Moments, treatment: Moments) -> Adjusted | Undefined:
    """Adjust ratios; columns are numerator, denominator, and the same two before the trial.

    Both ratios are made linear about all arms' means. Reproduces GrowthBook's `test_sequential_test_runs_ratio_ra`:
    lift -0.0007, interval -0.02063 to 0.01923.
    """
    means = (control + treatment).means
    if not (means[1] and means[3]):
        return NO_DENOMINATOR
    now = np.array([1 / means[1], -means[0] / means[1] ** 2, 0.0, 0.0])
    before = np.array([0.0, 0.0, 1 / means[3], -means[2] / means[3] ** 2])
    return _adjusted(control, treatment, now, before)


_PAIR = 2
"""Columns of outcome and covariate."""


def _adjusted(control: Moments, treatment: Moments, now: Vector, before: Vector) -> Adjusted | Undefined:
    both = control + treatment
    if both.n < 2:  # noqa: PLR2004 - a variance needs two
        return NOTHING_BEFORE
    covariance = both.covariance()
    known = float(before @ covariance @ before)
    if not known > 0:
        return NOTHING_BEFORE
    theta = float(now @ covariance @ before) / known
    plain = mean(control) if len(control.means) == _PAIR else ratio(control)
    first, second = _arm(control, theta), _arm(treatment, theta)
    if isinstance(first, Undefined) or isinstance(plain, Undefined):
        return first if isinstance(first, Undefined) else NOTHING_BEFORE
    if isinstance(second, Undefined):
        return second
    return Adjusted(first, second, theta, 1 - first.variance / plain.variance if plain.variance else 0.0)


def _arm(moments: Moments, theta: float) -> Sample | Undefined:
    """Return outcome - θ covariate, linear about the arm's own means."""
    if len(moments.means) == _PAIR:
        now, before = moments.means
        return sample_of(moments, now - theta * before, np.array([1.0, -theta]), now)
    top, bottom, top_before, bottom_before = moments.means
    if not (bottom and bottom_before):
        return NO_DENOMINATOR
    gradient = [1 / bottom, -top / bottom**2, -theta / bottom_before, theta * top_before / bottom_before**2]
    return sample_of(moments, top / bottom - theta * top_before / bottom_before, np.array(gradient), top / bottom)
