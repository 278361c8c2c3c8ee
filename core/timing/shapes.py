"""The week shapes the estimator averages over: a small basis of curves and how far each may swing."""

from functools import cache
from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.timing.curve import Matrix, Vector
from core.timing.week import DAYS, FIRST_WEEKEND_DAY, HOURS_PER_DAY

HARMONICS = 5
"""Waves of the day that a curve is made of; the shortest has a period of 24/5 hours."""
MIXED_HARMONICS = 2
"""Waves of the day that may differ between weekdays."""
HOUR_LENGTHS = (2.0, 4.0)
"""Length-scales of the hour's kernel, in hours: lunch breaks and evenings, or day against night."""
SIGNAL_SDS = (0.05, 0.1, 0.2, 0.4, 0.8)
"""Standard deviation of the week's curve in units of one post's noise; 0.1-12 % of variance in real channels."""
SHARED_WITHIN_TYPE = 0.5
"""Half of a weekday's effect is shared by all working days (or both weekend days), half is its own."""
MIXES = (
    (0.00, 0.90, 0.00, 0.10),
    (0.90, 0.00, 0.00, 0.10),
    (0.60, 0.30, 0.00, 0.10),
    (0.40, 0.10, 0.00, 0.50),
    (0.45, 0.15, 0.35, 0.05),
)
"""Shares of the curve's variance: hour of day, weekday, hour by weekday, each slot by itself."""
SLOT_SDS = (0.02, 0.05, 0.12, 0.3, 0.7)
"""What each slot has by itself, in units of one post's noise, to the nearest of these: one sum serves many shapes."""

SPOT_PRIOR = 0.3
"""Probability that the week is flat but for one spot: smooth shapes alone overlook a single outstanding hour."""


class Family(NamedTuple):
    """Shapes made of the same curves, one per row: prior variances of the coefficients of those columns of the basis.

    `signals` and `slots` number the `SIGNAL_SDS` and `SLOT_SDS` of each.
    """

    columns: NDArray[np.intp]
    variances: Matrix
    signals: NDArray[np.intp]
    slots: NDArray[np.intp]


class _Kind(NamedTuple):
    """Of each column of the basis: its part (hour, weekday, both), its wave of the day and its share of the days."""

    part: NDArray[np.intp]
    wave: NDArray[np.intp]
    day_share: Vector


@cache
def basis() -> Matrix:
    """Return the curves as columns of mean 0 and mean square 1: hour waves, weekday contrasts, products of both."""
    waves, (days, _) = _waves(), _day_contrasts()
    hourly = [np.tile(wave, DAYS) for wave in waves]
    daily = [np.repeat(day, HOURS_PER_DAY) for day in days]
    mixed = [np.outer(day, wave).ravel() for wave in waves[: 2 * MIXED_HARMONICS] for day in days]
    return np.column_stack(hourly + daily + mixed)


@cache
def families() -> tuple[Family, ...]:
    """Return the shapes, those of fewest curves first."""
    grouped: dict[bytes, list[tuple[Vector, float]]] = {}
    for mix, length in product(MIXES, HOUR_LENGTHS):
        variances = coefficient_variances(length, mix)
        if mix[0] + mix[2] > 0 or length == HOUR_LENGTHS[0]:  # weekdays alone know no length
            grouped.setdefault((variances > 0).tobytes(), []).append((variances, mix[3]))
    return tuple(_family(*map(np.array, zip(*group, strict=True))) for group in grouped.values())


def log_priors(scale: float) -> Vector:
    """Return the log prior of a shape with each of the `SIGNAL_SDS`: half-Cauchy of median `scale`, flat in all else.

    Its heavy tail lets a channel be itself where like channels lie near each other (Gelman, Bayesian Anal. 2006).
    """
    mass = np.gradient(SIGNAL_SDS) / (1 + np.square(SIGNAL_SDS) / scale**2)
    shapes = sum(len(family.signals) for family in families())
    return np.asarray(np.log((1 - SPOT_PRIOR) * mass / mass.sum() * len(SIGNAL_SDS) / shapes))


@cache
def coefficient_variances(length: float, mix: tuple[float, ...]) -> Vector:
    """Return the variance of each basis column's coefficient for a curve of mean variance 1 less its slots' share.

    The columns diagonalize the kernels: exp(-2 sin²(πd/24)/l²) with l = 2π·length/24 over the hours, centred, and
    `SHARED_WITHIN_TYPE` over the days, so an analysis of variance of the Gaussian process is a diagonal prior.
    """
    part, wave, day_share = _kinds()
    gap = np.arange(HOURS_PER_DAY)
    angle = np.pi / HOURS_PER_DAY
    power = np.fft.rfft(np.exp(-2 * (np.sin(angle * gap) / (2 * angle * length)) ** 2)).real
    hourly, mixed = power[1 : HARMONICS + 1].sum(), power[1 : MIXED_HARMONICS + 1].sum()
    by_part = (power[wave] / (2 * hourly), day_share, power[wave] * day_share / (2 * mixed))
    return np.asarray(np.choose(part, [share * values for share, values in zip(mix, by_part, strict=False)]))


@cache
def _kinds() -> _Kind:
    shares = _day_contrasts()[1]
    wave, mixed_wave = np.repeat(np.arange(1, HARMONICS + 1), 2), np.repeat(np.arange(1, MIXED_HARMONICS + 1), 2)
    sizes = (len(wave), len(shares), len(mixed_wave) * len(shares))
    return _Kind(
        part=np.repeat([0, 1, 2], sizes),
        wave=np.concatenate([wave, np.zeros(len(shares), dtype=np.intp), np.repeat(mixed_wave, len(shares))]),
        day_share=np.concatenate([np.zeros(len(wave)), shares, np.tile(shares, len(mixed_wave))]),
    )


def _waves() -> Matrix:
    """Return √2 cos and √2 sin of each harmonic over 24 hours."""
    turn = 2 * np.pi * np.outer(np.arange(1, HARMONICS + 1), np.arange(HOURS_PER_DAY)) / HOURS_PER_DAY
    return np.asarray(2**0.5 * np.stack([np.cos(turn), np.sin(turn)], axis=1).reshape(-1, HOURS_PER_DAY))


@cache
def _day_contrasts() -> tuple[Matrix, Vector]:
    """Return six contrasts of mean square 1 between weekdays and the share of the weekdays' variance each has."""
    weekend = np.arange(DAYS) >= FIRST_WEEKEND_DAY
    kernel = SHARED_WITHIN_TYPE * np.equal.outer(weekend, weekend) + (1 - SHARED_WITHIN_TYPE) * np.eye(DAYS)
    centring = np.eye(DAYS) - 1 / DAYS
    powers, vectors = np.linalg.eigh(centring @ kernel @ centring)
    return vectors[:, 1:].T * DAYS**0.5, powers[1:] / powers[1:].sum()


def _family(variances: Matrix, slot_shares: Vector) -> Family:
    """Return every shape of these kinds (one per row) in every size of signal."""
    kinds, sizes = np.indices((len(variances), len(SIGNAL_SDS))).reshape(2, -1)
    sds = np.array(SIGNAL_SDS)[sizes]
    columns = np.flatnonzero(variances[0])
    apart = np.abs(np.subtract.outer(np.log(sds * slot_shares[kinds] ** 0.5), np.log(SLOT_SDS)))
    return Family(columns, sds[:, None] ** 2 * variances[kinds][:, columns], sizes, apart.argmin(axis=1))
