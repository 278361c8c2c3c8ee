"""The ground a plan stands on: what channels allow, hold and leave open, as slots numbered from an instant."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from functools import cached_property
from math import ceil

import numpy as np

from core.calendar.conflicts import Booking
from core.calendar.windows import Blackout
from core.calendar.zones import load_zone, to_wall
from core.planning.distances import near
from core.planning.grid import Floats, GridChannel, GridCommitment, Ints, Mask
from core.services.plan_views import AS_USUAL, PlanOptions
from core.services.posting_rules import Closed, PostingRules, bookings_between, rules_of
from core.storage.tables import Channel
from core.storage.tenancy import ScopedSession

SLOT_MINUTES = 30
"""Posts go out at the full and the half hour of their channel's clock."""
_QUARTER = 15
"""Where a clock stands at a quarter hour (Nepal is at +5:45), its half hours lie on no other clock's."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MINUTE = timedelta(minutes=1)
_DAY = timedelta(days=1)
_MINUTES_PER_HOUR, _MINUTES_PER_DAY = 60, 1440
_HOURS_PER_DAY, _DAYS_PER_WEEK = 24, 7
_ASKED_FOR = "asked for with the plan"
_FIRST_WEEKDAY = 3
"""1 January 1970, day 0, was a Thursday; weeks begin on Monday."""


@dataclass(frozen=True)
class Grid:
    """`count` slots of `minutes` from `origin` (UTC, a full slot of the day)."""

    origin: datetime
    minutes: int
    count: int

    def start(self, slot: int) -> datetime:
        """Return when a slot begins; it may lie before or after the grid."""
        return self.origin + slot * self.minutes * _MINUTE

    def position(self, at: datetime) -> float:
        """Return where an aware instant lies, in slots from the start: 2.5 is half-way from slot 2 to slot 3."""
        return (at - self.origin) / (self.minutes * _MINUTE)

    def slots(self, length: timedelta) -> float:
        """Return how many slots long a stretch of time is."""
        return length / (self.minutes * _MINUTE)

    def first_from(self, at: datetime) -> int:
        """Return the first slot that begins at an aware instant or after it."""
        return ceil(self.position(at))


@dataclass(frozen=True, eq=False)
class WallClock:
    """What the clocks of a zone show when each slot begins: days since 1970-01-01, and minutes since midnight."""

    day: Ints
    minute: Ints

    @property
    def week(self) -> Ints:
        """The ISO week, numbered upwards."""
        return _week_of(self.day)

    @property
    def hour_of_week(self) -> Ints:
        """The hour of the week, Monday 00:00 = 0 … Sunday 23:00 = 167."""
        weekday = (self.day + _FIRST_WEEKDAY) % _DAYS_PER_WEEK
        return np.asarray(weekday * _HOURS_PER_DAY + self.minute // _MINUTES_PER_HOUR)


@dataclass(frozen=True)
class Allowance:
    """What a channel allows under the options of a plan; `rules` has the stricter of its own limits and theirs."""

    rules: PostingRules
    options: PlanOptions
    timezone: str

    def closed(self, at: datetime) -> Closed | None:
        """Return what keeps everything from going out at an aware instant, None when the channel may post."""
        return self.rules.closed(at) or self._unwanted(at)

    def _unwanted(self, at: datetime) -> Closed | None:
        wall, options = to_wall(at, self.timezone), self.options
        if options.allowed_weekdays is not None and wall.weekday() not in options.allowed_weekdays:
            return Closed.UNWANTED_DAY
        if not (options.not_before or at) <= at <= (options.not_after or at):
            return Closed.UNWANTED_DATE
        if options.allowed_hours is not None and wall.hour not in options.allowed_hours:
            return Closed.UNWANTED_HOUR
        start, end = options.allowed_from or time(), options.allowed_to or time()
        clock = wall.time()
        inside = start <= clock < end if start < end else clock >= start or clock < end
        return None if start == end or inside else Closed.UNWANTED_HOUR

    @property
    def pattern(self) -> object:
        """What decides, beside blackouts, when the channel is closed."""
        rules = self.rules
        return self.timezone, rules.zone, rules.quiet, rules.working_days_only


@dataclass(frozen=True, eq=False)
class ChannelGround:
    """A channel over the slots of the grid: `closed` has the slots each reason closes, `open` the rest.

    Only slots that begin at a full or half hour of the channel's clock are of it: the others are neither.
    """

    channel: Channel
    allowance: Allowance
    wall: WallClock
    closed: Mapping[Closed, Mask]
    open: Mask

    def closed_slots(self, low: int, high: int) -> Mapping[Closed, int]:
        """Return how many of the slots `low` to `high` (inclusive) are closed for which reason."""
        counts = {why: int(slots[max(low, 0) : high + 1].sum()) for why, slots in self.closed.items()}
        return {why: count for why, count in counts.items() if count}


@dataclass(frozen=True, eq=False)
class Ground:
    """Channels, by id, over a grid, and the posts that stand on them, up to `AROUND` before and after it."""

    grid: Grid
    channels: Mapping[str, ChannelGround]
    bookings: tuple[Booking, ...]

    def grid_channel(self, channel_id: str, scores: Floats) -> GridChannel:
        """Return a channel as the planner takes it; `scores` has a number for each slot."""
        own = self.channels[channel_id]
        limits = own.allowance.rules.limits
        return GridChannel(
            id=channel_id,
            name=own.channel.name,
            scores=scores,
            open=own.open,
            day=own.wall.day,
            week=own.wall.week,
            min_gap=self.grid.slots(limits.min_gap),
            max_per_day=limits.max_per_day,
            max_per_week=limits.max_per_week,
        )

    def commitments(self, moving: Iterable[str] = ()) -> tuple[GridCommitment, ...]:
        """Return what stands on the channels, as the planner takes it, without the items that may move."""
        free = frozenset(moving)
        return tuple(self.commitment(one) for one in self.bookings if one.item_id not in free)

    def commitment(self, post: Booking) -> GridCommitment:
        """Return a post as one that stays where it is."""
        day = (to_wall(post.at, self.channels[post.channel_id].channel.timezone).date() - _EPOCH.date()).days
        week = int(_week_of(np.array([day]))[0])
        return GridCommitment(post.channel_id, self.grid.position(post.at), post.content_id or None, day, week)

    def free(self, channel_id: str) -> Mask:
        """Return the slots in which a channel may take one more post."""
        own, limits = self.channels[channel_id], self.channels[channel_id].allowance.rules.limits
        standing = self._standing.get(channel_id, ())
        gap, barred = self.grid.slots(limits.min_gap), np.zeros(self.grid.count, dtype=np.bool_)
        for post in standing:
            barred |= near(post.slot, gap, self.grid.count)
        for cap, numbers, taken in (
            (limits.max_per_day, own.wall.day, Counter(post.day for post in standing)),
            (limits.max_per_week, own.wall.week, Counter(post.week for post in standing)),
        ):
            if cap is not None:
                barred |= np.array([taken[number] >= cap for number in numbers.tolist()], dtype=np.bool_)
        return own.open & ~barred

    @cached_property
    def _standing(self) -> Mapping[str, list[GridCommitment]]:
        grouped: dict[str, list[GridCommitment]] = {}
        for post in self.commitments():
            grouped.setdefault(post.channel, []).append(post)
        return grouped


def survey(
    session: ScopedSession,
    channels: Iterable[Channel],
    starts: datetime,
    ends: datetime,
    options: PlanOptions = AS_USUAL,
) -> Ground:
    """Return the ground of channels in [starts, ends), aware; the limits in `options` can only make it stricter.

    Channels of one zone, and of one zone and the same hours, share the work.
    """
    known = {channel.id: channel for channel in channels}
    grid = _grid(starts, ends, {channel.timezone for channel in known.values()})
    walls = {zone: _wall_clock(grid, zone) for zone in {channel.timezone for channel in known.values()}}
    grounds, patterns = {}, dict[object, Mapping[Closed, Mask]]()
    for key, rules in rules_of(session, known.values()).items():
        zone = known[key].timezone
        allowance = Allowance(_tightened(rules, options), options, zone)
        if allowance.pattern not in patterns:
            patterns[allowance.pattern] = _closed_hours(grid, allowance, _own_slots(walls[zone]))
        closed = _with_blackouts(grid, allowance.rules, patterns[allowance.pattern], _own_slots(walls[zone]))
        is_open = _own_slots(walls[zone]) & ~np.any(list(closed.values()), axis=0)
        grounds[key] = ChannelGround(known[key], allowance, walls[zone], closed, is_open)
    return Ground(grid, grounds, bookings_between(session, starts, ends, known))


def _grid(starts: datetime, ends: datetime, zones: Iterable[str]) -> Grid:
    """Return the slots that begin in [starts, ends)."""
    days = [starts + number * _DAY for number in range(max((ends - starts).days, 0) + 1)]
    offsets = {day.astimezone(load_zone(zone)).utcoffset() or timedelta() for zone in zones for day in (*days, ends)}
    minutes = SLOT_MINUTES if all(not offset % (SLOT_MINUTES * _MINUTE) for offset in offsets) else _QUARTER
    first, last = (ceil((at - _EPOCH) / (minutes * _MINUTE)) for at in (starts, ends))
    return Grid(_EPOCH + first * minutes * _MINUTE, minutes, max(last - first, 0))


def _wall_clock(grid: Grid, zone: str) -> WallClock:
    clock = load_zone(zone)
    offsets = [(grid.start(slot).astimezone(clock).utcoffset() or timedelta()) / _MINUTE for slot in range(grid.count)]
    utc = (grid.origin - _EPOCH) / _MINUTE + np.arange(grid.count) * grid.minutes
    local = np.asarray(utc + offsets, dtype=np.int64)
    # Clocks that are set back at midnight show the old day again: the new one goes on.
    return WallClock(np.maximum.accumulate(local // _MINUTES_PER_DAY), local % _MINUTES_PER_DAY)


def _own_slots(wall: WallClock) -> Mask:
    return np.asarray(wall.minute % SLOT_MINUTES == 0)


def _week_of(day: Ints) -> Ints:
    return np.asarray((day + _FIRST_WEEKDAY) // _DAYS_PER_WEEK)


def _tightened(rules: PostingRules, options: PlanOptions) -> PostingRules:
    limits = replace(
        rules.limits,
        min_gap=max(rules.limits.min_gap, options.min_gap or timedelta()),
        max_per_day=_stricter(rules.limits.max_per_day, options.max_per_day),
        max_per_week=_stricter(rules.limits.max_per_week, options.max_per_week),
        blackouts=(*rules.limits.blackouts, *(Blackout(*window, _ASKED_FOR) for window in options.blackouts)),
    )
    return replace(rules, limits=limits)


def _stricter(*caps: int | None) -> int | None:
    return min((cap for cap in caps if cap is not None), default=None)


def _closed_hours(grid: Grid, allowance: Allowance, own_slots: Mask) -> Mapping[Closed, Mask]:
    """Return the slots that are closed by the clock, blackouts left aside."""
    rules = allowance.rules
    by_the_clock = replace(allowance, rules=replace(rules, limits=replace(rules.limits, blackouts=())))
    closed = {why: np.zeros(grid.count, dtype=np.bool_) for why in Closed}
    for slot in np.flatnonzero(own_slots).tolist():
        if why := by_the_clock.closed(grid.start(slot)):
            closed[why][slot] = True
    return closed


def _with_blackouts(
    grid: Grid, rules: PostingRules, closed: Mapping[Closed, Mask], own_slots: Mask
) -> Mapping[Closed, Mask]:
    """Return the slots by what closes them; in a blackout that is the reason, whatever the clock says."""
    blackout = np.zeros(grid.count, dtype=np.bool_)
    for window in rules.limits.blackouts:
        first, after = (max(grid.first_from(at), 0) for at in (window.start, window.end))
        blackout[first:after] = True
    return {why: own_slots & blackout if why is Closed.BLACKOUT else slots & ~blackout for why, slots in closed.items()}
