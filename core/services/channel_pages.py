"""Channels in pages, for whoever reads all of them however many there are."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select

from core.services.channels import ChannelView, view
from core.services.context import Context
from core.services.paging import following, read_cursor, write_cursor
from core.storage.tables import Channel


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
    order = (col(Channel.created_at), col(Channel.id))
    rows = select(Channel).order_by(*order).limit(limit + 1)
    if wanted.platforms:
        rows = rows.where(col(Channel.platform).in_(wanted.platforms))
    if wanted.active is not None:
        rows = rows.where(col(Channel.active).is_(wanted.active))
    if wanted.is_peer is not None:
        rows = rows.where(col(Channel.is_peer).is_(wanted.is_peer))
    if cursor is not None:
        rows = rows.where(following(order, read_cursor(cursor, (datetime, str))))
    with ctx.read() as session:
        found = session.scalars(rows).all()
    page = found[:limit]
    return tuple(map(view, page)), write_cursor((page[-1].created_at, page[-1].id)) if len(found) > limit else None
