"""Peers: how much is known of each, and parting with one."""

from collections.abc import Mapping

from sqlmodel import col, delete, func, select

from core.errors import Invalid, Problem
from core.services.audit import Action, record
from core.services.context import Context
from core.services.own_channels import IS_OWN
from core.services.rows import find
from core.services.timing import ALL_FORMATS
from core.storage.tables import (
    Channel,
    PerformanceKpiEvent,
    PlatformTimingData,
    PostOutcome,
    ScheduleException,
    TimingTally,
)

_Owned = type[PlatformTimingData] | type[TimingTally] | type[PostOutcome] | type[ScheduleException]
_OWNED: tuple[_Owned, ...] = (PlatformTimingData, TimingTally, PostOutcome, ScheduleException)
"""The tables whose rows go with a peer, beside the measurements of its posts."""


def peer_posts(ctx: Context) -> Mapping[str, int]:
    """Return how many posts each peer teaches with, by channel id; a peer without any is absent."""
    cell = PlatformTimingData
    peers = select(Channel.id).where(~IS_OWN)
    learned = select(col(cell.channel_id), func.sum(cell.posts)).where(
        col(cell.channel_id).in_(peers), col(cell.content_format) == ALL_FORMATS
    )
    with ctx.read() as session:
        return {channel: int(posts) for channel, posts in session.execute(learned.group_by(col(cell.channel_id)))}


def remove_peer(ctx: Context, channel_id: str) -> None:
    """Remove a peer with its whole history (NotFound; Invalid: it is one of the team's own channels)."""
    with ctx.write() as session:
        peer = find(session, Channel, channel_id, "channel")
        if not peer.is_peer:
            fix = "only peers can be removed; switch a channel of your own off instead"
            raise Invalid((Problem("channel_id", peer.name, fix),))
        posts = select(PostOutcome.pk).where(PostOutcome.channel_id == channel_id)
        session.execute(delete(PerformanceKpiEvent).where(col(PerformanceKpiEvent.outcome_pk).in_(posts)))
        for table in _OWNED:
            session.execute(delete(table).where(col(table.channel_id) == channel_id))
        session.delete(peer)
        record(session, ctx, Action.DELETED, "channel", channel_id, {"name": peer.name, "platform": peer.platform})
