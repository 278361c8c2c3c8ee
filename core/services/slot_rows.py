"""Open slots as rows: the condition that finds them, and those to write soon."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, String, and_, cast, func
from sqlmodel import col

from core.services.item_rows import joined, views
from core.services.item_views import ItemView
from core.storage.tables import Content, ContentScheduleItem
from core.storage.tenancy import ScopedSession
from core.vocabulary import ItemState

SOON = timedelta(hours=48)
"""An open slot nearer than this has to be written now, or it passes."""


def is_open_slot() -> ColumnElement[bool]:
    """Return the condition on an item joined with its content that `ItemView.is_open_slot` asks of a view."""
    return and_(
        col(ContentScheduleItem.state) == ItemState.PENDING,
        func.trim(col(Content.title)) == "",
        func.trim(col(Content.text)) == "",
        cast(col(Content.media), String) == "[]",
    )


def unwritten_soon(session: ScopedSession, now: datetime) -> tuple[ItemView, ...]:
    """Return the open slots of the next 48 hours, by time."""
    when = col(ContentScheduleItem.scheduled_at)
    return views(session, joined().where(is_open_slot(), when >= now, when < now + SOON).order_by(when))
