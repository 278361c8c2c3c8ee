"""A plain Gaussian process over the week with one best set of parameters: the textbook method ours is compared with."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.optimize import minimize

from core.timing.algebra import one_thread
from core.timing.rollup import WeekStats
from core.timing.week import CELLS, FIRST_WEEKEND_DAY, HOURS_PER_DAY

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]

LEVEL_VARIANCE = 1.0
"""Prior variance of the channel's level around the mean of its posts."""
USUAL_SD = 0.3
"""Scale of the half-normal priors on the sizes of the effects, in log units: few channels have larger ones."""
START = np.log([0.1, 0.1, 0.1, 1.0, 1.0])
"""Where the search begins: sizes of hour, weekday and hour x weekday, length over the day's circle, noise of a post."""
BOUNDS = [(np.log(1e-3), np.log(3.0))] * 3 + [(np.log(0.3), np.log(4.0)), (np.log(1e-3), np.log(10.0))]
"""From no effect to twentyfold; from two hours to a flat day; from no noise to more than any audience has."""


class Posterior(NamedTuple):
    """Mean and sd of each of the 168 hours around the channel's level, and the noise sd of a post, in log units."""

    mean: Vector
    sd: Vector
    noise_sd: float


class _Data(NamedTuple):
    used: NDArray[np.intp]
    y: Vector
    weight: Vector
    within: float


def posterior(stats: WeekStats) -> Posterior:
    """Return the curve f = a·periodic(hour) + b·weekday + c·periodic x weekday at its most probable parameters.

    Rasmussen and Williams, Gaussian Processes for Machine Learning (2006), algorithm 2.1 and equations 5.8 and 5.9.
    """
    data = _observe(stats)
    with one_thread():
        found = minimize(_loss, START, args=(data,), jac=True, method="L-BFGS-B", bounds=BOUNDS)
    parts, noise = _parts(found.x), float(np.exp(found.x[-1]))
    signal = np.asarray(sum(parts), dtype=np.float64)
    covariance = (signal + LEVEL_VARIANCE)[np.ix_(data.used, data.used)] + np.diag(noise**2 / data.weight)
    factor = cho_factor(covariance, lower=True)
    cross = signal[data.used]
    left = np.diag(signal) - np.einsum("uc,uc->c", cross, cho_solve(factor, cross))
    return Posterior(cross.T @ cho_solve(factor, data.y), np.sqrt(np.maximum(left, 0.0)), noise)


def _observe(stats: WeekStats) -> _Data:
    weight = np.array(stats.weight)
    used = np.flatnonzero(weight)
    y = np.array(stats.mean)[used]
    centre = float(weight[used] @ y / weight.sum()) if len(used) else 0.0
    return _Data(used, y - centre, weight[used], float(sum(stats.m2)))


def _kernels() -> tuple[Matrix, Matrix]:
    """Return sin²(πΔ/24) between the hours of the day, and the likeness of the days: half of the kind, half of the day.

    The kind is working day or weekend.
    """
    cell = np.arange(CELLS)
    day, hour = cell // HOURS_PER_DAY, cell % HOURS_PER_DAY
    kind = day >= FIRST_WEEKEND_DAY
    apart = np.sin(np.pi * (hour[:, None] - hour[None, :]) / HOURS_PER_DAY) ** 2
    return apart, ((kind[:, None] == kind[None, :]) + 1.0 * (day[:, None] == day[None, :])) / 2


_APART, _DAYS = _kernels()


def _parts(log_parameters: Vector) -> tuple[Matrix, Matrix, Matrix]:
    hour, weekday, both, length, _ = np.exp(log_parameters)
    periodic = np.exp(-2 * _APART / length**2)
    return hour**2 * periodic, weekday**2 * _DAYS, both**2 * periodic * _DAYS


def _loss(log_parameters: Vector, data: _Data) -> tuple[float, Vector]:
    """Return the negative log posterior of the parameters, up to a constant, and its gradient by their logs."""
    at = np.ix_(data.used, data.used)
    parts = [part[at] for part in _parts(log_parameters)]
    length, noise = np.exp(log_parameters[-2:])
    own = np.diag(noise**2 / data.weight)
    factor = cho_factor(sum(parts) + LEVEL_VARIANCE + own, lower=True)
    inverse = cho_solve(factor, np.eye(len(data.used)))
    alpha = inverse @ data.y
    by_length = (parts[0] + parts[2]) * _APART[at] * 4 / length**2
    # Posts within a cell know nothing of the curve, but much of the noise.
    spare, scatter = data.weight.sum() - len(data.used), data.within / noise**2
    sizes = np.exp(log_parameters[:3]) / USUAL_SD
    loss = np.log(np.diag(factor[0])).sum() + data.y @ alpha / 2 + spare * np.log(noise) + (scatter + sizes @ sizes) / 2
    changes = [2 * parts[0], 2 * parts[1], 2 * parts[2], by_length, 2 * own]
    gradient = np.array([np.sum((inverse - np.outer(alpha, alpha)) * change) / 2 for change in changes])
    return float(loss), gradient + np.array([*sizes**2, 0.0, spare - scatter])
