"""The grid of week shapes the estimator averages over: how hour, weekday and their mix may vary."""

from functools import cache
from itertools import product
from typing import NamedTuple

import numpy as np

from core.timing.curve import Matrix
from core.timing.week import CELLS, DAYS, FIRST_WEEKEND_DAY, HOURS_PER_DAY

HOUR_LENGTHS = (2.0, 4.0)
"""Length-scales of the periodic kernel, in hours: lunch breaks and evenings, or day against night."""
SIGNAL_SDS = (0.05, 0.1, 0.2, 0.35, 0.6, 1.0)
"""Standard deviation of the week's curve in units of one post's noise; 0.1-12 % of variance in real channels."""
SIGNAL_SD_SCALE = 0.35
"""Scale of the half-normal prior on that standard deviation."""
SHARED_WITHIN_TYPE = 0.5
"""Half of a weekday's effect is shared by all working days (or both weekend days), half is its own."""
MIXES = (
    (0.90, 0.00, 0.00, 0.10),
    (0.00, 0.90, 0.00, 0.10),
    (0.60, 0.30, 0.00, 0.10),
    (0.45, 0.15, 0.35, 0.05),
    (0.15, 0.10, 0.70, 0.05),
    (0.30, 0.10, 0.10, 0.50),
)
"""Shares of the curve's variance: hour of day, weekday, hour by weekday, each slot by itself."""
SPOT_PRIOR = 0.3
"""Probability that the week is flat but for one spot: smooth shapes alone overlook a single outstanding hour."""
SPOT_WIDTH = 1.5
"""Standard deviation of a spot, in hours."""
SPOT_HEIGHTS = (0.4, 0.8, 1.6)
"""Standard deviations of a spot's height, in units of one post's noise."""


class Shape(NamedTuple):
    """One point of the grid: covariance over the 168 cells in units of σ², and its log prior probability."""

    covariance: Matrix
    log_prior: float


@cache
def shapes() -> tuple[Shape, ...]:
    """Return the smooth shapes; half-normal in the signal's standard deviation, flat in the rest."""
    sds = np.array(SIGNAL_SDS)
    mass = np.gradient(sds) * np.exp(-(sds**2) / (2 * SIGNAL_SD_SCALE**2))
    log_mass = np.log((1 - SPOT_PRIOR) * mass / mass.sum() / (len(HOUR_LENGTHS) * len(MIXES)))
    grid = product(HOUR_LENGTHS, MIXES, zip(sds, log_mass, strict=True))
    return tuple(Shape(sd**2 * _unit_shape(length, mix), float(log_p)) for length, mix, (sd, log_p) in grid)


@cache
def spots() -> Matrix:
    """Return 168 bumps of height 1, row c around cell c, over the end of the week."""
    gap = np.abs(np.subtract.outer(np.arange(CELLS), np.arange(CELLS)))
    return np.asarray(np.exp(-((np.minimum(gap, CELLS - gap) / SPOT_WIDTH) ** 2) / 2), dtype=np.float64)


@cache
def _unit_shape(length: float, mix: tuple[float, ...]) -> Matrix:
    """Return the covariance of a week of mean variance 1: an analysis of variance into four parts.

    Hour and weekday kernels are centred, so the parts do not compete with each other or with the overall level.
    """
    hours, days = _centred(_periodic(length)), _centred(_weekdays())
    all_hours, all_days = np.ones_like(hours), np.ones_like(days)
    parts = (np.kron(all_days, hours), np.kron(days, all_hours), np.kron(days, hours), np.eye(CELLS))
    return np.asarray(np.tensordot(mix, np.array(parts), 1), dtype=np.float64)


def _periodic(length: float) -> Matrix:
    """Return exp(-2 sin²(πd/24) / l²) with l = 2π·length/24: a Gaussian kernel of that length at short distance."""
    gap = np.subtract.outer(np.arange(HOURS_PER_DAY), np.arange(HOURS_PER_DAY))
    angle = np.pi / HOURS_PER_DAY
    return np.asarray(np.exp(-2 * (np.sin(angle * gap) / (2 * angle * length)) ** 2), dtype=np.float64)


def _weekdays() -> Matrix:
    weekend = np.arange(DAYS) >= FIRST_WEEKEND_DAY
    same_type = np.equal.outer(weekend, weekend)
    return SHARED_WITHIN_TYPE * same_type + (1 - SHARED_WITHIN_TYPE) * np.eye(DAYS)


def _centred(kernel: Matrix) -> Matrix:
    """Return the kernel of the same functions minus their mean, scaled to mean variance 1."""
    off = np.eye(len(kernel)) - 1 / len(kernel)
    centred = off @ kernel @ off
    return np.asarray(centred * len(kernel) / np.trace(centred), dtype=np.float64)
