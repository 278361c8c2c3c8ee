"""Advice for a platform without a channel: what published research says of the week, in a time zone that was named."""

import re
from datetime import datetime

from core.calendar.zones import hour_of_week, load_zone, slot_starts
from core.content.baseline import baseline_week
from core.content.platforms import find_platform
from core.errors import Invalid, NotFound
from core.services.context import Context
from core.services.plan_ground import SLOT_MINUTES
from core.services.recommendations import ChannelAdvice, RecommendationRequest, advise, asked_range
from core.storage.tables import Channel
from core.timing.curve import WeekCurve
from core.timing.estimator import fit
from core.timing.priors import published_research
from core.timing.recommend import SlotChoice
from core.timing.rollup import NO_POSTS
from core.vocabulary import ContentFormat

_NAME = "research_{platform}_{zone}"
_SHAPE = re.compile(r"research_(?P<platform>[a-z][a-z0-9_]*)_(?P<zone>[0-9a-f]+)", re.ASCII)
"""What stands in a recommendation's id in place of a channel: its platform and, in hexadecimal, the time zone."""


def advise_by_research(ctx: Context, platform: str, zone: str, request: RecommendationRequest) -> ChannelAdvice:
    """Return the best coming slots of a platform (id) by research alone; its `channel_id` stands for no channel.

    Raises Invalid for a zone, count or range that cannot be meant.
    """
    starts, ends = asked_range(request, ctx.now())
    channel = research_channel(platform, zone, ctx.now())
    slots = slot_starts(max(starts, ctx.now()), ends, zone, SLOT_MINUTES)
    choices = [SlotChoice(at, hour_of_week(at, zone)) for at in slots]
    return advise(channel, request, research_curve(ctx, channel, request.content_format), choices)


def research_curve(ctx: Context, channel: Channel, content_format: ContentFormat | None) -> WeekCurve:
    """Return what research expects of a platform's week."""
    week = baseline_week(ctx.reference.baseline, channel.platform, content_format)
    return fit(NO_POSTS, [published_research(week)])


def research_channel(platform: str, zone: str, now: datetime) -> Channel:
    """Return what takes the channel's part in such advice; it is never stored."""
    load_zone(zone)
    name = _NAME.format(platform=platform, zone=zone.encode().hex())
    return Channel(id=name, name=platform, platform=platform, timezone=zone, created_at=now)


def is_research(channel_id: str) -> bool:
    """Say whether advice under this id rests on research instead of a channel."""
    return _SHAPE.fullmatch(channel_id) is not None


def named_research(ctx: Context, channel_id: str) -> Channel:
    """Return what an id of `research_channel` names (NotFound: no platform or zone of this installation)."""
    found = _SHAPE.fullmatch(channel_id)
    try:
        if found is None:
            raise NotFound(kind="channel", id=channel_id)
        platform = find_platform(ctx.reference.platforms, found["platform"]).id
        return research_channel(platform, bytes.fromhex(found["zone"]).decode(), ctx.now())
    except (Invalid, ValueError) as error:
        raise NotFound(kind="channel", id=channel_id) from error
