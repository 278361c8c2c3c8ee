"""The closed forms of the posterior against plain algebra over 168 cells, shape by shape and spot by spot."""

from itertools import product

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import logsumexp
from scipy.stats import invgamma, multivariate_t

from core.timing.evidence import Belief, observe, weigh
from core.timing.posterior import average
from core.timing.rollup import WeekStats
from core.timing.shapes import SLOT_SDS, basis, families, log_priors
from core.timing.spots import SPOT_HEIGHTS, bumps, flat_week, log_evidence, weigh_spots

Matrix = NDArray[np.float64]
CURVE = 0.1 * np.sin(2 * np.pi * np.arange(168) / 24)
COLUMNS = np.column_stack([np.ones(168), CURVE, basis()])
BELIEF = Belief(0.0, np.array([0.0, 0.8]), np.array([1.0, 0.25]), 0.35)
UNIFORM = np.full(168, 1 / 168)


def history(posts: int) -> WeekStats:
    rng = np.random.default_rng(12)
    cells = rng.integers(0, 60, posts)
    outcomes = rng.normal(0, 1, posts) + 0.5 * (np.abs(cells - 30) < 3)
    n = np.bincount(cells, minlength=168)
    mean = np.bincount(cells, outcomes, 168) / np.maximum(n, 1)
    m2 = np.bincount(cells, (outcomes - mean[cells]) ** 2, 168)
    return WeekStats(tuple(n.tolist()), tuple(map(float, n)), tuple(mean.tolist()), tuple(m2.tolist()))


STATS = history(300)
POSTS = observe(STATS)
GIVEN = COLUMNS[:, :2] * [1.0, 0.5]
"""Level and prior curve times their standard deviations."""


def every_shape() -> list[tuple[float, Matrix]]:
    """Log prior and covariance over the 168 cells (in units of the noise) of all shapes and spots."""
    made = []
    for family in families():
        for variances, signal, slot in zip(family.variances, family.signals, family.slots, strict=True):
            x = basis()[:, family.columns]
            made.append((log_priors(0.35)[signal], x @ np.diag(variances) @ x.T + SLOT_SDS[slot] ** 2 * np.eye(168)))
    for height, bump in product(SPOT_HEIGHTS, bumps()):
        made.append((np.log(0.3 / 504), height**2 * np.outer(bump, bump)))
    return made


def plain_log_evidence(shape: Matrix) -> float:
    """Log density of the cells' means, a Student t given the variation within, less what is equal for all shapes."""
    used, weight = POSTS.used, POSTS.weight[POSTS.used]
    a = (shape + GIVEN @ GIVEN.T)[np.ix_(used, used)] + np.diag(1 / weight)
    freedom = 4 + POSTS.total - len(used)
    scale = (2 + POSTS.within) / freedom
    return float(multivariate_t(0.8 * CURVE[used], a * scale, df=freedom).logpdf(POSTS.y))


def plain_posterior(shape: Matrix) -> tuple[NDArray[np.float64], Matrix]:
    used, weight = POSTS.used, POSTS.weight[POSTS.used]
    prior = shape + GIVEN @ GIVEN.T
    a = prior[np.ix_(used, used)] + np.diag(1 / weight)
    gap = POSTS.y - 0.8 * CURVE[used]
    gain = np.linalg.solve(a, prior[used]).T
    noise = invgamma((4 + POSTS.total) / 2, scale=(2 + POSTS.within + gap @ np.linalg.solve(a, gap)) / 2).mean()
    return 0.8 * CURVE + gain @ gap, noise * (prior - gain @ prior[used])


def test_the_evidence_of_every_shape_is_the_density_of_a_student_t() -> None:
    ours = np.concatenate([*(w.log_joint for w in weigh(COLUMNS, [BELIEF], POSTS))])
    spots = weigh_spots(COLUMNS[:, :2], BELIEF, POSTS).log_joint.ravel()
    flat = log_evidence(flat_week(COLUMNS[:, :2], BELIEF, POSTS), POSTS)
    plain = [log_prior + plain_log_evidence(shape) for log_prior, shape in every_shape()]
    nothing = plain_log_evidence(np.zeros((168, 168)))
    assert np.concatenate([ours, spots]) - flat == pytest.approx(np.array(plain) - nothing, abs=1e-6)


def test_the_priors_of_all_shapes_and_spots_sum_to_one() -> None:
    assert logsumexp([log_prior for log_prior, _ in every_shape()]) == pytest.approx(0, abs=1e-12)


def test_the_posterior_is_the_mixture_of_the_shapes_posteriors() -> None:
    shapes = every_shape()
    joint = np.array([log_prior + plain_log_evidence(shape) for log_prior, shape in shapes])
    shares = np.exp(joint - logsumexp(joint))
    means, covariances = (np.array(parts) for parts in zip(*(plain_posterior(s) for _, s in shapes), strict=True))
    mean = shares @ means
    covariance = np.einsum("k,kij->ij", shares, covariances) + ((means - mean).T * shares) @ (means - mean)
    relative = np.eye(168) - UNIFORM
    week = average(COLUMNS, [BELIEF], POSTS, UNIFORM)
    assert week.mean == pytest.approx(relative @ mean, abs=2e-3)
    expected_sd = np.sqrt(np.diag(relative @ covariance @ relative.T))
    assert np.sqrt(np.diag(week.covariance)) == pytest.approx(expected_sd, rel=0.02)
    assert week.beliefs.tolist() == pytest.approx([1.0])


def test_a_doubtful_belief_is_dropped_when_the_posts_speak_against_it() -> None:
    doubtful = BELIEF._replace(log_prior=np.log(0.5), expected=np.array([0.0, -20.0]), variances=np.array([1.0, 0.0]))
    silent = BELIEF._replace(log_prior=np.log(0.5), expected=np.zeros(2), variances=np.array([1.0, 0.0]))
    week = average(COLUMNS, [doubtful, silent], POSTS, UNIFORM)
    assert week.beliefs[0] < 0.001
    assert week.beliefs.sum() == pytest.approx(1)
