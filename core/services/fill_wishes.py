"""Which draft wants to go out on which channel, and which cannot whatever the time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sqlmodel import col, select

from core.content.platforms import find_platform
from core.services.contents import Piece, piece_of, platform_problems
from core.services.context import Context
from core.services.fill_views import FillDraft, FillUnplaced
from core.services.own_channels import IS_OWN, posting_problems
from core.services.rows import find
from core.storage.tables import Channel, Content
from core.storage.tenancy import ScopedSession


@dataclass(frozen=True)
class Wish:
    """Draft `number` on one channel; `id` names it to the planner."""

    id: str
    number: int
    draft: FillDraft
    channel: Channel

    def unplaced(self, reason: str) -> FillUnplaced:
        """Return that this wish is not granted, and why."""
        return FillUnplaced(self.number, self.draft, self.channel.id, self.channel.name, reason)


def wishes_of(
    session: ScopedSession, ctx: Context, drafts: Sequence[FillDraft]
) -> tuple[list[Wish], list[FillUnplaced]]:
    """Return what can be planned and what cannot (NotFound: channel, content; Invalid: platform)."""
    active = session.scalars(select(Channel).where(IS_OWN, col(Channel.active)).order_by(col(Channel.name))).all()
    granted: list[Wish] = []
    refused: list[FillUnplaced] = []
    for number, draft in enumerate(drafts):
        piece = _piece(session, draft)
        refused += _without_channel(ctx, active, number, draft)
        for channel in _channels(session, ctx, active, draft):
            wish = Wish(f"{number}:{channel.id}", number, replace(draft, content_format=piece.content_format), channel)
            problems = [*platform_problems(ctx, channel.platform, piece), *posting_problems(channel)]
            if problems:
                refused.append(wish.unplaced("; ".join(problem.message for problem in problems)))
            else:
                granted.append(wish)
    return granted, refused


def _channels(session: ScopedSession, ctx: Context, active: Sequence[Channel], draft: FillDraft) -> list[Channel]:
    named = [find(session, Channel, key, "channel") for key in draft.channel_ids]
    platforms = {find_platform(ctx.reference.platforms, name).id for name in draft.platforms}
    every = [*named, *(channel for channel in active if channel.platform in platforms)]
    return list({channel.id: channel for channel in every}.values())


def _without_channel(ctx: Context, active: Sequence[Channel], number: int, draft: FillDraft) -> Iterator[FillUnplaced]:
    served = {channel.platform for channel in active}
    for platform in (find_platform(ctx.reference.platforms, name) for name in draft.platforms):
        if platform.id not in served:
            reason = f"there is no active {platform.name} channel; connect one first"
            yield FillUnplaced(number, draft, None, platform.name, reason)


def _piece(session: ScopedSession, draft: FillDraft) -> Piece:
    if draft.content_id is not None:
        return piece_of(find(session, Content, draft.content_id, "content"))
    return Piece(draft.title, draft.text, draft.content_format, draft.tags, draft.media)
