"""The best slots of all channels together, and of platforms that have no channel yet."""

from collections.abc import Iterator
from dataclasses import replace

from sqlmodel import col, select

from core.content.platforms import find_platform
from core.errors import Invalid, Problem
from core.services.channels import find_channel
from core.services.context import Context
from core.services.own_channels import IS_OWN
from core.services.recommendations import ChannelAdvice, RecommendationRequest, RecommendationView, recommend
from core.services.research_advice import advise_by_research
from core.services.workspaces import find_workspace
from core.storage.tables import Channel


def best_slots(ctx: Context, request: RecommendationRequest, zone: str | None = None) -> tuple[RecommendationView, ...]:
    """Return the `count` best open slots over all channels asked for, best score first.

    A platform that is named and has no channel, and every platform of a workspace without any, is advised by research
    in `zone` (None: the workspace's). Raises Invalid and NotFound.
    """
    advice = [*_by_channels(ctx, request), *_by_research(ctx, request, zone)]
    slots = [slot for each in advice for slot in each.slots]
    slots.sort(key=lambda slot: (-slot.score, slot.window_start, slot.channel_id))
    return tuple(slots[: request.count])


def _by_channels(ctx: Context, request: RecommendationRequest) -> tuple[ChannelAdvice, ...]:
    if not request.channel_ids:
        return recommend(ctx, request)
    named = {find_platform(ctx.reference.platforms, name).id for name in request.platforms}
    for channel_id in request.channel_ids:
        platform = find_channel(ctx, channel_id).platform
        if named and platform not in named:
            raise Invalid((Problem("channel_id", channel_id, f"this channel is on {platform}; ask for that platform"),))
    return recommend(ctx, request)


def _by_research(ctx: Context, request: RecommendationRequest, zone: str | None) -> Iterator[ChannelAdvice]:
    if request.channel_ids:
        return
    served = select(Channel.platform).where(IS_OWN, col(Channel.active)).distinct()
    with ctx.read() as session:
        known = set(session.scalars(served))
    named = [find_platform(ctx.reference.platforms, name).id for name in request.platforms]
    for platform in named or (() if known else ctx.reference.platforms):
        if platform not in known:
            asked = replace(request, platforms=(platform,))
            yield advise_by_research(ctx, platform, zone or find_workspace(ctx).timezone, asked)
