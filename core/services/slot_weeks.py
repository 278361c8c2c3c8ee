"""Posts a week become times: what each week still needs, and the best free half hours of a channel for it."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import groupby

import numpy as np

from core.calendar.zones import HOURS_PER_DAY, day_bounds, to_wall
from core.planning.grid import GridChannel, GridCommitment, GridItem, GridProblem
from core.planning.grid_plan import Block, GridPlacement, GridPlan, GridUnplaced, Infeasible
from core.planning.solve import solve
from core.planning.watch import Elapsed
from core.services.plan_ground import Ground
from core.services.slot_offers import Judge
from core.services.slot_views import SlotOffer, WeekOfSlots

TIE_BREAK = 0.01
"""Where a day's hours are all alike, because nothing is known of it, those win that are good on other days."""

_DAY = timedelta(days=1)
_WEEK = 7


@dataclass(frozen=True)
class ChannelDays:
    """A channel, the local days (both included) it is planned on, and how many posts a week it is to have."""

    judge: Judge
    first: date
    last: date
    per_week: int

    @property
    def zone(self) -> str:
        """The zone whose days they are."""
        return self.judge.channel.timezone

    def part_of(self, monday: date) -> tuple[date, date]:
        """Return the first and the last of the days that lie in a week."""
        return max(monday, self.first), min(monday + (_WEEK - 1) * _DAY, self.last)


def weeks_of(channel: ChannelDays, ground: Ground) -> Iterator[WeekOfSlots]:
    """Yield the weeks of a channel's days, with what they are to hold and what stands there already."""
    own = channel.judge.channel
    posts = Counter(to_wall(post.at, channel.zone).date() for post in ground.bookings if post.channel_id == own.id)
    days = (channel.first + number * _DAY for number in range((channel.last - channel.first).days + 1))
    for monday, part in groupby(days, key=lambda day: day - day.weekday() * _DAY):
        inside = list(part)
        standing = sum(posts[day] for day in inside)
        elsewhere = sum(posts[monday + number * _DAY] for number in range(_WEEK)) - standing
        share = channel.per_week * len(inside) // _WEEK
        yield WeekOfSlots(
            channel_id=own.id,
            channel_name=own.name,
            monday=monday,
            days=len(inside),
            per_week=channel.per_week,
            wanted=min(share, max(channel.per_week - elsewhere, 0)),
            standing=standing,
            elsewhere=elsewhere,
            added=0,
        )


def fill_weeks(
    channel: ChannelDays, ground: Ground, elapsed: Elapsed, seconds: float
) -> tuple[tuple[SlotOffer, ...], tuple[WeekOfSlots, ...]]:
    """Return the best free times for what a channel's weeks still need, and the weeks with what they got.

    No day gets a second post while another day of its week has room, and so on: days fill evenly.
    """
    weeks = tuple(weeks_of(channel, ground))
    wanted = {item.id: (item, week) for week in weeks for item in _items(channel, ground, week)}
    placed, left = _spread(channel, ground, [item for item, _ in wanted.values()], elapsed, seconds)
    added = Counter(wanted[one.item][1].monday for one in placed)
    reasons = {wanted[one.item][1].monday: _reason(channel, ground, wanted[one.item][0], one) for one in left}
    return (
        tuple(channel.judge.offer(ground.grid.start(one.slot)) for one in placed),
        tuple(replace(week, added=added[week.monday], reason=reasons.get(week.monday, "")) for week in weeks),
    )


def _items(channel: ChannelDays, ground: Ground, week: WeekOfSlots) -> Iterator[GridItem]:
    """Yield a post for each that the week still needs, to be placed on its days."""
    first, last = channel.part_of(week.monday)
    grid, zone = ground.grid, channel.zone
    release = max(grid.first_from(day_bounds(first, zone)[0]), 0)
    deadline = grid.first_from(day_bounds(last, zone)[1]) - 1
    for number in range(week.wanted - week.standing):
        yield GridItem(f"{week.monday} {number}", (week.channel_id,), release=release, deadline=deadline)


def _spread(
    channel: ChannelDays, ground: Ground, items: Sequence[GridItem], elapsed: Elapsed, seconds: float
) -> tuple[list[GridPlacement], tuple[GridUnplaced, ...]]:
    """Place as many as fit with one post a day, then the rest with two, up to what the channel allows."""
    planned = _grid_channel(channel, ground)
    standing = [post for post in ground.commitments() if post.channel == planned.id]
    most = channel.per_week if planned.max_per_day is None else planned.max_per_day
    placed: list[GridPlacement] = []
    left: tuple[GridUnplaced, ...] = ()
    began = elapsed()
    for a_day in range(max(min(channel.per_week // _WEEK, most), 1), most + 1):
        problem = GridProblem(ground.grid.count, (replace(planned, max_per_day=a_day),), tuple(items), tuple(standing))
        plan = _solved(problem, channel, ground, elapsed, seconds - (elapsed() - began))
        placed += plan.placements
        left = plan.unplaced
        standing += [GridCommitment(planned.id, one.slot) for one in plan.placements]
        if not any(block is Block.DAY_CAP for one in left for block, _ in one.reason.blocks):
            break
        names = {one.item for one in left}
        items = [item for item in items if item.id in names]
    return placed, left


def _grid_channel(channel: ChannelDays, ground: Ground) -> GridChannel:
    own = channel.judge.channel.id
    lifts = channel.judge.worth.lifts
    alike = np.tile(lifts.reshape(_WEEK, HOURS_PER_DAY).mean(axis=0), _WEEK)
    return ground.grid_channel(own, (lifts + TIE_BREAK * alike)[ground.channels[own].wall.hour_of_week])


def _solved(problem: GridProblem, channel: ChannelDays, ground: Ground, elapsed: Elapsed, seconds: float) -> GridPlan:
    plan = solve(
        problem,
        budget_seconds=max(seconds, 0.0),
        seed=0,
        elapsed=elapsed,
        slot_name=lambda slot: f"{to_wall(ground.grid.start(slot), channel.zone):%Y-%m-%d %H:%M}",
    )
    if isinstance(plan, Infeasible):
        raise TypeError(plan.reason)  # only a fixed item could contradict what stands, and none is fixed
    return plan


def _reason(channel: ChannelDays, ground: Ground, item: GridItem, left: GridUnplaced) -> str:
    """Say why a post found no place and what would make room for it."""
    (block, slots), *_ = left.reason.blocks
    if block is Block.CLOSED:
        own, closed = channel.judge.channel, ground.channels[channel.judge.channel.id]
        counts = closed.closed_slots(item.release, item.deadline or 0)
        parts = " and ".join(f"{count} are {why}" for why, count in sorted(counts.items()))
        return f"{own.name} may not post in any of the {sum(counts.values())} half hours: {parts}."
    if block is Block.WINDOW or not slots:
        return "No half hour is left on its days."
    return " ".join(part for part in (left.reason.sentence, left.relaxation and left.relaxation.sentence) if part)
