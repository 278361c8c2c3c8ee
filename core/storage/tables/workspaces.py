"""Workspaces and what is kept per workspace: channels, preferences, exceptions, revisions, keys, audit."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, Integer, UniqueConstraint
from sqlmodel import Field, SQLModel

from core.storage.tables.base import WorkspaceRow, own, same_workspace, serial_key, word
from core.storage.types import Moment
from core.vocabulary import ChannelKind, ExceptionKind, LatenessPolicy


class Workspace(SQLModel, table=True):
    """A tenant: every other row belongs to one."""

    __tablename__ = "workspaces"

    id: str = Field(primary_key=True)
    name: str
    timezone: str
    lateness_policy: LatenessPolicy = word(LatenessPolicy, default=LatenessPolicy.PUBLISH_LATE)
    lateness_grace_minutes: int = 60
    max_attempts: int = 5
    created_at: datetime = Field(sa_type=Moment)


class Revision(SQLModel, table=True):
    """Counts a workspace's writes; the write door moves it, caches are keyed by it."""

    __tablename__ = "revisions"

    workspace_id: str = Field(primary_key=True, foreign_key="workspaces.id")
    value: int = 0


class Channel(WorkspaceRow, table=True):
    """One account on a platform, or one endpoint that stands for it.

    A peer (`is_peer`) is somebody else's public account: its history shapes expectations, nothing is ever posted on it.
    `exploration_percent` of the slots recommended may try hours of which little is known.
    """

    __tablename__ = "channels"
    __table_args__ = (own("channels"), UniqueConstraint("workspace_id", "platform", "name", name="uq_channels_name"))

    id: str = Field(primary_key=True)
    platform: str
    name: str
    kind: ChannelKind = word(ChannelKind)
    timezone: str
    settings: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    secret: str | None = None
    min_gap_minutes: int = 120
    # None is a choice, no cap: without this the database layer takes it for "not given" and inserts the default.
    max_per_day: int | None = Field(default=3, sa_type=Integer().evaluates_none())
    max_per_week: int | None = None
    active: bool = True
    is_peer: bool = False
    exploration_percent: int = 0
    version: int = 1
    created_at: datetime = Field(sa_type=Moment)


class ScheduleException(WorkspaceRow, table=True):
    """A blackout window or manual override, for one channel or (channel_id null) for all."""

    __tablename__ = "schedule_exceptions"
    __table_args__ = same_workspace("schedule_exceptions", [("channel_id", "channels")])

    id: str = Field(primary_key=True)
    channel_id: str | None = None
    kind: ExceptionKind = word(ExceptionKind, default=ExceptionKind.BLACKOUT)
    starts_at: datetime = Field(sa_type=Moment)
    ends_at: datetime = Field(sa_type=Moment)
    reason: str = ""


class UserSchedulingPreference(WorkspaceRow, table=True):
    """How often and when a user wants to post on a platform."""

    __tablename__ = "user_scheduling_preferences"
    __table_args__ = (UniqueConstraint("workspace_id", "user_id", "platform", name="uq_preferences_user_platform"),)

    id: str = Field(primary_key=True)
    user_id: str
    platform: str
    timezone: str
    posting_frequency_min: int | None = None
    posting_frequency_max: int | None = None
    quiet_from: str | None = None
    quiet_to: str | None = None
    working_days_only: bool = False


class IdempotencyKey(WorkspaceRow, table=True):
    """Remembers what a request with this key did, so that its repetition does nothing."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (UniqueConstraint("workspace_id", "endpoint", "key", name="uq_idempotency_keys"),)

    pk: int | None = serial_key()
    endpoint: str
    key: str
    request_hash: str
    result: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    created_at: datetime = Field(sa_type=Moment)


class AuditEntry(WorkspaceRow, table=True):
    """Who changed what and when; lines are added, never edited."""

    __tablename__ = "audit_entries"
    __table_args__ = (Index("ix_audit_entries_subject", "workspace_id", "subject_id"),)

    pk: int | None = serial_key()
    at: datetime = Field(sa_type=Moment)
    actor: str
    action: str
    subject_kind: str
    subject_id: str
    detail: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
