"""What may be asked of the plan of open slots: every problem of a request at once, by its place."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime

from core.calendar.zones import to_wall
from core.errors import Invalid, Problem
from core.services.calendars import MOST_ITEMS
from core.services.contents import format_problems
from core.services.context import Context
from core.services.item_times import time_problem
from core.services.own_channels import own_channel, posting_problems
from core.services.slot_views import FixedTimes, HowOften, SlotOffer, SlotsRequest
from core.storage.tables import Channel
from core.storage.tenancy import ScopedSession
from core.vocabulary import ContentFormat

MOST_DAYS = 92
MOST_PER_WEEK = 100
_WEEK = 7

Wishes = Mapping[str, ContentFormat | None]
"""What is to go out on each channel, by its id; None for whatever the channel is for."""


def wishes_of(request: SlotsRequest) -> Wishes:
    """Return the channels that are to get slots, each with the format asked for."""
    if isinstance(request, FixedTimes):
        return dict.fromkeys(request.channel_ids, request.content_format)
    return {each.channel_id: each.content_format for each in request.channels if each.posts_per_week}


def channels_of(session: ScopedSession, ctx: Context, request: SlotsRequest) -> Sequence[Channel]:
    """Return the channels of a request that makes sense (NotFound; Invalid with all that is wrong)."""
    wishes = wishes_of(request)
    channels = [own_channel(session, channel_id) for channel_id in wishes]
    problems = [*_missing(wishes), *(_of_weeks(ctx, request, channels) if isinstance(request, HowOften) else ())]
    for channel in channels:
        problems += [*posting_problems(channel), *_of_format(ctx, channel, wishes[channel.id])]
    refuse(problems)
    return channels


def offer_problems(ctx: Context, channels: Mapping[str, Channel], offers: Sequence[SlotOffer]) -> Iterator[Problem]:
    """Yield why offers cannot be added, placed as in `offers[2].scheduled_at`."""
    if not offers:
        yield Problem("offers", "0", "keep at least one time")
    if len(offers) > MOST_ITEMS:
        yield Problem("offers", str(len(offers)), f"add at most {MOST_ITEMS} at once; choose an earlier last day")
    for number, offer in enumerate(offers[:MOST_ITEMS]):
        channel, late = channels[offer.channel_id], time_problem(offer.scheduled_at, ctx.now())
        found = [*posting_problems(channel), *_of_format(ctx, channel, offer.content_format), *([late] if late else [])]
        for problem in found:
            yield Problem(f"offers[{number}].{problem.place}", problem.value, problem.message)


def refuse(problems: Sequence[Problem]) -> None:
    """Raise Invalid when there is any."""
    if problems:
        raise Invalid(tuple(problems))


def first_day_for(channel: Channel, first_day: date, now: datetime) -> date:
    """Return the first day that is not over on the channel's clock."""
    return max(first_day, to_wall(now, channel.timezone).date())


def _missing(wishes: Wishes) -> Iterator[Problem]:
    if not wishes:
        yield Problem("channels", "", "choose a channel, and one post a week or more")


def _of_format(ctx: Context, channel: Channel, content_format: ContentFormat | None) -> Sequence[Problem]:
    return () if content_format is None else format_problems(ctx, channel.platform, content_format)


def _of_weeks(ctx: Context, request: HowOften, channels: Sequence[Channel]) -> Iterator[Problem]:
    days = (request.last_day - request.first_day).days + 1
    if not 1 <= days <= MOST_DAYS:
        yield Problem("last_day", str(request.last_day), f"choose 1 to {MOST_DAYS} days from {request.first_day} on")
    today = min((to_wall(ctx.now(), channel.timezone).date() for channel in channels), default=request.first_day)
    if request.first_day < today:
        yield Problem("first_day", str(request.first_day), f"has passed; choose {today} or later")
    for number, each in enumerate(request.channels):
        if not 0 <= each.posts_per_week <= MOST_PER_WEEK:
            message = f"ask for 0 to {MOST_PER_WEEK} posts a week"
            yield Problem(f"channels[{number}].posts_per_week", str(each.posts_per_week), message)
    weekly = sum(max(each.posts_per_week, 0) for each in request.channels)
    if weekly * max(days, 0) > MOST_ITEMS * _WEEK:
        yield Problem("last_day", str(request.last_day), f"that is more than {MOST_ITEMS} posts; choose fewer days")
