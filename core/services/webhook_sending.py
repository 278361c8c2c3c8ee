"""Sending what is due: each receiver's deliveries one after the other, no transaction open while one is on its way."""

import json
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import ColumnElement, and_, func, or_
from sqlmodel import col, select, update

from core.errors import UnreadableSecret
from core.publishing.addresses import Forbidden, parse_endpoint
from core.publishing.deliveries import Verdict, judge
from core.publishing.sending import Message, NotSent, Sending, signer_of
from core.services.audit import Action
from core.services.courier import LEASE, Courier, DeliveryPoint
from core.services.webhook_outlets import callback_secret
from core.storage.tables import AuditEntry, WebhookAttempt, WebhookDelivery, WebhookEndpoint
from core.storage.tenancy import ScopedSession
from core.vocabulary import DeliveryState

MOST_IN_A_ROW = 50
"""Deliveries sent to one receiver before others get the thread."""

SILENT = "Nothing arrived there for a day, the last time because: {error} Mend it, then switch it on again."
GONE = "The receiver answered 410: it wants nothing any more."
_FAULTY = "The webhook's secret is none: rotate it."


@dataclass(frozen=True)
class Receiver:
    """Where deliveries go: an endpoint of a workspace by its id, or an address of its items' callbacks."""

    workspace: str
    key: str


@dataclass(frozen=True)
class Parcel:
    """One delivery that was taken: what is sent, where, and which attempt it is."""

    id: str
    attempt: int
    tries: int
    url: str
    secret: str
    body: str
    created_at: datetime


class Couriers(Protocol):
    """The threads of one engine that deliver at the same time."""

    def room(self) -> int:
        """Return how many more receivers can be served at present."""
        ...

    def busy(self) -> Collection[Receiver]:
        """Return the receivers that are being served."""
        ...

    def take_on(self, receiver: Receiver) -> None:
        """Serve a receiver as soon as a thread is free."""
        ...


def send_due(courier: Courier, couriers: Couriers) -> None:
    """Hand every receiver that something is due for to a thread of its own; those that fail least come first."""
    busy = set(couriers.busy())
    if room := couriers.room():
        for receiver in [one for one in find_due(courier, room + len(busy)) if one not in busy][:room]:
            couriers.take_on(receiver)


def find_due(courier: Courier, limit: int) -> list[Receiver]:
    """Return up to `limit` receivers that something is due for."""
    delivery = WebhookDelivery
    tried, first = func.min(delivery.attempts - delivery.earlier), func.min(delivery.next_attempt_at)
    due = (
        select(delivery.workspace_id, delivery.receiver)
        .outerjoin(WebhookEndpoint, col(WebhookEndpoint.id) == delivery.endpoint_id)
        .where(_is_due(courier.now()), or_(col(delivery.endpoint_id).is_(None), col(WebhookEndpoint.active)))
        .group_by(col(delivery.workspace_id), col(delivery.receiver))
        .order_by(tried, first)
        .limit(limit)
    )
    with courier.db.system(writable=False) as session:
        return [Receiver(workspace, key) for workspace, key in session.execute(due)]


def deliver(courier: Courier, receiver: Receiver, goes_on: Callable[[], bool] = lambda: True) -> None:
    """Send a receiver what is due, until one fails, many are sent or the engine stops.

    A process that dies between sending and noting the answer sends again with the same `webhook-id`.
    """
    parcel = _take_first(courier, receiver)
    for left in reversed(range(MOST_IN_A_ROW)):
        if parcel is None:
            return
        courier.at(DeliveryPoint.TAKEN)
        begun, started = courier.now(), time.monotonic()
        verdict = judge(_send(courier, parcel), parcel.tries, courier.now(), courier.rng)
        courier.at(DeliveryPoint.SENT)
        attempt = WebhookAttempt(
            delivery_id=parcel.id,
            attempt=parcel.attempt,
            at=begun,
            status=verdict.status,
            error=verdict.error,
            milliseconds=round((time.monotonic() - started) * 1000),
        )
        goes_on_now = verdict.is_delivered and left > 0 and goes_on()
        parcel = _settle(courier, receiver, parcel, verdict, attempt, takes_next=goes_on_now)


def _send(courier: Courier, parcel: Parcel) -> Sending:
    url = parse_endpoint(parcel.url, allow_private=courier.sender.allow_private)
    if isinstance(url, Forbidden):
        return NotSent(url.reason)
    signer = signer_of(parcel.secret)
    if signer is None:
        return NotSent(_FAULTY)
    return courier.sender.send(Message(url, signer, parcel.id, parcel.body), courier.now())


def _take_first(courier: Courier, receiver: Receiver) -> Parcel | None:
    with courier.db.write(receiver.workspace, moves_revision=False) as session:
        return _take(session, courier, receiver)


def _take(session: ScopedSession, courier: Courier, receiver: Receiver) -> Parcel | None:
    """Take the oldest delivery that is due for a receiver; the row that the conditional update moved is ours."""
    now = courier.now()
    due = (_is_due(now), col(WebhookDelivery.receiver) == receiver.key)
    oldest = (
        select(WebhookDelivery)
        .where(*due)
        .order_by(col(WebhookDelivery.created_at), col(WebhookDelivery.event_pk), col(WebhookDelivery.id))
    )
    row = session.scalars(oldest.limit(1)).first()
    if row is None:
        return None
    change = update(WebhookDelivery).where(col(WebhookDelivery.id) == row.id, *due, _as_seen(row.attempts))
    taken = change.values(attempts=row.attempts + 1, next_attempt_at=now + LEASE).returning(col(WebhookDelivery.id))
    if session.scalars(taken.execution_options(synchronize_session=False)).first() is None:
        return None
    url, secret = _address(session, courier, row)
    attempt = row.attempts + 1
    return Parcel(row.id, attempt, attempt - row.earlier, url, secret, json.dumps(row.payload), row.created_at)


def _address(session: ScopedSession, courier: Courier, row: WebhookDelivery) -> tuple[str, str]:
    """Return where a delivery goes and what it is signed with; a secret that cannot be read is sent nothing."""
    try:
        if row.endpoint_id is None:
            return row.receiver, callback_secret(session, courier.vault)
        endpoint = session.get_one(WebhookEndpoint, row.endpoint_id)
        return endpoint.url, courier.vault.decrypt(endpoint.secret, "The webhook's secret")
    except UnreadableSecret:
        return row.receiver if row.endpoint_id is None else endpoint.url, ""


def _settle(
    courier: Courier, receiver: Receiver, parcel: Parcel, verdict: Verdict, attempt: WebhookAttempt, *, takes_next: bool
) -> Parcel | None:
    """Note how a sending went and, in the same transaction, take the receiver's next delivery.

    Where the lease had run out and somebody else sent it meanwhile, only the attempt is added.
    """
    with courier.db.write(receiver.workspace, moves_revision=False) as session:
        if session.get(WebhookDelivery, parcel.id) is None:
            return None  # the endpoint was removed while it was being told
        session.add(attempt)
        change = update(WebhookDelivery).where(col(WebhookDelivery.id) == parcel.id, _as_seen(parcel.attempt))
        ours = change.values(**_outcome(verdict, courier.now())).returning(col(WebhookDelivery.endpoint_id))
        found = session.scalars(ours.execution_options(synchronize_session=False)).all()
        if found and found[0] is not None:
            _judge_endpoint(session, courier, found[0], parcel, verdict)
        following = _take(session, courier, receiver) if takes_next else None
        courier.at(DeliveryPoint.SETTLING)
    courier.at(DeliveryPoint.SETTLED)
    return following


def _outcome(verdict: Verdict, now: datetime) -> dict[str, Any]:
    outcome: dict[str, Any] = {"last_status": verdict.status, "last_error": verdict.error}
    if verdict.is_delivered:
        return {**outcome, "state": DeliveryState.DELIVERED, "delivered_at": now}
    if verdict.again_at is None:
        return {**outcome, "state": DeliveryState.FAILED}
    return {**outcome, "next_attempt_at": verdict.again_at}


def _judge_endpoint(
    session: ScopedSession, courier: Courier, endpoint_id: str, parcel: Parcel, verdict: Verdict
) -> None:
    """Switch an endpoint off that is gone, or that took nothing from the first to the last try of a delivery."""
    if verdict.is_delivered or verdict.again_at is not None:
        return
    endpoint = session.get_one(WebhookEndpoint, endpoint_id)
    took = select(WebhookDelivery.id).where(
        WebhookDelivery.endpoint_id == endpoint_id, col(WebhookDelivery.delivered_at) >= parcel.created_at
    )
    if not endpoint.active or (not verdict.is_gone and session.scalars(took).first() is not None):
        return
    endpoint.active, endpoint.version = False, endpoint.version + 1
    endpoint.disabled_reason = GONE if verdict.is_gone else SILENT.format(error=verdict.error)
    line = AuditEntry(
        at=courier.now(), actor=courier.name, action=Action.EDITED, subject_kind="webhook", subject_id=endpoint.id,
        detail={"active": False, "reason": endpoint.disabled_reason},
    )  # fmt: skip
    session.add(line)


def _is_due(now: datetime) -> ColumnElement[bool]:
    return and_(col(WebhookDelivery.state) == DeliveryState.PENDING, col(WebhookDelivery.next_attempt_at) <= now)


def _as_seen(attempts: int) -> ColumnElement[bool]:
    return and_(col(WebhookDelivery.state) == DeliveryState.PENDING, col(WebhookDelivery.attempts) == attempts)
