"""Outcomes with heavy tails: by logarithms, by ranks, or with the extremes pulled in."""

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit, ndtri

from core.trials.comparison import NO_VARIANCE, Comparison, compare
from core.trials.moments import NO_POSTS, moments_of
from core.trials.samples import mean
from core.trials.values import ALPHA, Interval, Vector
from core.undefined import Undefined

NEGATIVE = Undefined("A value below 0 has no logarithm; compare means or ranks.")
TOO_SMALL = Undefined("Values below 1 vanish beside the 1 that is added before the logarithm; compare means or ranks.")
WINSOR_SHARE = 0.01
"""The share of posts at each end whose values are pulled in."""


@dataclass(frozen=True)
class GeometricRatio:
    """Ratio of geometric means of 1 + value, less 1 (0.1 is +10 %), its interval, and the logs compared."""

    lift: float
    interval: Interval
    logs: Comparison


def compare_logs(control: Vector, treatment: Vector, alpha: float = ALPHA) -> GeometricRatio | Undefined:
    """Compare log1p of values (n_c, n_t) by Welch's t; the effect is a ratio, so one viral post does not own it."""
    if min(control.min(initial=0.0), treatment.min(initial=0.0)) < 0:
        return NEGATIVE
    if 0 < max(control.max(initial=0.0), treatment.max(initial=0.0)) < 1:
        return TOO_SMALL
    logs = mean(moments_of(np.log1p(control))), mean(moments_of(np.log1p(treatment)))
    return geometric(compare(*logs, alpha=alpha))


def geometric(logs: Comparison | Undefined) -> GeometricRatio | Undefined:
    """Return a comparison of logarithms as a ratio of geometric means."""
    if isinstance(logs, Undefined):
        return logs
    interval = Interval(_lift(logs.interval.low), _lift(logs.interval.high))
    return GeometricRatio(_lift(logs.effect.estimate), interval, logs)


def _lift(logarithm: float) -> float:
    """Return a ratio less 1; infinite where it is beyond any number."""
    return math.expm1(logarithm) if logarithm < _MOST else math.inf


_MOST = 700.0
"""The logarithm of the largest number there is, nearly."""


def winsorized(control: Vector, treatment: Vector, share: float = WINSOR_SHARE) -> tuple[Vector, Vector]:
    """Pull the extremes of both arms in to the quantiles `share` and 1 - share of all their posts together.

    The bounds are common to both: bounds of their own would hide a difference in the tails. A bound is a value that
    occurs, so that whole numbers stay whole.
    """
    both = np.concatenate([control, treatment])
    if not both.size:
        return control, treatment
    low, high = np.quantile(both, [share, 1 - share], method="nearest")
    return np.clip(control, low, high), np.clip(treatment, low, high)


@dataclass(frozen=True)
class RankComparison:
    """The chance that a post of the treatment beats one of the control (ties count half), its interval, and p."""

    chance: float
    interval: Interval | Undefined
    u: float
    p: float


def compare_ranks(control: Vector, treatment: Vector, alpha: float = ALPHA) -> RankComparison | Undefined:
    """Compare ranks by Mann & Whitney's U (scipy, exact for few posts without ties).

    The interval is on the logit of the chance, with the variance of placements (DeLong, DeLong & Clarke-Pearson 1988).
    """
    from scipy.stats import mannwhitneyu, rankdata  # a second to load, and 50 MB

    if not (control.size and treatment.size):
        return NO_POSTS
    ranks = rankdata(np.concatenate([control, treatment]))
    if np.ptp(ranks) == 0:
        return NO_VARIANCE
    found = mannwhitneyu(treatment, control, alternative="two-sided")
    chance = float(found.statistic) / (control.size * treatment.size)
    interval = _chance_interval(control, treatment, ranks, chance, alpha)
    return RankComparison(chance, interval, float(found.statistic), float(found.pvalue))


def _chance_interval(
    control: Vector, treatment: Vector, ranks: Vector, chance: float, alpha: float
) -> Interval | Undefined:
    """Return the interval of the chance to beat, within 0 and 1."""
    from scipy.stats import rankdata  # as above

    if min(control.size, treatment.size) < 2 or chance in {0.0, 1.0}:  # noqa: PLR2004 - a variance needs two
        return Undefined("Too few posts, or arms that do not overlap, give the chance no interval.")
    beaten_by_treatment = (ranks[: control.size] - rankdata(control)) / treatment.size
    beaten_by_control = (ranks[control.size :] - rankdata(treatment)) / control.size
    variance = beaten_by_treatment.var(ddof=1) / control.size + beaten_by_control.var(ddof=1) / treatment.size
    reach = -float(ndtri(alpha / 2)) * math.sqrt(variance) / (chance * (1 - chance))
    return Interval(float(expit(logit(chance) - reach)), float(expit(logit(chance) + reach)))
