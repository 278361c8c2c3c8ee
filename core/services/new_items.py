"""Items somebody wants to schedule: what can be wrong with them, and the rows they become."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlmodel import col, select

from core.errors import Problem
from core.services.audit import Action, record
from core.services.callbacks import callback_problems
from core.services.contents import Piece, add_content, format_problems, piece_of, platform_problems
from core.services.context import Context
from core.services.item_rows import ITEM
from core.services.item_times import NO_ZONE, shown, time_problem
from core.services.item_views import FREE, Leeway
from core.services.own_channels import posting_problems
from core.services.rows import find
from core.services.webhook_outlets import outlet
from core.storage.ids import IdPrefix, new_id
from core.storage.tables import Channel, Content, ContentScheduleItem, RecommendedScheduleSlot
from core.storage.tenancy import ScopedSession
from core.vocabulary import Basis, ContentFormat, ItemState, LatenessPolicy

PRIORITIES = range(11)
"""0 (whenever there is room) to 10 (first of all)."""


@dataclass(frozen=True)
class FollowedSlot:
    """A recommendation as it stood when somebody followed it; kept so that following it can be judged later."""

    window_start: datetime
    window_end: datetime
    score: float
    expected_lift: float
    interval_low: float
    interval_high: float
    sample_size: int
    basis: Basis
    content_format: ContentFormat | None = None
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class NewItem:
    """One post to schedule at an aware moment; with `content_id` it shares that content as it is.

    `external_id` is what an integrator calls its content. `awaits_words`: it may come without any, as an open slot.
    `needs_approval`: it goes out only once somebody has approved it. `lateness_grace_seconds`: how late it may go out,
    None as the workspace says. `callbacks` are addresses that are told of the item's outcomes.
    """

    channel_id: str
    scheduled_at: datetime
    title: str = ""
    text: str = ""
    content_format: ContentFormat = ContentFormat.TEXT
    tags: tuple[str, ...] = ()
    media: tuple[Mapping[str, Any], ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)
    callbacks: Mapping[str, str] = field(default_factory=dict)
    priority: int = 1
    leeway: Leeway = FREE
    lateness_policy: LatenessPolicy | None = None
    lateness_grace_seconds: int | None = None
    content_id: str | None = None
    external_id: str | None = None
    awaits_words: bool = False
    needs_approval: bool = False
    recommended_slot: FollowedSlot | None = None


@dataclass(frozen=True)
class _Known:
    """The channels and contents that some new items name, by id."""

    channels: Mapping[str, Channel]
    contents: Mapping[str, Content]


def add_items(
    session: ScopedSession,
    ctx: Context,
    calendar_id: str,
    wanted: Sequence[NewItem],
    state: ItemState = ItemState.SCHEDULED,
) -> tuple[str, ...]:
    """Add items without problems to a calendar and return their ids in the same order.

    Those without words are `pending`, those to be approved `awaiting_approval`, the others in `state`.
    """
    if any(new.callbacks for new in wanted):
        outlet(session)
    contents = [new.content_id or add_content(session, written(new), ctx.now(), new.external_id) for new in wanted]
    slots = [_keep_slot(session, ctx, new.channel_id, new.recommended_slot) for new in wanted]
    session.flush()  # before the items, whose foreign keys are checked row by row
    parts = zip(wanted, contents, slots, strict=True)
    return tuple(_add(session, ctx, _row(ctx, calendar_id, _state_of(part[0], state), *part)) for part in parts)


def _state_of(new: NewItem, otherwise: ItemState) -> ItemState:
    if new.awaits_words and new.content_id is None and written(new).is_empty:
        return ItemState.PENDING
    return ItemState.AWAITING_APPROVAL if new.needs_approval else otherwise


def problems_of(session: ScopedSession, ctx: Context, wanted: Sequence[NewItem]) -> Iterator[list[Problem]]:
    """Yield what is wrong with each item, placed by field (`scheduled_at`); nothing is written."""
    known = _known(session, wanted)
    for new in wanted:
        yield [*_field_problems(ctx, new), *_reference_problems(ctx, new, known)]


def check_references(session: ScopedSession, new: NewItem) -> None:
    """Refuse an item whose channel or content is not in this workspace (NotFound)."""
    find(session, Channel, new.channel_id, "channel")
    if new.content_id is not None:
        find(session, Content, new.content_id, "content")


def _known(session: ScopedSession, wanted: Sequence[NewItem]) -> _Known:
    channels = select(Channel).where(col(Channel.id).in_({new.channel_id for new in wanted}))
    contents = select(Content).where(col(Content.id).in_({new.content_id for new in wanted if new.content_id}))
    return _Known(
        {row.id: row for row in session.scalars(channels)}, {row.id: row for row in session.scalars(contents)}
    )


def _field_problems(ctx: Context, new: NewItem) -> Iterator[Problem]:
    if problem := time_problem(new.scheduled_at, ctx.now()):
        yield problem
    if problem := priority_problem(new.priority):
        yield problem
    yield from leeway_problems(new.leeway)
    yield from callback_problems(ctx, new.callbacks)


def priority_problem(priority: int) -> Problem | None:
    """Return what is wrong with a priority, None when it will do."""
    if priority in PRIORITIES:
        return None
    return Problem("priority", str(priority), f"use {PRIORITIES.start} to {PRIORITIES.stop - 1}")


def leeway_problems(leeway: Leeway) -> Iterator[Problem]:
    """Yield what is wrong with the window the planner is to keep to."""
    for name, when in (("not_before", leeway.not_before), ("not_after", leeway.not_after)):
        if when is not None and when.tzinfo is None:
            yield Problem(name, when.isoformat(), NO_ZONE)
            return
    if leeway.not_before and leeway.not_after and leeway.not_after < leeway.not_before:
        yield Problem("not_after", shown(leeway.not_after), "choose a moment after the one it may not be before")


def _reference_problems(ctx: Context, new: NewItem, known: _Known) -> Iterator[Problem]:
    """Yield problems of channel and content; what the platform says of the content needs both."""
    channel = known.channels.get(new.channel_id)
    piece = _piece(new, known)
    if channel is None:
        yield Problem("channel_id", new.channel_id, "there is no such channel in this workspace; choose one of yours")
    else:
        yield from posting_problems(channel)
    if piece is None:
        yield Problem("content_id", str(new.content_id), "there is no such content in this workspace; send the text")
    elif channel is not None and piece.is_empty and new.awaits_words:
        yield from format_problems(ctx, channel.platform, piece.content_format)
    elif channel is not None:
        yield from platform_problems(ctx, channel.platform, piece)


def _piece(new: NewItem, known: _Known) -> Piece | None:
    if new.content_id is None:
        return written(new)
    content = known.contents.get(new.content_id)
    return None if content is None else piece_of(content)


def written(new: NewItem) -> Piece:
    """Return the content an item brings with it."""
    return Piece(new.title, new.text, new.content_format, new.tags, new.media)


def _row(
    ctx: Context, calendar_id: str, state: ItemState, new: NewItem, content_id: str, slot_id: str | None
) -> ContentScheduleItem:
    now, when = ctx.now(), new.scheduled_at.astimezone(UTC)
    return ContentScheduleItem(
        id=new_id(IdPrefix.ITEM),
        calendar_id=calendar_id,
        content_id=content_id,
        channel_id=new.channel_id,
        scheduled_at=when,
        due_at=when,
        state=state,
        priority=new.priority,
        **leeway_columns(new.leeway),
        lateness_policy=new.lateness_policy,
        lateness_grace_seconds=new.lateness_grace_seconds,
        extra=dict(new.metadata),
        callbacks=dict(new.callbacks),
        recommended_slot_id=slot_id,
        created_at=now,
        updated_at=now,
    )


def _add(session: ScopedSession, ctx: Context, row: ContentScheduleItem) -> str:
    session.add(row)
    record(session, ctx, Action.CREATED, ITEM, row.id, {"scheduled_at": row.scheduled_at.isoformat()})
    return row.id


def leeway_columns(leeway: Leeway) -> dict[str, Any]:
    """Return the columns that keep it, moments in UTC."""
    window = {"not_before": leeway.not_before, "not_after": leeway.not_after}
    return {"fixed": leeway.fixed, **{name: when and when.astimezone(UTC) for name, when in window.items()}}


def _keep_slot(session: ScopedSession, ctx: Context, channel_id: str, slot: FollowedSlot | None) -> str | None:
    if slot is None:
        return None
    row = RecommendedScheduleSlot(id=new_id(IdPrefix.SLOT), channel_id=channel_id, created_at=ctx.now(), **asdict(slot))
    row.reasons = list(slot.reasons)
    session.add(row)
    return row.id
