"""Items as rows: joined with what they show, locked for a change, turned into views."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Select
from sqlmodel import col, select

from core.errors import NotFound
from core.services.item_views import ItemView, Leeway
from core.storage.tables import Channel, Content, ContentCalendar, ContentScheduleItem
from core.storage.tenancy import ScopedSession

ITEM = "item"
"""How errors and the audit log name an item."""

Joined = Select[ContentScheduleItem, Content, Channel, str]


def joined() -> Joined:
    """Return the query of all items of the workspace, each with its content, channel and calendar's title."""
    return (
        select(ContentScheduleItem, Content, Channel, ContentCalendar.title)
        .join(Content, col(Content.id) == ContentScheduleItem.content_id)
        .join(Channel, col(Channel.id) == ContentScheduleItem.channel_id)
        .join(ContentCalendar, col(ContentCalendar.id) == ContentScheduleItem.calendar_id)
    )


def views(session: ScopedSession, rows: Joined) -> tuple[ItemView, ...]:
    """Return the views of a query made from `joined`."""
    return tuple(_view(*row) for row in session.execute(rows))


def views_of(session: ScopedSession, ids: Iterable[str]) -> tuple[ItemView, ...]:
    """Return these items in this order."""
    wanted = tuple(ids)
    found = {item.id: item for item in views(session, joined().where(col(ContentScheduleItem.id).in_(wanted)))}
    return tuple(found[key] for key in wanted)


def view_of(session: ScopedSession, item_id: str) -> ItemView:
    """Return one item, with what this transaction has changed (NotFound)."""
    for item in views(session, joined().where(col(ContentScheduleItem.id) == item_id)):
        return item
    raise NotFound(kind=ITEM, id=item_id)


def locked(session: ScopedSession, item_id: str) -> ContentScheduleItem:
    """Return the row as it is now, held until the transaction ends (NotFound).

    The engine claims items without queueing at the workspace's revision; the lock keeps its claim and a person's
    change from overwriting each other.
    """
    row = session.get(ContentScheduleItem, item_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound(kind=ITEM, id=item_id)
    return row


def touch(row: ContentScheduleItem, now: datetime) -> None:
    """Count a change, so that an edit of the version before it is refused."""
    row.version += 1
    row.updated_at = now


def _view(row: ContentScheduleItem, content: Content, channel: Channel, calendar_title: str) -> ItemView:
    return ItemView(
        id=row.id,
        calendar_id=row.calendar_id,
        calendar_title=calendar_title,
        content_id=content.id,
        external_id=content.external_id,
        title=content.title,
        text=content.text,
        content_format=content.content_format,
        tags=tuple(content.tags),
        media=tuple(content.media),
        channel_id=channel.id,
        channel_name=channel.name,
        platform=channel.platform,
        scheduled_at=row.scheduled_at,
        timezone=channel.timezone,
        state=row.state,
        priority=row.priority,
        leeway=Leeway(row.fixed, row.not_before, row.not_after),
        attempt=row.attempt,
        lateness_policy=row.lateness_policy,
        lateness_grace_seconds=row.lateness_grace_seconds,
        url=row.url,
        remote_id=row.remote_id,
        error=row.error,
        published_at=row.published_at,
        recommended_slot_id=row.recommended_slot_id,
        metadata=row.extra,
        version=row.version,
        created_at=row.created_at,
    )
