"""Judges what a method said of the week's hours by posts it did not see."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.timing.methods import Forecast
from core.timing.week import CELLS

Vector = NDArray[np.float64]
Mask = NDArray[np.bool_]

ADVISED_PART = 4
"""Advice is judged by the best quarter of the posts: few enough to be a choice, enough of them to be counted."""
FEWEST_IN_SLOT = 5
"""Posts an hour needs for its realised mean to be compared with its interval."""


@dataclass(frozen=True, eq=False)
class Later:
    """Posts after those a method learned from, in order of time: local hours of the week (0-167), outcomes (log)."""

    hours: NDArray[np.int64]
    outcomes: Vector


def advised(forecast: Forecast, later: Later) -> Mask:
    """Return which posts are the quarter whose hours rank highest (rounded down, at least one); ties by time."""
    best_first = np.argsort(-forecast.values[later.hours], kind="stable")
    chosen = np.zeros(len(later.hours), dtype=np.bool_)
    chosen[best_first[: max(1, len(best_first) // ADVISED_PART)]] = True
    return chosen


def deviations(forecast: Forecast, later: Later) -> Vector:
    """Return how many standard deviations each hour with five posts or more ended from its forecast.

    (mean of the hour's outcomes - value) / √(sd² + noise²/posts), both relative to the average of the later posts: a
    forecast is of differences between hours. Empty where the method says nothing of its uncertainty.
    """
    if forecast.sd is None:
        return np.empty(0)
    n = np.bincount(later.hours, minlength=CELLS)
    where = np.flatnonzero(n >= FEWEST_IN_SLOT)
    means = np.bincount(later.hours, later.outcomes, CELLS)[where] / n[where]
    expected = forecast.values - forecast.values[later.hours].mean()
    spread = np.sqrt(forecast.sd[where] ** 2 + forecast.noise_sd**2 / n[where])
    gap = means - later.outcomes.mean() - expected[where]
    return np.asarray(gap / np.maximum(spread, np.finfo(np.float64).tiny), dtype=np.float64)
