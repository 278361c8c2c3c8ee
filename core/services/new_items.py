"""Items somebody wants to schedule, and everything that can be wrong with them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from core.vocabulary import Basis, ContentFormat, LatenessPolicy


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
    """One post to schedule at an aware moment; with `content_id` it reuses that content as it is."""

    channel_id: str
    scheduled_at: datetime
    title: str = ""
    text: str = ""
    content_format: ContentFormat = ContentFormat.TEXT
    tags: tuple[str, ...] = ()
    media: tuple[Mapping[str, Any], ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)
    priority: int = 1
    lateness_policy: LatenessPolicy | None = None
    content_id: str | None = None
    recommended_slot: FollowedSlot | None = None


@dataclass(frozen=True)
class NewCalendar:
    """A calendar to create: title of 3 to 100 characters, IANA zone, up to 1000 items or none."""

    title: str
    timezone: str
    items: tuple[NewItem, ...] = ()
