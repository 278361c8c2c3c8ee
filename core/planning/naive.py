"""What people do today, for comparison: the earliest free slot, and the best free slot in the order of the list."""

import numpy as np

from core.planning.board import UNPLACED, Board
from core.planning.greedy import with_fixed
from core.planning.grid import GridProblem
from core.planning.grid_plan import Infeasible
from core.planning.instance import compile_grid


def earliest_free(problem: GridProblem) -> Board | Infeasible:
    """Give each item, in the order of the list, the first slot that is free for it."""
    board = with_fixed(compile_grid(problem))
    if isinstance(board, Infeasible):
        return board
    for item in np.flatnonzero(board.option == UNPLACED).tolist():
        free = [
            (int(board.instance.options.low[option] + index[0]), option)
            for option in board.instance.options_of(item)
            if (index := np.flatnonzero(board.gains(option) > -np.inf)).size
        ]
        if free:
            slot, option = min(free)
            board.place(item, option, slot)
    return board


def best_slot(problem: GridProblem) -> Board | Infeasible:
    """Give each item, in the order of the list, the free slot with the highest score."""
    board = with_fixed(compile_grid(problem))
    if isinstance(board, Infeasible):
        return board
    for item in np.flatnonzero(board.option == UNPLACED).tolist():
        _, option, slot = board.best(item)
        if option != UNPLACED:
            board.place(item, option, slot)
    return board
