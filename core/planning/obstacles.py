"""What stands against an item in every slot of the grid, as the plan is now."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from core.planning.board import UNPLACED, Board
from core.planning.distances import ROUNDING
from core.planning.grid import Floats, Ints, Mask
from core.planning.grid_plan import Block

BITS = {block: 1 << number for number, block in enumerate(Block)}


@dataclass(frozen=True, eq=False)
class Obstacles:
    """For one option of an item: the blocks of each slot as bits, and which slots hold a post of the channel."""

    option: int
    bits: Ints
    taken: Mask


class Survey:
    """What a board has against options whose items are not on it; what holds for many items is looked up once."""

    def __init__(self, board: Board) -> None:
        self.board = board
        self._common: dict[int, tuple[Ints, Mask]] = {}

    def of(self, option: int) -> Obstacles:
        """Collect what stands against an option."""
        options = self.board.instance.options
        row, item = int(options.row[option]), int(options.item[option])
        if row not in self._common:
            self._common[row] = self._look(option)
        common, taken = self._common[row]
        bits = common.copy()
        bits[: options.low[option]] |= BITS[Block.WINDOW]
        bits[options.high[option] + 1 :] |= BITS[Block.WINDOW]
        if item in self.board.instance.apart_of:
            bits[self.board.kept_apart(option)] |= BITS[Block.KEPT_APART]
        return Obstacles(option, bits, taken)

    def _look(self, option: int) -> tuple[Ints, Mask]:
        bits = np.zeros(self.board.instance.problem.count, dtype=np.int64)
        for block, where in _each(self.board, option):
            bits[where] |= BITS[block]
        taken = np.zeros(bits.size, dtype=np.bool_)
        posts = posts_of(self.board, int(self.board.instance.options.channel[option]))
        slots = np.rint(posts).astype(np.int64)
        taken[slots[(np.abs(posts - slots) <= ROUNDING) & (slots >= 0) & (slots < bits.size)]] = True
        return bits, taken


def _each(board: Board, option: int) -> Iterator[tuple[Block, Mask]]:
    """Yield what holds for all items of an option's row."""
    instance, channel = board.instance, int(board.instance.options.channel[option])
    yield Block.CLOSED, ~instance.problem.channels[channel].open
    yield (
        Block.RULE,
        instance.ruled_out.get(int(instance.options.row[option]), np.zeros(instance.problem.count, dtype=np.bool_)),
    )
    yield Block.SPACING, board.crowd[channel] > 0
    yield Block.DAY_CAP, np.isinf(board.day_costs(channel))[instance.day[channel]]
    yield Block.WEEK_CAP, np.isinf(board.week_costs(channel))[instance.week[channel]]
    for group in np.flatnonzero(instance.groups[:, channel]):
        yield instance.group_kinds[group], board.in_group[group] >= instance.group_cap[group]


def posts_of(board: Board, channel: int) -> Floats:
    """Return where a channel's posts stand, in slots; commitments may stand between two, or outside the grid."""
    name = board.instance.problem.channels[channel].id
    committed = [post.slot for post in board.instance.problem.commitments if post.channel == name]
    placed = board.placed
    own = placed[board.instance.options.channel[board.option[placed]] == channel]
    return np.concatenate((board.slot[own], np.array(committed, dtype=np.float64)))


def needed(board: Board, option: int, slot: int, block: Block) -> float:
    """Return what a limit would have to become for an option to take a slot (see Relaxation)."""
    instance, channel = board.instance, int(board.instance.options.channel[option])
    match block:
        case Block.DAY_CAP:
            return int(board.in_day[channel, instance.day[channel, slot]]) + 1
        case Block.WEEK_CAP:
            return int(board.in_week[channel, instance.week[channel, slot]]) + 1
        case Block.SPACING:
            return _distance(posts_of(board, channel), slot)
        case Block.BRAND_CAP | Block.WORKSPACE_CAP:
            groups = (group for group, kind in enumerate(instance.group_kinds) if kind is block)
            return max(int(board.in_group[group, slot]) + 1 for group in groups if instance.groups[group, channel])
        case Block.KEPT_APART:
            return _distance(_partners(board, option), slot)
        case _:
            return slot


def _distance(posts: Floats | Ints, slot: int) -> float:
    return float(np.abs(posts - slot).min()) if posts.size else 0.0


def _partners(board: Board, option: int) -> Ints:
    """Return the slots of the placed items an item is kept apart from."""
    item = int(board.instance.options.item[option])
    rules = board.instance.apart_of.get(item, ())
    others = {other for rule in rules for other in board.instance.members[rule].tolist() if other != item}
    return np.array([board.slot[other] for other in others if board.option[other] != UNPLACED], dtype=np.int64)
