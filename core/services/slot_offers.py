"""Offers: times for posts on channels, each with what is expected of it; and the times a rule gives."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from core.calendar.recurrence import Recurrence, occurrences
from core.calendar.zones import first_moment, hour_of_week, to_wall
from core.content.platforms import find_platform
from core.errors import Invalid, Problem
from core.services.context import Context
from core.services.curves import fit_channels
from core.services.slot_requests import Wishes
from core.services.slot_room import Room
from core.services.slot_views import SlotOffer
from core.storage.tables import Channel
from core.storage.tenancy import ScopedSession
from core.timing.curve import Vector, WeekCurve
from core.timing.recommend import SlotChoice, scores, suggest
from core.vocabulary import ContentFormat

_DAY = timedelta(days=1)


@dataclass(frozen=True, eq=False)
class Judge:
    """Says what a post of a format may expect of a time on a channel; `scores` by hour of the week."""

    channel: Channel
    content_format: ContentFormat
    curve: WeekCurve
    scores: Vector

    def offer(self, at: datetime, against: str = "") -> SlotOffer:
        """Return the moment (UTC) as an offer; one that something speaks against is not kept."""
        channel, hour = self.channel, hour_of_week(at, self.channel.timezone)
        known = suggest(self.curve, SlotChoice(at, hour), float(self.scores[hour]))
        return SlotOffer(
            channel_id=channel.id,
            channel_name=channel.name,
            platform=channel.platform,
            timezone=channel.timezone,
            content_format=self.content_format,
            scheduled_at=at,
            score=known.score,
            expected_lift=known.expected_lift,
            reason=known.reasons[0],
            against=against,
            keep=not against,
        )


def judges_of(session: ScopedSession, ctx: Context, channels: Sequence[Channel], wishes: Wishes) -> Mapping[str, Judge]:
    """Return a judge for each channel, by its id; without a format, posts of all formats speak for its hours."""
    groups: defaultdict[ContentFormat | None, list[Channel]] = defaultdict(list)
    for channel in channels:
        groups[wishes[channel.id]].append(channel)
    judges = {}
    for wanted, group in groups.items():
        curves = fit_channels(session, ctx, group, wanted)
        for channel in group:
            curve, made = curves[channel.id], wanted or _usual_format(ctx, channel.platform)
            judges[channel.id] = Judge(channel, made, curve, scores(curve))
    return judges


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
