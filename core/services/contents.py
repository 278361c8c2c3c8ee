"""Contents: the rows that items share, what platforms say of them, and the copy when one item's text changes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import select

from core.content.checks import Media, check_post
from core.content.platforms import find_platform
from core.errors import Problem
from core.services.context import Context
from core.services.rows import find
from core.storage.ids import IdPrefix, new_id
from core.storage.tables import Content, ContentScheduleItem
from core.storage.tenancy import ScopedSession
from core.vocabulary import ContentFormat


@dataclass(frozen=True)
class Piece:
    """What is published: the part of a content that a platform judges."""

    title: str
    text: str
    content_format: ContentFormat
    tags: tuple[str, ...] = ()
    media: tuple[Mapping[str, Any], ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to publish yet."""
        return not (self.title.strip() or self.text.strip() or self.media)


def piece_of(row: Content) -> Piece:
    """Return what a content holds."""
    return Piece(row.title, row.text, row.content_format, tuple(row.tags), tuple(row.media))


def platform_problems(ctx: Context, platform: str, piece: Piece) -> tuple[Problem, ...]:
    """Return everything the platform would not accept, by field; media that are not chosen yet are not missed."""
    if piece.is_empty:
        return (Problem("text", piece.text, "write a title or a text; there is nothing to publish yet"),)
    media = [_medium(medium) for medium in piece.media] or None
    known = find_platform(ctx.reference.platforms, platform)
    return check_post(known, piece.content_format, piece.title, piece.text, media)


def format_problems(ctx: Context, platform: str, content_format: ContentFormat) -> tuple[Problem, ...]:
    """Return what the platform has against a format, whatever will be written for it."""
    known = find_platform(ctx.reference.platforms, platform)
    return tuple(each for each in check_post(known, content_format, "", "") if each.place == "content_format")


def _medium(medium: Mapping[str, Any]) -> Media:
    measured = {name: medium.get(name) for name in ("size", "seconds", "width", "height")}
    return Media(str(medium.get("media_type", "")), **measured)


def add_content(session: ScopedSession, piece: Piece, now: datetime, external_id: str | None = None) -> str:
    """Add a content, with what an integrator calls it, and return its id."""
    made = new_id(IdPrefix.CONTENT)
    row = Content(id=made, external_id=external_id, created_at=now, updated_at=now, **_columns(piece))
    session.add(row)
    return row.id


def change_content(session: ScopedSession, item: ContentScheduleItem, wanted: Piece, now: datetime) -> None:
    """Let an item publish `wanted`: a content that other items use stays as it is and the item gets its own copy."""
    row = find(session, Content, item.content_id, "content")
    if piece_of(row) == wanted:
        return
    if _is_shared(session, item):
        item.content_id = _copy(session, row, wanted, now)
    else:
        row.sqlmodel_update({**_columns(wanted), "updated_at": now})


def _copy(session: ScopedSession, row: Content, wanted: Piece, now: datetime) -> str:
    copy = Content(**{**row.model_dump(), **_columns(wanted), "id": new_id(IdPrefix.CONTENT), "created_at": now})
    copy.updated_at = now
    session.add(copy)
    session.flush()  # before the item, whose foreign key is checked at once
    return copy.id


def _is_shared(session: ScopedSession, item: ContentScheduleItem) -> bool:
    others = select(ContentScheduleItem.id).where(
        ContentScheduleItem.content_id == item.content_id, ContentScheduleItem.id != item.id
    )
    return session.scalars(others.limit(1)).first() is not None


def _columns(piece: Piece) -> dict[str, Any]:
    return {**vars(piece), "tags": list(piece.tags), "media": [dict(medium) for medium in piece.media]}
