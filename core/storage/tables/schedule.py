"""What goes out: contents, calendars, items, claims on items and the ledger of attempts."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, UniqueConstraint
from sqlmodel import Field

from core.storage.tables.base import WorkspaceRow, own, same_workspace, serial_key, word
from core.storage.types import Moment
from core.vocabulary import CalendarState, ContentFormat, ItemState, LatenessPolicy, LedgerStep


class Content(WorkspaceRow, table=True):
    """A piece to publish, on one channel or several; `external_id` is what an integrator calls it."""

    __tablename__ = "contents"
    __table_args__ = (own("contents"), Index("ix_contents_external", "workspace_id", "external_id"))

    id: str = Field(primary_key=True)
    external_id: str | None = None
    title: str
    text: str = ""
    content_format: ContentFormat = word(ContentFormat)
    tags: list[str] = Field(default_factory=list, sa_type=JSON)
    media: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    audience: str = ""
    tone: str = ""
    created_at: datetime = Field(sa_type=Moment)
    updated_at: datetime = Field(sa_type=Moment)


class ContentCalendar(WorkspaceRow, table=True):
    """A named group of items with a time zone and a state."""

    __tablename__ = "content_calendars"
    __table_args__ = (own("content_calendars"),)

    id: str = Field(primary_key=True)
    title: str
    timezone: str
    state: CalendarState = word(CalendarState, default=CalendarState.PENDING)
    bulk_job_id: str | None = None
    version: int = 1
    created_at: datetime = Field(sa_type=Moment)
    updated_at: datetime = Field(sa_type=Moment)


class ContentScheduleItem(WorkspaceRow, table=True):
    """One post: content, channel, time and state."""

    __tablename__ = "content_schedule_items"
    __table_args__ = (
        own("content_schedule_items"),
        *same_workspace(
            "content_schedule_items",
            [("calendar_id", "content_calendars"), ("content_id", "contents"), ("channel_id", "channels")],
        ),
        Index("ix_items_due", "state", "due_at"),
        Index("ix_items_time", "workspace_id", "scheduled_at"),
        Index("ix_items_calendar", "calendar_id"),
    )

    id: str = Field(primary_key=True)
    calendar_id: str
    content_id: str
    channel_id: str
    scheduled_at: datetime = Field(sa_type=Moment)
    due_at: datetime = Field(sa_type=Moment, description="When the engine may act: the time, or a retry's.")
    state: ItemState = word(ItemState, default=ItemState.PENDING)
    priority: int = 1
    fixed: bool = False
    not_before: datetime | None = Field(default=None, sa_type=Moment)
    not_after: datetime | None = Field(default=None, sa_type=Moment)
    attempt: int = 0
    lateness_policy: LatenessPolicy | None = word(LatenessPolicy, default=None)
    lateness_grace_seconds: int | None = None
    extra: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    callbacks: dict[str, str] = Field(default_factory=dict, sa_type=JSON, description="Address by what it is told of.")
    recommended_slot_id: str | None = None
    url: str | None = None
    remote_id: str | None = None
    error: str | None = None
    published_at: datetime | None = Field(default=None, sa_type=Moment)
    version: int = 1
    created_at: datetime = Field(sa_type=Moment)
    updated_at: datetime = Field(sa_type=Moment)


class ScheduleAssignment(WorkspaceRow, table=True):
    """A worker's claim on an item until its lease ends; the unique item is what makes it exclusive."""

    __tablename__ = "schedule_assignments"
    __table_args__ = (
        *same_workspace("schedule_assignments", [("item_id", "content_schedule_items")]),
        UniqueConstraint("item_id", name="uq_schedule_assignments_item"),
    )

    id: str = Field(primary_key=True)
    item_id: str
    worker: str
    attempt: int
    claimed_at: datetime = Field(sa_type=Moment)
    lease_until: datetime = Field(sa_type=Moment, index=True)


class PublishAttempt(WorkspaceRow, table=True):
    """One line of the ledger: what happened in which attempt; lines are added, never edited."""

    __tablename__ = "publish_attempts"
    __table_args__ = (
        *same_workspace("publish_attempts", [("item_id", "content_schedule_items")]),
        UniqueConstraint("item_id", "attempt", "step", name="uq_publish_attempts_step"),
    )

    pk: int | None = serial_key()
    item_id: str
    attempt: int
    step: LedgerStep = word(LedgerStep)
    at: datetime = Field(sa_type=Moment)
    worker: str
    detail: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
