"""The exact model of a choice: which of some columns (an item in a slot) to take, beside posts that stay (HiGHS)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import combinations
from typing import Any

import numpy as np

from core.planning.aside import run_aside
from core.planning.board import Board
from core.planning.grid import Floats, Ints, Mask
from core.planning.watch import Question

_TAKEN = 0.5
_GREATEST_COST = 1000.0
"""What the dearest choice is scaled to: HiGHS works to 1e-6, here a billionth of it, and takes 1e20 for infinite."""
_LONGEST = 60.0
"""Seconds after which a solve ends even if nobody limits it: one that was given up must not go on for ever."""
_PROVEN = 0
"""HiGHS, through scipy: 0 means proven optimal, 1 that a limit was reached."""


@dataclass(frozen=True, eq=False)
class Columns:
    """Choices: an item by one of its options in a slot, and what it earns there (one entry each).

    An item may stand for so many `times` items alike, which are then placed by the same choices.
    """

    item: Ints
    option: Ints
    slot: Ints
    worth: Floats
    times: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Effort:
    """What one exact solve may cost: seconds, nodes of its tree, and the share of the value not worth proving.

    It is given up as soon as `is_over` says so.
    """

    seconds: float
    nodes: int
    slack: float
    is_over: Question = lambda: False


@dataclass(frozen=True, eq=False)
class Selection:
    """The columns taken, and whether no better selection exists."""

    taken: Mask
    is_proven: bool


class _Rows:
    """Collects the rows of a model: each limits a sum over columns; further variables may stand for counted posts."""

    def __init__(self, columns: int) -> None:
        self.rows: list[Ints] = []
        self.columns: list[Ints] = []
        self.weights: list[Floats] = []
        self.low: list[Floats] = []
        self.high: list[Floats] = []
        self.count = 0
        self.variables = columns
        self.costs: list[Floats] = []

    def at_most(self, row: Ints, column: Ints, high: Floats, low: Floats | float = -np.inf) -> None:
        """Add rows: the sum over the columns given for row r is low[r] to high[r]; what cannot bind is left out."""
        low = np.broadcast_to(low, high.shape)
        binds = (np.bincount(row, minlength=high.size) > high) | (low > 0)
        number = np.cumsum(binds) - 1
        kept = binds[row]
        self._add(number[row[kept]], column[kept], np.ones(int(kept.sum())), low[binds], high[binds])

    def _add(self, row: Ints, column: Ints, weight: Floats, low: Floats, high: Floats) -> None:
        self.rows.append(row + self.count)
        self.columns.append(column)
        self.weights.append(weight)
        self.low.append(low)
        self.high.append(high)
        self.count += high.size

    def counted(self, column: Ints, steps: Floats) -> None:
        """Let the number of these columns taken cost its steps: one variable per post, cheapest first as they rise."""
        steps = steps[: column.size]
        posts = np.arange(self.variables, self.variables + steps.size)
        weight = np.concatenate((np.ones(column.size), -np.ones(steps.size)))
        both = np.concatenate((column, posts))
        self._add(np.zeros(both.size, dtype=np.int64), both, weight, np.zeros(1), np.zeros(1))
        self.costs.append(steps)
        self.variables += steps.size

    def constraint(self) -> Any:
        """Return all rows as HiGHS takes them."""
        from scipy.optimize import LinearConstraint
        from scipy.sparse import coo_array

        shape = (self.count, self.variables)
        where = np.concatenate(self.rows), np.concatenate(self.columns)
        matrix = coo_array((np.concatenate(self.weights), where), shape=shape).tocsr()
        return LinearConstraint(matrix, np.concatenate(self.low), np.concatenate(self.high))


def columns_of(board: Board, item: Ints, option: Ints, slot: Ints) -> Columns:
    """Return columns with what they earn."""
    options = board.instance.options
    bonus = np.where(options.bonus_slot[option] == slot, options.bonus[option], 0.0)
    return Columns(item, option, slot, board.instance.worth[options.row[option], slot] + bonus)


def load() -> None:
    """Load the exact solver: it takes most of a second, which no step of a search should be surprised by."""
    import scipy.optimize
    import scipy.sparse  # noqa: F401 - for later


def select(board: Board, columns: Columns, effort: Effort) -> Selection | None:
    """Choose the columns worth most together with the posts on the board, fixed items among them for sure.

    None when no answer came in time or none exists. The items of the columns must be off the board, and every column
    allowed beside the posts that are on it.
    """
    from scipy.optimize import Bounds, milp  # most of a second, which a greedy plan need not wait for

    rows = _Rows(columns.item.size)
    for limit in (_items, _spacing, _days, _weeks, _shared, _apart):
        limit(board, columns, rows)
    if not rows.count:
        return Selection(columns.worth > 0, is_proven=True)
    costs = np.concatenate((-columns.worth, *rows.costs))
    costs = costs / (float(np.abs(costs).max()) or 1.0) * _GREATEST_COST
    whole = np.concatenate((np.ones(columns.item.size), *(np.zeros(step.size) for step in rows.costs)))
    solve = partial(
        milp,
        costs,
        integrality=whole.astype(np.int64),
        bounds=Bounds(0, 1),
        constraints=rows.constraint(),
        options={
            "time_limit": min(max(effort.seconds, 0.0), _LONGEST),
            "node_limit": effort.nodes,
            "mip_rel_gap": effort.slack,
        },
    )
    found = run_aside(solve, effort.is_over)
    if found is None or found.x is None:
        return None
    return Selection(found.x[: columns.item.size] > _TAKEN, is_proven=found.status == _PROVEN)


def place_all(board: Board, columns: Columns, selection: Selection) -> None:
    """Put the columns taken on the board."""
    for index in np.flatnonzero(selection.taken).tolist():
        board.place(int(columns.item[index]), int(columns.option[index]), int(columns.slot[index]))


def _items(board: Board, columns: Columns, rows: _Rows) -> None:
    """Place each item once at most, a fixed one exactly once, items alike as often as there are."""
    items, row = np.unique(columns.item, return_inverse=True)
    times = np.array([columns.times.get(item, 1) for item in items.tolist()], dtype=np.float64)
    rows.at_most(row, np.arange(row.size), times, np.where(board.instance.is_fixed[items], 1.0, -np.inf))


def _reaches(key: Ints, reach: Ints | int) -> tuple[Ints, Ints, Floats]:
    """Return rows that hold, for each key in use, all columns from it to less than `reach` above: one at most of each.

    Whatever two columns are too near is in the row of the lower: together the rows say all there is to say.
    """
    starts = np.unique(key)
    first = np.searchsorted(starts, key - np.asarray(reach) + 1)
    size = np.searchsorted(starts, key, side="right") - first
    column = np.repeat(np.arange(key.size), size)
    row = np.arange(column.size) - np.repeat(np.cumsum(size) - size, size) + np.repeat(first, size)
    return row, column, np.ones(starts.size)


def _channel(board: Board, columns: Columns) -> Ints:
    return board.instance.options.channel[columns.option]


def _spacing(board: Board, columns: Columns, rows: _Rows) -> None:
    gap = board.instance.gap
    channel = _channel(board, columns)
    rows.at_most(*_reaches(channel * (board.instance.problem.count + int(gap.max())) + columns.slot, gap[channel]))


def _days(board: Board, columns: Columns, rows: _Rows) -> None:
    channel = _channel(board, columns)
    steps = np.repeat(board.instance.day_steps[:, None], board.in_day.shape[1], axis=1)
    _periods(rows, channel, board.instance.day[channel, columns.slot], steps, board.in_day)


def _weeks(board: Board, columns: Columns, rows: _Rows) -> None:
    channel = _channel(board, columns)
    period = board.instance.week[channel, columns.slot]
    _periods(rows, channel, period, board.instance.week_steps, board.in_week)


def _periods(rows: _Rows, channel: Ints, period: Ints, steps: Floats, used: Ints) -> None:
    """Limit the posts of each day or week, or let them cost what they cost."""
    for key in np.unique(channel * used.shape[1] + period):
        own, which = divmod(int(key), used.shape[1])
        column = np.flatnonzero((channel == own) & (period == which))
        index = np.minimum(used[own, which] + np.arange(column.size), steps.shape[2] - 1)
        left = steps[own, which, index]
        left = left[np.isfinite(left)]
        if left.any():
            rows.counted(column, left)
        else:
            rows.at_most(np.zeros(column.size, dtype=np.int64), column, np.array([float(left.size)]))


def _shared(board: Board, columns: Columns, rows: _Rows) -> None:
    instance, channel = board.instance, _channel(board, columns)
    room = instance.group_cap[:, None] - board.in_group
    for group in range(instance.groups.shape[0]):
        column = np.flatnonzero(instance.groups[group, channel])
        slots, row = np.unique(columns.slot[column], return_inverse=True)
        rows.at_most(row, column, room[group, slots].astype(np.float64))


def _apart(board: Board, columns: Columns, rows: _Rows) -> None:
    """Keep items apart: one row for all members where the rule is the same either way round, else pair by pair."""
    instance, channel = board.instance, _channel(board, columns)
    free = {
        int(item): np.flatnonzero(columns.item == item) for item in np.unique(columns.item) if item in instance.apart_of
    }
    for number in sorted({rule for item in free for rule in instance.apart_of[item]}):
        rule = instance.apart[number]
        members = [free[item] for item in instance.members[number].tolist() if item in free]
        homes = [np.unique(channel[own]) for own in members]
        is_one_each = not rule.across or _are_distinct(homes)
        if rule.low == -rule.high and is_one_each and len(members) > 1:
            column = np.concatenate(members)
            row, index, high = _reaches(columns.slot[column], rule.high + 1)
            rows.at_most(row, column[index], high)
        else:
            for first, second in combinations(members, 2):
                _pair(columns.slot, channel, (first, second), (rule.low, rule.high, rule.across), rows)


def _are_distinct(homes: Sequence[Ints]) -> bool:
    every = [channel for home in homes for channel in home.tolist()]
    return all(home.size == 1 for home in homes) and len(set(every)) == len(every)


def _pair(slot: Ints, channel: Ints, pair: tuple[Ints, Ints], rule: tuple[int, int, bool], rows: _Rows) -> None:
    """Keep two items apart: rows of a stretch of the first item's slots with all that they forbid to the second.

    With half = (high - low) // 2, every slot s in [u, u + half] clashes with every t in [u + half + low, u + high].
    Of the pairs that clash, u = s holds those half + low or more apart, u = s - half the rest.
    """
    low, high, across = rule
    half = (high - low) // 2
    for first, second in _sides(channel, pair, across):
        for start in np.unique(np.concatenate((slot[first], slot[first] - half))).tolist():
            own = first[(slot[first] >= start) & (slot[first] <= start + half)]
            other = second[(slot[second] >= start + half + low) & (slot[second] <= start + high)]
            both = np.concatenate((own, other))
            if other.size:
                rows.at_most(np.zeros(both.size, dtype=np.int64), both, np.ones(1))


def _sides(channel: Ints, pair: tuple[Ints, Ints], across: bool) -> Iterator[tuple[Ints, Ints]]:
    """Yield the columns that exclude each other: all, or channel by channel against all other channels."""
    first, second = pair
    for own in np.unique(channel[first]) if across else ():
        yield first[channel[first] == own], second[channel[second] != own]
    if not across:
        yield first, second
