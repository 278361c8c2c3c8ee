"""What screens and integrators see of items and calendars, and the filter they ask with."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from core.calendar.conflicts import Conflict
from core.services.audit import AuditView
from core.vocabulary import CalendarState, ContentFormat, ItemState, LatenessPolicy, LedgerStep

OPEN_SLOT, UNTITLED = "Open slot", "Untitled"
"""What to call an item without words: a slot that waits for its post, or a picture."""


@dataclass(frozen=True)
class Leeway:
    """How far the planner may move an item: not at all when `fixed`, else within a window (aware; None is open)."""

    fixed: bool = False
    not_before: datetime | None = None
    not_after: datetime | None = None


FREE = Leeway()


@dataclass(frozen=True)
class ItemView:
    """One post. Moments are UTC; `timezone` is the channel's zone, the one in which a reader wants to see them."""

    id: str
    calendar_id: str
    calendar_title: str
    content_id: str
    external_id: str | None
    title: str
    text: str
    content_format: ContentFormat
    tags: tuple[str, ...]
    media: tuple[Mapping[str, Any], ...]
    channel_id: str
    channel_name: str
    platform: str
    scheduled_at: datetime
    timezone: str
    state: ItemState
    priority: int
    leeway: Leeway
    attempt: int
    lateness_policy: LatenessPolicy | None
    lateness_grace_seconds: int | None
    url: str | None
    remote_id: str | None
    error: str | None
    published_at: datetime | None
    recommended_slot_id: str | None
    metadata: Mapping[str, Any]
    version: int
    created_at: datetime

    @property
    def name(self) -> str:
        """What to call it: its title, else its text, else what it is."""
        return self.title.strip() or self.text.strip() or (OPEN_SLOT if self.is_empty else UNTITLED)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to publish yet."""
        return not (self.title.strip() or self.text.strip() or self.media)

    @property
    def is_open_slot(self) -> bool:
        """Whether it is a place in the plan that waits for its post; it is never published as it is."""
        return self.state is ItemState.PENDING and self.is_empty

    @property
    def lateness(self) -> timedelta | None:
        """How long after its time the item went out (negative: before); None until it is out."""
        return None if self.published_at is None else self.published_at - self.scheduled_at


@dataclass(frozen=True)
class LedgerLine:
    """One step of one try to publish an item; `sentence` says it in plain words."""

    at: datetime
    attempt: int
    step: LedgerStep
    worker: str
    detail: Mapping[str, Any]
    sentence: str


@dataclass(frozen=True)
class ItemDetail:
    """An item with everything that happened to it (oldest first) and what speaks against its time."""

    item: ItemView
    ledger: tuple[LedgerLine, ...]
    audit: tuple[AuditView, ...]
    conflicts: tuple[Conflict, ...]


@dataclass(frozen=True)
class Moved:
    """An item at its new time; moving it back to `previous` undoes the move."""

    item: ItemView
    previous: datetime


@dataclass(frozen=True)
class CalendarView:
    """A named group of items; `counts` holds the states its items are in, and how many are in each."""

    id: str
    title: str
    timezone: str
    state: CalendarState
    counts: Mapping[ItemState, int]
    bulk_job_id: str | None
    created_at: datetime
    version: int


@dataclass(frozen=True)
class CalendarWithItems:
    """A calendar and its items in the order they were asked for."""

    calendar: CalendarView
    items: tuple[ItemView, ...]


@dataclass(frozen=True)
class Page:
    """Some of the `total` items that pass a filter; `next_cursor` asks for those that follow, None ends the list."""

    items: tuple[ItemView, ...]
    total: int
    next_cursor: str | None


@dataclass(frozen=True)
class ItemFilter:
    """Which items are wanted; what is left empty does not restrict.

    `starts` (inclusive) and `ends` (exclusive) are aware; `text` is looked for in title and text.
    """

    platforms: tuple[str, ...] = ()
    channel_ids: tuple[str, ...] = ()
    states: tuple[ItemState, ...] = ()
    calendar_id: str | None = None
    starts: datetime | None = None
    ends: datetime | None = None
    text: str = ""
    tag: str = ""


EVERY_ITEM = ItemFilter()


@dataclass(frozen=True)
class ItemEdit:
    """An item as a person wants it; `scheduled_at` is aware, `lateness_policy` None means the workspace's."""

    title: str
    text: str
    content_format: ContentFormat
    channel_id: str
    scheduled_at: datetime
    priority: int = 1
    lateness_policy: LatenessPolicy | None = None
    leeway: Leeway = FREE


def edit_of(item: ItemView) -> ItemEdit:
    """Return the edit that changes nothing; `dataclasses.replace` what shall be different."""
    return ItemEdit(**{name: getattr(item, name) for name in ItemEdit.__dataclass_fields__})
