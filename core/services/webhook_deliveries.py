"""Deliveries of events: made, listed, looked at with their attempts, and sent once more by a person."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement
from sqlmodel import col, select

from core.calendar.zones import in_utc
from core.errors import Invalid, Problem, StateConflict
from core.services.audit import Action, record
from core.services.context import Context
from core.services.paging import Order, read_page
from core.services.rows import find
from core.services.webhook_views import AttemptView, DeliveryDetail, DeliveryPage, DeliveryView
from core.storage.ids import IdPrefix, new_id
from core.storage.tables import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from core.storage.tenancy import ScopedSession
from core.vocabulary import DeliveryState, EventType

DELIVERY = "delivery"
"""How errors and the audit log name a delivery."""

LONGEST_PAGE = 200

_NEWEST_FIRST = Order((col(WebhookDelivery.created_at), col(WebhookDelivery.id)), (datetime, str), is_descending=True)


def new_delivery(workspace: str, kind: EventType, data: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    """Return what every delivery of an event has: its own id, the type, and the body as Standard Webhooks asks."""
    payload = {"type": kind.value, "timestamp": in_utc(at), "workspace_id": workspace, "data": dict(data)}
    return {"id": new_id(IdPrefix.DELIVERY), "type": kind, "payload": payload}


def list_deliveries(
    ctx: Context,
    endpoint_id: str | None = None,
    state: DeliveryState | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> DeliveryPage:
    """Return up to `limit` (1 to 200) deliveries, newest first, after the one the cursor names.

    NotFound (endpoint), Invalid (limit, cursor). Without `endpoint_id` callbacks of items are among them.
    """
    if not 1 <= limit <= LONGEST_PAGE:
        raise Invalid((Problem("limit", str(limit), f"use 1 to {LONGEST_PAGE}"),))
    wanted = select(WebhookDelivery).where(*_conditions(endpoint_id, state))
    with ctx.read() as session:
        if endpoint_id is not None:
            find(session, WebhookEndpoint, endpoint_id, "webhook")
        urls = _urls(session)
        page, following = read_page(session, wanted, _NEWEST_FIRST, limit, cursor)
    return DeliveryPage(tuple(delivery_view(row, urls.get(row.receiver)) for row in page), following)


def find_delivery(ctx: Context, delivery_id: str) -> DeliveryDetail:
    """Return one delivery with its body and its attempts (NotFound)."""
    attempts = select(WebhookAttempt).where(WebhookAttempt.delivery_id == delivery_id)
    with ctx.read() as session:
        row = find(session, WebhookDelivery, delivery_id, DELIVERY)
        tried = session.scalars(attempts.order_by(col(WebhookAttempt.pk)))
        return DeliveryDetail(
            delivery_view(row, _urls(session).get(row.receiver)),
            row.payload,
            tuple(AttemptView(one.attempt, one.at, one.status, one.error, one.milliseconds) for one in tried),
        )


def replay_delivery(ctx: Context, delivery_id: str) -> DeliveryView:
    """Send a delivery that has ended once more, with the same `webhook-id` and all its tries anew.

    NotFound; StateConflict where it is under way, or its endpoint is switched off.
    """
    with ctx.write() as session:
        row = find(session, WebhookDelivery, delivery_id, DELIVERY)
        if row.state is DeliveryState.PENDING:
            raise StateConflict(kind=DELIVERY, state="under way already", wanted="sent again; wait for its end")
        endpoint = None if row.endpoint_id is None else session.get_one(WebhookEndpoint, row.endpoint_id)
        if endpoint is not None and not endpoint.active:
            raise StateConflict(kind="webhook", state="switched off", wanted="sent to; switch it on")
        row.state, row.earlier, row.next_attempt_at = DeliveryState.PENDING, row.attempts, ctx.now()
        record(session, ctx, Action.RETRIED, DELIVERY, row.id)
        return delivery_view(row, None if endpoint is None else endpoint.url)


def delivery_view(row: WebhookDelivery, url: str | None) -> DeliveryView:
    """Return what may leave the services of a row; `url` is its endpoint's."""
    return DeliveryView(
        row.id,
        row.endpoint_id,
        url or row.receiver,
        row.type,
        row.state,
        row.attempts,
        row.next_attempt_at if row.state is DeliveryState.PENDING else None,
        row.last_status,
        row.last_error,
        row.created_at,
        row.delivered_at,
    )


def _urls(session: ScopedSession) -> dict[str, str]:
    endpoints = session.execute(select(WebhookEndpoint.id, WebhookEndpoint.url))
    return {key: url for key, url in endpoints}  # noqa: C416 - dict() of rows hides the types


def _conditions(endpoint_id: str | None, state: DeliveryState | None) -> Iterator[ColumnElement[bool]]:
    if endpoint_id is not None:
        yield col(WebhookDelivery.endpoint_id) == endpoint_id
    if state is not None:
        yield col(WebhookDelivery.state) == state
