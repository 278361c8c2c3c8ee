"""CUPED: takes out of an outcome what was known before the trial began."""

from dataclasses import dataclass

import numpy as np

from core.trials.moments import ONE_POST, Moments
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

    y - θx with θ = cov(y, x)/var(x) within the arms taken together (Deng, Xu, Kohavi & Walker 2013), so that an effect
    does not bend it; the variance falls by the squared correlation. Reproduces GrowthBook's
    `test_sequential_test_runs_ra`: lift 0.50338, standard error 0.33341.
    """
    return _adjusted(control, treatment)


def adjusted_ratios(control: Moments, treatment: Moments) -> Adjusted | Undefined:
    """Adjust ratios; columns are numerator, denominator, and the same two before the trial.

    Each arm's ratios are made linear about its own means (Deng, Knoblich & Lu 2018). With denominators of 1 these are
    the adjusted means.
    """
    return _adjusted(control, treatment)


_PAIR = 2
"""Columns of outcome and covariate."""


def _adjusted(control: Moments, treatment: Moments) -> Adjusted | Undefined:
    if min(control.n, treatment.n) < 2:  # noqa: PLR2004 - a variance needs two
        return ONE_POST
    lines = [_gradients(control), _gradients(treatment)]
    parts = []
    for moments, line in zip((control, treatment), lines, strict=True):
        if isinstance(line, Undefined):
            return line
        products = np.array(moments.products)
        parts.append((line[0] @ products @ line[1], line[1] @ products @ line[1]))
    shared, known = (float(sum(each)) for each in zip(*parts, strict=True))
    if not known > 0:
        return NOTHING_BEFORE
    theta = shared / known
    plain = mean(control) if len(control.means) == _PAIR else ratio(control)
    first, second = _arm(control, theta), _arm(treatment, theta)
    if isinstance(first, Undefined) or isinstance(plain, Undefined):
        return first if isinstance(first, Undefined) else NOTHING_BEFORE
    if isinstance(second, Undefined):
        return second
    return Adjusted(first, second, theta, 1 - first.variance / plain.variance if plain.variance else 0.0)


def _gradients(moments: Moments) -> tuple[Vector, Vector] | Undefined:
    """Return how outcome and covariate change with the means of the columns."""
    if len(moments.means) == _PAIR:
        return np.array([1.0, 0.0]), np.array([0.0, 1.0])
    top, bottom, top_before, bottom_before = moments.means
    if not (bottom and bottom_before):
        return NO_DENOMINATOR
    now = np.array([1 / bottom, -top / bottom**2, 0.0, 0.0])
    return now, np.array([0.0, 0.0, 1 / bottom_before, -top_before / bottom_before**2])


def _arm(moments: Moments, theta: float) -> Sample | Undefined:
    """Return outcome - θ covariate."""
    lines = _gradients(moments)
    if isinstance(lines, Undefined):
        return lines
    means = moments.means
    now, before = means if len(means) == _PAIR else (means[0] / means[1], means[2] / means[3])
    return sample_of(moments, now - theta * before, lines[0] - theta * lines[1], now)
