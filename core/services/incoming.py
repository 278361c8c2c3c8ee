"""Items as integrators send them, by platform and their own content ids, made into items for our channels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlmodel import col, select

from core.content.platforms import Platform, find_platform
from core.errors import Invalid, Problem
from core.services.channels import ChannelDraft, add_channel
from core.services.contents import Piece, piece_of
from core.services.context import Context
from core.services.new_items import NewItem
from core.services.own_channels import IS_OWN
from core.services.workspaces import find_workspace
from core.storage.tables import Channel, Content
from core.storage.tenancy import ScopedSession
from core.vocabulary import ChannelKind, ContentFormat, LatenessPolicy


@dataclass(frozen=True)
class Words:
    """What is to be published; `content_format` None lets the platform's usual format stand."""

    title: str = ""
    text: str = ""
    content_format: ContentFormat | None = None
    tags: tuple[str, ...] = ()
    media: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True)
class IncomingItem:
    """One post as an integrator describes it.

    `content_id` is one of ours, or the integrator's own; with `words` they are what is published, without them the
    content known by that id is, and where none is known yet the item becomes an open slot that waits for its words.
    `channel_id` None: the platform's only channel. `scheduled_at` is aware.
    """

    platform: str
    scheduled_at: datetime
    content_id: str | None = None
    words: Words | None = None
    content_format: ContentFormat | None = None
    channel_id: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    callbacks: Mapping[str, str] = field(default_factory=dict)
    priority: int = 1
    lateness_policy: LatenessPolicy | None = None
    lateness_grace_seconds: int | None = None
    needs_approval: bool = False


def resolve_items(ctx: Context, incoming: Sequence[IncomingItem]) -> tuple[NewItem, ...]:
    """Return the items for our channels and contents, in the same order.

    A platform without any channel gets a local outbox, so that everything works before an account is connected. Raises
    Invalid with every problem by its place (`items[2].platform`).
    """
    with ctx.together() as joined, joined.write() as session:
        channels, problems = _channels(joined, session, incoming)
        if problems:
            raise Invalid(tuple(problems))
        contents = _contents(session, incoming)
        return tuple(_resolved(ctx, one, channel, contents) for one, channel in zip(incoming, channels, strict=True))


def _channels(
    ctx: Context, session: ScopedSession, incoming: Sequence[IncomingItem]
) -> tuple[list[Channel], list[Problem]]:
    """Return the channel of each item, and what is wrong with those that have none."""
    rows = session.scalars(select(Channel).where(IS_OWN).order_by(col(Channel.created_at), col(Channel.id)))
    known = {row.id: row for row in rows}
    found, problems = [], []
    for number, one in enumerate(incoming):
        try:
            found.append(_channel(ctx, session, one, known))
        except Invalid as error:
            problems += [replace(each, place=f"items[{number}].{each.place}") for each in error.problems]
    return found, problems


def _channel(ctx: Context, session: ScopedSession, one: IncomingItem, known: dict[str, Channel]) -> Channel:
    platform = find_platform(ctx.reference.platforms, one.platform)
    if one.channel_id is not None:
        return _named(one.channel_id, platform, known)
    fitting = [row for row in known.values() if row.platform == platform.id and row.active]
    if len(fitting) > 1:
        choices = ", ".join(f"{row.id} ({row.name})" for row in fitting)
        raise Invalid((Problem("channel_id", "", f"{platform.name} has several channels; name one of {choices}"),))
    return fitting[0] if fitting else _outbox(ctx, session, platform, known)


def _named(channel_id: str, platform: Platform, known: Mapping[str, Channel]) -> Channel:
    row = known.get(channel_id)
    if row is None:
        raise Invalid((Problem("channel_id", channel_id, "there is no such channel in this workspace"),))
    if row.platform != platform.id:
        raise Invalid((Problem("channel_id", channel_id, f"this channel is on {row.platform}, not {platform.id}"),))
    return row


def _outbox(ctx: Context, session: ScopedSession, platform: Platform, known: dict[str, Channel]) -> Channel:
    """Add a local outbox for a platform; one of that name that is switched off stays so and is refused later."""
    name = f"{platform.name} outbox"
    for row in known.values():
        if row.platform == platform.id and row.name == name:
            return row
    draft = ChannelDraft(platform.id, name, ChannelKind.OUTBOX, find_workspace(ctx).timezone)
    made = session.get_one(Channel, add_channel(ctx, draft).id)
    known[made.id] = made
    return made


def _contents(session: ScopedSession, incoming: Sequence[IncomingItem]) -> Mapping[str, Content]:
    """Return the contents that the items name, by our id or by the integrator's (the newest it sent)."""
    wanted = {one.content_id for one in incoming if one.content_id}
    theirs = select(Content).where(col(Content.external_id).in_(wanted)).order_by(col(Content.created_at))
    ours = select(Content).where(col(Content.id).in_(wanted))
    return {
        **{str(row.external_id): row for row in session.scalars(theirs)},
        **{row.id: row for row in session.scalars(ours)},
    }


def _resolved(ctx: Context, one: IncomingItem, channel: Channel, contents: Mapping[str, Content]) -> NewItem:
    known = contents.get(one.content_id or "")
    piece = _piece(ctx, one, channel)
    shared = known is not None and (one.words is None or piece_of(known) == piece)
    return NewItem(
        channel_id=channel.id,
        scheduled_at=one.scheduled_at,
        **(vars(piece)),
        metadata=one.metadata,
        callbacks=one.callbacks,
        priority=one.priority,
        lateness_policy=one.lateness_policy,
        lateness_grace_seconds=one.lateness_grace_seconds,
        content_id=known.id if known is not None and shared else None,
        external_id=known.external_id if known is not None else one.content_id,
        awaits_words=one.words is None,
        needs_approval=one.needs_approval,
    )


def _piece(ctx: Context, one: IncomingItem, channel: Channel) -> Piece:
    words = one.words or Words()
    chosen = (
        one.content_format
        or words.content_format
        or usual_format(find_platform(ctx.reference.platforms, channel.platform))
    )
    return Piece(words.title, words.text, chosen, words.tags, words.media)


def usual_format(platform: Platform) -> ContentFormat:
    """Return what is posted on a platform when nobody says: text where it takes text, else its first format."""
    return ContentFormat.TEXT if ContentFormat.TEXT in platform.formats else next(iter(platform.formats))
