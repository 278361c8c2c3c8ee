"""Which items to place anew together: those of a channel, or of channels that share slots over some days."""

from collections.abc import Iterator

import numpy as np

from core.planning.board import UNPLACED, Board
from core.planning.grid import Ints, Mask

_ITEMS_AT_ONCE = 240
"""An exact solve of so many items with some twenty slots each takes a tenth of a second or two."""
_SHARE_LEFT_OVER = 0.5
"""At most so much of a neighborhood is items that are left over: they need places to change with."""


def neighborhoods(board: Board, rng: np.random.Generator) -> Iterator[Ints]:
    """Yield one round of item sets: every channel, then every team of channels in stretches of time."""
    movable = np.array([item.fixed is None for item in board.instance.problem.items], dtype=np.bool_)
    for channel in rng.permutation(board.instance.gap.size):
        yield from _over_time(board, np.array([channel]), movable, rng)
    for team in _teams(board, rng):
        yield from _over_time(board, team, movable, rng)


def _teams(board: Board, rng: np.random.Generator) -> list[Ints]:
    """Return sets of channels that limit each other, none larger than needed to see how."""
    groups = [np.flatnonzero(group) for group in board.instance.groups]
    return [groups[index] for index in rng.permutation(len(groups))]


def _over_time(board: Board, channels: Ints, movable: Mask, rng: np.random.Generator) -> Iterator[Ints]:
    """Cut the items of some channels into stretches of time of a size that can be solved exactly."""
    inside, left = _items(board, channels, movable)
    inside = inside[np.argsort(board.slot[inside], kind="stable")]
    room = _ITEMS_AT_ONCE - min(left.size, int(_ITEMS_AT_ONCE * _SHARE_LEFT_OVER))
    pieces = -(-inside.size // room)
    cuts = np.linspace(0, inside.size, pieces + 1).astype(np.int64)[1:-1] if pieces > 1 else np.zeros(0, dtype=np.int64)
    shift = int(rng.integers(0, room)) if cuts.size else 0
    for piece in np.split(np.roll(inside, shift), cuts):
        some = rng.permutation(left)[: _ITEMS_AT_ONCE - piece.size] if left.size else left
        if piece.size + some.size:
            yield np.concatenate((piece, some))


def _items(board: Board, channels: Ints, movable: Mask) -> tuple[Ints, Ints]:
    """Return the movable items placed on some channels, and those left over that could go there."""
    options = board.instance.options
    at = np.full(board.option.size, UNPLACED)
    placed = board.placed
    at[placed] = options.channel[board.option[placed]]
    candidates = np.unique(options.item[np.isin(options.channel, channels)])
    left = candidates[(board.option[candidates] == UNPLACED) & movable[candidates]]
    return np.flatnonzero(np.isin(at, channels) & movable), left
