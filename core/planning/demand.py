"""Which slots the items choose at given prices, each for itself or, where many are alike, all of them together."""

from collections import defaultdict
from dataclasses import dataclass, replace

import numpy as np

from core.planning.board import UNPLACED, Board
from core.planning.grid import Floats, Ints
from core.planning.instance import Options
from core.planning.range_maximum import Windows

_ALIKE = 8
"""Items from which on it pays to choose for them together."""
_MOST_CELLS = 4_000_000
"""Slots of all groups of items alike: a round over so many takes a tenth of a second."""


@dataclass(frozen=True, eq=False)
class Wants:
    """What items get beyond the prices, all together; each one's own part of it; how many want each slot (C x T).

    `surplus` of one of several items alike is that of the one which gets least: what another choice would be held to.
    """

    total: float
    surplus: Floats
    wanted: Floats


class Demand:
    """The items that a board leaves to be placed, what they can earn beside its posts, and groups of them `alike`."""

    def __init__(self, board: Board) -> None:
        instance = board.instance
        free = _subset(instance.options, np.isin(instance.options.item, np.flatnonzero(board.option == UNPLACED)))
        self.items = np.unique(free.item)
        self.used, first, row = np.unique(free.row, return_index=True, return_inverse=True)
        self.channel_of_row = free.channel[first]
        self.worth = np.where(board.crowd[self.channel_of_row] == 0, instance.worth[self.used], -np.inf)
        free = replace(free, row=row)
        self.alike = _alike(free, instance.is_fixed, instance.problem.count)
        is_alone = ~np.isin(free.item, np.concatenate([np.zeros(0, dtype=np.int64), *self.alike]))
        self._singles = _Singles(_subset(free, is_alone), self.channel_of_row, self.worth, instance.is_fixed)
        self._alike = _Alike(self.alike, free, self.worth) if self.alike else None
        self._place = np.full(instance.is_fixed.size, -1)
        self._place[self.items] = np.arange(self.items.size)

    def best(self) -> Floats:
        """Return what each item can earn at best, where it can earn anything, in some order."""
        nothing = np.zeros(0)
        alone = self._singles.best(self.worth)[2] if self._singles.items.size else nothing
        best = np.concatenate((alone, self._alike.best() if self._alike else nothing))
        return best[np.isfinite(best)]

    def at(self, prices: Floats) -> Wants:
        """Return what the items choose at these prices of slots (C x T)."""
        surplus, wanted = np.zeros(self.items.size), np.zeros(prices.size)
        own = self._singles.choose(prices, wanted)
        surplus[self._place[self._singles.items]] = own
        total = float(own.sum())
        if self._alike:
            together, least = self._alike.choose(prices, wanted)
            surplus[self._place[self._alike.items]] = least
            total += together
        return Wants(total, surplus, wanted.reshape(prices.shape))


def _subset(options: Options, which: np.ndarray) -> Options:
    return replace(options, **{name: row[which] for name, row in vars(options).items()})


def _alike(options: Options, is_fixed: np.ndarray, slots: int) -> list[Ints]:
    """Return groups of items with the same rows and windows; a bonus makes an item like no other."""
    items, first, counts = np.unique(options.item, return_index=True, return_counts=True)
    what = np.stack((options.row, options.low, options.high), axis=1)
    is_own = np.zeros(is_fixed.size, dtype=np.bool_)
    is_own[options.item[options.bonus_slot >= 0]] = True
    groups: defaultdict[bytes, list[int]] = defaultdict(list)
    for item, start, count in zip(items.tolist(), first.tolist(), counts.tolist(), strict=True):
        if not (is_own[item] or is_fixed[item]):
            groups[what[start : start + count].tobytes()].append(item)
    found = [(len(key), np.array(members)) for key, members in groups.items() if len(members) >= _ALIKE]
    widest = max((length for length, _ in found), default=0) // what[:1].nbytes if found else 0
    return [members for _, members in found] if len(found) * widest * slots <= _MOST_CELLS else []


class _Singles:
    """Items that each take their best slot."""

    def __init__(self, options: Options, channel_of_row: Ints, worth: Floats, is_fixed: np.ndarray) -> None:
        self.items, self._first = np.unique(options.item, return_index=True)
        self._options, self._channel_of_row, self._worth = options, channel_of_row, worth
        self._windows = Windows(options.row, options.low, options.high, *worth.shape)
        self._owner = np.repeat(np.arange(self.items.size), np.diff(np.append(self._first, options.item.size)))
        self._is_fixed = is_fixed[self.items]

    def choose(self, prices: Floats, wanted: Floats) -> Floats:
        """Return each item's worth less price, at least 0 where it may stay out; note its slot in `wanted`."""
        if not self.items.size:
            return np.zeros(0)
        value, slot, best = self.best(self._worth - prices[self._channel_of_row], prices)
        is_in = (best > 0) | self._is_fixed
        winners = np.flatnonzero((value == best[self._owner]) & is_in[self._owner])
        winners = winners[np.unique(self._owner[winners], return_index=True)[1]]
        np.add.at(wanted, self._options.channel[winners] * prices.shape[1] + slot[winners], 1)
        return np.where(is_in, best, 0.0)

    def best(self, table: Floats, prices: Floats | None = None) -> tuple[Floats, Ints, Floats]:
        """Return each option's greatest entry with its slot, and each item's; `table` is worth less prices."""
        options = self._options
        value, slot = self._windows.best(table)
        extra = np.flatnonzero(options.bonus_slot >= 0) if prices is not None else np.zeros(0, dtype=np.int64)
        at = options.bonus_slot[extra]
        other = table[options.row[extra], at] + options.bonus[extra]
        is_better = other > value[extra]
        value[extra[is_better]], slot[extra[is_better]] = other[is_better], at[is_better]
        return value, slot, np.maximum.reduceat(value, self._first)


class _Alike:
    """Groups of items alike: together they take their best slots, no slot twice.

    Each for itself they would all want the same slot, one price at a time would move, and so would the bound.
    """

    def __init__(self, groups: list[Ints], options: Options, worth: Floats) -> None:
        slots = worth.shape[1]
        self.items = np.concatenate(groups)
        self._sizes = np.array([members.size for members in groups])
        where = [np.flatnonzero(options.item == members[0]) for members in groups]
        width = max(own.size for own in where) * slots
        self._worth = np.full((len(groups), width), -np.inf)
        self._cell = np.zeros((len(groups), width), dtype=np.int64)
        for group, own in enumerate(where):
            for number, option in enumerate(own.tolist()):
                low, high = int(options.low[option]), int(options.high[option]) + 1
                columns = slice(number * slots + low, number * slots + high)
                self._worth[group, columns] = worth[options.row[option], low:high]
                self._cell[group, columns] = options.channel[option] * slots + np.arange(low, high)

    def best(self) -> Floats:
        """Return what each item could earn at best."""
        return np.repeat(self._worth.max(axis=1), self._sizes)

    def choose(self, prices: Floats, wanted: Floats) -> tuple[float, Floats]:
        """Return what all get beyond the prices, and for each item what the least of its group gets."""
        left = self._worth - prices.ravel()[self._cell]
        most = min(int(self._sizes.max()), left.shape[1])
        chosen = np.argpartition(-left, most - 1, axis=1)[:, :most]
        value = np.take_along_axis(left, chosen, axis=1)
        order = np.argsort(-value, axis=1, kind="stable")
        chosen, value = np.take_along_axis(chosen, order, axis=1), np.take_along_axis(value, order, axis=1)
        is_taken = (np.arange(most) < self._sizes[:, None]) & (value > 0)
        np.add.at(wanted, np.take_along_axis(self._cell, chosen, axis=1)[is_taken], 1)
        last = np.minimum(self._sizes, most) - 1
        least = np.where(self._sizes > most, 0.0, np.maximum(value[np.arange(last.size), last], 0.0))
        return float(value[is_taken].sum()), np.repeat(least, self._sizes)
