"""The week's curve: which hours of a channel's week earn more than its average, and how surely."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.special import expit, logsumexp

from core.timing.kernels import Matrix, shapes
from core.timing.rollup import WeekStats
from core.timing.week import CELLS
from core.undefined import Undefined
from core.vocabulary import Basis

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Trust:
    """How far a baseline is believed: the weight of its curve before any data, and the posts that halve it.

    The weight is a normal variable of standard deviation `BASELINE_WEIGHT_SD`: the data may raise or turn it.
    """

    weight: float
    halved_by_posts: float


PUBLISHED = Trust(weight=0.5, halved_by_posts=30.0)
"""Published best times rarely transfer to an audience: believed by half, and briefly."""
PEERS = Trust(weight=1.0, halved_by_posts=math.inf)
"""The mean curve of like channels keeps its worth; own data still overrule it slot by slot."""

BASELINE_WEIGHT_SD = 0.5
LEVEL_VARIANCE = 1.0
"""Prior variance of the channel's level around its mean outcome, in units of σ²."""
NOISE_PRIOR_POSTS = 4.0
NOISE_PRIOR_VARIANCE = 0.5
"""σ² is inverse gamma, worth 4 posts of variance 0.5; organizations' posts have about 1."""
AVERAGE_PRIOR_POSTS = 30.0
"""The channel's average is over its own posting hours; so many posts spread over the week steady the first ones."""
NEGLIGIBLE = 1e-3
"""Shapes less probable than this do not move a figure that is shown."""
INFLATION = 1.2
TIMING_LOG_ODDS = 3.0
BLEND_SHARE = 0.1
"""Below a tenth the baseline no longer shows in what is advised."""


@dataclass(frozen=True, eq=False)
class WeekCurve:
    """Log outcome of each hour of the week relative to the channel's average: posterior and what it rests on.

    Arrays of 168 (covariance 168 × 168) are read-only. `observed` is the mean of the channel's own posts in a cell
    relative to their average, NaN without posts; `baseline_share` is the part of a cell's mean that comes from the
    baseline; `resolved` the part of its prior variance the posts have removed; `timing_probability` the probability
    that timing matters at all, at even prior odds; `confidence` that times the mean resolution where posts were made.
    """

    mean: Vector
    covariance: Matrix
    n: NDArray[np.int64]
    observed: Vector
    baseline: Vector
    baseline_share: Vector
    resolved: Vector
    noise_sd: float | Undefined
    log_bayes_factor: float
    basis: Basis
    confidence: float

    @property
    def sd(self) -> Vector:
        """Posterior standard deviation of each cell's mean."""
        return np.sqrt(np.diag(self.covariance))

    @property
    def posts(self) -> int:
        """Posts behind the curve."""
        return int(self.n.sum())

    @property
    def timing_probability(self) -> float:
        """Probability that timing matters, at even odds before the data."""
        return float(expit(self.log_bayes_factor))

    @property
    def timing_matters(self) -> bool:
        """Whether the posts show an effect of timing; false for at least 95 % of the channels that have none."""
        return self.log_bayes_factor > TIMING_LOG_ODDS


class _Data(NamedTuple):
    """What the posts say: used cells, their centred means and weights, variation within, total weight."""

    used: NDArray[np.intp]
    y: Vector
    weight: Vector
    within: float
    total: float


class _Prior(NamedTuple):
    """What is believed before: the expected curve and the baseline whose weight is uncertain."""

    mean: Vector
    baseline: Vector


class _Weighed(NamedTuple):
    """One shape against the data: covariance with level and baseline, factor, evidence, noise variance."""

    covariance: Matrix
    factor: Matrix
    log_evidence: float
    variance: float


def fit(stats: WeekStats, baseline: Sequence[float], trust: Trust = PUBLISHED) -> WeekCurve:
    """Return the posterior of the week's curve; the cost does not depend on the number of posts.

    `baseline` holds 168 expected log outcomes relative to their mean. The model: mean of a cell ~
    N(level + w·baseline + g, σ²/weight), g a Gaussian process over the week with a covariance from
    `kernels.shapes`, σ² inverse gamma. All shapes are averaged by their marginal likelihood (a Student t), which
    needs no search and does not mistake one good fit for certainty. Raises ValueError for a baseline that is not
    168 finite numbers.
    """
    curve = np.asarray(baseline, dtype=np.float64)
    if curve.shape != (CELLS,) or not np.isfinite(curve).all():
        raise ValueError(f"a baseline is {CELLS} finite numbers, not {curve.size} of which some may be infinite")
    data = _observe(stats)
    centred = curve - curve.mean()
    weight = trust.weight / (1 + data.total / trust.halved_by_posts)
    prior = _Prior(weight * centred, BASELINE_WEIGHT_SD * centred)
    weighed = [_weigh(shape.covariance, prior, data) for shape in shapes()]
    log_joint = np.array([w.log_evidence + s.log_prior for w, s in zip(weighed, shapes(), strict=True)])
    flat = _weigh(np.zeros((CELLS, CELLS)), _Prior(np.zeros(CELLS), np.zeros(CELLS)), data)
    log_bayes_factor = float(logsumexp(log_joint) - flat.log_evidence)
    probability = np.exp(log_joint - logsumexp(log_joint))
    likely = [(p, w) for p, w in zip(probability, weighed, strict=True) if p > NEGLIGIBLE]
    return _average(stats, data, prior, likely, log_bayes_factor)


def _observe(stats: WeekStats) -> _Data:
    weight = np.array(stats.weight)
    used = np.flatnonzero(weight)
    y = np.array(stats.mean)[used]
    total = float(weight.sum())
    centre = float(weight[used] @ y / total) if total else 0.0
    return _Data(used, y - centre, weight[used], math.fsum(stats.m2), total)


def _weigh(shape: Matrix, prior: _Prior, data: _Data) -> _Weighed:
    """Return the log marginal likelihood −½log|A| − (a₀ + W/2)·log(b₀ + ½(within + eᵀA⁻¹e)), A the cells' covariance.

    A = K + diag(1/weight), e = means − prior mean; terms equal for all shapes are left out.
    """
    covariance = shape + np.outer(prior.baseline, prior.baseline) + LEVEL_VARIANCE
    a = covariance[np.ix_(data.used, data.used)] + np.diag(1 / data.weight)
    factor, _ = cho_factor(a, lower=True, check_finite=False)
    gap = data.y - prior.mean[data.used]
    misfit = data.within + float(gap @ cho_solve((factor, True), gap, check_finite=False))
    alpha = (NOISE_PRIOR_POSTS + data.total) / 2
    beta = (NOISE_PRIOR_POSTS * NOISE_PRIOR_VARIANCE + misfit) / 2
    log_evidence = -float(np.log(np.diag(factor)).sum()) - alpha * math.log(beta)
    return _Weighed(covariance, factor, log_evidence, beta / (alpha - 1))


def _average(
    stats: WeekStats, data: _Data, prior: _Prior, likely: list[tuple[float, _Weighed]], log_bayes_factor: float
) -> WeekCurve:
    """Return the mixture of the likely shapes' posteriors, relative to the average over the posting hours."""
    spread = np.full(CELLS, AVERAGE_PRIOR_POSTS / CELLS)
    spread[data.used] += data.weight
    relative = np.eye(CELLS) - spread / spread.sum()
    shares = np.array([p for p, _ in likely]) / sum(p for p, _ in likely)
    parts = [_posterior(w, data, prior, relative) for _, w in likely]
    means = np.array([from_data + from_prior for from_data, from_prior, _, _ in parts])
    mean = shares @ means
    between = (means - mean).T @ ((means - mean) * shares[:, None])
    covariance = np.tensordot(shares, np.array([v for _, _, v, _ in parts]), 1) + between
    start = shares @ np.array([v for _, _, _, v in parts])
    resolved = np.clip(1 - np.diag(covariance) / start, 0.0, 1.0)
    from_data, from_prior = (np.abs(shares @ np.array([part[i] for part in parts])) for i in (0, 1))
    size = from_data + from_prior
    share = np.divide(from_prior, size, out=np.full(CELLS, float(data.total == 0)), where=size > 0)
    observed = np.full(CELLS, np.nan)
    observed[data.used] = data.y
    noise = math.sqrt(shares @ np.array([w.variance for _, w in likely]))
    arrays = (mean, covariance * INFLATION**2, np.array(stats.n), observed, prior.baseline, share, resolved)
    for array in arrays:
        array.setflags(write=False)
    where_posted = float(spread @ resolved / spread.sum())
    return WeekCurve(
        *arrays,
        noise_sd=noise if stats.posts > 1 else Undefined("Noise cannot be told from fewer than two posts."),
        log_bayes_factor=log_bayes_factor,
        basis=Basis.HISTORY,
        confidence=float(expit(log_bayes_factor)) * where_posted,
    )


def _posterior(weighed: _Weighed, data: _Data, prior: _Prior, relative: Matrix) -> tuple[Vector, Vector, Matrix, Vector]:
    """Return the mean's part from the posts and from the baseline, the covariance, and the variance before the posts."""
    cross = weighed.covariance[data.used]
    gain = cho_solve((weighed.factor, True), cross, check_finite=False)
    left = weighed.covariance - cross.T @ gain
    from_prior = prior.mean - gain.T @ prior.mean[data.used]
    before = np.einsum("ij,jk,ik->i", relative, weighed.covariance, relative, optimize=True)
    covariance = relative @ left @ relative.T * weighed.variance
    return relative @ (gain.T @ data.y), relative @ from_prior, covariance, before * weighed.variance
