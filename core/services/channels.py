"""Channels: the accounts and endpoints a workspace publishes on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, func
from sqlmodel import col, select

from core.calendar.zones import load_zone
from core.content.platforms import find_platform
from core.errors import Duplicate, Invalid, Problem
from core.services.audit import Action, record
from core.services.context import Context
from core.services.own_channels import IS_OWN
from core.services.rows import check_version, find
from core.services.sealing import open_channel
from core.services.timing import refresh_timing
from core.storage.ids import IdPrefix, new_id, new_signing_secret
from core.storage.tables import Channel, ContentScheduleItem
from core.storage.tenancy import ScopedSession
from core.vocabulary import ChannelKind

NAME_LIMIT = 100
EXPLORATION_PERCENT = range(51)
"""Beyond half, suggestions would mostly be guesses."""
WEBHOOK_URL = "url"
"""The setting of a webhook channel that says where its items go."""


@dataclass(frozen=True)
class ChannelView:
    """A channel as screens and integrators see it; the secret is shown by `reveal_secret` only."""

    id: str
    platform: str
    name: str
    kind: ChannelKind
    timezone: str
    settings: Mapping[str, str]
    min_gap_minutes: int
    max_per_day: int | None
    max_per_week: int | None
    active: bool
    is_peer: bool
    exploration_percent: int
    version: int


@dataclass(frozen=True)
class ChannelDraft:
    """What a person says about a channel; `secret` empty means: draw one where the kind needs it.

    A peer (`is_peer`) is another account whose history sharpens the advice for the team's own; nothing is posted there.
    `exploration_percent` of the suggested slots (0-50) may try hours of which little is known.
    """

    platform: str
    name: str
    kind: ChannelKind
    timezone: str
    settings: Mapping[str, str] = field(default_factory=dict)
    secret: str = ""
    min_gap_minutes: int = 120
    max_per_day: int | None = 3
    max_per_week: int | None = None
    active: bool = True
    is_peer: bool = False
    exploration_percent: int = 0


def list_channels(ctx: Context) -> tuple[ChannelView, ...]:
    """Return the team's own channels by platform and name; `list_peers` returns the others."""
    return _list(ctx, IS_OWN)


def list_peers(ctx: Context) -> tuple[ChannelView, ...]:
    """Return the peers by platform and name."""
    return _list(ctx, ~IS_OWN)


def find_channel(ctx: Context, channel_id: str) -> ChannelView:
    """Return one channel (NotFound)."""
    with ctx.read() as session:
        return view(find(session, Channel, channel_id, "channel"))


def reveal_secret(ctx: Context, channel_id: str) -> str | None:
    """Return the signing secret of a channel, for the receiver's settings (NotFound, UnreadableSecret)."""
    with ctx.read() as session:
        return open_channel(ctx.vault, find(session, Channel, channel_id, "channel"))


def renew_secret(ctx: Context, channel_id: str) -> None:
    """Draw a new signing secret; the receiver has to be told it (NotFound; Invalid: the channel signs nothing)."""
    with ctx.write() as session:
        row = find(session, Channel, channel_id, "channel")
        if row.kind is not ChannelKind.WEBHOOK:
            raise Invalid((Problem("kind", row.kind.value, "only webhook channels have a signing secret"),))
        row.secret = ctx.vault.encrypt(new_signing_secret())
        row.version += 1
        record(session, ctx, Action.ROTATED, "channel", row.id, {"name": row.name})


def add_channel(ctx: Context, draft: ChannelDraft) -> ChannelView:
    """Connect a channel (Invalid names the field; Duplicate: platform and name exist)."""
    clean = _checked(ctx, draft)
    with ctx.write() as session:
        _refuse_duplicate(session, clean, own_id=None)
        row = Channel(id=new_id(IdPrefix.CHANNEL), created_at=ctx.now(), **_columns(ctx, clean))
        session.add(row)
        record(session, ctx, Action.CREATED, "channel", row.id, {"name": row.name, "platform": row.platform})
        return view(row)


def edit_channel(
    ctx: Context, channel_id: str, draft: ChannelDraft, expected_version: int | None = None
) -> ChannelView:
    """Replace a channel's settings; an empty secret keeps the old one (NotFound, Invalid, StaleEdit, Duplicate).

    In another zone the same posts went out at other hours, so what was learned is learned anew. A channel becomes a
    peer only while it has no items.
    """
    clean = _checked(ctx, draft)
    with ctx.write() as session:
        row = find(session, Channel, channel_id, "channel")
        check_version(row, expected_version, "channel")
        _refuse_duplicate(session, clean, own_id=row.id)
        if clean.is_peer:
            _refuse_posts(session, row)
        heard_elsewhere = row.timezone != clean.timezone
        kept = row.secret if not draft.secret and row.secret else None
        row.sqlmodel_update(_columns(ctx, clean) | ({"secret": kept} if kept else {}))
        row.version += 1
        if heard_elsewhere:
            session.flush()
            refresh_timing(session, row)
        record(session, ctx, Action.EDITED, "channel", row.id)
        return view(row)


def view(row: Channel) -> ChannelView:
    """Return what may leave the service of a row."""
    return ChannelView(
        row.id,
        row.platform,
        row.name,
        row.kind,
        row.timezone,
        {key: str(value) for key, value in row.settings.items()},
        row.min_gap_minutes,
        row.max_per_day,
        row.max_per_week,
        row.active,
        row.is_peer,
        row.exploration_percent,
        row.version,
    )


def _list(ctx: Context, which: ColumnElement[bool]) -> tuple[ChannelView, ...]:
    rows = select(Channel).where(which).order_by(col(Channel.platform), col(Channel.name))
    with ctx.read() as session:
        return tuple(view(row) for row in session.scalars(rows))


def _columns(ctx: Context, draft: ChannelDraft) -> dict[str, Any]:
    secret = draft.secret or (new_signing_secret() if draft.kind is ChannelKind.WEBHOOK else None)
    return {**vars(draft), "settings": dict(draft.settings), "secret": secret and ctx.vault.encrypt(secret)}


def _refuse_duplicate(session: ScopedSession, draft: ChannelDraft, own_id: str | None) -> None:
    same = select(Channel.id).where(Channel.platform == draft.platform, Channel.name == draft.name)
    if session.scalars(same).first() not in {None, own_id}:
        raise Duplicate(kind=f"{draft.platform} channel", name=draft.name, fix="Choose another name.")


def _refuse_posts(session: ScopedSession, row: Channel) -> None:
    """Keep a channel that the team posts on from becoming a peer."""
    items = session.scalars(select(func.count()).where(ContentScheduleItem.channel_id == row.id)).one()
    if items:
        fix = (
            f"your team has planned or published {items:,} item{'s' * (items > 1)} here, so it is one of your own "
            "channels; import the other account's history as a peer instead"
        )
        raise Invalid((Problem("is_peer", row.name, fix),))


def _checked(ctx: Context, draft: ChannelDraft) -> ChannelDraft:
    """Return the draft with the platform's own id and a trimmed name, or raise Invalid with every problem."""
    platform = find_platform(ctx.reference.platforms, draft.platform).id
    load_zone(draft.timezone)
    problems = [*_name_problems(draft), *_limit_problems(draft), *_webhook_problems(draft)]
    if problems:
        raise Invalid(tuple(problems))
    return ChannelDraft(**{**vars(draft), "platform": platform, "name": draft.name.strip()})


def _name_problems(draft: ChannelDraft) -> list[Problem]:
    if 1 <= len(draft.name.strip()) <= NAME_LIMIT:
        return []
    return [Problem("name", draft.name, f"use 1 to {NAME_LIMIT} characters")]


def _limit_problems(draft: ChannelDraft) -> list[Problem]:
    limits = {"max_per_day": draft.max_per_day, "max_per_week": draft.max_per_week}
    problems = [
        Problem(name, str(n), "use 1 or more, or leave it empty")
        for name, n in limits.items()
        if n is not None and n < 1
    ]
    if draft.exploration_percent not in EXPLORATION_PERCENT:
        fix = f"use {EXPLORATION_PERCENT.start} to {EXPLORATION_PERCENT.stop - 1} %"
        problems.append(Problem("exploration_percent", str(draft.exploration_percent), fix))
    if draft.min_gap_minutes < 0:
        problems.append(Problem("min_gap_minutes", str(draft.min_gap_minutes), "use 0 or more minutes"))
    return problems


def _webhook_problems(draft: ChannelDraft) -> list[Problem]:
    url = draft.settings.get(WEBHOOK_URL, "")
    if draft.kind is not ChannelKind.WEBHOOK or url.startswith(("https://", "http://")):
        return []
    return [Problem(WEBHOOK_URL, url, "give the receiver's address, starting with https://")]
