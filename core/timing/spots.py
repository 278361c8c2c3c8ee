"""A week that is flat, or flat but for one spot: how well it explains the posts and what it makes of them."""

import math
from functools import cache
from typing import NamedTuple

import numpy as np

from core.timing.curve import Matrix, Vector
from core.timing.evidence import Belief, Posts
from core.timing.shapes import SPOT_PRIOR
from core.timing.week import CELLS

SPOT_WIDTH = 1.5
"""Standard deviation of a spot in hours."""
SPOT_HEIGHTS = (0.4, 0.8, 1.6)
"""Standard deviations of a spot's height, in units of one post's noise."""


class FlatWeek(NamedTuple):
    """The week of level and prior curves alone.

    `variances` are the prior ones of its coefficients, `mean` and `covariance` the posterior, in units of σ²; `misfit`
    is e'A⁻¹e and `log_det` log|A|, A the covariance of the cells' means in units of σ².
    """

    columns: Matrix
    variances: Vector
    mean: Vector
    covariance: Matrix
    misfit: float
    log_det: float


class Spots(NamedTuple):
    """Flat weeks with one spot, heights by cells: log joint probability, scale of σ², mean and variance of the height.

    `left` are the spots less what level and prior curves take of them, one per row.
    """

    flat: FlatWeek
    log_joint: Matrix
    beta: Matrix
    height: Matrix
    variance: Matrix
    left: Matrix


def flat_week(columns: Matrix, belief: Belief, posts: Posts) -> FlatWeek:
    """Return the week in which only the given `columns` matter."""
    x, w = columns[posts.used], posts.weight[posts.used]
    gap, sds = posts.y - x @ belief.expected, np.sqrt(belief.variances)
    a = np.eye(len(sds)) + sds[:, None] * ((x.T * w) @ x) * sds
    covariance = sds[:, None] * np.linalg.inv(a) * sds
    pull = x.T @ (w * gap)
    log_det = float(np.linalg.slogdet(a)[1] - np.log(w).sum())
    misfit = float(w @ gap**2 - pull @ covariance @ pull)
    return FlatWeek(columns, belief.variances, belief.expected + covariance @ pull, covariance, misfit, log_det)


def log_evidence(flat: FlatWeek, posts: Posts) -> float:
    """Return the log probability of the posts in a flat week, less terms equal for all shapes (`evidence.weigh`)."""
    return -flat.log_det / 2 - posts.alpha * float(np.log(posts.beta(np.array(flat.misfit))))


def weigh_spots(columns: Matrix, belief: Belief, posts: Posts) -> Spots:
    """Return every spot on a flat week.

    A spot s of height h adds h²ssᵀ to the flat week's A, so |A| grows by the factor d = 1 + h²sᵀA⁻¹s and the misfit
    falls by h²(sᵀA⁻¹e)²/d (Sherman and Morrison); its height has mean h²sᵀA⁻¹e/d and variance h²/d in units of σ².
    """
    flat = flat_week(columns, belief, posts)
    w, at_used = posts.weight[posts.used], bumps()[:, posts.used]
    taken = (at_used * w) @ columns[posts.used] @ flat.covariance
    left = bumps() - taken @ columns.T
    gap = posts.y - columns[posts.used] @ flat.mean
    square = np.square(SPOT_HEIGHTS)[:, None]
    growth = 1 + square * ((at_used * w) * left[:, posts.used]).sum(1)
    seen = at_used @ (w * gap)
    beta = posts.beta(flat.misfit - square * seen**2 / growth)
    log_prior = belief.log_prior + math.log(SPOT_PRIOR / growth.size)
    log_joint = log_prior - (flat.log_det + np.log(growth)) / 2 - posts.alpha * np.log(beta)
    return Spots(flat, log_joint, beta, square * seen / growth, square / growth, left)


@cache
def bumps() -> Matrix:
    """Return 168 bumps of height 1, row c around cell c, over the end of the week."""
    gap = np.abs(np.subtract.outer(np.arange(CELLS), np.arange(CELLS)))
    return np.asarray(np.exp(-((np.minimum(gap, CELLS - gap) / SPOT_WIDTH) ** 2) / 2), dtype=np.float64)
