"""Offers: times for posts on channels, each with what is expected of it; and the times a rule gives."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from core.calendar.recurrence import Recurrence, occurrences
from core.calendar.zones import first_moment, hour_of_week, to_wall
from core.content.platforms import find_platform
from core.errors import Invalid, Problem
from core.services.context import Context
from core.services.plan_views import EXPECTED
from core.services.plan_worth import HourWorth, worth_of
from core.services.slot_requests import Wishes
from core.services.slot_room import Room
from core.services.slot_views import SlotOffer
from core.storage.tables import Channel
from core.storage.tenancy import ScopedSession
from core.vocabulary import ContentFormat

_DAY = timedelta(days=1)


@dataclass(frozen=True, eq=False)
class Judge:
    """Says what a post of a format may expect of a time on a channel."""

    channel: Channel
    content_format: ContentFormat
    worth: HourWorth

    def offer(self, at: datetime, against: str = "") -> SlotOffer:
        """Return the moment (UTC) as an offer; one that something speaks against is not kept."""
        channel, hour = self.channel, hour_of_week(at, self.channel.timezone)
        return SlotOffer(
            channel_id=channel.id,
            channel_name=channel.name,
            platform=channel.platform,
            timezone=channel.timezone,
            content_format=self.content_format,
            scheduled_at=at,
            score=float(self.worth.scores[hour]),
            expected_lift=float(self.worth.lifts[hour]),
            reason=self.worth.reason(hour),
            against=against,
            keep=not against,
        )


def judges_of(session: ScopedSession, ctx: Context, channels: Sequence[Channel], wishes: Wishes) -> Mapping[str, Judge]:
    """Return a judge for each channel, by its id; without a format, posts of all formats speak for its hours."""
    hours = worth_of(session, ctx, [(channel, wishes[channel.id]) for channel in channels], EXPECTED).hours
    return {
        channel.id: Judge(channel, wished or _usual_format(ctx, channel.platform), hours[channel.id, wished])
        for channel in channels
        for wished in (wishes[channel.id],)
    }


def _usual_format(ctx: Context, platform: str) -> ContentFormat:
    """Return the plainest format a platform takes: text, else its first."""
    formats = find_platform(ctx.reference.platforms, platform).formats
    return ContentFormat.TEXT if ContentFormat.TEXT in formats else next(iter(formats))


def offers_at(times: Iterable[datetime], judge: Judge, room: Room) -> Iterator[SlotOffer]:
    """Yield these times (UTC, in order) on a channel; one without room says what speaks against it."""
    for at in times:
        offer = judge.offer(at, room.against(at))
        if offer.keep:
            room.take(at)
        yield offer


def rule_times(rule: Recurrence, zone: str, now: datetime) -> tuple[datetime, ...]:
    """Return the rule's times (UTC) on the clocks of a zone; when today's has passed the rule begins tomorrow.

    Raises Invalid for a first day that is over, and for more than 1000 times.
    """
    today = to_wall(now, zone).date()
    if rule.first_day < today:
        raise Invalid((Problem("first_day", str(rule.first_day), f"has passed; choose {today} or later"),))
    if first_moment(datetime.combine(rule.first_day, rule.at), zone) > now:
        return occurrences(rule, zone)
    if rule.until == today:
        message = f"{rule.at:%H:%M} has already passed today; choose a later last day"
        raise Invalid((Problem("until", str(rule.until), message),))
    return occurrences(replace(rule, first_day=today + _DAY), zone)
