"""Which channel an imported account fills: one that exists, or a new one of the same name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import select

from core.calendar.zones import load_zone
from core.content.platforms import find_platform
from core.errors import Invalid, Problem
from core.services.channels import NAME_LIMIT
from core.services.context import Context
from core.services.rows import find
from core.storage.ids import IdPrefix, new_id
from core.storage.tables import Channel
from core.storage.tenancy import ScopedSession
from core.vocabulary import ChannelKind

MOST_ACCOUNTS = 100


@dataclass(frozen=True)
class ImportTarget:
    """Either one channel for all rows, or a platform on which each account of the file has its channel.

    New channels are outboxes in `timezone`, named after the account, or `name` where the file names no account;
    with `is_peer` they are peers, accounts that the team's own channels are compared with.
    """

    channel_id: str | None = None
    platform: str = ""
    timezone: str = "UTC"
    name: str = "Imported history"
    is_peer: bool = False


def check_target(ctx: Context, target: ImportTarget) -> None:
    """Refuse a channel, platform or zone that does not exist (NotFound, Invalid), before a long file is read."""
    with ctx.read() as session:
        resolve_channels(session, ctx, target, ())


def resolve_channels(
    session: ScopedSession, ctx: Context, target: ImportTarget, accounts: Sequence[str]
) -> Mapping[str, Channel]:
    """Return the channel of each account, adding those that do not exist (NotFound, Invalid)."""
    if target.channel_id is not None:
        channel = find(session, Channel, target.channel_id, "channel")
        if target.is_peer:
            _refuse_mixing(channel, target)
        return dict.fromkeys(accounts, channel)
    platform = find_platform(ctx.reference.platforms, target.platform).id
    load_zone(target.timezone)
    if len(accounts) > MOST_ACCOUNTS:
        fix = f"choose the column that names the account; a file may hold {MOST_ACCOUNTS} accounts"
        raise Invalid((Problem("account", f"{len(accounts):,} different values", fix),))
    return {account: _channel(session, ctx, target, platform, account) for account in accounts}


def _channel(session: ScopedSession, ctx: Context, target: ImportTarget, platform: str, account: str) -> Channel:
    name = (account.strip() or target.name)[:NAME_LIMIT]
    same = select(Channel).where(Channel.platform == platform, Channel.name == name)
    found = session.scalars(same).first()
    if found is not None:
        _refuse_mixing(found, target)
        return found
    row = Channel(
        id=new_id(IdPrefix.CHANNEL),
        platform=platform,
        name=name,
        kind=ChannelKind.OUTBOX,
        timezone=target.timezone,
        is_peer=target.is_peer,
        created_at=ctx.now(),
    )
    session.add(row)
    session.flush()
    return row


def _refuse_mixing(channel: Channel, target: ImportTarget) -> None:
    """Keep a peer's posts out of the team's own history, and the other way round."""
    if channel.is_peer == target.is_peer:
        return
    fix = (
        "this account is a peer here; import its history as a peer's, or unmark it on the Channels page first"
        if channel.is_peer
        else "this is one of your own channels; import its history as your own, or mark it as a peer first"
    )
    raise Invalid((Problem("account", channel.name, fix),))
