"""The times arms give to posts: for each arm the free half hour of the post's week, or day, its strategy chooses."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

import numpy as np

from core.calendar.conflicts import Booking
from core.calendar.zones import first_moment, to_wall
from core.services.context import Context
from core.services.curves import fit_channel
from core.services.plan_ground import Ground, survey
from core.storage.tables import Channel, ContentScheduleItem
from core.storage.tenancy import ScopedSession
from core.timing.curve import WeekCurve
from core.timing.recommend import SlotChoice, rank
from core.trials.registration import ArmPlan, Registration
from core.trials.words import DrawUnit, Strategy
from core.vocabulary import ContentFormat

LEAD = timedelta(minutes=15)
"""A post gets no time nearer than this: somebody may still want to look at it."""
_WEEK = timedelta(days=7)


def week_of(at: datetime, zone: str) -> tuple[datetime, datetime]:
    """Return the first moment of the local week (Monday) of a moment and that of the next one."""
    day = to_wall(at, zone).date()
    monday = day - timedelta(days=day.weekday())
    starts, ends = (datetime.combine(each, time()) for each in (monday, monday + _WEEK))
    return first_moment(starts, zone), first_moment(ends, zone)


@dataclass(frozen=True)
class Asked:
    """A post that asks for times: its row, its format, and the channel it goes out on."""

    item: ContentScheduleItem
    content_format: ContentFormat
    channel: Channel


class SlotFinder:
    """Finds the times of arms for one post after the other; a post that was given its time is in the way of others."""

    def __init__(self, session: ScopedSession, ctx: Context, registration: Registration) -> None:
        self._session, self._ctx, self._registration = session, ctx, registration
        self._grounds: dict[tuple[str, datetime], Ground] = {}
        self._curves: dict[tuple[str, ContentFormat], WeekCurve] = {}
        self._walls: dict[tuple[str, datetime], datetime] = {}
        self._fits: dict[tuple[str, str, datetime], bool] = {}

    def times(self, asked: Asked) -> Mapping[str, datetime | None]:
        """Return the time each arm would give a post within the week it is planned for, None where it has none.

        Where days are drawn, within that day.
        """
        found = self._found(asked)
        open_slots = self._open(asked, found)
        return {arm.name: self._choose(arm, asked, open_slots, found) for arm in self._registration.arms}

    def take(self, asked: Asked, at: datetime) -> None:
        """Let a post stand at a time, also for the weeks beside its own."""
        mine = Booking(asked.item.id, "", asked.channel.id, asked.item.content_id, at)
        for key, found in self._grounds.items():
            if key[0] == asked.channel.id:
                self._grounds[key] = replace(found, bookings=(*_without(found, asked), mine))

    def _key(self, asked: Asked) -> tuple[str, datetime]:
        return asked.channel.id, week_of(asked.item.scheduled_at, self._registration.zones[asked.channel.id])[0]

    def _found(self, asked: Asked) -> Ground:
        key = self._key(asked)
        if key not in self._grounds:
            starts, ends = week_of(asked.item.scheduled_at, self._registration.zones[asked.channel.id])
            self._grounds[key] = survey(self._session, [asked.channel], max(starts, self._ctx.now() + LEAD), ends)
        return self._grounds[key]

    def _open(self, asked: Asked, found: Ground) -> Sequence[SlotChoice]:
        """Return the slots that are free when the post itself stands nowhere, within its own leeway."""
        around = replace(found, bookings=_without(found, asked))
        hours = found.channels[asked.channel.id].wall.hour_of_week
        earliest, latest = asked.item.not_before, asked.item.not_after
        free = np.flatnonzero(around.free(asked.channel.id)).tolist()
        slots = [SlotChoice(found.grid.start(slot), int(hours[slot])) for slot in free]
        slots = [one for one in slots if (earliest or one.start) <= one.start <= (latest or one.start)]
        if self._registration.unit is DrawUnit.POSTS:
            return slots
        day = self._day(asked, asked.item.scheduled_at)
        return [one for one in slots if self._day(asked, one.start) == day]

    def _day(self, asked: Asked, at: datetime) -> date:
        return self._wall(asked, at).date()

    def _wall(self, asked: Asked, at: datetime) -> datetime:
        """Return the local time of a moment; the slots of a week are asked for again with every post of it."""
        key = asked.channel.id, at
        if key not in self._walls:
            self._walls[key] = to_wall(at, self._registration.zones[asked.channel.id])
        return self._walls[key]

    def _is_within(self, arm: ArmPlan, asked: Asked, at: datetime) -> bool:
        """Say whether a moment lies in an arm's windows."""
        key = arm.name, asked.channel.id, at
        if key not in self._fits:
            self._fits[key] = any(each.holds(self._wall(asked, at)) for each in arm.windows)
        return self._fits[key]

    def _choose(self, arm: ArmPlan, asked: Asked, open_slots: Sequence[SlotChoice], found: Ground) -> datetime | None:
        if arm.strategy is Strategy.AS_PLANNED:
            return asked.item.scheduled_at
        if arm.strategy is Strategy.RECOMMENDED:
            best = rank(self._curve(asked), open_slots, 1)
            return best[0].start if best else None
        if arm.strategy is Strategy.WINDOWS:
            fitting = [one for one in open_slots if self._is_within(arm, asked, one.start)]
            return self._emptiest(fitting, asked, found, ())
        usual = arm.usual.get(asked.channel.id, ())
        return self._emptiest([one for one in open_slots if one.hour_of_week in usual], asked, found, usual)

    def _emptiest(
        self, slots: Sequence[SlotChoice], asked: Asked, found: Ground, order: Sequence[int]
    ) -> datetime | None:
        """Return the slot on the day with the fewest posts, then by the order of hours, then nearest the planned day.

        The nearest, since an arm that moved its posts to other weekdays as well would compare weekdays, not hours.
        """
        standing = Counter(self._day(asked, post.at) for post in _without(found, asked))
        planned = self._day(asked, asked.item.scheduled_at)

        def place(one: SlotChoice) -> tuple[int, int, timedelta, datetime]:
            day = self._day(asked, one.start)
            turn = order.index(one.hour_of_week) if order else 0
            return standing[day], turn, abs(day - planned), one.start

        return min(slots, key=place).start if slots else None

    def _curve(self, asked: Asked) -> WeekCurve:
        key = asked.channel.id, asked.content_format
        if key not in self._curves:
            self._curves[key] = fit_channel(self._session, self._ctx, asked.channel, asked.content_format)
        return self._curves[key]


def _without(found: Ground, asked: Asked) -> tuple[Booking, ...]:
    return tuple(post for post in found.bookings if post.item_id != asked.item.id)
