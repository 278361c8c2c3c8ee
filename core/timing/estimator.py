"""The week's curve: which hours of a channel's week earn more than its average, and how surely."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.special import expit, logsumexp, softmax
from threadpoolctl import ThreadpoolController

from core.timing.curve import Matrix, Vector, WeekCurve
from core.timing.kernels import SPOT_HEIGHTS, SPOT_PRIOR, shapes, spots
from core.timing.priors import PriorCurve
from core.timing.rollup import WeekStats
from core.timing.week import CELLS
from core.undefined import Undefined

LEVEL_VARIANCE = 1.0
"""Prior variance of the channel's level around its mean outcome, in units of σ²."""
NOISE_PRIOR_POSTS = 4.0
NOISE_PRIOR_VARIANCE = 0.5
"""σ² is inverse gamma, worth 4 posts of variance 0.5; organizations' posts have about 1."""
AVERAGE_PRIOR_POSTS = 30.0
"""The channel's average is over its own posting hours; so many posts spread over the week steady the first ones."""
NEGLIGIBLE = 5e-3
"""Shapes less probable than this do not move a figure that is shown."""
INFLATION = 1.3
"""Widens every sd: raw intervals miss the drift of real audiences (chosen on 13 real accounts and by simulation)."""
EARLY_INFLATION = 0.1
EARLY_POSTS = 100.0
"""Few posts cannot tell which shape is right, so the widening starts at 1.4 and is half-way down at 100 posts."""


class _Data(NamedTuple):
    """What the posts say: used cells, their centred means and weights, variation within, total weight."""

    used: NDArray[np.intp]
    y: Vector
    weight: Vector
    within: float
    total: float


class _Prior(NamedTuple):
    """What is believed before: the expected curve, and the covariance that the uncertain weights of its parts give."""

    mean: Vector
    covariance: Matrix


class _Weighed(NamedTuple):
    """One shape against the data: covariance with level and baseline, factor, evidence, posterior of σ²."""

    covariance: Matrix
    factor: Matrix
    log_evidence: float
    alpha: float
    beta: float

    @property
    def variance(self) -> float:
        """Posterior mean of σ²."""
        return self.beta / (self.alpha - 1)


class _Week(NamedTuple):
    """The mixture of posteriors, relative to the channel's average."""

    mean: Vector
    covariance: Matrix
    resolved: Vector
    noise_sd: float


_FLAT_SHAPE = np.zeros((CELLS, CELLS))
_FLAT_PRIOR = _Prior(np.zeros(CELLS), _FLAT_SHAPE)
"""The week in which timing does not matter."""


_BLAS = ThreadpoolController()
"""Knows the algebra libraries loaded above; libraries that come later are not its business."""


def fit(stats: WeekStats, priors: Sequence[PriorCurve] = ()) -> WeekCurve:
    """Return the posterior of the week's curve; the cost does not depend on the number of posts.

    The model: mean of a cell ~ N(level + Σ wₖ·prior curve k + g, σ²/weight), wₖ normal as the prior says, g a
    Gaussian process over the week with a covariance from `kernels.shapes` or a single spot, σ² inverse gamma. All
    shapes are averaged by their marginal likelihood (a Student t), which needs no search and does not mistake one
    good fit for certainty.
    """
    data = _observe(stats)
    prior = _believe(priors, data.total)
    # The matrices are small: with a thread per core a fit takes ten times as long.
    with _BLAS.limit(limits=1, user_api="blas"):
        likely, log_evidence = _likely(prior, data)
        week = _average(likely, prior, data)
    log_bayes_factor = log_evidence - _weigh(_FLAT_SHAPE, _FLAT_PRIOR, data).log_evidence
    return WeekCurve(
        mean=week.mean,
        covariance=week.covariance,
        n=np.array(stats.n),
        weight=np.array(stats.weight),
        observed=_over_the_week(data.used, data.y),
        baseline=_believe(priors, 0.0).mean,
        baseline_name=_leading(priors),
        baseline_share=_kept(priors, data.total) * (1 - week.resolved),
        resolved=week.resolved,
        noise_sd=week.noise_sd if stats.posts > 1 else Undefined("Noise cannot be told from fewer than two posts."),
        log_bayes_factor=log_bayes_factor,
        confidence=float(expit(log_bayes_factor) * (_spread(data) @ week.resolved)),
    )


NO_PRIOR = "No expectation"
"""Names the flat curve of a channel of which nothing was known before."""


def _believe(priors: Sequence[PriorCurve], posts: float) -> _Prior:
    mean, covariance = np.zeros(CELLS), np.zeros((CELLS, CELLS))
    for prior in priors:
        curve = np.array(prior.mean) - np.mean(prior.mean)
        mean += prior.weight_after(posts) * curve
        covariance += prior.weight_sd**2 * np.outer(curve, curve)
    return _Prior(mean, covariance)


def _leading(priors: Sequence[PriorCurve]) -> str:
    """Return the name of the prior that expects the largest differences."""
    leader = max(priors, key=lambda prior: prior.weight * float(np.std(prior.mean)), default=None)
    return leader.name if leader else NO_PRIOR


def _kept(priors: Sequence[PriorCurve], posts: float) -> float:
    """Return the part of the priors' first weight that is left after so many posts."""
    first = sum(prior.weight for prior in priors)
    return sum(prior.weight_after(posts) for prior in priors) / first if first else 1.0


def _observe(stats: WeekStats) -> _Data:
    weight = np.array(stats.weight)
    used = np.flatnonzero(weight)
    y = np.array(stats.mean)[used]
    total = float(weight.sum())
    centre = float(weight[used] @ y / total) if total else 0.0
    return _Data(used, y - centre, weight[used], math.fsum(stats.m2), total)


def _weigh(shape: Matrix, prior: _Prior, data: _Data) -> _Weighed:
    """Return the log marginal likelihood -½log|A| - (a₀ + W/2)·log(b₀ + ½(within + eᵀA⁻¹e)), A the cells' covariance.

    A = K + diag(1/weight), e = means - prior mean; terms equal for all shapes are left out.
    """
    covariance = shape + prior.covariance + LEVEL_VARIANCE
    a = covariance[np.ix_(data.used, data.used)] + np.diag(1 / data.weight)
    factor, _ = cho_factor(a, lower=True, check_finite=False)
    gap = data.y - prior.mean[data.used]
    misfit = data.within + float(gap @ cho_solve((factor, True), gap, check_finite=False))
    alpha = (NOISE_PRIOR_POSTS + data.total) / 2
    beta = (NOISE_PRIOR_POSTS * NOISE_PRIOR_VARIANCE + misfit) / 2
    log_evidence = -float(np.log(np.diag(factor)).sum()) - alpha * math.log(beta)
    return _Weighed(covariance, factor, log_evidence, alpha, beta)


def _likely(prior: _Prior, data: _Data) -> tuple[list[tuple[float, _Weighed]], float]:
    """Return the shapes that matter with their log joint probabilities, and the log evidence of all shapes together."""
    smooth = [_weigh(shape.covariance, prior, data) for shape in shapes()]
    joint = np.array([w.log_evidence + s.log_prior for w, s in zip(smooth, shapes(), strict=True)])
    spot_joint = _spot_log_joint(prior, data)
    everything = np.append(joint, spot_joint)
    log_evidence = float(logsumexp(everything))
    cutoff = min(log_evidence + math.log(NEGLIGIBLE), everything.max())
    likely = [(float(j), w) for j, w in zip(joint, smooth, strict=True) if j >= cutoff]
    for height, cell in np.argwhere(spot_joint >= cutoff):
        spot = SPOT_HEIGHTS[height] * spots()[cell]
        likely.append((float(spot_joint[height, cell]), _weigh(np.outer(spot, spot), prior, data)))
    return likely, log_evidence


def _spot_log_joint(prior: _Prior, data: _Data) -> Matrix:
    """Return log evidence + log prior of every spot, heights by cells.

    A spot s of height h adds h²ssᵀ to the flat week's A, so |A| grows by the factor d = 1 + h²sᵀA⁻¹s and the misfit
    falls by h²(sᵀA⁻¹e)²/d (Sherman and Morrison): one factorization serves all of them.
    """
    flat = _weigh(_FLAT_SHAPE, prior, data)
    at_used = spots()[:, data.used]
    solved = cho_solve((flat.factor, True), at_used.T, check_finite=False)
    square = np.square(SPOT_HEIGHTS)[:, None]
    growth = 1 + square * np.einsum("cu,uc->c", at_used, solved)
    explained = square * ((data.y - prior.mean[data.used]) @ solved) ** 2 / growth
    beta = flat.beta - explained / 2
    log_prior = math.log(SPOT_PRIOR / growth.size)
    return np.asarray(flat.log_evidence - np.log(growth) / 2 - flat.alpha * np.log(beta / flat.beta) + log_prior)


def _average(likely: list[tuple[float, _Weighed]], prior: _Prior, data: _Data) -> _Week:
    """Return the mixture of the likely shapes' posteriors; its variance is theirs plus that between their means."""
    spread = _spread(data)
    shares = softmax([log_joint for log_joint, _ in likely])
    posteriors = zip(*(_posterior(weighed, data, prior, spread) for _, weighed in likely), strict=True)
    means, covariances, starts = map(np.array, posteriors)
    mean = shares @ means
    off = means - mean
    covariance = np.tensordot(shares, covariances, 1) + (off * shares[:, None]).T @ off
    inflation = INFLATION + EARLY_INFLATION / (1 + data.total / EARLY_POSTS)
    return _Week(
        mean=mean,
        covariance=(covariance + covariance.T) / 2 * inflation**2,
        resolved=np.clip(1 - np.diag(covariance) / (shares @ starts), 0.0, 1.0),
        noise_sd=math.sqrt(shares @ np.array([weighed.variance for _, weighed in likely])),
    )


def _spread(data: _Data) -> Vector:
    """Return how a channel's posts spread over the week: what its average is an average over."""
    spread = AVERAGE_PRIOR_POSTS / CELLS + np.nan_to_num(_over_the_week(data.used, data.weight))
    return np.asarray(spread / spread.sum(), dtype=np.float64)


def _over_the_week(used: NDArray[np.intp], values: Vector) -> Vector:
    week = np.full(CELLS, np.nan)
    week[used] = values
    return week


def _posterior(weighed: _Weighed, data: _Data, prior: _Prior, spread: Vector) -> tuple[Vector, Matrix, Vector]:
    """Return one shape's posterior mean and covariance, and its variance before the posts."""
    cross = weighed.covariance[data.used]
    gain = cho_solve((weighed.factor, True), cross, check_finite=False)
    left = _relative(weighed.covariance - cross.T @ gain, spread) * weighed.variance
    before = np.diag(_relative(weighed.covariance, spread)) * weighed.variance
    mean = prior.mean + gain.T @ (data.y - prior.mean[data.used])
    return mean - spread @ mean, left, before


def _relative(covariance: Matrix, spread: Vector) -> Matrix:
    """Return the covariance of f - spread'f from that of f."""
    with_average = covariance @ spread
    return np.asarray(covariance - with_average - with_average[:, None] + spread @ with_average, dtype=np.float64)
