"""The whole problem as one exact model, where few enough choices could still be part of a better plan."""

from dataclasses import dataclass

import numpy as np

from core.planning.ascent import Ascent
from core.planning.board import UNPLACED, Board
from core.planning.greedy import fill, in_order
from core.planning.grid import Ints
from core.planning.selection import Columns, Effort, columns_of, place_all, select
from core.planning.watch import Watch

_MOST_COLUMNS = 25_000
"""Choices up to which the whole problem is given to the exact solver."""
_WORK = 20_000_000
"""Columns times nodes: enough for what can be proven in seconds, and unlike a limit in seconds it always gives the same
plan."""


@dataclass(frozen=True, eq=False)
class Whole:
    """What the exact model said: a plan that may be better (None: there is none), and whether no plan beats both."""

    board: Board | None
    is_proven: bool


def solve_whole(ground: Board, ascent: Ascent, value: float, slack: float, watch: Watch) -> Whole:
    """Look for a plan worth more than `value` by at least some rounding (`slack`), beside what stands on the ground."""
    columns = _worth_trying(ground, ascent, ascent.bound - value + slack)
    if columns is None:
        return Whole(None, is_proven=False)
    fixed = np.flatnonzero(ground.instance.is_fixed & (ground.option == UNPLACED))
    if not columns.item.size or not np.isin(fixed, columns.item).all():
        return Whole(None, is_proven=True)
    found = select(ground, columns, Effort(watch.left, _WORK // columns.item.size, 0.0, watch.is_over))
    if found is None:
        return Whole(None, is_proven=False)
    board = ground.copy()
    place_all(board, columns, found)
    fill(board, in_order(board.instance).tolist())
    return Whole(board, found.is_proven)


def _worth_trying(ground: Board, ascent: Ascent, slack: float) -> Columns | None:
    """Return every choice that a plan better than the present one could hold, None when they are too many.

    Taking a choice lowers the bound by what it loses to the item's best at these prices; where it loses more than the
    bound is above the present value, no better plan takes it (reduced-cost fixing).
    """
    surplus = np.zeros(ground.option.size)
    surplus[ascent.relaxation.items] = ascent.best.surplus
    options, parts, size = ground.instance.options, list[tuple[Ints, Ints, Ints]](), 0
    for option in np.flatnonzero(ground.option[options.item] == UNPLACED).tolist():
        item, low, gains = int(options.item[option]), int(options.low[option]), ground.gains(option)
        prices = ascent.prices.slot[options.channel[option], low : low + gains.size]
        left = ground.instance.earned(option) - prices
        slots = np.flatnonzero((gains > -np.inf) & (left >= surplus[item] - slack))
        size += slots.size
        if size > _MOST_COLUMNS:
            return None
        parts.append((np.full(slots.size, item), np.full(slots.size, option), slots + low))
    nothing = np.zeros(0, dtype=np.int64)
    return columns_of(ground, *(np.concatenate(columns) for columns in zip((nothing,) * 3, *parts, strict=True)))
