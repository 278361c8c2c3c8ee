"""Finding items: pages of a filtered list, counts by state, one item with its history."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_
from sqlmodel import col, select

from core.errors import Invalid, Problem
from core.services.audit import AuditView
from core.services.conflicts import conflicts_of
from core.services.context import Context
from core.services.item_rows import joined, view_of, views
from core.services.item_views import EVERY_ITEM, ItemDetail, ItemFilter, ItemView, LedgerLine, Page
from core.services.ledger_words import sentence
from core.services.paging import following, read_cursor, write_cursor
from core.storage.tables import AuditEntry, Channel, Content, ContentScheduleItem, PublishAttempt
from core.storage.tenancy import ScopedSession
from core.vocabulary import ItemState

LONGEST_PAGE = 1000

_time = col(ContentScheduleItem.scheduled_at)
_ORDER, _KINDS = (_time, col(ContentScheduleItem.id)), (datetime, str)


def list_items(
    ctx: Context,
    wanted: ItemFilter = EVERY_ITEM,
    limit: int = 50,
    cursor: str | None = None,
    *,
    newest_first: bool = False,
) -> Page:
    """Return up to `limit` (1 to 1000) items by time, after the one the cursor names (Invalid: limit, cursor)."""
    if not 1 <= limit <= LONGEST_PAGE:
        raise Invalid((Problem("limit", str(limit), f"use 1 to {LONGEST_PAGE}"),))
    order = [column.desc() for column in _ORDER] if newest_first else _ORDER
    with ctx.read() as session:
        passing = tuple(_conditions(session, wanted))
        after = () if cursor is None else (following(_ORDER, read_cursor(cursor, _KINDS), descending=newest_first),)
        found = views(session, joined().where(*passing, *after).order_by(*order).limit(limit + 1))
        total = session.scalar(select(func.count()).select_from(ContentScheduleItem).where(*passing)) or 0
    last = found[limit - 1] if len(found) > limit else None
    return Page(found[:limit], total, write_cursor((last.scheduled_at, last.id)) if last else None)


def every_item(ctx: Context, calendar_id: str) -> Iterator[ItemView]:
    """Yield all items of a calendar by time."""
    cursor, wanted = None, ItemFilter(calendar_id=calendar_id)
    while True:
        page = list_items(ctx, wanted, LONGEST_PAGE, cursor)
        yield from page.items
        if (cursor := page.next_cursor) is None:
            return


def count_items(ctx: Context, wanted: ItemFilter = EVERY_ITEM) -> Mapping[ItemState, int]:
    """Return how many items pass the filter, by state; a state without items is absent."""
    with ctx.read() as session:
        rows = (
            select(col(ContentScheduleItem.state), func.count())
            .where(*_conditions(session, wanted))
            .group_by(col(ContentScheduleItem.state))
        )
        return {state: n for state, n in session.execute(rows)}  # noqa: C416 - dict() of rows hides the types


def find_item(ctx: Context, item_id: str) -> ItemDetail:
    """Return one item with its ledger, its audit lines and its conflicts (NotFound)."""
    with ctx.read() as session:
        item = view_of(session, item_id)
        return ItemDetail(item, _ledger(session, item_id), _audit(session, item_id), conflicts_of(session, item))


def _conditions(session: ScopedSession, wanted: ItemFilter) -> Iterator[ColumnElement[bool]]:
    """Yield what an item must fulfil, in terms of its own columns: counting then needs no other table."""
    if wanted.platforms:
        channels = select(Channel.id).where(col(Channel.platform).in_(wanted.platforms))
        yield col(ContentScheduleItem.channel_id).in_(channels)
    if wanted.channel_ids:
        yield col(ContentScheduleItem.channel_id).in_(wanted.channel_ids)
    if wanted.states:
        yield col(ContentScheduleItem.state).in_(wanted.states)
    if wanted.calendar_id is not None:
        yield col(ContentScheduleItem.calendar_id) == wanted.calendar_id
    if wanted.starts is not None:
        yield _time >= wanted.starts
    if wanted.ends is not None:
        yield _time < wanted.ends
    if wanted.text:
        yield col(ContentScheduleItem.content_id).in_(select(Content.id).where(_mentions(wanted.text)))
    if wanted.tag:
        yield col(ContentScheduleItem.content_id).in_(select(Content.id).where(_tagged(session, wanted.tag)))


def _mentions(text: str) -> ColumnElement[bool]:
    return or_(col(Content.title).icontains(text, autoescape=True), col(Content.text).icontains(text, autoescape=True))


def _tagged(session: ScopedSession, tag: str) -> ColumnElement[bool]:
    each = func.json_each if session.get_bind().dialect.name == "sqlite" else func.json_array_elements_text
    tags = each(col(Content.tags)).table_valued("value")
    return select(1).select_from(tags).where(tags.c.value == tag).exists()


def _ledger(session: ScopedSession, item_id: str) -> tuple[LedgerLine, ...]:
    rows = select(PublishAttempt).where(PublishAttempt.item_id == item_id).order_by(col(PublishAttempt.pk))
    return tuple(
        LedgerLine(row.at, row.attempt, row.step, row.worker, row.detail, sentence(row.step, row.detail))
        for row in session.scalars(rows)
    )


def _audit(session: ScopedSession, item_id: str) -> tuple[AuditView, ...]:
    rows = select(AuditEntry).where(AuditEntry.subject_id == item_id).order_by(col(AuditEntry.pk))
    return tuple(
        AuditView(row.at, row.actor, row.action, row.subject_kind, row.subject_id, row.detail)
        for row in session.scalars(rows)
    )
