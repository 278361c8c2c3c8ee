"""Why every item stands where it stands, why others found no place, and the least that would have to change."""

from collections.abc import Callable, Iterable, Mapping
from itertools import combinations

import numpy as np

from core.planning.board import Board
from core.planning.grid import Floats, Ints
from core.planning.grid_plan import Block, PlacedReason, Relaxation, UnplacedReason, Why
from core.planning.obstacles import BITS, Obstacles, Survey, needed
from core.planning.phrases import placed_sentence, relaxation_sentence, unplaced_sentence

_EQUAL = 1e-9
"""Earnings this close are the same: sums of floats."""
_PER_LIMIT = 10.0
"""One limit less to relax outweighs which limit it is; of equals, the first in Block is the easiest."""
_EFFORTS = np.array([
    sum(_PER_LIMIT + rank for rank, block in enumerate(Block) if bits & BITS[block]) or np.inf
    for bits in range(1 << len(Block))
])  # fmt: skip
"""How hard a slot is to open, by the bits of what is in the way; where nothing is, nothing can be relaxed."""


class Reasons:
    """Explains a finished plan; `prices` by channel are those of the search."""

    def __init__(self, board: Board, prices: Mapping[str, Floats], slot_name: Callable[[int], str]) -> None:
        self._board, self._prices, self._slot_name = board, prices, slot_name
        channels = board.instance.options.channel
        self._survey = Survey(board)
        self._said: dict[tuple[tuple[int, int, int], ...], tuple[UnplacedReason, Relaxation | None]] = {}
        self._holder = {(int(channels[board.option[item]]), int(board.slot[item])): int(item) for item in board.placed}

    def placed(self, item: int) -> PlacedReason:
        """Compare an item's place with the one that would earn it most."""
        board, instance = self._board, self._board.instance
        option, slot = int(board.option[item]), int(board.slot[item])
        earned = instance.earns(option, slot)
        best, at, where = max(self._tops(item))
        channel = instance.problem.channels[int(instance.options.channel[-at])].id
        if instance.problem.items[item].fixed is not None:
            reason = PlacedReason(Why.FIXED, channel, slot)
        elif best <= earned + _EQUAL:
            reason = PlacedReason(Why.BEST, channel, slot)
        else:
            gain = best / earned - 1 if earned > 0 else np.inf
            reason = self._passed_over(item, (-at, -where), float(gain))
        return _with(reason, placed_sentence(reason, self._slot_name))

    def _tops(self, item: int) -> Iterable[tuple[float, int, int]]:
        """Yield the most an item could earn by each option, with option and slot (negative: of equals, the first)."""
        for option in self._board.instance.options_of(item):
            earned = self._board.instance.earned(option)
            index = int(earned.argmax())
            yield float(earned[index]), -option, -(int(self._board.instance.options.low[option]) + index)

    def _passed_over(self, item: int, better: tuple[int, int], gain: float) -> PlacedReason:
        instance, (option, slot) = self._board.instance, better
        number = int(instance.options.channel[option])
        channel = instance.problem.channels[number].id
        price = float(self._prices[channel][slot]) if channel in self._prices else None
        holder = self._holder.get((number, slot))
        if holder is not None:
            rival = instance.problem.items[holder].id
            return PlacedReason(Why.WORTH_MORE_TO_ANOTHER, channel, slot, gain, rival=rival, price=price)
        place = self._board.remove(item)
        bits = int(Survey(self._board).of(option).bits[slot])
        self._board.place(item, *place)
        block = next((block for block in Block if bits & BITS[block]), None)
        return PlacedReason(Why.NO_ROOM, channel, slot, gain, block=block, price=price)

    def unplaced(self, item: int) -> tuple[UnplacedReason, Relaxation | None]:
        """Return why an item found no place and the least that would make one; what holds for many is said once."""
        if item in self._board.instance.apart_of:
            return self._left_over(item)
        options, own = self._board.instance.options, self._board.instance.options_of(item)
        key = tuple((int(options.row[one]), int(options.low[one]), int(options.high[one])) for one in own)
        if key not in self._said:
            self._said[key] = self._left_over(item)
        return self._said[key]

    def _left_over(self, item: int) -> tuple[UnplacedReason, Relaxation | None]:
        found = [self._survey.of(option) for option in self._board.instance.options_of(item)]
        reason = _smallest_cover(found)
        reason = UnplacedReason(reason.blocks, reason.slots, unplaced_sentence(reason))
        return reason, self._cheapest(found)

    def _cheapest(self, found: Iterable[Obstacles]) -> Relaxation | None:
        best: tuple[float, float, int, int] | None = None
        for one in found:
            effort, earns = self._efforts(one), self._earns(one.option)
            easiest = np.flatnonzero(effort == effort.min())
            slot = int(easiest[earns[easiest].argmax()])
            if np.isfinite(effort[slot]):
                candidate = float(effort[slot]), -float(earns[slot]), one.option, slot
                best = candidate if best is None else min(best, candidate)
        if best is None:
            return None
        _, earned, option, slot = best
        bits = next(int(one.bits[slot]) for one in found if one.option == option)
        return self._relaxation(option, slot, bits, -earned)

    def _efforts(self, one: Obstacles) -> Floats:
        """Return how hard each slot would be to open: limits in the way, then which, then how far from the window."""
        low, high = (
            int(row[one.option]) for row in (self._board.instance.options.low, self._board.instance.options.high)
        )
        efforts = _EFFORTS[one.bits]
        efforts[:low] += np.arange(low, 0, -1) / one.bits.size
        efforts[high + 1 :] += np.arange(1, one.bits.size - high) / one.bits.size
        efforts[one.taken] = np.inf
        return np.asarray(efforts)

    def _earns(self, option: int) -> Floats:
        """Return what each slot earns; where it is closed, what it would by the channel's scores."""
        instance = self._board.instance
        item = instance.problem.items[int(instance.options.item[option])]
        worth = instance.worth[instance.options.row[option]]
        channel = instance.problem.channels[instance.options.channel[option]]
        return np.asarray(np.where(np.isfinite(worth), worth, item.priority * (1 + channel.scores)))

    def _relaxation(self, option: int, slot: int, bits: int, value: float) -> Relaxation:
        instance = self._board.instance
        needs = tuple((block, needed(self._board, option, slot, block)) for block in Block if bits & BITS[block])
        channel = instance.problem.channels[int(instance.options.channel[option])]
        change = Relaxation(channel.id, slot, needs, value)
        sentence = relaxation_sentence(change, channel.name or channel.id, self._slot_name)
        return Relaxation(channel.id, slot, needs, value, sentence)


def _with(reason: PlacedReason, sentence: str) -> PlacedReason:
    return PlacedReason(
        reason.why, reason.channel, reason.slot, reason.gain, reason.rival, reason.block, reason.price, sentence
    )


def _smallest_cover(found: list[Obstacles]) -> UnplacedReason:
    """Return the fewest kinds of constraints that together close every slot of the windows, the widest of equals.

    Closed slots are left aside unless all are closed: nights close slots for everybody and explain nothing.
    """
    bits = np.concatenate([one.bits for one in found]) if found else np.zeros(0, dtype=np.int64)
    inside = bits[(bits & BITS[Block.WINDOW]) == 0]
    usable = inside[(inside & BITS[Block.CLOSED]) == 0]
    kinds = np.bincount(usable, minlength=_EFFORTS.size)
    if not inside.size:
        return UnplacedReason(((Block.WINDOW, 0),), 0)
    if not usable.size:
        return UnplacedReason(((Block.CLOSED, inside.size),), inside.size)
    if kinds[0]:
        return UnplacedReason(((Block.WORTH, int(kinds[0])),), usable.size)
    met = np.flatnonzero(kinds)
    counts = {block: int(kinds[met[(met & BITS[block]) > 0]].sum()) for block in Block}
    blocks = _cover(met, sorted((block for block in Block if counts[block]), key=lambda block: -counts[block]))
    return UnplacedReason(tuple((block, counts[block]) for block in blocks), usable.size)


def _cover(kinds: Ints, blocks: list[Block]) -> tuple[Block, ...]:
    sets = (chosen for size in range(1, len(blocks) + 1) for chosen in combinations(blocks, size))
    return next(chosen for chosen in sets if ((kinds & sum(BITS[block] for block in chosen)) > 0).all())
