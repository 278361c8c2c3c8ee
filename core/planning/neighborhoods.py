"""Which items to place anew together: those of a channel, or of channels that share slots over some days."""

from collections import Counter
from collections.abc import Iterator

import numpy as np

from core.planning.board import UNPLACED, Board
from core.planning.grid import Ints, Mask

_OF_A_CHANNEL = 240
"""Items of one channel to solve exactly at once: a tenth of a second, near its linear relaxation."""
_OF_A_TEAM = 50
"""Items of channels that share slots: harder. Measured where 2,000 items crowd 6 channels, seconds of processor time:
0.8 % of the value short after 12 with 40 to 60 items, 1.9 % with 120, 2.6 % with 240."""
_OF_A_RULE = 12
"""Items that one rule keeps apart: every two of them take rows of their own in the exact model."""
_SHARE_LEFT_OVER = 0.6
"""At most so much of a neighborhood is items that are left over: they need places to change with."""


def neighborhoods(board: Board, rng: np.random.Generator) -> Iterator[Ints]:
    """Yield one round of item sets: every channel, then every team of channels in stretches of time."""
    movable = board.instance.is_movable
    for channel in rng.permutation(board.instance.gap.size):
        yield from _over_time(board, np.array([channel]), (movable, _OF_A_CHANNEL), rng)
    for team in _teams(board, rng):
        yield from _over_time(board, team, (movable, _OF_A_TEAM), rng)


def _teams(board: Board, rng: np.random.Generator) -> list[Ints]:
    """Return the sets of channels that share slots, in some order."""
    groups = [np.flatnonzero(group) for group in board.instance.groups]
    return [groups[index] for index in rng.permutation(len(groups))]


def _over_time(board: Board, channels: Ints, among: tuple[Mask, int], rng: np.random.Generator) -> Iterator[Ints]:
    """Cut the movable items (first of `among`) of some channels into stretches of time of so many (second)."""
    movable, most = among
    inside, left = _items(board, channels, movable)
    inside = inside[np.argsort(board.slot[inside], kind="stable")]
    room = most - min(left.size, int(most * _SHARE_LEFT_OVER))
    pieces = -(-inside.size // room)
    cuts = np.linspace(0, inside.size, pieces + 1).astype(np.int64)[1:-1] if pieces > 1 else np.zeros(0, dtype=np.int64)
    shift = int(rng.integers(0, room)) if cuts.size else 0
    for piece in np.split(np.roll(inside, shift), cuts):
        some = rng.permutation(left)[: most - piece.size] if left.size else left
        if piece.size + some.size:
            yield _thinned(board, np.concatenate((piece, some)))


def _thinned(board: Board, items: Ints) -> Ints:
    """Leave out items where more than a few are kept apart by one rule."""
    met: Counter[int] = Counter()
    kept = []
    for item in items.tolist():
        rules = board.instance.apart_of.get(item, ())
        if all(met[rule] < _OF_A_RULE for rule in rules):
            met.update(rules)
            kept.append(item)
    return np.array(kept, dtype=np.int64)


def _items(board: Board, channels: Ints, movable: Mask) -> tuple[Ints, Ints]:
    """Return the movable items placed on some channels, and those left over that could go there."""
    options = board.instance.options
    at = np.full(board.option.size, UNPLACED)
    placed = board.placed
    at[placed] = options.channel[board.option[placed]]
    candidates = np.unique(options.item[np.isin(options.channel, channels)])
    left = candidates[(board.option[candidates] == UNPLACED) & movable[candidates]]
    return np.flatnonzero(np.isin(at, channels) & movable), left
