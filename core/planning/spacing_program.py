"""The most a channel can take for its slots at given prices, by dynamic programs over all stretches of days at once."""

from dataclasses import dataclass

import numpy as np

from core.planning.grid import Floats, Ints, Mask

_LONG = 200
"""Slots in a row up to which the exact program is quick: four days of half hours, fewer of shorter slots."""


@dataclass(frozen=True, eq=False)
class Stretches:
    """Slots of channels in stretches (columns) that neither spacing nor a cap of a day ties together (J x S arrays).

    `before` counts the slots of the stretch that a post in this slot leaves free for earlier posts; `day` numbers the
    day within the stretch, `valid` is False where a stretch is shorter than the longest.
    """

    channel: Ints
    slot: Ints
    day: Ints
    before: Ints
    valid: Mask

    def only(self, columns: Ints) -> "Stretches":
        """Return some of the stretches."""
        return Stretches(
            self.channel[columns],
            self.slot[:, columns],
            self.day[:, columns],
            self.before[:, columns],
            self.valid[:, columns],
        )


def stretches(is_open: Mask, day: Ints, gap: Ints) -> Stretches:
    """Cut the open slots of each channel (C x T) where a new day starts at least the channel's gap after the last.

    Channels open day and night are cut at every day: that leaves out the spacing from one day to the next, which can
    only raise a bound, and a month then takes the time of a day.
    """
    parts = [
        (channel, part)
        for channel in range(gap.size)
        for part in _cut(np.flatnonzero(is_open[channel]), day[channel], int(gap[channel]))
    ]
    longest = max((part.size for _, part in parts), default=0)
    slot, days, before = (np.zeros((longest, len(parts)), dtype=np.int64) for _ in range(3))
    valid = np.zeros(slot.shape, dtype=np.bool_)
    for column, (channel, part) in enumerate(parts):
        rows = slice(0, part.size)
        slot[rows, column], valid[rows, column] = part, True
        days[rows, column] = day[channel, part]
        days[part.size :, column] = day[channel, part[-1]]
        before[rows, column] = np.searchsorted(part, part - gap[channel], side="right")
    return Stretches(np.array([channel for channel, _ in parts], dtype=np.int64), slot, days, before, valid)


def _cut(slots: Ints, day: Ints, gap: int) -> list[Ints]:
    is_new = np.diff(day[slots]) > 0
    parts = np.split(slots, np.flatnonzero(is_new & (np.diff(slots) >= gap)) + 1)
    if max(part.size for part in parts) > _LONG:
        parts = np.split(slots, np.flatnonzero(is_new) + 1)
    return [part for part in parts if part.size]


def choose(parts: Stretches, reward: Floats) -> tuple[Floats, Mask]:
    """Return the most each stretch can earn with spacing alone, and the slots chosen (both J x S, S).

    f(j) = max(f(j - 1), f(before(j)) + reward(j)); `reward` is J x S and -inf where there is no slot.
    """
    length, width = reward.shape
    best = np.zeros((length + 1, width))
    flat, place = best.ravel(), parts.before * width + np.arange(width)
    taken = np.zeros((length, width), dtype=np.bool_)
    for row in range(length):
        take = flat[place[row]]
        take += reward[row]
        np.greater(take, best[row], out=taken[row])
        np.maximum(take, best[row], out=best[row + 1])
    return best[length], _trace(parts, taken)


def _trace(parts: Stretches, taken: Mask) -> Mask:
    chosen, reach = np.zeros(taken.shape, dtype=np.bool_), np.full(taken.shape[1], taken.shape[0])
    for row in range(taken.shape[0] - 1, -1, -1):
        np.logical_and(taken[row], reach > row, out=chosen[row])
        np.copyto(reach, parts.before[row], where=chosen[row])
    return chosen


def choose_counted(parts: Stretches, reward: Floats, steps: Floats) -> tuple[Floats, Mask]:
    """Return the same with each day's posts counted; `steps` (J x S x K) is what the first, second, ... costs there.

    f(j, k) = max(f(j - 1, k), f(before(j), k - 1) + reward(j) - step(k)), k posts on the day of j so far; a day starts
    from the best of all counts of the day before.
    """
    length, width = reward.shape
    best = np.full((length + 1, width, steps.shape[2] + 1), -np.inf)
    best[0, :, 0] = 0.0
    is_new = np.zeros((length, width), dtype=np.bool_)
    is_new[1:] = np.diff(parts.day, axis=0) != 0
    joins = _joins(parts)
    taken = np.zeros((length, *best.shape[1:]), dtype=np.bool_)
    columns = np.arange(width)
    for row in range(length):
        skip = _collapsed(best[row], is_new[row])
        base = _collapsed(best[parts.before[row], columns], ~joins[row])
        take = base[:, :-1] + (reward[row][:, None] - steps[row])
        np.greater(take, skip[:, 1:], out=taken[row, :, 1:])
        best[row + 1] = skip
        np.maximum(take, skip[:, 1:], out=best[row + 1, :, 1:])
    return best[length].max(axis=1), _trace_counted(parts, taken, best, is_new, joins)


def _joins(parts: Stretches) -> Mask:
    """Say whether the post before a slot at the nearest falls on the slot's own day, so that its count goes on."""
    last = np.take_along_axis(parts.day, np.maximum(parts.before - 1, 0), axis=0)
    return np.asarray((parts.before > 0) & (last == parts.day))


def _collapsed(states: Floats, where: Mask) -> Floats:
    """Start a new day in some stretches: no posts yet, from the best of the states before."""
    if not where.any():
        return states
    fresh = np.full(states.shape, -np.inf)
    fresh[:, 0] = states.max(axis=1)
    return np.where(where[:, None], fresh, states)


def _trace_counted(parts: Stretches, taken: Mask, best: Floats, is_new: Mask, joins: Mask) -> Mask:
    length, width = is_new.shape
    chosen, columns = np.zeros(is_new.shape, dtype=np.bool_), np.arange(width)
    reach, count = np.full(width, length), best[length].argmax(axis=1)
    for row in range(length - 1, -1, -1):
        is_here = reach == row + 1
        take = is_here & taken[row, columns, count]
        chosen[row] = take
        reach = np.where(take, parts.before[row], np.where(is_here, row, reach))
        anew = np.where(take, ~joins[row], is_here & is_new[row])
        count = np.where(anew, best[reach, columns].argmax(axis=1), np.where(take, count - 1, count))
    return chosen
