"""What is to be filled in, and the proposal that comes back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from core.services.new_items import NewItem
from core.vocabulary import ContentFormat, LatenessPolicy

Score = Callable[[str, ContentFormat, datetime], float]
"""How good it is to post a format on a channel (its id) at a moment (UTC); higher is better."""


@dataclass(frozen=True)
class FillDraft:
    """A content that wants a time on each of these channels and on every active channel of these platforms.

    With `content_id` it is that content as it is; otherwise it is written here.
    """

    title: str = ""
    text: str = ""
    content_format: ContentFormat = ContentFormat.TEXT
    channel_ids: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    media: tuple[Mapping[str, Any], ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)
    priority: int = 1
    lateness_policy: LatenessPolicy | None = None
    content_id: str | None = None

    def on(self, channel_id: str, when: datetime) -> NewItem:
        """Return the item this draft becomes on a channel at a moment."""
        fields = {name: value for name, value in vars(self).items() if name not in {"channel_ids", "platforms"}}
        return NewItem(channel_id=channel_id, scheduled_at=when, **fields)


@dataclass(frozen=True)
class FillRequest:
    """Up to 1000 drafts to place in [starts, ends), aware, at most 92 days."""

    drafts: tuple[FillDraft, ...]
    starts: datetime
    ends: datetime


@dataclass(frozen=True)
class FillPlacement:
    """Where a draft (`number` in the request, from 0) goes; `local` is `scheduled_at` by the channel's clock."""

    number: int
    draft: FillDraft
    channel_id: str
    channel_name: str
    platform: str
    scheduled_at: datetime
    local: datetime
    score: float
    reason: str


@dataclass(frozen=True)
class FillUnplaced:
    """A draft that found no time on a channel (or no channel of a platform), and why, as a sentence."""

    number: int
    draft: FillDraft
    channel_id: str | None
    channel_name: str
    reason: str


@dataclass(frozen=True)
class FillProposal:
    """Placements by time and what found no place; `value` is the sum of priority · (1 + score)."""

    placements: tuple[FillPlacement, ...]
    unplaced: tuple[FillUnplaced, ...]
    value: float
