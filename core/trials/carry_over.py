"""What a switchback shows once days that may still feel the day before are left out, with the draw repeated."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.trials.permutation import DRAWS, Periods, is_extreme, places_of_blocks, steady
from core.trials.values import Alternative, Vector
from core.undefined import Undefined

FEWEST_LEFT = 2
"""Days of each arm; one alone says nothing."""
MOST_PERIODS = 5_000
"""Fourteen years of days: beyond it a repeated draw takes minutes."""
_CHUNK = 1_000_000
"""Numbers held at once."""
TOO_FEW_LEFT = Undefined(
    f"Fewer than {FEWEST_LEFT} days of an arm follow a day of the same arm, so what is carried over cannot be left out."
)
NOT_MIXED = Undefined("No block keeps days of both arms, so what is carried over cannot be left out.")


@dataclass(frozen=True)
class Steady:
    """The difference within blocks of the days that follow a day of their own arm; p; days left of either arm."""

    difference: float
    p: float
    draws: int
    treated: int
    control: int


def compare_steady(
    periods: Periods, *, seed: int, draws: int = DRAWS, alternative: Alternative = Alternative.TWO_SIDED
) -> Steady | Undefined:
    """Compare only the periods whose predecessor had the same arm: "always" with "never" where effects last one more.

    The difference is Σ(T - T̄)(y - ȳ) / Σ(T - T̄)² about the means of a block's periods that are left, T being 1 for
    the treatment. p is the share of anew drawn assignments of all periods within their blocks whose own such
    difference is as extreme, (1 + extreme) / (1 + draws): which periods are left depends on the draw, so shuffling only
    those left would keep the runs of one arm together and mistake a slow drift for an effect. Draws that leave nothing
    to compare are not counted. Bojinov, Simchi-Levi & Zhao 2023, Management Science 69:3759.
    """
    if periods.outcome.size > MOST_PERIODS:
        return Undefined(f"Beyond {MOST_PERIODS:,} days repeating the draw takes too long.")
    kept = steady(periods.is_treated, periods.numbers)
    treated, control = (int((kept & (periods.is_treated == side)).sum()) for side in (True, False))
    if min(treated, control) < FEWEST_LEFT:
        return TOO_FEW_LEFT
    places = places_of_blocks(periods.blocks)
    outcome = periods.outcome - periods.outcome.mean()
    (found,) = _differences(outcome, periods.is_treated[None, :], periods, places)
    if not np.isfinite(found):
        return NOT_MIXED
    rng, differences = np.random.default_rng(seed), []
    for size in _sizes(draws, periods.outcome.size):
        drawn = np.tile(periods.is_treated, (size, 1))
        for block in places:
            drawn[:, block] = rng.permuted(drawn[:, block], axis=1)
        differences.append(_differences(outcome, drawn, periods, places))
    others = np.concatenate(differences)
    others = others[np.isfinite(others)]
    if not others.size or not np.ptp(np.append(others, found)) > 0:
        return Undefined("No other draw would have shown anything else, so chance cannot be judged.")
    extreme = int(is_extreme(others, float(found), alternative).sum())
    return Steady(float(found), (1 + extreme) / (1 + others.size), others.size, treated, control)


def _sizes(draws: int, periods: int) -> list[int]:
    step = max(_CHUNK // periods, 1)
    return [min(step, draws - start) for start in range(0, draws, step)]


def _differences(outcome: Vector, drawn: NDArray[np.bool_], periods: Periods, places: list[NDArray[np.intp]]) -> Vector:
    """Return the difference for each assignment (draws by periods); NaN where no block keeps both arms."""
    kept = steady(drawn, periods.numbers).astype(np.float64)
    treated = kept * drawn
    above, below = np.zeros(len(drawn)), np.zeros(len(drawn))
    for block in places:
        left, own, values = kept[:, block], treated[:, block], outcome[block]
        count, many = left.sum(1), own.sum(1)
        share = np.divide(many, count, out=np.zeros_like(many), where=count > 0)
        above += own @ values - share * (left @ values)
        below += many * (1 - share)
    return np.divide(above, below, out=np.full_like(above, np.nan), where=below > 0)
