"""The plan while it is being made: who stands where, and what each place costs or forbids an item now."""

from copy import copy
from math import fsum

import numpy as np

from core.planning.distances import near
from core.planning.grid import Floats, Ints, KeptApart, Mask
from core.planning.instance import Instance

UNPLACED = -1


class Board:
    """Items in their places, beside the commitments of the problem. `option` and `slot` hold -1 for items left over."""

    def __init__(self, instance: Instance) -> None:
        channels, slots = instance.gap.size, instance.problem.count
        self.instance = instance
        self.option: Ints = np.full(len(instance.problem.items), UNPLACED, dtype=np.int64)
        self.slot: Ints = self.option.copy()
        self.crowd: Ints = np.zeros((channels, slots), dtype=np.int64)
        self.in_day: Ints = np.zeros((channels, int(instance.day.max(initial=-1)) + 1), dtype=np.int64)
        self.in_week: Ints = np.zeros((channels, int(instance.week.max(initial=-1)) + 1), dtype=np.int64)
        self.in_group: Ints = np.zeros((instance.groups.shape[0], slots), dtype=np.int64)
        self._groups_of = [np.flatnonzero(instance.groups[:, channel]) for channel in range(channels)]
        self._counts_days = (instance.day_steps != 0).any(axis=1)
        self._counts_weeks = (instance.week_steps != 0).any(axis=(1, 2))
        self._commit()
        self._committed = self.in_day.copy(), self.in_week.copy()
        self._has_costs = any(
            np.any((step != 0) & np.isfinite(step)) for step in (instance.day_steps, instance.week_steps)
        )

    def _commit(self) -> None:
        problem = self.instance.problem
        for post in problem.commitments:
            number = self.instance.channel_number[post.channel]
            channel = problem.channels[number]
            self.crowd[number] += near(post.slot, channel.min_gap, problem.count)
            if 0 <= post.slot < problem.count:
                self._tally(number, int(post.slot), 1)
                continue
            self.in_day[number, : np.unique(channel.day).size] += np.unique(channel.day) == post.day
            self.in_week[number, : np.unique(channel.week).size] += np.unique(channel.week) == post.week

    def copy(self) -> "Board":
        """Return a board that changes apart from this one."""
        other = copy(self)
        for name in ("option", "slot", "crowd", "in_day", "in_week", "in_group"):
            setattr(other, name, getattr(self, name).copy())
        return other

    def _count(self, channel: int, slot: int, change: int) -> None:
        gap = int(self.instance.gap[channel])
        self.crowd[channel, max(slot - gap + 1, 0) : slot + gap] += change
        self._tally(channel, slot, change)

    def _tally(self, channel: int, slot: int, change: int) -> None:
        self.in_day[channel, self.instance.day[channel, slot]] += change
        self.in_week[channel, self.instance.week[channel, slot]] += change
        self.in_group[self._groups_of[channel], slot] += change

    def place(self, item: int, option: int, slot: int) -> None:
        """Put an item that is left over in its place; whether it may stand there is the caller's to know."""
        self.option[item], self.slot[item] = option, slot
        self._count(int(self.instance.options.channel[option]), slot, 1)

    def remove(self, item: int) -> tuple[int, int]:
        """Take an item out of its place; return its option and slot."""
        option, slot = int(self.option[item]), int(self.slot[item])
        self._count(int(self.instance.options.channel[option]), slot, -1)
        self.option[item] = self.slot[item] = UNPLACED
        return option, slot

    @property
    def placed(self) -> Ints:
        """The items that have a place."""
        return np.flatnonzero(self.option != UNPLACED)

    def value(self) -> float:
        """Return what the plan is worth: what items earn less what crowding costs, commitments left out of both."""
        earned = (self.instance.earns(int(self.option[item]), int(self.slot[item])) for item in self.placed)
        return fsum(earned) - self.crowding()

    def crowding(self) -> float:
        """Return what the placed items cost together by the steps of their days and weeks."""
        if not self._has_costs:
            return 0.0
        days = np.repeat(self.instance.day_steps[:, None], self.in_day.shape[1], axis=1)
        kinds = zip((days, self.instance.week_steps), self._committed, (self.in_day, self.in_week), strict=True)
        return fsum(_paid(steps, before, after) for steps, before, after in kinds)

    def gains(self, option: int) -> Floats:
        """Return what the plan gains by an option in each slot of its window, -inf where something forbids it."""
        gains = self.instance.earned(option)
        channel = int(self.instance.options.channel[option])
        window = slice(int(self.instance.options.low[option]), int(self.instance.options.high[option]) + 1)
        if self._counts_days[channel]:
            gains -= self.day_costs(channel)[self.instance.day[channel, window]]
        if self._counts_weeks[channel]:
            gains -= self.week_costs(channel)[self.instance.week[channel, window]]
        gains[self.crowd[channel, window] > 0] = -np.inf
        for group in self._groups_of[channel]:
            gains[self.in_group[group, window] >= self.instance.group_cap[group]] = -np.inf
        if self.instance.is_apart[option]:
            gains[self.kept_apart(option)[window]] = -np.inf
        return gains

    def day_costs(self, channel: int) -> Floats:
        """Return what one more post costs on each day of a channel, inf where the cap is reached."""
        steps = self.instance.day_steps[channel]
        return np.asarray(steps[np.minimum(self.in_day[channel], steps.size - 1)])

    def week_costs(self, channel: int) -> Floats:
        """Return what one more post costs in each week of a channel, inf where the cap is reached."""
        steps, used = self.instance.week_steps[channel], self.in_week[channel]
        return np.asarray(steps[np.arange(used.size), np.minimum(used, steps.shape[1] - 1)])

    def kept_apart(self, option: int) -> Mask:
        """Say for each slot of the grid whether a placed item keeps this one out."""
        item, count = int(self.instance.options.item[option]), self.instance.problem.count
        edges = np.zeros(count + 1, dtype=np.int64)
        for number in self.instance.apart_of.get(item, ()):
            rule, members = self.instance.apart[number], self.instance.members[number]
            index = np.flatnonzero(self._limits(rule, members, option))
            is_earlier = index < np.flatnonzero(members == item)[0]
            slots = self.slot[members[index]]
            np.add.at(edges, np.clip(slots + np.where(is_earlier, rule.low, -rule.high), 0, count), 1)
            np.add.at(edges, np.clip(slots + np.where(is_earlier, rule.high, -rule.low) + 1, 0, count), -1)
        return np.asarray(edges[:-1].cumsum() > 0)

    def _limits(self, rule: KeptApart, members: Ints, option: int) -> Mask:
        """Say which members are placed and limit an option of another member."""
        options = self.instance.options
        there: Mask = (self.option[members] != UNPLACED) & (members != options.item[option])
        if rule.across:
            there &= options.channel[self.option[members]] != options.channel[option]
        return np.asarray(there)

    def best(self, item: int, prices: Floats | None = None) -> tuple[float, int, int]:
        """Return gain, option and slot of an item's best free place, the earliest of equals; gain -inf if none.

        With `prices` (C x T) the gain is what is left after the price of the slot.
        """
        found = (-np.inf, UNPLACED, UNPLACED)
        for option in self.instance.options_of(item):
            gains, low = self.gains(option), int(self.instance.options.low[option])
            if prices is not None:
                gains -= prices[self.instance.options.channel[option], low : low + gains.size]
            index = int(gains.argmax())
            if gains[index] > found[0]:
                found = float(gains[index]), option, low + index
        return found


def _paid(steps: Floats, before: Ints, after: Ints) -> float:
    """Sum the steps (channels x periods x posts) from the posts before to the posts after."""
    post = np.arange(int(after.max(initial=0)))
    reached = np.take_along_axis(steps, np.minimum(post, steps.shape[2] - 1)[None, None], axis=2)
    return float(reached[(post >= before[..., None]) & (post < after[..., None])].sum())
