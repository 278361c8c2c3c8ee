"""CUPED: takes out of an outcome what was known before the trial began."""

from dataclasses import dataclass, replace

import numpy as np

from core.trials.moments import ONE_POST, Moments
from core.trials.samples import NO_DENOMINATOR, Sample, mean, ratio, sample_of
from core.trials.values import Vector
from core.undefined import Undefined

NOTHING_BEFORE = Undefined(
    "What was known before the trial does not differ between posts, so there is nothing to adjust."
)

_PAIR = 2
"""Columns of outcome and covariate."""


@dataclass(frozen=True)
class Adjusted:
    """Both arms with θ times the covariate taken out, and the share of the control's variance that went with it."""

    control: Sample
    treatment: Sample
    theta: float
    reduction: float


def adjust(control: Moments, treatment: Moments) -> Adjusted | Undefined:
    """Adjust means or ratios by what was known before the trial.

    Columns are outcome and covariate, or for ratios numerator, denominator, and the same two before the trial, made
    linear about each arm's own means (Deng, Knoblich & Lu 2018). y - θx with θ = cov(y, x)/var(x) within the arms taken
    together (Deng, Xu, Kohavi & Walker 2013), so that an effect does not bend it; the variance falls by the squared
    correlation. Reproduces GrowthBook's `test_sequential_test_runs_ra`, lift 0.50338 with standard error 0.33341, and
    `test_two_sided_ttest_test_runs_ratio_ra`, -0.0007 with 0.00391.
    """
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
    """Return outcome - θ covariate, its lift measured by the outcome as it was."""
    lines = _gradients(moments)
    if isinstance(lines, Undefined):
        return lines
    means = moments.means
    now, before = means if len(means) == _PAIR else (means[0] / means[1], means[2] / means[3])
    level, moved = lines[0], lines[0] - theta * lines[1]
    adjusted = sample_of(moments, now - theta * before, moved)
    if isinstance(adjusted, Undefined):
        return adjusted
    spread = moments.covariance()
    return replace(
        adjusted,
        level=now,
        level_variance=max(float(level @ spread @ level), 0.0),
        level_covariance=float(level @ spread @ moved),
    )
