"""Channels in pages, for whoever reads all of them however many there are."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select

from core.services.channels import ChannelView, view
from core.services.context import Context
from core.services.paging import Order, read_page
from core.storage.tables import Channel

_OLDEST_FIRST = Order((col(Channel.created_at), col(Channel.id)), (datetime, str))


@dataclass(frozen=True)
class ChannelFilter:
    """Which channels are wanted; what is empty or None does not restrict."""

    platforms: tuple[str, ...] = ()
    active: bool | None = None
    is_peer: bool | None = None


def page_channels(
    ctx: Context, wanted: ChannelFilter, limit: int, cursor: str | None = None
) -> tuple[tuple[ChannelView, ...], str | None]:
    """Return up to `limit` channels, oldest first, after the one the cursor names, and the next cursor (Invalid)."""
    rows = select(Channel)
    if wanted.platforms:
        rows = rows.where(col(Channel.platform).in_(wanted.platforms))
    if wanted.active is not None:
        rows = rows.where(col(Channel.active).is_(wanted.active))
    if wanted.is_peer is not None:
        rows = rows.where(col(Channel.is_peer).is_(wanted.is_peer))
    with ctx.read() as session:
        page, following = read_page(session, rows, _OLDEST_FIRST, limit, cursor)
    return tuple(map(view, page)), following
