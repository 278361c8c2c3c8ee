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

    New channels are outboxes in `timezone`, named after the account, or `name` where the file names no account.
    """

    channel_id: str | None = None
    platform: str = ""
    timezone: str = "UTC"
    name: str = "Imported history"


def check_target(ctx: Context, target: ImportTarget) -> None:
    """Refuse a channel, platform or zone that does not exist (NotFound, Invalid), before a long file is read."""
    with ctx.read() as session:
        resolve_channels(session, ctx, target, ())


def resolve_channels(
    session: ScopedSession, ctx: Context, target: ImportTarget, accounts: Sequence[str]
) -> Mapping[str, Channel]:
    """Return the channel of each account, adding those that do not exist (NotFound, Invalid)."""
    if target.channel_id is not None:
        return dict.fromkeys(accounts, find(session, Channel, target.channel_id, "channel"))
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
        return found
    row = Channel(
        id=new_id(IdPrefix.CHANNEL),
        platform=platform,
        name=name,
        kind=ChannelKind.OUTBOX,
        timezone=target.timezone,
        created_at=ctx.now(),
    )
    session.add(row)
    session.flush()
    return row
