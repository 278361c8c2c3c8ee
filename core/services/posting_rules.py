"""What a channel allows and what it already holds, read for conflict warnings and for filling alike."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from enum import StrEnum

from sqlmodel import col, select

from core.calendar.conflicts import Booking, PostingLimits
from core.calendar.windows import Blackout, QuietHours, blackout_at, is_quiet
from core.calendar.zones import to_wall
from core.services.item_views import OPEN_SLOT, UNTITLED
from core.services.preferences import OWNER
from core.storage.tables import Channel, Content, ContentScheduleItem, ScheduleException, UserSchedulingPreference
from core.storage.tenancy import ScopedSession
from core.vocabulary import ExceptionKind, ItemState

SAME_CONTENT_DAYS = 30
"""Followers notice the same post on the same channel within about a month."""

AROUND = timedelta(days=SAME_CONTENT_DAYS + 1)
"""How far from a post others may stand that matter to it: longer than a week, a day for any zone's midnight."""

STANDING = (
    ItemState.PENDING,
    ItemState.AWAITING_APPROVAL,
    ItemState.SCHEDULED,
    ItemState.PUBLISHING,
    ItemState.UNCONFIRMED,
    ItemState.PUBLISHED,
)
"""An item in one of these states takes up its time; a failed, skipped or canceled one leaves it free."""

NAMELESS = "This post"
"""What a sentence calls the post it is about, where that has no words."""

_NAME_LENGTH = 40
_SATURDAY = 5
_MINUTE = timedelta(minutes=1)


class Closed(StrEnum):
    """Why a channel does not post at a time, as the end of a sentence."""

    BLACKOUT = "in a blackout"
    QUIET_HOURS = "in quiet hours"
    WEEKEND = "on weekends"
    UNWANTED_DAY = "on weekdays that were left out"
    UNWANTED_HOUR = "outside the hours that were asked for"
    UNWANTED_DATE = "outside the dates that were asked for"


@dataclass(frozen=True)
class PostingRules:
    """A channel's limits by its own clock; quiet hours and working days by the clock of `zone`, the preference's."""

    limits: PostingLimits
    quiet: QuietHours | None
    working_days_only: bool
    zone: str

    def closed(self, instant: datetime) -> Closed | None:
        """Return what keeps everything from going out at an aware instant, None when the channel may post."""
        if blackout_at(instant, self.limits.blackouts):
            return Closed.BLACKOUT
        if is_quiet(instant, self.zone, self.quiet):
            return Closed.QUIET_HOURS
        if self.working_days_only and to_wall(instant, self.zone).weekday() >= _SATURDAY:
            return Closed.WEEKEND
        return None


def rules_of(session: ScopedSession, channels: Iterable[Channel]) -> Mapping[str, PostingRules]:
    """Return the rules of each channel, by its id."""
    wanted = select(UserSchedulingPreference).where(UserSchedulingPreference.user_id == OWNER)
    preferences = {row.platform: row for row in session.scalars(wanted)}
    blackouts = session.scalars(select(ScheduleException).where(ScheduleException.kind == ExceptionKind.BLACKOUT)).all()
    return {channel.id: _rules(channel, preferences.get(channel.platform), blackouts) for channel in channels}


def bookings_between(
    session: ScopedSession, starts: datetime, ends: datetime, channel_ids: Iterable[str] | None = None
) -> tuple[Booking, ...]:
    """Return what stands on the channels (None: all) from `AROUND` before `starts` until as long after `ends`."""
    item = ContentScheduleItem
    rows = (
        select(item.id, item.channel_id, item.scheduled_at, Content)
        .join(Content, col(Content.id) == item.content_id)
        .where(col(item.scheduled_at).between(starts - AROUND, ends + AROUND), col(item.state).in_(STANDING))
    )
    if channel_ids is not None:
        rows = rows.where(col(item.channel_id).in_(tuple(channel_ids)))
    return tuple(_booking(key, channel, at, content) for key, channel, at, content in session.execute(rows))


def booking(item_id: str, title: str, text: str, channel_id: str, at: datetime) -> Booking:
    """Return an item as the conflict rules see it: contents are the same when their words are."""
    words = " ".join((text.strip() or title).casefold().split())
    return Booking(item_id, title.strip() or text.strip()[:_NAME_LENGTH] or NAMELESS, channel_id, words, at)


def _booking(item_id: str, channel_id: str, at: datetime, content: Content) -> Booking:
    """Return a booking; a content without words, such as a picture, is the same as itself alone."""
    found = booking(item_id, content.title, content.text, channel_id, at)
    if found.content_id:
        return found
    return replace(found, content_id=content.id, title=UNTITLED if content.media else OPEN_SLOT)


def _rules(
    channel: Channel, preference: UserSchedulingPreference | None, blackouts: Iterable[ScheduleException]
) -> PostingRules:
    caps = [channel.max_per_week, preference.posting_frequency_max if preference else None]
    limits = PostingLimits(
        min_gap=channel.min_gap_minutes * _MINUTE,
        same_content_days=SAME_CONTENT_DAYS,
        max_per_day=channel.max_per_day,
        max_per_week=min((cap for cap in caps if cap is not None), default=None),
        blackouts=tuple(
            Blackout(row.starts_at, row.ends_at, row.reason)
            for row in blackouts
            if row.channel_id in {None, channel.id}
        ),
    )
    if preference is None:
        return PostingRules(limits, None, working_days_only=False, zone=channel.timezone)
    return PostingRules(limits, _quiet(preference), preference.working_days_only, preference.timezone)


def _quiet(preference: UserSchedulingPreference) -> QuietHours | None:
    start, end = preference.quiet_from, preference.quiet_to
    if not start or not end or start == end:
        return None
    return QuietHours(time.fromisoformat(start), time.fromisoformat(end))
