"""What a person does with one item: move, cancel, skip, retry, publish now, settle by hand, duplicate."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlmodel import col, select

from core.calendar.states import check_item_move
from core.errors import Invalid, Problem, StateConflict
from core.services.audit import Action, record
from core.services.calendars import add_to_calendar, refuse_closed
from core.services.contents import piece_of, platform_problems
from core.services.context import Context
from core.services.item_rows import ITEM, locked, touch, view_of, views_of
from core.services.item_times import check_time
from core.services.item_views import ItemView, Moved
from core.services.ledger_words import REASON
from core.services.new_items import NewItem
from core.services.own_channels import posting_problems
from core.services.rows import check_version, find
from core.services.settlement import settle_calendar
from core.storage.tables import Channel, Content, ContentScheduleItem, PublishAttempt
from core.storage.tenancy import ScopedSession
from core.vocabulary import ItemState, LedgerStep

MOVABLE = (ItemState.PENDING, ItemState.AWAITING_APPROVAL, ItemState.SCHEDULED)
"""An item in one of these states has a time that can still be changed."""

Row = ContentScheduleItem
Change = Callable[[ScopedSession, Row], Mapping[str, Any]]
"""Changes a locked item and returns what the audit log should say about it."""


def move_item(ctx: Context, item_id: str, when: datetime, expected_version: int | None = None) -> Moved:
    """Give an item another time (NotFound, StaleEdit, TimeInPast; StateConflict once it is on its way out).

    The result carries the time before: moving back to it is the undo, unless it has passed by then.
    """
    check_time(when, ctx.now())
    before: list[datetime] = []

    def move(_: ScopedSession, row: Row) -> Mapping[str, Any]:
        if row.state not in MOVABLE:
            raise StateConflict(kind=ITEM, state=row.state, wanted="scheduled for another time")
        before.append(row.scheduled_at)
        return set_time(row, when)

    item = change_item(ctx, item_id, expected_version, Action.MOVED, move)
    return Moved(item, before[0])


def cancel_item(ctx: Context, item_id: str, expected_version: int | None = None) -> ItemView:
    """Take an item out of the plan for good (NotFound, StaleEdit, StateConflict)."""
    return change_item(ctx, item_id, expected_version, Action.CANCELED, _become(ItemState.CANCELED))


def skip_item(ctx: Context, item_id: str, expected_version: int | None = None) -> ItemView:
    """Let an item's time pass without publishing it (NotFound, StaleEdit, StateConflict)."""
    return change_item(ctx, item_id, expected_version, Action.SKIPPED, _become(ItemState.SKIPPED))


def approve_item(
    ctx: Context, item_id: str, when: datetime | None = None, expected_version: int | None = None
) -> ItemView:
    """Let an item that waits for approval go out, at its time or at another one.

    NotFound, StaleEdit, TimeInPast (its time passed while it waited: name another), StateConflict (it does not wait for
    approval, or its calendar is canceled), Invalid (its channel is switched off).
    """

    def approve(session: ScopedSession, row: Row) -> Mapping[str, Any]:
        if row.state is not ItemState.AWAITING_APPROVAL:
            raise StateConflict(kind=ITEM, state=row.state, wanted="approved")
        check_time(when or row.scheduled_at, ctx.now())
        _schedule(session, row)
        return {} if when is None else set_time(row, when)

    return change_item(ctx, item_id, expected_version, Action.APPROVED, approve)


def reject_item(ctx: Context, item_id: str, reason: str | None = None, expected_version: int | None = None) -> ItemView:
    """Refuse an item that waits for approval, for good; the reason is kept (NotFound, StaleEdit, StateConflict)."""

    def reject(_: ScopedSession, row: Row) -> Mapping[str, Any]:
        check_item_move(row.state, ItemState.REJECTED)
        row.state, row.error = ItemState.REJECTED, reason
        return {} if reason is None else {"reason": reason}

    return change_item(ctx, item_id, expected_version, Action.REJECTED, reject)


def retry_item(
    ctx: Context, item_id: str, when: datetime | None = None, expected_version: int | None = None
) -> ItemView:
    """Try a failed item again: at once, keeping the time it was meant for, or at a new time.

    NotFound, StaleEdit, TimeInPast, StateConflict (it has not failed, or its calendar is canceled), Invalid (its
    channel is switched off).
    """
    if when is not None:
        check_time(when, ctx.now())

    def retry(session: ScopedSession, row: Row) -> Mapping[str, Any]:
        if row.state is not ItemState.FAILED:
            raise StateConflict(kind=ITEM, state=row.state, wanted="tried again")
        _schedule(session, row)
        row.due_at = ctx.now()
        return {} if when is None else set_time(row, when)

    return change_item(ctx, item_id, expected_version, Action.RETRIED, retry)


def publish_now(ctx: Context, item_id: str, expected_version: int | None = None) -> ItemView:
    """Make this moment the time of an item that is not out yet; the engine takes it at its next look.

    NotFound, StaleEdit, StateConflict, Invalid (its channel is switched off, or its platform would not take it as it
    is: an open slot has to be written first).
    """

    def publish(session: ScopedSession, row: Row) -> Mapping[str, Any]:
        if row.state not in (ItemState.PENDING, ItemState.SCHEDULED):
            raise StateConflict(kind=ITEM, state=row.state, wanted="published now")
        if row.state is ItemState.PENDING:
            _refuse_unready(session, ctx, row)
        _schedule(session, row)
        return set_time(row, ctx.now())

    return change_item(ctx, item_id, expected_version, Action.MOVED, publish)


def resolve_item(
    ctx: Context, item_id: str, *, published: bool, url: str | None = None, expected_version: int | None = None
) -> ItemView:
    """Say what became of an unconfirmed item after looking at the platform; the ledger keeps who said it.

    NotFound, StaleEdit, StateConflict (it is not unconfirmed), Invalid (a URL that is none, or of an item not out).
    """
    _check_url(url, published=published)
    outcome = ItemState.PUBLISHED if published else ItemState.FAILED

    def resolve(session: ScopedSession, row: Row) -> Mapping[str, Any]:
        if row.state is not ItemState.UNCONFIRMED:
            raise StateConflict(kind=ITEM, state=row.state, wanted=outcome)
        row.state, row.url = outcome, url
        row.published_at = (_sent_at(session, row) or ctx.now()) if published else None
        row.error = None if published else f"{ctx.actor} did not find it at the platform."
        session.add(_resolution(ctx, row))
        return {"published": published}

    return change_item(ctx, item_id, expected_version, Action.RESOLVED, resolve)


def duplicate_item(ctx: Context, item_id: str, when: datetime) -> ItemView:
    """Schedule the same content on the same channel and calendar once more (NotFound, TimeInPast, StateConflict).

    Both items share the content until one of them is edited. A copy of an open slot is an open slot.
    """
    check_time(when, ctx.now())
    with ctx.write() as session:
        return views_of(session, repeat(session, ctx, item_id, [when]))[0]


def repeat(session: ScopedSession, ctx: Context, item_id: str, times: Sequence[datetime]) -> tuple[str, ...]:
    """Add a copy of an item at each of these times, which were checked, and return their ids in this order."""
    row = find(session, ContentScheduleItem, item_id, ITEM)
    _refuse_channel(session, row)
    piece = piece_of(find(session, Content, row.content_id, "content"))
    copy = NewItem(
        channel_id=row.channel_id,
        scheduled_at=row.scheduled_at,
        content_format=piece.content_format,
        content_id=None if piece.is_empty else row.content_id,
        priority=row.priority,
        lateness_policy=row.lateness_policy,
        lateness_grace_seconds=row.lateness_grace_seconds,
        metadata=row.extra,
    )
    state = ItemState.PENDING if piece.is_empty else ItemState.SCHEDULED
    return add_to_calendar(session, ctx, [replace(copy, scheduled_at=when) for when in times], row.calendar_id, state)


def change_item(ctx: Context, item_id: str, expected_version: int | None, action: Action, change: Change) -> ItemView:
    """Change one item in a transaction with its calendar's state and a line in the audit log."""
    with ctx.write() as session:
        row = locked(session, item_id)
        check_version(row, expected_version, ITEM)
        detail = change(session, row)
        touch(row, ctx.now())
        settle_calendar(session, row.calendar_id)
        record(session, ctx, action, ITEM, row.id, detail)
        return view_of(session, row.id)


def set_time(row: Row, when: datetime) -> Mapping[str, Any]:
    """Set the time of an item and with it when the engine may act; returns both times for the audit log."""
    moment = when.astimezone(UTC)
    detail = {"from": row.scheduled_at.isoformat(), "to": moment.isoformat()}
    row.scheduled_at = row.due_at = moment
    return detail


def _become(state: ItemState) -> Change:
    def change(_: ScopedSession, row: Row) -> Mapping[str, Any]:
        check_item_move(row.state, state)
        row.state = state
        return {}

    return change


def _schedule(session: ScopedSession, row: Row) -> None:
    refuse_closed(session, row.calendar_id)
    _refuse_channel(session, row)
    row.state, row.error = ItemState.SCHEDULED, None


def _refuse_unready(session: ScopedSession, ctx: Context, row: Row) -> None:
    """Refuse what was never checked as a whole: an open slot, and what somebody is still writing."""
    channel = find(session, Channel, row.channel_id, "channel")
    content = find(session, Content, row.content_id, "content")
    if problems := platform_problems(ctx, channel.platform, piece_of(content)):
        raise Invalid(problems)


def _refuse_channel(session: ScopedSession, row: Row) -> None:
    if problems := tuple(posting_problems(find(session, Channel, row.channel_id, "channel"))):
        raise Invalid(problems)


def _check_url(url: str | None, *, published: bool) -> None:
    if url is not None and not published:
        raise Invalid((Problem("url", url, "an item that is not out has no address; leave it empty"),))
    if url is not None and not url.startswith(("https://", "http://")):
        raise Invalid((Problem("url", url, "give the post's address, starting with https://"),))


def _sent_at(session: ScopedSession, row: Row) -> datetime | None:
    """Return when the item was last sent, as the ledger has it: that is when it appeared."""
    armed = (
        select(PublishAttempt.at)
        .where(PublishAttempt.item_id == row.id, PublishAttempt.step == LedgerStep.ARMED)
        .order_by(col(PublishAttempt.pk).desc())
    )
    return session.scalars(armed).first()


def _resolution(ctx: Context, row: Row) -> PublishAttempt:
    reason = row.error or f"{ctx.actor} saw it at the platform."
    return PublishAttempt(
        item_id=row.id,
        attempt=row.attempt,
        step=LedgerStep.RESOLVED,
        at=ctx.now(),
        worker=ctx.actor,
        detail={REASON: reason, "url": row.url},
    )
