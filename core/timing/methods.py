"""Ways to rank the hours of a week, the naive ones and ours, on equal footing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from core.timing import cyclic_gp
from core.timing.estimator import fit
from core.timing.pooling import in_turn
from core.timing.priors import PriorCurve
from core.timing.rollup import WeekStats
from core.timing.week import CELLS, DAYS, HOURS_PER_DAY

Vector = NDArray[np.float64]

FEWEST_IN_TOP_SLOT = 3
"""Posts an hour needs before tools that show "your top times" list it."""


class Method(StrEnum):
    """The methods that are compared."""

    MODEL = "model"
    CONSTANT = "constant"
    RAW_SLOT_MEAN = "raw_slot_mean"
    TOP_SLOT = "top_slot"
    POPULAR_SLOT = "popular_slot"
    HOUR_WEEKDAY = "hour_weekday"
    CYCLIC_GP = "cyclic_gp"
    BASELINE = "baseline"
    PEER_PRIOR = "peer_prior"


@dataclass(frozen=True, eq=False)
class Training:
    """What a method may learn from.

    `hours` (0-167) and `outcomes` (log units) hold one value per post, in order of time; `stats` are the same posts
    weighted by recency; `peers` is the curve of like channels, `elsewhere` that of the team's channels on other
    platforms and `research` the published one, where there are any.
    """

    hours: NDArray[np.int64]
    outcomes: Vector
    stats: WeekStats
    peers: PriorCurve | None = None
    research: PriorCurve | None = None
    elsewhere: PriorCurve | None = None

    @property
    def priors(self) -> tuple[PriorCurve, ...]:
        """The curves that are known before any post of the channel, as the product weighs them."""
        return tuple(in_turn((self.peers, self.elsewhere, self.research)))


@dataclass(frozen=True, eq=False)
class Forecast:
    """What a method expects of each of the 168 hours, relative to the average of the training posts, in log units.

    `sd` is how unsure it is of each hour's mean and `noise_sd` how far posts scatter around it, None where the method
    does not say. `only_ranks`: the values order the hours and mean nothing else. `finds_effect`: whether the method
    says that timing matters, None where it has no opinion.
    """

    values: Vector
    sd: Vector | None = None
    noise_sd: float = 0.0
    only_ranks: bool = False
    finds_effect: bool | None = None


def _model(training: Training) -> Forecast:
    curve = fit(training.stats, training.priors)
    noise = curve.noise_sd if isinstance(curve.noise_sd, float) else 0.0
    return Forecast(curve.mean, curve.sd, noise, finds_effect=curve.timing_matters)


def _constant(_: Training) -> Forecast:
    return Forecast(np.zeros(CELLS))


def _raw_slot_mean(training: Training) -> Forecast:
    """Each hour's plain average; the average of all where nobody posted."""
    n, means = _slots(training)
    return Forecast(np.where(n > 0, means, 0.0))


def _top_slot(training: Training) -> Forecast:
    """The hours with the best plain average among those with three posts or more; the others are never advised."""
    n, means = _slots(training)
    listed = n >= min(FEWEST_IN_TOP_SLOT, n.max(initial=0))
    return Forecast(np.where(listed, means, means[listed].min() - 1), only_ranks=True)


def _popular_slot(training: Training) -> Forecast:
    """The hours posted at most: habit."""
    return Forecast(_slots(training)[0], only_ranks=True)


def _hour_weekday(training: Training) -> Forecast:
    """Least squares on the hour of the day and the weekday, by dummy variables; of least norm where posts are few."""
    cell = np.arange(CELLS)
    design = np.hstack([np.eye(HOURS_PER_DAY)[cell % HOURS_PER_DAY], np.eye(DAYS)[cell // HOURS_PER_DAY]])
    centred = training.outcomes - training.outcomes.mean()
    effects, *_ = np.linalg.lstsq(design[training.hours], centred, rcond=None)
    return Forecast(design @ effects)


def _cyclic_gp(training: Training) -> Forecast:
    found = cyclic_gp.posterior(training.stats)
    return Forecast(found.mean, found.sd, found.noise_sd)


def _baseline(training: Training) -> Forecast | None:
    return _alone(training.research)


def _peer_prior(training: Training) -> Forecast | None:
    return _alone(training.peers)


METHODS: Mapping[Method, Callable[[Training], Forecast | None]] = MappingProxyType(
    {
        Method.MODEL: _model,
        Method.CONSTANT: _constant,
        Method.RAW_SLOT_MEAN: _raw_slot_mean,
        Method.TOP_SLOT: _top_slot,
        Method.POPULAR_SLOT: _popular_slot,
        Method.HOUR_WEEKDAY: _hour_weekday,
        Method.CYCLIC_GP: _cyclic_gp,
        Method.BASELINE: _baseline,
        Method.PEER_PRIOR: _peer_prior,
    }
)
"""None where what a method stands on is not there: research for the platform, like channels."""


def _alone(prior: PriorCurve | None) -> Forecast | None:
    return None if prior is None else Forecast(np.array(prior.mean))


def _slots(training: Training) -> tuple[Vector, Vector]:
    """Return each hour's posts, and their mean outcome less that of all posts (0 without posts)."""
    n = np.bincount(training.hours, minlength=CELLS).astype(np.float64)
    total = np.bincount(training.hours, training.outcomes - training.outcomes.mean(), CELLS)
    return n, total / np.maximum(n, 1.0)
