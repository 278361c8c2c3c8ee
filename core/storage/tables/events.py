"""What happened, and who was told of it by webhook: events, endpoints, deliveries and their attempts."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Index, UniqueConstraint
from sqlmodel import Field

from core.storage.tables.base import WorkspaceRow, own, same_workspace, serial_key, word
from core.storage.types import Moment
from core.vocabulary import DeliveryState, EventType


class Event(WorkspaceRow, table=True):
    """One change that others are told of; written by the write door, never by a service.

    Within a workspace the order of `pk` is the order of the commits. Numbers are never used twice.
    """

    __tablename__ = "events"
    __table_args__ = (
        Index("ix_events_workspace", "workspace_id", "pk"),
        Index("ix_events_at", "at"),
        # Without it SQLite would give the numbers of pruned events away again, and readers would miss the new ones.
        {"sqlite_autoincrement": True},
    )

    pk: int | None = serial_key()
    type: EventType = word(EventType)
    subject_id: str
    calendar_id: str | None = None
    data: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    at: datetime = Field(sa_type=Moment)


class WebhookOutlet(WorkspaceRow, table=True):
    """How far a workspace's events are made into deliveries, and the secret its item callbacks are signed with.

    There is one as soon as a workspace has an endpoint or an item with callbacks; `position` is the last event done.
    """

    __tablename__ = "webhook_outlets"
    __table_args__ = (UniqueConstraint("workspace_id", name="uq_webhook_outlets_workspace"),)

    pk: int | None = serial_key()
    position: int = Field(default=0, sa_type=BigInteger)
    callback_secret: str | None = None


class WebhookEndpoint(WorkspaceRow, table=True):
    """An address that is told of events; `types` empty means all of them, `since` is the last event before its time.

    `disabled_reason` says why Slotwise switched it off; it is empty where a person did.
    """

    __tablename__ = "webhook_endpoints"
    __table_args__ = (own("webhook_endpoints"),)

    id: str = Field(primary_key=True)
    url: str
    description: str = ""
    types: list[str] = Field(default_factory=list, sa_type=JSON)
    secret: str
    active: bool = True
    disabled_reason: str = ""
    since: int = Field(default=0, sa_type=BigInteger)
    version: int = 1
    created_at: datetime = Field(sa_type=Moment)


class WebhookDelivery(WorkspaceRow, table=True):
    """One event on its way to one receiver: an endpoint, or the address in an item's callbacks.

    `id` is its `webhook-id`, the same on every attempt. `receiver` is the endpoint's id or the callback's address.
    `attempts` counts all of them, `earlier` those before the last replay. While it is pending nobody else sends it
    before `next_attempt_at`: whoever takes it moves that on.
    """

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        own("webhook_deliveries"),
        *same_workspace("webhook_deliveries", [("endpoint_id", "webhook_endpoints")]),
        UniqueConstraint("workspace_id", "receiver", "event_pk", name="uq_webhook_deliveries_event"),
        Index("ix_webhook_deliveries_due", "state", "next_attempt_at"),
        Index("ix_webhook_deliveries_created", "workspace_id", "created_at"),
    )

    id: str = Field(primary_key=True)
    receiver: str
    endpoint_id: str | None = None
    event_pk: int | None = Field(default=None, sa_type=BigInteger)
    type: EventType = word(EventType)
    payload: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    state: DeliveryState = word(DeliveryState, default=DeliveryState.PENDING)
    attempts: int = 0
    earlier: int = 0
    next_attempt_at: datetime = Field(sa_type=Moment)
    last_status: int | None = None
    last_error: str | None = None
    created_at: datetime = Field(sa_type=Moment)
    delivered_at: datetime | None = Field(default=None, sa_type=Moment)


class WebhookAttempt(WorkspaceRow, table=True):
    """One sending of a delivery and what came back; lines are added, never edited."""

    __tablename__ = "webhook_attempts"
    __table_args__ = (
        *same_workspace("webhook_attempts", [("delivery_id", "webhook_deliveries")]),
        Index("ix_webhook_attempts_delivery", "delivery_id"),
    )

    pk: int | None = serial_key()
    delivery_id: str
    attempt: int
    at: datetime = Field(sa_type=Moment)
    status: int | None = None
    error: str | None = None
    milliseconds: int
