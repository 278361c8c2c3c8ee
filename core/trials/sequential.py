"""Intervals and p-values that stay valid however often, and whenever, somebody looks."""

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from core.trials.comparison import Effect
from core.trials.values import ALPHA, Alternative, Interval, Vector, around

TUNED_FOR = 5000
"""Posts of both arms at which the interval is narrowest, unless the trial says otherwise."""

FIRST_LOOK = 15
"""Posts of each arm before which the asymptotic promise is not to be relied on; simulations begin there."""


@dataclass(frozen=True)
class Always:
    """What holds at every look at once: the interval, the evidence against "no effect" and its p-value.

    `evidence` is an e-value: 20 is worth p = 0.05. `p` is 1 over it, and 1 where the evidence speaks for no effect.
    """

    interval: Interval
    evidence: float
    p: float


def always(
    found: Effect,
    posts: int,
    *,
    tuned_for: float = TUNED_FOR,
    alternative: Alternative = Alternative.TWO_SIDED,
    alpha: float = ALPHA,
) -> Always:
    """Return the asymptotic confidence sequence of an effect after so many posts of both arms.

    Waudby-Smith, Arbour, Sinha, Kennedy & Ramdas (2021, arXiv 2103.06476v7), equations 9, 155 and 161: the normal
    mixture that the mixture SPRT of Johari et al. uses too; one-sided its half-normal sibling of the same paper.
    Reproduces GrowthBook's `test_sequential_test_runs` (tuned for 1,000): -0.55844 to 1.56516. Asymptotic: it holds
    for looks from FIRST_LOOK posts an arm on.
    """
    is_one_sided = alternative is not Alternative.TWO_SIDED
    rho = mixture(tuned_for, 2 * alpha if is_one_sided else alpha)
    z = found.estimate / found.error
    evidence = _log_evidence(-z if alternative is Alternative.LESS else z, posts * rho**2, is_one_sided=is_one_sided)
    away = found.error * float(threshold(np.array([float(posts)]), rho, alpha, is_one_sided=is_one_sided)[0])
    return Always(
        around(found.estimate, away, alternative), math.exp(min(evidence, _MOST)), math.exp(-max(evidence, 0.0))
    )


_MOST = 700.0
"""The logarithm of the largest e-value that is written as a number."""


def mixture(tuned_for: float, alpha: float) -> float:
    """Return the standard deviation of the mixing law (the paper's rho) that is best at `tuned_for` posts."""
    return math.sqrt((-2 * math.log(alpha) + math.log(-2 * math.log(alpha) + 1)) / tuned_for)


def threshold(posts: Vector, rho: float, alpha: float, *, is_one_sided: bool = False) -> Vector:
    """Return the |z| that "no effect" must not exceed after so many posts; 1.96 is the fixed horizon's."""
    grown = posts * rho**2
    odds = 1 + np.sqrt(grown + 1) / (2 * alpha) if is_one_sided else np.sqrt(grown + 1) / alpha
    return np.asarray(np.sqrt(2 * (grown + 1) / grown * np.log(odds)))


def deciding_level(alpha: float, *, comparisons: int = 1, is_sequential: bool = False) -> float:
    """Return the p-value (two-sided, of one plain test) below which an effect is called at the planned end.

    Of several arms Holm asks alpha over their comparisons of the first; an interval that holds at every look, tuned for
    the posts there are then, asks 2Φ(-3.03) = 0.0024 instead of 0.05. So both need more posts; looking earlier, and
    arms that are called before, can only add to the power.
    """
    own = alpha / max(comparisons, 1)
    return 2 * float(ndtr(-threshold(np.ones(1), mixture(1.0, own), own)[0])) if is_sequential else own


def _log_evidence(z: float, grown: float, *, is_one_sided: bool) -> float:
    """Return the logarithm of 1/alpha of the interval that just touches 0; -infinity where z has the wrong sign."""
    exponent = z**2 * grown / (2 * (grown + 1))
    if not is_one_sided:
        return exponent - math.log1p(grown) / 2
    if z <= 0 or exponent == 0:
        return -math.inf
    return exponent + math.log(-math.expm1(-exponent)) + math.log(2) - math.log1p(grown) / 2
