"""Fan-out: each new event becomes one delivery for every receiver, in the transaction that notes how far that is."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from sqlmodel import col, exists, insert, select

from core.services.callbacks import CALLBACKS, JOB_CALLBACKS
from core.services.courier import Courier, DeliveryPoint
from core.services.event_catalog import FOR_WEBHOOKS
from core.services.recovery import Attempt
from core.services.webhook_deliveries import new_delivery
from core.storage.tables import BulkJob, ContentScheduleItem, Event, WebhookDelivery, WebhookEndpoint, WebhookOutlet
from core.storage.tenancy import ScopedSession

BATCH = 500
"""Events made into deliveries by one transaction."""


def fan_out(courier: Courier, attempt: Attempt) -> None:
    """Make deliveries of all events since the last time, workspace by workspace; one that fails stops no other."""
    for workspace in _behind(courier):
        attempt("fan out", workspace, partial(_catch_up, courier, workspace))


def _behind(courier: Courier) -> Sequence[str]:
    later = exists().where(
        col(Event.workspace_id) == col(WebhookOutlet.workspace_id), col(Event.pk) > col(WebhookOutlet.position)
    )
    with courier.db.system(writable=False) as session:
        return session.scalars(select(WebhookOutlet.workspace_id).where(later)).all()


def _catch_up(courier: Courier, workspace: str) -> None:
    while _next_batch(courier, workspace) == BATCH:
        pass


def _next_batch(courier: Courier, workspace: str) -> int:
    """Fan out some events and return how many; two engines at once queue at the door."""
    with courier.db.write(workspace, moves_revision=False) as session:
        outlet = session.scalars(select(WebhookOutlet).with_for_update()).one()
        later = select(Event).where(col(Event.pk) > outlet.position).order_by(col(Event.pk)).limit(BATCH)
        events = session.scalars(later).all()
        if events:
            if rows := [*_for_endpoints(session, events), *_for_callbacks(session, events)]:
                session.execute(insert(WebhookDelivery), [{**row, **_fresh(courier)} for row in rows])
            outlet.position = events[-1].pk or 0
        courier.at(DeliveryPoint.FANNING_OUT)
    courier.at(DeliveryPoint.FANNED_OUT)
    return len(events)


def _fresh(courier: Courier) -> dict[str, Any]:
    return {"next_attempt_at": courier.now(), "created_at": courier.now()}


def _for_endpoints(session: ScopedSession, events: Sequence[Event]) -> Iterator[dict[str, Any]]:
    endpoints = session.scalars(select(WebhookEndpoint).where(col(WebhookEndpoint.active))).all()
    for event in events:
        for endpoint in endpoints:
            if _wants(endpoint, event):
                yield {**_of(event), "receiver": endpoint.id, "endpoint_id": endpoint.id}


def _wants(endpoint: WebhookEndpoint, event: Event) -> bool:
    wanted = endpoint.types or FOR_WEBHOOKS
    return (event.pk or 0) > endpoint.since and event.type in wanted


def _for_callbacks(session: ScopedSession, events: Sequence[Event]) -> Iterator[dict[str, Any]]:
    names = {**CALLBACKS, **JOB_CALLBACKS}
    outcomes = [event for event in events if event.type in names]
    addresses: dict[str, Mapping[str, str]] = {}
    for table, kinds in ((ContentScheduleItem, CALLBACKS), (BulkJob, JOB_CALLBACKS)):
        addresses |= _addresses(session, table, {event.subject_id for event in outcomes if event.type in kinds})
    for event in outcomes:
        address = addresses.get(event.subject_id, {}).get(names[event.type])
        if address is not None:
            yield {**_of(event), "receiver": address, "endpoint_id": None}


def _addresses(
    session: ScopedSession, table: type[ContentScheduleItem] | type[BulkJob], ids: set[str]
) -> Mapping[str, Mapping[str, str]]:
    if not ids:
        return {}
    rows = session.execute(select(table.id, table.callbacks).where(col(table.id).in_(ids)))
    return {key: callbacks for key, callbacks in rows}  # noqa: C416 - dict() of rows hides the types


def _of(event: Event) -> dict[str, Any]:
    return {**new_delivery(event.workspace_id, event.type, event.data, event.at), "event_pk": event.pk}
