"""The whole problem as one exact model, where few enough choices could still be part of a better plan."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from core.planning.ascent import Ascent
from core.planning.board import UNPLACED, Board
from core.planning.greedy import fill, in_order
from core.planning.grid import Ints
from core.planning.selection import Columns, Effort, Selection, columns_of, select
from core.planning.watch import Watch

_MOST_COLUMNS = 25_000
"""Choices up to which the whole problem is given to the exact solver."""
_MOST_APART = 60
"""Items under one rule up to which the rows that keep each two of them apart are made in a second."""
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
    if max((members.size for members in ground.instance.members), default=0) > _MOST_APART:
        return Whole(None, is_proven=False)
    alike = _alike(ground, ascent)
    columns = _worth_trying(ground, ascent, ascent.bound - value + slack, alike)
    if columns is None:
        return Whole(None, is_proven=False)
    fixed = np.flatnonzero(ground.instance.is_fixed & (ground.option == UNPLACED))
    if not columns.item.size or not np.isin(fixed, columns.item).all():
        return Whole(None, is_proven=True)
    found = select(ground, columns, Effort(watch.left, _WORK // columns.item.size, 0.0, watch.is_over))
    if found is None:
        return Whole(None, is_proven=False)
    board = ground.copy()
    _place_all(board, columns, found, alike)
    fill(board, in_order(board.instance).tolist())
    return Whole(board, found.is_proven)


def _alike(ground: Board, ascent: Ascent) -> dict[int, Ints]:
    """Return groups of items that one of each may stand for: alike, and under no rule that keeps items apart."""
    apart = list(ground.instance.apart_of)
    groups = (members[~np.isin(members, apart)] for members in ascent.relaxation.demand.alike)
    return {int(members[0]): members for members in groups if members.size}


def _place_all(board: Board, columns: Columns, found: Selection, alike: Mapping[int, Ints]) -> None:
    """Put the columns taken on the board, those of an item that stands for others on one after the other."""
    first, used = board.instance.first_option, defaultdict[int, int](int)
    for index in np.flatnonzero(found.taken).tolist():
        item, option = int(columns.item[index]), int(columns.option[index])
        member = int(alike[item][used[item]]) if item in alike else item
        used[item] += 1
        board.place(member, option + int(first[member] - first[item]), int(columns.slot[index]))


def _worth_trying(ground: Board, ascent: Ascent, slack: float, alike: Mapping[int, Ints]) -> Columns | None:
    """Return every choice that a plan better than the present one could hold, None when they are too many.

    Taking a choice lowers the bound by what it loses to the item's best at these prices; where it loses more than the
    bound is above the present value, no better plan takes it (reduced-cost fixing).
    """
    surplus = np.zeros(ground.option.size)
    surplus[ascent.relaxation.demand.items] = ascent.best.surplus
    options, parts, size = ground.instance.options, list[tuple[Ints, Ints, Ints]](), 0
    is_asked = ground.option == UNPLACED
    is_asked[[item for first, members in alike.items() for item in members.tolist() if item != first]] = False
    for option in np.flatnonzero(is_asked[options.item]).tolist():
        item, low, gains = int(options.item[option]), int(options.low[option]), ground.gains(option)
        prices = ascent.prices.slot[options.channel[option], low : low + gains.size]
        left = ground.instance.earned(option) - prices
        slots = np.flatnonzero((gains > -np.inf) & (left >= surplus[item] - slack))
        size += slots.size
        if size > _MOST_COLUMNS:
            return None
        parts.append((np.full(slots.size, item), np.full(slots.size, option), slots + low))
    nothing = np.zeros(0, dtype=np.int64)
    columns = columns_of(ground, *(np.concatenate(column) for column in zip((nothing,) * 3, *parts, strict=True)))
    return replace(columns, times={item: members.size for item, members in alike.items()})
