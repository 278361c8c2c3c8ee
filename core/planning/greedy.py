"""The first plan: sound and fast, and the one that is always available."""

from collections.abc import Iterable

import numpy as np

from core.planning.board import UNPLACED, Board
from core.planning.grid import Floats, Ints
from core.planning.grid_plan import Infeasible
from core.planning.instance import Instance
from core.planning.phrases import SlotName
from core.planning.selection import Effort, columns_of, place_all, select

_FOR_FIXED = Effort(10.0, 1000, 0.0)
"""Far more than fixed items ask for: one choice of channel each."""


def with_fixed(instance: Instance, slot_name: SlotName = "slot {}".format) -> Board | Infeasible:
    """Return a board with every fixed item in its place, or the pair of demands that contradict each other."""
    board = Board(instance)
    fixed = np.flatnonzero(instance.is_fixed)
    for item in fixed[np.argsort(np.diff(instance.first_option)[fixed], kind="stable")].tolist():
        _, option, slot = board.best(item)
        if option == UNPLACED:
            from core.planning.clashes import clash  # only when something is wrong

            return _all_at_once(instance) or clash(board, item, slot_name)
        board.place(item, option, slot)
    return board


def _all_at_once(instance: Instance) -> Board | None:
    """Find channels for all fixed items together, where giving each its best in turn fails."""
    board = Board(instance)
    option = np.flatnonzero(instance.is_fixed[instance.options.item])
    option = np.array([one for one in option.tolist() if np.isfinite(board.gains(one)[0])], dtype=np.int64)
    columns = columns_of(board, instance.options.item[option], option, instance.options.low[option])
    if not np.isin(np.flatnonzero(instance.is_fixed), columns.item).all():
        return None
    found = select(board, columns, _FOR_FIXED)
    if found is None:
        return None
    place_all(board, columns, found)
    return board


def anchored(board: Board) -> Board:
    """Return a board with those items only that can stand nowhere else."""
    ground = board.copy()
    for item in ground.placed[ground.instance.is_movable[ground.placed]].tolist():
        ground.remove(item)
    return ground


def in_order(instance: Instance) -> Ints:
    """Return the items, the highest priority first, then the shortest window."""
    width = np.zeros(len(instance.problem.items), dtype=np.int64)
    np.add.at(width, instance.options.item, instance.options.high - instance.options.low + 1)
    priority = np.array([item.priority for item in instance.problem.items])
    return np.lexsort((width, -priority))


def fill(board: Board, items: Iterable[int], prices: Floats | None = None) -> None:
    """Give each item without a place the best one free, in the order given, unless it would cost more than it earns.

    `prices` (C x T) make an item leave alone what is worth more to others.
    """
    for item in items:
        if board.option[item] == UNPLACED:
            gain, option, slot = board.best(item, prices)
            if option != UNPLACED and gain >= 0:
                board.place(item, option, slot)
