"""The week's curve: which hours of a channel's week earn more than its average, and how surely."""

import math
from collections.abc import Sequence

import numpy as np
from scipy.special import expit

from core.timing.algebra import one_thread
from core.timing.curve import Vector, WeekCurve
from core.timing.evidence import Belief, Posts, observe
from core.timing.posterior import average
from core.timing.priors import PriorCurve
from core.timing.rollup import WeekStats
from core.timing.shapes import basis
from core.timing.spots import flat_week, log_evidence
from core.timing.week import CELLS
from core.undefined import Undefined

LEVEL_VARIANCE = 1.0
"""Prior variance of the channel's level around its mean outcome, in units of σ²."""
SIGNAL_SCALE = 0.24
"""Prior median of the curve's standard deviation, in units of one post's noise."""
DEVIATION_MEDIAN = 0.67
"""Median of a half-normal variable in its scale: half of like channels lie nearer to the shared curve."""
SMALLEST_SCALE = 0.03
"""However near like channels lie to each other, a channel may be itself."""
AVERAGE_PRIOR_POSTS = 30.0
"""The channel's average is over its own posting hours; so many posts spread over the week steady the first ones."""
INFLATION = 1.35
"""Widens every sd: raw intervals miss the drift of real audiences (chosen on 13 real accounts and by simulation)."""
EARLY_DEFLATION = 0.25
EARLY_POSTS = 100.0
"""With few posts many shapes are possible, which is wide enough: the widening starts at 1.1; half-way at 100 posts."""
NOISE_INFLATION = 1.12
"""Outcomes are learned from as cut, and posts of the same days resemble each other: real slots vary so much more."""
ROUNDING = 1e-9
"""A smaller part of the variance removed is none."""
NO_PRIOR = "No expectation"
"""Names the flat curve of a channel of which nothing was known before."""


def fit(stats: WeekStats, priors: Sequence[PriorCurve] = ()) -> WeekCurve:
    """Return the posterior of the week's curve; the cost does not depend on the number of posts.

    The model: mean of a cell ~ N(level + Σ wₖ·prior curve k + g, σ²/weight), wₖ normal as the prior says, g one of the
    smooth `shapes` with noise per slot, or a single spot, σ² inverse gamma. All are averaged by their marginal
    likelihood (a Student t), which needs no search and does not mistake one good fit for certainty; so is whether the
    doubtful priors (`relevance` below 1) say anything of this channel.
    """
    posts = observe(stats)
    curves = np.array([np.array(prior.mean) - np.mean(prior.mean) for prior in priors]).reshape(-1, CELLS)
    columns = np.column_stack([np.ones(CELLS), curves.T, basis()])
    spread = _spread(posts)
    with one_thread():
        nothing = flat_week(columns[:, :1], Belief(0.0, np.zeros(1), np.array([LEVEL_VARIANCE]), SIGNAL_SCALE), posts)
        noise = float(posts.noise(posts.beta(np.array(nothing.misfit))))
        week = average(columns, _beliefs(priors, posts, noise), posts, spread)
    first = _prior_weights(priors, [1 - _doubt(priors)], 0.0)
    now = _prior_weights(priors, week.beliefs.tolist(), posts.total)
    log_bayes_factor = week.log_evidence - log_evidence(nothing, posts)
    removed = 1 - np.diag(week.covariance) / week.before
    resolved = np.where(removed > ROUNDING, removed, 0.0)
    return WeekCurve(
        mean=week.mean,
        covariance=week.covariance * _inflation(posts) ** 2,
        n=np.array(stats.n),
        weight=posts.weight,
        observed=_observed(posts),
        baseline=first @ curves,
        baseline_name=_leading(priors),
        baseline_share=_kept(first, now) * (1 - resolved),
        resolved=resolved,
        noise_sd=NOISE_INFLATION * math.sqrt(week.noise) if stats.posts > 1 else Undefined(_TOO_FEW_FOR_NOISE),
        log_bayes_factor=log_bayes_factor,
        confidence=float(expit(log_bayes_factor) * (spread @ resolved)),
    )


_TOO_FEW_FOR_NOISE = "Noise cannot be told from fewer than two posts."


def _beliefs(priors: Sequence[PriorCurve], posts: Posts, noise: float) -> list[Belief]:
    """Return the belief in all priors and, where some are doubtful, that in the others alone; `noise` is about σ²."""
    near = DEVIATION_MEDIAN * min((prior.deviation for prior in priors), default=math.inf) / math.sqrt(noise)
    doubt, scale = _doubt(priors), max(min(SIGNAL_SCALE, near), SMALLEST_SCALE)
    every = Belief(math.log1p(-doubt), *_weights(priors, posts, noise), scale)
    if doubt == 0:
        return [every]
    sure = [prior if prior.relevance == 1 else prior.silenced() for prior in priors]
    return [every, Belief(math.log(doubt), *_weights(sure, posts, noise), SIGNAL_SCALE)]


def _doubt(priors: Sequence[PriorCurve]) -> float:
    """Return the probability, before any post, that none of the doubtful priors says anything of the channel."""
    doubts = [1 - prior.relevance for prior in priors if prior.relevance < 1]
    return math.prod(doubts) if doubts else 0.0


def _weights(priors: Sequence[PriorCurve], posts: Posts, noise: float) -> tuple[Vector, Vector]:
    """Return expected value and variance (in units of σ²) of the level and of each prior's weight."""
    expected = [0.0, *(prior.weight_after(posts.total) for prior in priors)]
    variances = [LEVEL_VARIANCE, *(prior.weight_sd**2 / noise for prior in priors)]
    return np.array(expected), np.array(variances)


def _prior_weights(priors: Sequence[PriorCurve], beliefs: Sequence[float], posts: float) -> Vector:
    """Return the expected weight of each prior after so many posts, where the beliefs have these probabilities."""
    return np.array([(1.0 if prior.relevance == 1 else beliefs[0]) * prior.weight_after(posts) for prior in priors])


def _kept(first: Vector, now: Vector) -> float:
    """Return the part of the priors' first weight that is left."""
    return min(float(now.sum() / first.sum()), 1.0) if first.sum() > 0 else 1.0


def _inflation(posts: Posts) -> float:
    return INFLATION - EARLY_DEFLATION / (1 + posts.total / EARLY_POSTS)


def _leading(priors: Sequence[PriorCurve]) -> str:
    """Return the name of the prior that expects the largest differences."""
    leader = max(priors, key=lambda prior: prior.weight * float(np.std(prior.mean)), default=None)
    return leader.name if leader else NO_PRIOR


def _spread(posts: Posts) -> Vector:
    """Return how a channel's posts spread over the week: what its average is an average over."""
    spread = AVERAGE_PRIOR_POSTS / CELLS + posts.weight
    return np.asarray(spread / spread.sum(), dtype=np.float64)


def _observed(posts: Posts) -> Vector:
    week = np.full(CELLS, np.nan)
    week[posts.used] = posts.y
    return week
