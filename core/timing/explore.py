"""Thompson sampling: which hours a channel rarely uses are worth a try, within a budget."""

import math

import numpy as np
from numpy.typing import NDArray

from core.timing.algebra import one_thread
from core.timing.curve import Vector, WeekCurve
from core.timing.week import CELLS

DRAWS = 400
"""Weeks drawn from the posterior: a chance of 5 % is known to about 1 %."""
RARE_SHARE = 0.5
"""An hour is rarely used while it and its neighbours hold less than half of an even share of the posts."""
MOST_SHARE = 0.5
"""At most half of the suggestions may be tries: a plan is no experiment."""
_JITTER = 1e-9
"""Of the largest variance: curves relative to their average have one direction without any."""


def rarely_used(curve: WeekCurve) -> NDArray[np.bool_]:
    """Return for each of the 168 hours whether the channel rarely posts around it; none where it has no posts."""
    around = curve.n + np.roll(curve.n, 1) + np.roll(curve.n, -1)
    return np.asarray(around * CELLS < 3 * RARE_SHARE * curve.posts)


def tries(count: int, share: float, rng: np.random.Generator) -> int:
    """Return how many of `count` suggestions may be tries: `share` of them (0-0.5), on average exactly.

    A part of one is drawn: 10 % of 5 suggestions is one try in half of the cases. Raises ValueError for another share.
    """
    if not 0 <= share <= MOST_SHARE:
        raise ValueError(f"the share of suggestions that are tries is 0 to {MOST_SHARE}, not {share}")
    return math.floor(count * share + rng.random())


def chances(curve: WeekCurve, is_open: NDArray[np.bool_], rng: np.random.Generator) -> Vector:
    """Return the probability of each rarely used hour to be the best of the open ones; 0 for all other hours.

    Thompson (1933): the share of weeks drawn from the joint posterior in which the hour is the best of those where
    `is_open` (168). Hours that only might be good come out best now and then, hours known to be poor never.
    """
    best = np.zeros(CELLS)
    if is_open.any():
        variance = np.diag(curve.covariance)
        with one_thread():
            root = np.linalg.cholesky(curve.covariance + _JITTER * (variance.max() + _JITTER) * np.eye(CELLS))
            weeks = curve.mean + rng.standard_normal((DRAWS, CELLS)) @ root.T
        winners = np.where(is_open, weeks, -np.inf).argmax(axis=1)
        best = np.bincount(winners, minlength=CELLS) / DRAWS
    return np.asarray(best * rarely_used(curve), dtype=np.float64)
