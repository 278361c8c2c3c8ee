"""Making a plan better: some items at a time are taken out and placed anew by an exact choice among promising slots."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import fsum

import numpy as np

from core.planning.board import UNPLACED, Board
from core.planning.greedy import fill
from core.planning.grid import Floats, Ints
from core.planning.selection import Columns, Effort, columns_of, place_all, select
from core.planning.watch import Watch

_SLOTS_EACH = 20
_WARMTH = 0.005
"""How far chance may lift a slot above a better one, as a share of what the item can earn.

Without it, items alike would all be offered the same few slots and most would find none: measured, a quarter of the
value lost. Far above it, good slots are missed.
"""
_NODES = 200
_SLACK = 1e-5


@dataclass(frozen=True)
class Neighborhood:
    """Items to place anew, by what prices (C x T) they find their slots, and until when."""

    items: Ints
    prices: Floats
    watch: Watch


def improve(board: Board, around: Neighborhood, rng: np.random.Generator) -> float:
    """Place the items anew where that is worth more; return what was gained (0: the board is as it was)."""
    before = _state(board, around.items)
    worth_before = _worth(board, around.items)
    for item in around.items[board.option[around.items] != UNPLACED].tolist():
        board.remove(item)
    columns = _columns(board, around, before, rng)
    found = select(board, columns, Effort(around.watch.left, _NODES, _SLACK, around.watch.is_over))
    if found is not None:
        place_all(board, columns, found)
        fill(board, around.items.tolist())
        gained = _worth(board, around.items) - worth_before
        if gained > 0:
            return gained
    _restore(board, around.items, before)
    return 0.0


def settle(board: Board, items: Iterable[int]) -> None:
    """Let each of the items take the best place that is free, those that were left over included."""
    for item in items:
        place = board.remove(item) if board.option[item] != UNPLACED else None
        gain, option, slot = board.best(item)
        if option != UNPLACED and gain >= 0:
            board.place(item, option, slot)
        elif place is not None:
            board.place(item, *place)


def _state(board: Board, items: Ints) -> tuple[Ints, Ints]:
    return board.option[items], board.slot[items]


def _restore(board: Board, items: Ints, state: tuple[Ints, Ints]) -> None:
    for item in items[board.option[items] != UNPLACED].tolist():
        board.remove(item)
    for item, option, slot in zip(items.tolist(), *(part.tolist() for part in state), strict=True):
        if option != UNPLACED:
            board.place(item, option, slot)


def _worth(board: Board, items: Ints) -> float:
    """Return what some items earn less what all crowding costs."""
    placed = items[board.option[items] != UNPLACED].tolist()
    earned = fsum(board.instance.earns(int(board.option[item]), int(board.slot[item])) for item in placed)
    return earned - board.crowding()


def _columns(board: Board, around: Neighborhood, before: tuple[Ints, Ints], rng: np.random.Generator) -> Columns:
    """Offer each item its present place and the slots with the most left after their price, shuffled a little."""
    parts = []
    for item, option, slot in zip(around.items.tolist(), *(part.tolist() for part in before), strict=True):
        options, slots, left = _free(board, item, around.prices)
        if left.size > _SLOTS_EACH:
            warmth = _WARMTH * max(abs(float(left.max())), np.finfo(float).tiny)
            chosen = np.argpartition(-(left + warmth * rng.gumbel(size=left.size)), _SLOTS_EACH)[:_SLOTS_EACH]
            if option != UNPLACED:
                chosen = np.union1d(chosen, np.flatnonzero((options == option) & (slots == slot)))
            options, slots = options[chosen], slots[chosen]
        parts.append((np.full(slots.size, item), options, slots))
    item_column, option_column, slot_column = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    return columns_of(board, item_column, option_column, slot_column)


def _free(board: Board, item: int, prices: Floats) -> tuple[Ints, Ints, Floats]:
    """Return option, slot and gain less price of every free place of an item."""
    parts = []
    for option in board.instance.options_of(item):
        low, channel = int(board.instance.options.low[option]), int(board.instance.options.channel[option])
        gains = board.gains(option)
        index = np.flatnonzero(gains > -np.inf)
        parts.append((np.full(index.size, option), index + low, gains[index] - prices[channel, index + low]))
    options, slots, left = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    return options, slots, left
