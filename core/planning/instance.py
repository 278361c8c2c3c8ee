"""A planning problem as arrays: which item may go to which channel when, what it earns there, what limits it."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from core.errors import Invalid
from core.errors import Problem as Fault
from core.planning.distances import whole
from core.planning.earnings import Rows
from core.planning.grid import Floats, GridChannel, GridItem, GridProblem, Ints, KeptApart, Mask
from core.planning.grid_plan import Block

_DAYS_OF_A_WEEK = 7


@dataclass(frozen=True, eq=False)
class Options:
    """Every (item, channel) an item may take, sorted by item: its window, and the row of `worth` that holds for it.

    One slot may earn a bonus on top (`bonus_slot` -1: none), so that many items can share a row.
    """

    item: Ints
    channel: Ints
    low: Ints
    high: Ints
    row: Ints
    bonus_slot: Ints
    bonus: Floats


@dataclass(frozen=True, eq=False)
class Instance:
    """The arrays of a problem: C channels, T slots, N items, D days, W weeks, G groups that share slots.

    `worth` (rows x T) is -inf where a slot is closed. `day_steps` (C x posts) and `week_steps` (C x W x posts) are what
    the first, second, ... post of a day or week takes off the plan: never falling, inf from a cap on, the last one
    holding for all later posts. `gap` is the spacing of posts that are planned, in whole slots. `ruled_out` has the
    slots that constraints forbid, for the rows that have any.
    """

    problem: GridProblem
    options: Options
    first_option: Ints
    worth: Floats
    ruled_out: Mapping[int, Mask]
    gap: Ints
    day: Ints
    week: Ints
    day_steps: Floats
    week_steps: Floats
    groups: Mask
    group_cap: Ints
    group_kinds: tuple[Block, ...]
    apart: tuple[KeptApart, ...]

    @cached_property
    def number(self) -> dict[str, int]:
        """The number of each item."""
        return {item.id: number for number, item in enumerate(self.problem.items)}

    @cached_property
    def channel_number(self) -> dict[str, int]:
        """The number of each channel."""
        return {channel.id: number for number, channel in enumerate(self.problem.channels)}

    @cached_property
    def is_fixed(self) -> Mask:
        """Whether each item has to stand in its slot."""
        return np.array([item.fixed is not None for item in self.problem.items], dtype=np.bool_)

    @cached_property
    def is_movable(self) -> Mask:
        """Whether each item can stand elsewhere: a fixed one on another of its channels."""
        return ~self.is_fixed | (np.diff(self.first_option) > 1)

    @cached_property
    def apart_of(self) -> dict[int, tuple[int, ...]]:
        """The numbers of the rules in `apart` that each item is under."""
        found: defaultdict[int, list[int]] = defaultdict(list)
        for rule, apart in enumerate(self.apart):
            for member in apart.members:
                found[self.number[member]].append(rule)
        return {item: tuple(rules) for item, rules in found.items()}

    @cached_property
    def is_apart(self) -> Mask:
        """Whether the item of each option is under a rule in `apart`."""
        return np.isin(self.options.item, list(self.apart_of))

    @cached_property
    def members(self) -> tuple[Ints, ...]:
        """The items of each rule in `apart`, in its order."""
        rows = ([self.number[member] for member in apart.members] for apart in self.apart)
        return tuple(np.array(row, dtype=np.int64) for row in rows)

    def options_of(self, item: int) -> range:
        """Return the numbers of an item's options."""
        return range(int(self.first_option[item]), int(self.first_option[item + 1]))

    def earned(self, option: int) -> Floats:
        """Return what an option earns in each slot of its window, -inf where it is closed."""
        options = self.options
        low = int(options.low[option])
        row = self.worth[options.row[option], low : int(options.high[option]) + 1].copy()
        if (slot := int(options.bonus_slot[option])) >= 0:
            row[slot - low] += options.bonus[option]
        return row

    def earns(self, option: int, slot: int) -> float:
        """Return what an option earns in one slot."""
        bonus = self.options.bonus[option] if slot == self.options.bonus_slot[option] else 0.0
        return float(self.worth[self.options.row[option], slot] + bonus)


def compile_grid(problem: GridProblem) -> Instance:
    """Turn a problem into arrays. Raises Invalid when a rule names an item or channel that does not exist."""
    channels = problem.channels
    options, rows = _options(problem)
    day = _renumbered([channel.day for channel in channels], problem.count)
    week = _renumbered([channel.week for channel in channels], problem.count)
    groups, caps, kinds = _groups(problem)
    apart = tuple(rule for constraint in problem.constraints for rule in constraint.apart(problem))
    _refuse_unknown(apart, {item.id for item in problem.items})
    return Instance(
        problem=problem,
        options=options,
        first_option=np.searchsorted(options.item, np.arange(len(problem.items) + 1)),
        worth=np.array(rows.rows).reshape(len(rows.rows), problem.count),
        ruled_out=rows.ruled_out,
        gap=np.array([min(max(whole(channel.min_gap), 1), problem.count + 1) for channel in channels], dtype=np.int64),
        day=day,
        week=week,
        day_steps=_day_steps(problem, day),
        week_steps=_week_steps(problem, week),
        groups=groups,
        group_cap=caps,
        group_kinds=kinds,
        apart=apart,
    )


def _mean(values: list[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def _refuse_unknown(apart: tuple[KeptApart, ...], known: set[str]) -> None:
    unknown = {member for rule in apart for member in rule.members} - known
    if unknown:
        raise Invalid(
            tuple(Fault("constraints", name, "no item has this id; name one of the items") for name in sorted(unknown))
        )


def _renumbered(rows: list[Ints], count: int) -> Ints:
    numbered = [np.unique(row, return_inverse=True)[1] for row in rows]
    return np.array(numbered, dtype=np.int64).reshape(len(rows), count)


def _groups(problem: GridProblem) -> tuple[Mask, Ints, tuple[Block, ...]]:
    """Return which channels share slots (G x C), how many posts each group allows in one, and what kind it is."""
    brands = np.array([channel.brand for channel in problem.channels])
    wanted = [
        (brands == brand, problem.max_per_slot_and_brand, Block.BRAND_CAP) for brand in sorted(set(brands.tolist()))
    ]
    wanted.append((np.ones(brands.size, dtype=np.bool_), problem.max_per_slot, Block.WORKSPACE_CAP))
    most = len(problem.commitments)  # they may share a slot even of one channel
    kept = [(who, cap, kind) for who, cap, kind in wanted if cap is not None and cap < who.sum() + most]
    return (
        np.array([who for who, _, _ in kept], dtype=np.bool_).reshape(len(kept), brands.size),
        np.array([cap for _, cap, _ in kept], dtype=np.int64),
        tuple(kind for _, _, kind in kept),
    )


def _typical(channel: GridChannel, priority: float) -> float:
    return priority * float(np.mean(1 + channel.scores[channel.open])) if channel.open.any() else 0.0


def _falling(factors: tuple[float, ...], posts: int, typical: float) -> Floats:
    """Return (1 - factor) * typical for the first `posts` posts of a period."""
    steps = np.zeros(posts)
    if factors:
        steps = typical * (1 - np.array(factors)[np.minimum(np.arange(posts), len(factors) - 1)])
    return steps


def _most(periods: Ints, problem: GridProblem) -> int:
    """Return more posts than a period of any channel can ever hold, commitments counted."""
    longest = max((int(np.bincount(row).max(initial=0)) for row in periods), default=0)
    return longest + len(problem.commitments) + 1


def _day_steps(problem: GridProblem, day: Ints) -> Floats:
    priority, posts = _mean([item.priority for item in problem.items]), _most(day, problem)
    steps = np.zeros((len(problem.channels), posts))
    for number, channel in enumerate(problem.channels):
        steps[number] = _falling(channel.daily_returns, posts, _typical(channel, priority))
        steps[number, _cap(channel.max_per_day, posts) :] = np.inf
    return _trimmed(steps)


def _week_steps(problem: GridProblem, week: Ints) -> Floats:
    priority, posts = _mean([item.priority for item in problem.items]), _most(week, problem)
    steps = np.zeros((len(problem.channels), int(week.max(initial=-1)) + 1, posts))
    for number, channel in enumerate(problem.channels):
        steps[number] = _falling(channel.weekly_returns, posts, _typical(channel, priority))
        whole = [np.unique(channel.day[week[number] == one]).size == _DAYS_OF_A_WEEK for one in range(steps.shape[1])]
        steps[number, whole, : channel.min_per_week] -= channel.worth_of_minimum
        steps[number, :, _cap(channel.max_per_week, posts) :] = np.inf
    return _trimmed(steps)


def _cap(cap: int | None, posts: int) -> int:
    return posts if cap is None else min(cap, posts)


def _trimmed(steps: Floats) -> Floats:
    """Leave out the steps from which on nothing changes any more; whoever reads past the end reads the last one."""
    differs = (steps[..., 1:] != steps[..., :-1]).any(axis=tuple(range(steps.ndim - 1)))
    return steps[..., : int(np.flatnonzero(differs).max(initial=-1)) + 2]


def _options(problem: GridProblem) -> tuple[Options, Rows]:
    rows, found = Rows(problem), list[tuple[int, int, int, int, int, int]]()
    bonuses = list[float]()
    for number, item in enumerate(problem.items):
        low, high = _window(item, problem.count)
        for channel in item.channels if low <= high else ():
            row, slot, bonus = rows.one(item, channel)
            slot = slot if low <= slot <= high else -1
            found.append((number, rows.channels[channel], low, high, row, slot))
            bonuses.append(bonus)
    items, channels, lows, highs, numbers, slots = np.array(found, dtype=np.int64).reshape(len(found), 6).T.copy()
    return Options(items, channels, lows, highs, numbers, slots, np.array(bonuses, dtype=np.float64)), rows


def _window(item: GridItem, count: int) -> tuple[int, int]:
    if item.fixed is not None:
        return item.fixed, item.fixed
    return max(item.release, 0), count - 1 if item.deadline is None else min(item.deadline, count - 1)
