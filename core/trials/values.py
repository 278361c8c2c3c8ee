"""What the statistics of trials are written in: vectors, intervals, sides and scales."""

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from core.undefined import Undefined

Vector = NDArray[np.float64]
Known = float | Undefined
ALPHA = 0.05
"""The false-positive rate a trial allows itself unless it says otherwise."""
LEAST_ALPHA, MOST_ALPHA = 0.0001, 0.5
"""Intervals of 99.99 to 50 %. Below 50 % one misses more likely than it holds, and one-sided not even its estimate."""
ALPHA_RANGE = f"give {LEAST_ALPHA} to {MOST_ALPHA}: {ALPHA} is an interval of {100 - 100 * ALPHA:g} %"


class Alternative(StrEnum):
    """What is set against "no effect"."""

    TWO_SIDED = "two-sided"
    GREATER = "greater"
    LESS = "less"


class Scale(StrEnum):
    """What an effect is measured in.

    ABSOLUTE: treatment - control. RELATIVE: that over the control's mean, whose own error is taken in (delta method).
    RELATIVE_FIXED: the same with the control's mean taken as known, as some calculators do; its intervals are too
    narrow and only there for comparison.
    """

    ABSOLUTE = "absolute"
    RELATIVE = "relative"
    RELATIVE_FIXED = "relative_fixed"


@dataclass(frozen=True)
class Interval:
    """Two bounds, in the unit of what they bound; a one-sided interval has an infinite one."""

    low: float
    high: float

    def contains(self, value: float) -> bool:
        """Tell whether a value lies within, bounds included."""
        return self.low <= value <= self.high

    def through(self, start: float = 0.0, factor: float = 1.0) -> "Interval":
        """Return the interval moved by `start`, then stretched by a positive `factor`."""
        return Interval((self.low + start) * factor, (self.high + start) * factor)


def around(estimate: float, reach: float, side: Alternative) -> Interval:
    """Return estimate ± reach; where only one side is asked for, the other has no bound."""
    low = -math.inf if side is Alternative.LESS else estimate - reach
    high = math.inf if side is Alternative.GREATER else estimate + reach
    return Interval(low, high)


def tail(alpha: float, side: Alternative) -> float:
    """Return the probability beyond one bound of an interval that misses with probability alpha."""
    return alpha / 2 if side is Alternative.TWO_SIDED else alpha
