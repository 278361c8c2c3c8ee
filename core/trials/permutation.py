"""Randomization inference: how often the draw itself would have made a difference as large, with no assumption more."""

import math
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np
from numpy.typing import NDArray

from core.trials.values import Alternative, Vector
from core.undefined import Undefined

DRAWS = 10_000
_CHUNK = 2_000_000
"""Numbers held at once."""
_SLACK = 1e-9
"""Differences that are equal but for rounding count as equal."""


@dataclass(frozen=True)
class Permuted:
    """The difference within blocks, its p-value, and whether every possible draw was gone through."""

    difference: float
    p: float
    draws: int
    is_exact: bool


def permute(
    outcome: Vector,
    is_treated: NDArray[np.bool_],
    blocks: NDArray[np.intp],
    *,
    seed: int,
    draws: int = DRAWS,
    alternative: Alternative = Alternative.TWO_SIDED,
) -> Permuted | Undefined:
    """Draw the arms anew within each block (outcome, treated, block: n each) and compare with what was found.

    The statistic is mean(treated) - mean(control) of outcomes about their block's mean, which blocks of unlike shares
    shrink; the difference told is that of least squares with the blocks. p = (1 + draws as extreme) /
    (1 + draws) (Phipson & Smyth 2010), or the exact share where there are no more possible draws than that. Units are
    what was drawn: posts, or for a switchback the days (see `by_period`). Reproduces Fisher's tea (1935): 1/70.
    """
    mixed = [places for places in places_of_blocks(blocks) if 0 < is_treated[places].sum() < places.size]
    if not mixed:
        return Undefined("No block holds both arms, so no other draw was possible.")
    kept = np.concatenate(mixed)
    centred = np.concatenate([outcome[places] - outcome[places].mean() for places in mixed])
    if not np.abs(centred).max() > _SLACK * max(np.abs(outcome).max(), 1e-300):
        return Undefined("No outcome differs from another within a block, so chance cannot be judged.")
    sizes = [places.size for places in mixed]
    treated = is_treated[kept]
    weights = np.where(treated, 1 / treated.sum(), -1 / (~treated).sum())
    found = float(centred @ weights)
    counts = [int(is_treated[places].sum()) for places in mixed]
    possible = math.prod(math.comb(size, count) for size, count in zip(sizes, counts, strict=True))
    if possible <= draws:
        sums = _every_sum(centred, sizes, counts)
    else:
        sums = _drawn_sums(centred, sizes, treated, np.random.default_rng(seed), draws)
    differences = sums / treated.sum() + sums / (~treated).sum()  # centred outcomes add up to 0
    extreme = int(is_extreme(differences, found, alternative).sum())
    is_exact = possible <= draws
    kept_share = sum(count * (size - count) / size for size, count in zip(sizes, counts, strict=True))
    difference = float(centred[treated].sum()) / kept_share
    return Permuted(difference, extreme / possible if is_exact else (1 + extreme) / (1 + draws), sums.size, is_exact)


def places_of_blocks(blocks: NDArray[np.intp]) -> list[NDArray[np.intp]]:
    """Return where the units of each block stand."""
    order = np.argsort(blocks, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(blocks[order])) + 1) if order.size else []


def is_extreme(differences: Vector, found: float, alternative: Alternative) -> NDArray[np.bool_]:
    """Tell which differences say as much against "no effect" as the one found."""
    slack = _SLACK * max(abs(found), float(np.abs(differences).max()))
    if alternative is Alternative.TWO_SIDED:
        return np.asarray(np.abs(differences) >= abs(found) - slack)
    sign = 1 if alternative is Alternative.GREATER else -1
    return np.asarray(sign * differences >= sign * found - slack)


def _every_sum(centred: Vector, sizes: list[int], counts: list[int]) -> Vector:
    """Return the sum over the treated for every draw there is."""
    starts = np.cumsum([0, *sizes[:-1]])
    choices = [
        [float(centred[start + np.array(chosen, dtype=np.intp)].sum()) for chosen in combinations(range(size), count)]
        for start, size, count in zip(starts, sizes, counts, strict=True)
    ]
    return np.array([math.fsum(sums) for sums in product(*choices)])


def _drawn_sums(
    centred: Vector, sizes: list[int], treated: NDArray[np.bool_], rng: np.random.Generator, draws: int
) -> Vector:
    """Return the sum over the treated for random draws, blocks of one size at a time."""
    sums = np.zeros(draws)
    ends = np.cumsum(sizes)
    for size in sorted(set(sizes)):
        places = np.array([range(end - size, end) for end, each in zip(ends, sizes, strict=True) if each == size])
        values, labels = centred[places], treated[places].astype(np.float64)
        step = max(_CHUNK // places.size, 1)
        for start in range(0, draws, step):
            count = min(step, draws - start)
            shuffled = rng.permuted(np.broadcast_to(labels, (count, *labels.shape)), axis=2)
            sums[start : start + count] += np.einsum("dbs,bs->d", shuffled, values)
    return sums


@dataclass(frozen=True)
class Periods:
    """A switchback's periods: mean outcome, arm and block of each, in order of time.

    `numbers` counts time in periods, so that a gap shows; None: there is none.
    """

    outcome: Vector
    is_treated: NDArray[np.bool_]
    blocks: NDArray[np.intp]
    numbers: NDArray[np.intp] | None = None


def by_period(
    outcome: Vector, is_treated: NDArray[np.bool_], periods: NDArray[np.intp], blocks: NDArray[np.intp]
) -> Periods | Undefined:
    """Return the mean of each period (numbered in order of time), which is what a switchback drew.

    Undefined where a period holds posts of both arms: then posts were drawn, not periods.
    """
    numbers, first, place, size = np.unique(periods, return_index=True, return_inverse=True, return_counts=True)
    if (is_treated[first][place] != is_treated).any():
        return Undefined("Some days hold posts of both arms, so the days were not what was drawn.")
    means = np.bincount(place, outcome - outcome.mean()) / size + outcome.mean()
    return Periods(means, is_treated[first], blocks[first], numbers)


def steady(
    is_treated: NDArray[np.bool_], numbers: NDArray[np.intp] | None = None, washout: int = 1
) -> NDArray[np.bool_]:
    """Tell which periods (the last axis) follow `washout` periods of their own arm; after a gap nobody knows."""
    kept = np.ones(is_treated.shape, dtype=np.bool_)
    for lag in range(1, washout + 1):
        kept[..., :lag] = False
        kept[..., lag:] &= is_treated[..., lag:] == is_treated[..., :-lag]
        if numbers is not None:
            kept[..., lag:] &= numbers[lag:] - numbers[:-lag] == lag
    return kept


def without_carry_over(periods: Periods, washout: int = 1) -> Periods:
    """Keep the periods whose last `washout` predecessors had the same arm.

    What remains compares "always" with "never" where an effect lasts no longer than that (Bojinov, Simchi-Levi & Zhao
    2023, Management Science 69:3759).
    """
    kept = steady(periods.is_treated, periods.numbers, washout)
    numbers = None if periods.numbers is None else periods.numbers[kept]
    return Periods(periods.outcome[kept], periods.is_treated[kept], periods.blocks[kept], numbers)
