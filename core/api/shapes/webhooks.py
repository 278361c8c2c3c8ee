"""Webhook endpoints and deliveries on the wire."""

from typing import Annotated, Any

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from core.api.wire import Body, Moment, Query, Shape, Whole, YesNo
from core.services.event_catalog import FOR_WEBHOOKS
from core.services.webhook_views import DeliveryDetail, DeliveryView, EndpointDraft, EndpointView
from core.vocabulary import DeliveryState, EventType

ON, OFF = "active", "inactive"
"""The state of an endpoint."""

FIRST_CALL: JsonDict = {
    "url": "https://example.com/hooks/slotwise",
    "description": "CRM",
    "types": ["item.published", "item.failed"],
}

Url = Annotated[str, Field(max_length=2000, examples=["https://example.com/hooks/slotwise"])]
Types = Annotated[
    list[Annotated[str, Field(max_length=40)]],
    Field(max_length=40, description=f"Events it is told of; none means all: {', '.join(FOR_WEBHOOKS)}."),
]
Description = Annotated[str, Field(max_length=200)]


class NewEndpointBody(Body):
    """An address that is told of events."""

    model_config = ConfigDict(**Body.model_config, json_schema_extra={"examples": [FIRST_CALL]})

    url: Url
    description: Description = ""
    types: Types = Field(default_factory=list)
    active: YesNo = True

    def draft(self) -> EndpointDraft:
        """Return it as the services take it."""
        return EndpointDraft(self.url, self.description, tuple(self.types), self.active)


class EndpointPatch(Body):
    """What to change of an endpoint; what is left out stays as it is."""

    url: Url | None = None
    description: Description | None = None
    types: Types | None = None
    active: YesNo | None = Field(None, description="Switched on again, it is told of what happens from then on.")
    expected_revision: Whole | None = None

    def draft(self, known: EndpointView) -> EndpointDraft:
        """Return the endpoint as it is wanted."""
        return EndpointDraft(
            known.url if self.url is None else self.url,
            known.description if self.description is None else self.description,
            known.types if self.types is None else tuple(self.types),
            known.active if self.active is None else self.active,
        )


class EndpointShape(Shape):
    """An address that is told of events; its secret is a call of its own."""

    id: str
    url: str
    description: str
    types: list[EventType]
    active: bool
    state: str
    disabled_reason: str | None = Field(description="Why Slotwise switched it off; null where a person did.")
    waiting: int = Field(description="Deliveries under way.")
    revision: int
    created_at: Moment


class SecretShape(Shape):
    """What deliveries are signed with (Standard Webhooks)."""

    id: str
    secret: str


class DeliveryQuery(Query):
    """Which deliveries are wanted."""

    limit: int = Field(50, ge=10, le=200)
    cursor: str | None = Field(None, max_length=500)
    state: DeliveryState | None = None


class AttemptShape(Shape):
    """One sending and what came back."""

    attempt: int
    at: Moment
    status: int | None
    error: str | None
    milliseconds: int


class DeliveryShape(Shape):
    """One event on its way to one receiver; `id` is its `webhook-id`.

    `endpoint_id` is null for an item's callback. `payload` and `log` are there where one delivery is read.
    """

    id: str
    endpoint_id: str | None
    url: str
    type: EventType
    state: DeliveryState
    attempts: int
    next_attempt_at: Moment | None
    last_status: int | None
    last_error: str | None
    created_at: Moment
    delivered_at: Moment | None
    payload: dict[str, Any] | None = None
    log: list[AttemptShape] | None = None


def endpoint_shape(view: EndpointView) -> EndpointShape:
    """Return an endpoint as it is sent."""
    return EndpointShape(
        id=view.id,
        url=view.url,
        description=view.description,
        types=list(view.types),
        active=view.active,
        state=ON if view.active else OFF,
        disabled_reason=view.disabled_reason or None,
        waiting=view.waiting,
        revision=view.version,
        created_at=view.created_at,
    )


def delivery_shape(view: DeliveryView) -> DeliveryShape:
    """Return a delivery as it is sent."""
    return DeliveryShape(**vars(view))


def detail_shape(detail: DeliveryDetail) -> DeliveryShape:
    """Return a delivery with its body and its attempts."""
    log = [AttemptShape(**vars(one)) for one in detail.attempts]
    return DeliveryShape(**vars(detail.delivery), payload=dict(detail.payload), log=log)
