"""The first plan: sound and fast, and the one that is always available."""

from collections.abc import Iterable

import numpy as np

from core.planning.board import UNPLACED, Board
from core.planning.grid import Floats, Ints
from core.planning.grid_plan import Infeasible
from core.planning.instance import Instance
from core.planning.phrases import SlotName


def with_fixed(instance: Instance, slot_name: SlotName = "slot {}".format) -> Board | Infeasible:
    """Return a board with every fixed item in its place, or the pair of demands that contradict each other."""
    board = Board(instance)
    items = instance.problem.items
    fixed = [number for number, item in enumerate(items) if item.fixed is not None]
    for item in sorted(fixed, key=lambda number: len(items[number].channels)):
        _, option, slot = board.best(item)
        if option == UNPLACED:
            from core.planning.clashes import clash  # only when something is wrong

            return clash(board, item, slot_name)
        board.place(item, option, slot)
    return board


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
