"""The posterior of the week: shapes and spots, each by its probability, as one mean and covariance."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from core.timing.curve import Matrix, Vector
from core.timing.evidence import Belief, Posts, Weighed, weigh
from core.timing.shapes import SLOT_SDS
from core.timing.spots import SPOT_HEIGHTS, Spots, bumps, weigh_spots
from core.timing.week import CELLS

NEGLIGIBLE = 1e-3
"""Shapes less probable than this do not move a figure that is shown."""


class Week(NamedTuple):
    """The posterior of the 168 cells' outcomes relative to an average over them.

    Log evidence of all shapes together; probability of each belief; mean and covariance; variances of the cells before
    the posts; posterior mean of σ².
    """

    log_evidence: float
    beliefs: Vector
    mean: Vector
    covariance: Matrix
    before: Vector
    noise: float


class _Component(NamedTuple):
    """A part of the posterior: its share, and mean, covariance, prior variances and σ² of its own."""

    share: float
    mean: Vector
    covariance: Matrix
    before: Vector
    noise: float


class _Moments(NamedTuple):
    """Sums over shapes of share, share·E[c], share·E[cc'], share·σ²·D and share·σ², c the columns' coefficients."""

    share: float
    first: Vector
    second: Matrix
    before: Vector
    noise: float


def average(columns: Matrix, beliefs: Sequence[Belief], posts: Posts, spread: Vector) -> Week:
    """Return the mixture of all shapes' and spots' posteriors, relative to the average over `spread` (sums to 1).

    Its variance is theirs plus that between their means. `columns` as in `evidence.weigh`.
    """
    smooth = weigh(columns, beliefs, posts)
    spots = [weigh_spots(columns[:, : len(belief.variances)], belief, posts) for belief in beliefs]
    joint = [part.log_joint for part in smooth] + [part.log_joint for part in spots]
    log_evidence = float(logsumexp([logsumexp(part) for part in joint]))
    of_smooth = [np.exp(part.log_joint - log_evidence) for part in smooth]
    of_spots = [np.exp(part.log_joint - log_evidence) for part in spots]
    made = [
        *_smooth(list(zip(smooth, of_smooth, strict=True)), columns, posts, spread),
        *(_spotted(part, share, posts, spread) for part, share in zip(spots, of_spots, strict=True)),
    ]
    shares = np.array([component.share for component in made])
    shares /= shares.sum()
    means = np.array([component.mean for component in made])
    mean = shares @ means
    off = means - mean
    covariance = sum(share * part.covariance for share, part in zip(shares, made, strict=True))
    probabilities = np.reshape([share.sum() for share in of_smooth], (len(beliefs), -1)).sum(1)
    return Week(
        log_evidence=log_evidence,
        beliefs=probabilities + [share.sum() for share in of_spots],
        mean=mean - spread @ mean,
        covariance=_relative(covariance + (off * shares[:, None]).T @ off, spread),
        before=shares @ np.array([part.before for part in made]),
        noise=float(shares @ np.array([part.noise for part in made])),
    )


def _smooth(
    weighed: Sequence[tuple[Weighed, Vector]], columns: Matrix, posts: Posts, spread: Vector
) -> Iterator[_Component]:
    """Yield the posterior of the shapes, those of equal slot noise as one component."""
    for slot, size in enumerate(SLOT_SDS):
        likely = [(w, np.flatnonzero((w.slots == slot) & (share > NEGLIGIBLE)), share) for w, share in weighed]
        parts = [_moments(w, rows, share[rows], posts, columns.shape[1]) for w, rows, share in likely if len(rows)]
        if parts:
            moments = _Moments(*(sum(values) for values in zip(*parts, strict=True)))
            yield _on_the_week(moments, size**2, columns, posts, spread)


def _moments(w: Weighed, rows: NDArray[np.intp], share: Vector, posts: Posts, width: int) -> _Moments:
    """Add up the posteriors N(b + √D A⁻¹ √D X'Re, σ²√D A⁻¹ √D) of shapes."""
    inverse, sds, noise = np.linalg.inv(w.a[rows]), w.sds[rows], posts.noise(w.beta[rows])
    found = sds * (inverse @ w.pull[rows][:, :, None])[:, :, 0]
    found[:, : len(w.expected)] += w.expected
    scaled = sds * np.sqrt(share * noise)[:, None]
    first, second, before = np.zeros(width), np.zeros((width, width)), np.zeros(width)
    first[w.columns] = share @ found
    second[np.ix_(w.columns, w.columns)] = (scaled[:, :, None] * inverse * scaled[:, None, :]).sum(0) + (
        found.T * share
    ) @ found
    before[w.columns] = (scaled**2).sum(0)
    return _Moments(float(share.sum()), first, second, before, float(share @ noise))


def _on_the_week(total: _Moments, slot: float, columns: Matrix, posts: Posts, spread: Vector) -> _Component:
    """Return the cells' posterior f = (1 - g)·columns·c + g·y + own, own of variance slot·(1 - g) in units of σ².

    g = slot·w/(1 + slot·w) is what a slot keeps of its own distance from the smooth curve.
    """
    kept = slot * posts.weight / (1 + slot * posts.weight)
    damped = columns * (1 - kept)[:, None]
    coefficients, noise = total.first / total.share, total.noise / total.share
    mean = damped @ coefficients
    mean[posts.used] += kept[posts.used] * posts.y
    left = total.second / total.share - np.outer(coefficients, coefficients)
    covariance = damped @ left @ damped.T
    covariance[np.diag_indices(CELLS)] += noise * slot * (1 - kept)
    relative = columns - spread @ columns
    before = relative**2 @ total.before / total.share + noise * slot * (1 - 2 * spread + spread @ spread)
    return _Component(total.share, mean, covariance, before, noise)


def _spotted(spots: Spots, share: Matrix, posts: Posts, spread: Vector) -> _Component:
    """Return the posterior of flat weeks with a spot: f = given columns·c + height·bump, the two independent."""
    total = float(share.sum())
    shares = share / total if total > 0 else np.full(share.shape, 1 / share.size)
    noises = posts.noise(spots.beta)
    noise = float((shares * noises).sum())
    first = (shares * spots.height).sum(0)
    second = (shares * (spots.height**2 + noises * spots.variance)).sum(0)
    shift = first @ spots.left
    flat = spots.flat
    covariance = noise * flat.columns @ flat.covariance @ flat.columns.T - np.outer(shift, shift)
    if total > NEGLIGIBLE:
        covariance += (spots.left.T * second) @ spots.left
    given = flat.columns - spread @ flat.columns
    heights = (shares * noises * np.square(SPOT_HEIGHTS)[:, None]).sum(0)
    before = noise * given**2 @ flat.variances + heights @ (bumps() - (bumps() @ spread)[:, None]) ** 2
    return _Component(total, flat.columns @ flat.mean + shift, covariance, before, noise)


def _relative(covariance: Matrix, spread: Vector) -> Matrix:
    """Return the covariance of f - spread'f from that of f."""
    with_average = covariance @ spread
    left = covariance - with_average - with_average[:, None] + spread @ with_average
    return np.asarray((left + left.T) / 2, dtype=np.float64)
