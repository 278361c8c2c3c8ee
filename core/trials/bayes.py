"""What to believe of an effect after the trial: its posterior, the chance to win and what a wrong choice costs."""

import math
from dataclasses import dataclass

from scipy.special import ndtr, ndtri

from core.trials.comparison import Effect
from core.trials.values import ALPHA, Interval, Known

SKEPTIC_SD = 0.1
"""Timing is a small effect: before the data, two thirds of effects are believed to lie within ±10 % (log ratio)."""
NEGLIGIBLE = 0.02
"""Effects below 2 % either way are the same in practice."""


@dataclass(frozen=True)
class Prior:
    """A normal belief about the effect before the data, in its unit; an infinite sd is no belief at all."""

    mean: float = 0.0
    sd: float = math.inf


FLAT = Prior()
SKEPTIC = Prior(0.0, SKEPTIC_SD)


@dataclass(frozen=True)
class Posterior:
    """The effect as believed now: mean, sd and central interval in its unit; probabilities; expected losses.

    `loss_of_treatment` is what choosing it loses on average, E[max(-effect, 0)]; `loss_of_control`, E[max(effect, 0)];
    `equivalence` the probability that the effect is negligible; of a difference in an unknown unit nobody can say.
    """

    mean: float
    sd: float
    interval: Interval
    chance_to_win: float
    loss_of_control: float
    loss_of_treatment: float
    equivalence: Known


def posterior(found: Effect, prior: Prior = FLAT, alpha: float = ALPHA, negligible: float = NEGLIGIBLE) -> Posterior:
    """Return the normal posterior: precisions add, means are weighed by them.

    Expected loss of a normal: E[max(X, 0)] = mΦ(m/s) + sφ(m/s). Reproduces GrowthBook's effect test with a flat prior:
    49 and 51 of 100 give a chance of 0.60918 and losses of 0.0814 and 0.04058.
    """
    precision = 1 / found.error**2 + 1 / prior.sd**2
    weight = 1 / found.error**2 / precision
    mean, sd = weight * found.estimate + (1 - weight) * prior.mean, math.sqrt(1 / precision)
    reach = -float(ndtri(alpha / 2)) * sd
    return Posterior(
        mean=mean,
        sd=sd,
        interval=Interval(mean - reach, mean + reach),
        chance_to_win=float(ndtr(mean / sd)),
        loss_of_control=_gain(mean, sd),
        loss_of_treatment=_gain(-mean, sd),
        equivalence=float(ndtr((negligible - mean) / sd) - ndtr((-negligible - mean) / sd)),
    )


def _gain(mean: float, sd: float) -> float:
    """Return E[max(X, 0)] of a normal X."""
    z = mean / sd
    return mean * float(ndtr(z)) + sd * math.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)
