"""Which half-hours of a channel are open: not past, quiet, blacked out, or too near to another item."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlmodel import col, select

from core.calendar.states import OPEN_ITEM_STATES
from core.calendar.windows import Blackout, QuietHours, blackout_at, is_quiet
from core.calendar.zones import slot_starts, to_wall
from core.services.context import Context
from core.services.preferences import OWNER
from core.storage.tables import Channel, ContentScheduleItem, ScheduleException, UserSchedulingPreference
from core.storage.tenancy import ScopedSession
from core.vocabulary import ItemState

SLOT_MINUTES = 30
SATURDAY = 5


@dataclass(frozen=True)
class Habits:
    """When a channel may post at all, apart from what is already planned."""

    zone: str
    quiet: QuietHours | None
    working_days_only: bool
    blackouts: tuple[Blackout, ...]

    def allow(self, instant: datetime) -> bool:
        """Return whether nothing but other posts speaks against the moment."""
        if self.quiet is not None and is_quiet(instant, self.zone, self.quiet):
            return False
        if self.working_days_only and to_wall(instant, self.zone).weekday() >= SATURDAY:
            return False
        return blackout_at(instant, self.blackouts) is None


def load_habits(session: ScopedSession, channel: Channel) -> Habits:
    """Return the platform's preferences and the blackout windows that concern the channel."""
    preference = session.scalars(
        select(UserSchedulingPreference).where(
            UserSchedulingPreference.user_id == OWNER, UserSchedulingPreference.platform == channel.platform
        )
    ).first()
    windows = session.scalars(
        select(ScheduleException).where(
            col(ScheduleException.channel_id).is_(None) | (ScheduleException.channel_id == channel.id)
        )
    )
    blackouts = tuple(Blackout(row.starts_at, row.ends_at, row.reason) for row in windows)
    if preference is None:
        return Habits(channel.timezone, None, False, blackouts)
    return Habits(preference.timezone, _quiet(preference), preference.working_days_only, blackouts)


def open_slots(
    session: ScopedSession, ctx: Context, channel: Channel, starts: datetime, ends: datetime
) -> tuple[datetime, ...]:
    """Return the UTC starts of the channel's open slots in [starts, ends), earliest first."""
    habits = load_habits(session, channel)
    gap = timedelta(minutes=channel.min_gap_minutes)
    taken = _taken(session, channel.id, starts - gap, ends + gap)
    slots = slot_starts(max(starts, ctx.now()), ends, channel.timezone, SLOT_MINUTES)
    return tuple(slot for slot in slots if habits.allow(slot) and not _is_near(slot, taken, gap))


def _quiet(preference: UserSchedulingPreference) -> QuietHours | None:
    if not (preference.quiet_from and preference.quiet_to):
        return None
    return QuietHours(time.fromisoformat(preference.quiet_from), time.fromisoformat(preference.quiet_to))


def _taken(session: ScopedSession, channel_id: str, starts: datetime, ends: datetime) -> list[datetime]:
    occupied = (*OPEN_ITEM_STATES, ItemState.PUBLISHED, ItemState.UNCONFIRMED)
    times = select(ContentScheduleItem.scheduled_at).where(
        ContentScheduleItem.channel_id == channel_id,
        col(ContentScheduleItem.state).in_(occupied),
        ContentScheduleItem.scheduled_at >= starts,
        ContentScheduleItem.scheduled_at <= ends,
    )
    return sorted(session.scalars(times))


def _is_near(slot: datetime, taken: Sequence[datetime], gap: timedelta) -> bool:
    """Return whether a planned post lies closer than the gap, or on the slot itself."""
    at = bisect_left(taken, slot)
    return any(other == slot or abs(other - slot) < gap for other in taken[max(at - 1, 0) : at + 1])
