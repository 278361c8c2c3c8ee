"""Tells the team's own channels from its peers, on which nothing is ever planned, advised or posted."""

from collections.abc import Iterator

from sqlmodel import col

from core.errors import Invalid, Problem
from core.services.rows import find
from core.storage.tables import Channel
from core.storage.tenancy import ScopedSession

IS_OWN = col(Channel.is_peer).is_(False)
"""What a query of the team's own channels asks for."""


def own_channel(session: ScopedSession, channel_id: str) -> Channel:
    """Return a channel of the team's own (NotFound; Invalid: it is a peer)."""
    channel = find(session, Channel, channel_id, "channel")
    if channel.is_peer:
        raise Invalid((_peer(channel),))
    return channel


def posting_problems(channel: Channel) -> Iterator[Problem]:
    """Yield why nothing can be scheduled on a channel; nothing where it can."""
    if channel.is_peer:
        yield _peer(channel)
    elif not channel.active:
        yield Problem("channel_id", channel.name, "this channel is switched off; switch it on or choose another")


def _peer(channel: Channel) -> Problem:
    fix = "this is a peer, another account that yours are compared with: nothing is planned or posted there; "
    return Problem("channel_id", channel.name, fix + "choose a channel of your own")
