"""What like channels teach of a channel's week: the curve they share, and how far to believe it of another one."""

from collections.abc import Sequence
from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp, softmax

from core.timing.algebra import one_thread
from core.timing.curve import Matrix, Vector
from core.timing.evidence import NOISE_PRIOR_POSTS, NOISE_PRIOR_VARIANCE
from core.timing.priors import PriorCurve
from core.timing.rollup import WeekStats
from core.timing.shapes import basis, coefficient_variances

FEWEST_POSTS = 30
"""A channel with fewer posts teaches nothing."""
SHARED_SDS = (0.0, 0.05, 0.1, 0.2, 0.4)
DEVIATION_SDS = (0.03, 0.06, 0.12, 0.25, 0.5)
"""How far, in log units, the shared curve swings and how far each channel lies from it; all are averaged over."""
SD_SCALE = 0.35
"""Scale of the half-normal priors on both."""
SHARED_MIXES = ((0.8, 0.15, 0.05), (0.45, 0.2, 0.35), (0.2, 0.7, 0.1))
DEVIATION_MIX = (0.45, 0.2, 0.35)
"""Shares of variance of hour of day, weekday, hour by weekday, as in `shapes.MIXES`."""
HOUR_LENGTH = 3.0
"""Length-scale of the hour's kernel, between the two of the estimator."""
SLOT_VARIANCE = 0.05**2
"""What a channel's slots have by themselves: 5 %."""
WEIGHT_SD = 0.5
"""The shared curve enters with weight 1 ± 0.5: channels of one kind differ in how strongly they swing."""
RELEVANCES = np.linspace(0.005, 0.995, 100)
"""Possible shares of channels that are like the others; prior ∝ the share (mean 2/3): they were picked to be alike."""


class _Witnesses(NamedTuple):
    """What each channel says of the shared coefficients g at one size of deviation: ½ gᵀPg - qᵀg + const = -log p."""

    precision: NDArray[np.float64]
    pull: Matrix
    const: Vector


class _Sets(NamedTuple):
    """Of all channels together (row 0) and of all but each: log evidence, shared curve, deviation."""

    log_evidence: Vector
    curves: Matrix
    deviation: Vector
    alone: Vector


def like_channels(weeks: Sequence[WeekStats], name: str) -> PriorCurve | None:
    """Return the prior that like channels make together, called `name`; None where none has a history.

    Model: channel j's curve = g + dⱼ, both normal over `shapes.basis`; the variances of g and d are averaged by their
    marginal likelihood, so channels that disagree make a flat curve. `deviation` is the posterior mean of d's standard
    deviation. `relevance` is the expected share of channels that the others foretell: the
    posterior of Π (share·p(channel | others) + (1 - share)·p(channel alone)).
    """
    known = [week for week in weeks if week.posts >= FEWEST_POSTS]
    if not known:
        return None
    sets = _pool(known)
    return _prior(name, sets, 0, np.ones(len(known), dtype=bool))


def of_the_others(weeks: Sequence[WeekStats], name: str) -> tuple[PriorCurve | None, ...]:
    """Return for each channel the prior that all the others make, as `like_channels` of them would, at once.

    The relevance to a channel leaves out that channel, but what the others foretell of each other does not.
    """
    known = [place for place, week in enumerate(weeks) if week.posts >= FEWEST_POSTS]
    priors: list[PriorCurve | None] = [None] * len(weeks)
    if known:
        sets = _pool([weeks[place] for place in known])
        everybody = _prior(name, sets, 0, np.ones(len(known), dtype=bool))
        priors = [everybody] * len(weeks)
        for row, place in enumerate(known):
            others = np.arange(len(known)) != row
            priors[place] = _prior(name, sets, row + 1, others) if others.any() else None
    return tuple(priors)


def _prior(name: str, sets: _Sets, row: int, others: NDArray[np.bool_]) -> PriorCurve:
    foretold = (sets.log_evidence[0] - sets.log_evidence[1:] - sets.alone)[others]
    log_posterior = np.log(RELEVANCES) + np.logaddexp(
        np.log(RELEVANCES)[:, None] + foretold, np.log1p(-RELEVANCES)[:, None]
    ).sum(axis=1)
    curve = sets.curves[row]
    return PriorCurve(
        name,
        tuple((curve - curve.mean()).tolist()),
        weight=1.0,
        weight_sd=WEIGHT_SD,
        relevance=float(softmax(log_posterior) @ RELEVANCES),
        deviation=float(sets.deviation[row]),
    )


def _pool(weeks: Sequence[WeekStats]) -> _Sets:
    with one_thread():
        gram, cross = (np.array(parts) for parts in zip(*map(_coefficients, weeks), strict=True))
        found = [_shared(sd, _witnesses(gram, cross, sd)) for sd in DEVIATION_SDS]
    log_joint = np.concatenate([log_joint for log_joint, _, _ in found])
    shares = softmax(log_joint, axis=0)
    coefficients = np.einsum("ks,ksp->sp", shares, np.concatenate([means for _, means, _ in found]))
    sds = np.repeat(DEVIATION_SDS, len(log_joint) // len(DEVIATION_SDS))
    return _Sets(
        log_evidence=logsumexp(log_joint, axis=0),
        curves=coefficients @ basis().T,
        deviation=sds @ shares,
        alone=logsumexp([alone for _, _, alone in found], axis=0),
    )


def _coefficients(week: WeekStats) -> tuple[Matrix, Vector]:
    """Return X'RX and X'Ry of a channel over the basis, its level taken out, R = 1/(σ²/weight + slot variance)."""
    n, weight, mean = (np.array(values)[np.flatnonzero(week.n)] for values in (week.n, week.weight, week.mean))
    freedom = weight.sum() - (weight / n).sum() + NOISE_PRIOR_POSTS
    noise = (sum(week.m2) + NOISE_PRIOR_POSTS * NOISE_PRIOR_VARIANCE) / freedom
    precision = 1 / (noise / weight + SLOT_VARIANCE)
    x = basis()[np.flatnonzero(week.n)]
    x = x - precision @ x / precision.sum()
    return (x.T * precision) @ x, (x.T * precision) @ mean


def _witnesses(gram: NDArray[np.float64], cross: Matrix, deviation: float) -> _Witnesses:
    """Integrate each channel's deviation d ~ N(0, D) out: P = (G⁻¹ + D)⁻¹, in the form that needs no G⁻¹."""
    sds = deviation * np.sqrt(coefficient_variances(HOUR_LENGTH, DEVIATION_MIX))
    a = np.eye(len(sds)) + sds[:, None] * gram * sds
    scaled = gram * sds
    solved = np.linalg.solve(a, scaled.transpose(0, 2, 1))
    pulled = np.linalg.solve(a, (cross * sds)[:, :, None])[:, :, 0]
    const = (pulled * cross * sds).sum(1) / 2 - np.linalg.slogdet(a)[1] / 2
    return _Witnesses(gram - scaled @ solved, cross - np.einsum("jab,jb->ja", scaled, pulled), const)


def _shared(deviation: float, witnesses: _Witnesses) -> tuple[Matrix, NDArray[np.float64], Vector]:
    """Return log joint and mean of g, each kind and size by set of channels, and the log joint of each without g."""
    precision, pull, const = (_but_each(values) for values in witnesses)
    log_joint, means = [], []
    for mix, size in product(SHARED_MIXES, SHARED_SDS):
        sds = size * np.sqrt(coefficient_variances(HOUR_LENGTH, mix))
        a = np.eye(len(sds)) + sds[:, None] * precision * sds
        solved = np.linalg.solve(a, (pull * sds)[:, :, None])[:, :, 0]
        gain = (solved * pull * sds).sum(1) / 2 - np.linalg.slogdet(a)[1] / 2
        log_joint.append(const + gain + _log_prior(size, SHARED_SDS) + _log_prior(deviation, DEVIATION_SDS))
        means.append(solved * sds)
    return np.array(log_joint), np.array(means), witnesses.const + _log_prior(deviation, DEVIATION_SDS)


def _but_each(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the sum over all channels and, below, over all but each."""
    total = values.sum(axis=0, keepdims=True)
    return np.concatenate([total, total - values])


def _log_prior(size: float, sizes: tuple[float, ...]) -> float:
    """Return the log of the half-normal prior at one of the sizes considered, each standing for its surroundings."""
    mass = np.gradient(sizes) * np.exp(-np.square(sizes) / (2 * SD_SCALE**2))
    return float(np.log(mass[sizes.index(size)] / mass.sum()))
