"""Intervals and p-values that stay valid however often, and whenever, somebody looks."""

import math
from dataclasses import dataclass

import numpy as np

from core.trials.comparison import Effect
from core.trials.values import ALPHA, Alternative, Interval, Vector, around, tail

TUNED_FOR = 5000
"""Posts of both arms at which the interval is narrowest, unless the trial says otherwise."""


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
    mixture that the mixture SPRT of Johari et al. uses too. Reproduces GrowthBook's `test_sequential_test_runs` (tuned
    for 1,000): -0.55844 to 1.56516. Asymptotic: with some 30 posts an arm it holds, with three it need not. A
    one-sided bound is that of a two-sided sequence at 2 alpha, which is valid though not the narrowest.
    """
    level = 2 * tail(alpha, alternative)
    rho = mixture(tuned_for, level)
    interval = around(found.estimate, reach(found.error, posts, rho, level), alternative)
    z = found.estimate / found.error
    if alternative is not Alternative.TWO_SIDED:
        z = max(z if alternative is Alternative.GREATER else -z, 0.0)
    log_evidence = _log_evidence(z, posts, rho)
    if alternative is not Alternative.TWO_SIDED:
        log_evidence += math.log(2)  # p is halved: half of the two-sided mixture looks the other way
        log_evidence = log_evidence if z else -math.inf
    return Always(interval, math.exp(min(log_evidence, _MOST)), math.exp(-max(log_evidence, 0.0)))


_MOST = 700.0
"""The logarithm of the largest e-value that is written as a number."""


def mixture(tuned_for: float, alpha: float) -> float:
    """Return ρ, the standard deviation of the mixing law, that is best at `tuned_for` posts."""
    return math.sqrt((-2 * math.log(alpha) + math.log(-2 * math.log(alpha) + 1)) / tuned_for)


def reach(error: float, posts: int, rho: float, alpha: float) -> float:
    """Return how far the interval reaches to each side of the estimate, in the unit of `error`."""
    return error * float(threshold(np.array([float(posts)]), rho, alpha)[0])


def threshold(posts: Vector, rho: float, alpha: float) -> Vector:
    """Return the |z| that "no effect" must not exceed after so many posts; 1.96 is the fixed horizon's."""
    grown = posts * rho**2
    return np.asarray(np.sqrt(2 * (grown + 1) / grown * np.log(np.sqrt(grown + 1) / alpha)))


def _log_evidence(z: float, posts: int, rho: float) -> float:
    grown = posts * rho**2
    return z**2 * grown / (2 * (grown + 1)) - math.log1p(grown) / 2
