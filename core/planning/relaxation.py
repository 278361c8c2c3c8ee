"""An upper bound on every plan, and the prices of slots that go with it (Lagrangian relaxation).

Items choose their slots by worth less price, channels choose which slots to offer by price; the two are solved apart:
bound = sum over items of max(0, worth - price) + what the channels take + what is left of weeks and shared slots;
a fixed item cannot stay out, so its worth - price counts below 0 too. Weeks and groups that share a slot are priced as
well; spacing and days are exact; what keeps items apart is left out.
"""

from dataclasses import dataclass

import numpy as np

from core.planning.board import Board
from core.planning.demand import Demand
from core.planning.grid import Floats, Ints
from core.planning.spacing_program import Stretches, choose, choose_counted, stretches

_NO_CAP = np.iinfo(np.int64).max


@dataclass(frozen=True, eq=False)
class Prices:
    """What a slot costs the items (C x T), what a week costs (C x W) and a shared slot (G x T) the channels."""

    slot: Floats
    week: Floats
    shared: Floats

    @property
    def parts(self) -> tuple[Floats, Floats, Floats]:
        """The three arrays."""
        return self.slot, self.week, self.shared


@dataclass(frozen=True, eq=False)
class Evaluation:
    """The bound at some prices, each item's surplus (see Wants), and the slope of the bound."""

    bound: float
    surplus: Floats
    slope: Prices


class Relaxation:
    """The relaxation of what is left to plan on a board that holds only what can stand nowhere else."""

    def __init__(self, board: Board) -> None:
        instance = board.instance
        self.instance, self.constant = instance, board.value()
        self.demand = Demand(board)
        self._week_steps = _left(instance.week_steps, board.in_week, instance.week_steps.shape[2])
        self._room = np.maximum(instance.group_cap[:, None] - board.in_group, 0)
        self._parts = self._open_stretches(board)
        self._flat = self._parts.channel * instance.problem.count + self._parts.slot
        self._day_steps = self._steps_by_day(board)
        finite = np.isfinite(self._day_steps)
        most = np.where(finite.all(axis=2), _NO_CAP, finite.sum(axis=2))
        self._most = most[self._parts.channel, self._parts.day]
        self._has_costs = (finite & (self._day_steps != 0)).any(axis=(1, 2))[self._parts.channel]
        self.floor = np.minimum(self._week_steps.min(axis=2, initial=0.0), 0.0)
        self.ceiling = self._week_steps[:, :, -1]

    def _open_stretches(self, board: Board) -> Stretches:
        """Take the slots that some item could use and no fixed post is too near to."""
        useful = np.zeros(board.crowd.shape, dtype=np.bool_)
        np.logical_or.at(useful, self.demand.channel_of_row, np.isfinite(self.demand.worth))
        return stretches(useful & (board.crowd == 0), self.instance.day, self.instance.gap)

    def _steps_by_day(self, board: Board) -> Floats:
        """Return what further posts cost on each day (C x D x posts), up to the most posts a day could take."""
        steps = self.instance.day_steps
        is_endless = np.isfinite(steps[:, -1]) & (steps != 0).any(axis=1)
        posts = max(steps.shape[1], int(is_endless.any()) * self._parts.slot.shape[0])
        return _left(np.repeat(steps[:, None, :], board.in_day.shape[1], axis=1), board.in_day, posts)

    def start(self) -> Prices:
        """Return prices of nothing, as far as the weeks allow."""
        week = np.clip(np.zeros(self.floor.shape), self.floor, self.ceiling)
        return Prices(np.zeros(self.instance.day.shape), week, np.zeros(self._room.shape))

    def evaluate(self, prices: Prices) -> Evaluation:
        """Return the bound at these prices and its slope (a subgradient)."""
        wants = self.demand.at(prices.slot)
        offered, taken = self._offer(prices)
        steps = prices.week[:, :, None] - self._week_steps
        weeks, shared = np.maximum(steps, 0.0).sum(), (prices.shared * self._room).sum()
        in_week = np.zeros(prices.week.shape)
        channels, slots = np.nonzero(offered)
        np.add.at(in_week, (channels, self.instance.week[channels, slots]), 1)
        slope = Prices(
            offered - wants.wanted,
            (steps > 0).sum(axis=2) - in_week,
            self._room - self.instance.groups.astype(float) @ offered,
        )
        return Evaluation(self.constant + float(wants.total + taken + weeks + shared), wants.surplus, slope)

    def _offer(self, prices: Prices) -> tuple[Floats, float]:
        """Return which slots the channels offer (C x T, 0 or 1) and what they take for them."""
        parts = self._parts
        reward = prices.slot - np.take_along_axis(prices.week, self.instance.week, axis=1)
        reward = reward - self.instance.groups.T.astype(float) @ prices.shared
        rewards = np.where(parts.valid, reward.ravel()[self._flat], -np.inf)
        taken, chosen = choose(parts, rewards)
        again = np.flatnonzero(self._has_costs | self._is_over(chosen))
        if again.size:
            some = parts.only(again)
            steps = self._day_steps[some.channel, some.day]
            taken[again], chosen[:, again] = choose_counted(some, rewards[:, again], steps)
        offered = np.zeros(prices.slot.size)
        offered[self._flat[chosen]] = 1
        return offered.reshape(prices.slot.shape), float(taken.sum())

    def _is_over(self, chosen: np.ndarray) -> np.ndarray:
        """Say in which stretches a day holds more posts than allowed."""
        days = int(self._parts.day.max(initial=-1)) + 1
        key = np.arange(chosen.shape[1]) * days + self._parts.day
        counts = np.bincount(key[chosen], minlength=days * chosen.shape[1])
        return np.asarray((chosen & (counts[key] > self._most)).any(axis=0))


def _left(steps: Floats, used: Ints, posts: int) -> Floats:
    """Return the next steps, `posts` of them, (channels x periods x posts) after `used` posts of each period."""
    index = np.minimum(used[..., None] + np.arange(posts), steps.shape[-1] - 1)
    return np.take_along_axis(steps, index, axis=-1)
