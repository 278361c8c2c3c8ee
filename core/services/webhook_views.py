"""What screens and integrators see of webhook endpoints, deliveries and their attempts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.vocabulary import DeliveryState, EventType


@dataclass(frozen=True)
class EndpointDraft:
    """An endpoint as a person wants it; no `types` means all of them, now and later."""

    url: str
    description: str = ""
    types: tuple[str, ...] = ()
    active: bool = True


@dataclass(frozen=True)
class EndpointView:
    """An address that is told of events; `disabled_reason` is why Slotwise switched it off, empty where a person did.

    `waiting` counts deliveries under way. The secret is shown by `reveal_secret` only.
    """

    id: str
    url: str
    description: str
    types: tuple[EventType, ...]
    active: bool
    disabled_reason: str
    waiting: int
    created_at: datetime
    version: int


@dataclass(frozen=True)
class DeliveryView:
    """One event on its way to one receiver; `id` is its `webhook-id`.

    `endpoint_id` is None for an item's callback. `next_attempt_at` is None once it has ended.
    """

    id: str
    endpoint_id: str | None
    url: str
    type: EventType
    state: DeliveryState
    attempts: int
    next_attempt_at: datetime | None
    last_status: int | None
    last_error: str | None
    created_at: datetime
    delivered_at: datetime | None


@dataclass(frozen=True)
class AttemptView:
    """One sending: the answer's status, or why there was none, and how long it took."""

    attempt: int
    at: datetime
    status: int | None
    error: str | None
    milliseconds: int


@dataclass(frozen=True)
class DeliveryDetail:
    """A delivery with the body that is sent and every attempt so far, oldest first."""

    delivery: DeliveryView
    payload: Mapping[str, Any]
    attempts: tuple[AttemptView, ...]


@dataclass(frozen=True)
class DeliveryPage:
    """Some deliveries, newest first; `next_cursor` asks for those that follow, None ends the list."""

    deliveries: tuple[DeliveryView, ...]
    next_cursor: str | None
