"""Webhook endpoints of a workspace: addresses that are told of events, each with its own secret."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import func
from sqlmodel import col, delete, select

from core.errors import Invalid, Problem, StateConflict
from core.publishing.addresses import Forbidden, check_endpoint
from core.services.audit import Action, record
from core.services.context import Context
from core.services.event_catalog import FOR_WEBHOOKS
from core.services.events import newest_pk
from core.services.rows import check_version, find
from core.services.webhook_deliveries import delivery_view, new_delivery
from core.services.webhook_outlets import outlet
from core.services.webhook_views import DeliveryView, EndpointDraft, EndpointView
from core.storage.ids import IdPrefix, new_id, new_signing_secret
from core.storage.tables import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from core.storage.tenancy import ScopedSession
from core.vocabulary import DeliveryState, EventType

ENDPOINT = "webhook"
"""How errors and the audit log name an endpoint."""

MOST_ENDPOINTS = 50
LONGEST_DESCRIPTION = 200


def list_endpoints(ctx: Context) -> tuple[EndpointView, ...]:
    """Return the endpoints, oldest first."""
    rows = select(WebhookEndpoint).order_by(col(WebhookEndpoint.created_at), col(WebhookEndpoint.id))
    with ctx.read() as session:
        waiting = _waiting(session)
        return tuple(_view(row, waiting.get(row.id, 0)) for row in session.scalars(rows))


def find_endpoint(ctx: Context, endpoint_id: str) -> EndpointView:
    """Return one endpoint (NotFound)."""
    with ctx.read() as session:
        return _view_of(session, find(session, WebhookEndpoint, endpoint_id, ENDPOINT))


def add_endpoint(ctx: Context, draft: EndpointDraft) -> EndpointView:
    """Tell an address of what happens from now on, signed with a new secret.

    Invalid names the field: an address that is not public https, an unknown type, or too many endpoints.
    """
    _check(ctx, draft)
    with ctx.write() as session:
        _refuse_more(session)
        outlet(session)
        row = WebhookEndpoint(
            id=new_id(IdPrefix.ENDPOINT),
            secret=ctx.vault.encrypt(new_signing_secret()),
            since=newest_pk(session),
            created_at=ctx.now(),
            **_columns(draft),
        )
        session.add(row)
        session.flush()
        record(session, ctx, Action.CREATED, ENDPOINT, row.id, {"url": row.url})
        return _view_of(session, row)


def edit_endpoint(
    ctx: Context, endpoint_id: str, draft: EndpointDraft, expected_version: int | None = None
) -> EndpointView:
    """Change an endpoint (NotFound, StaleEdit, Invalid). Switched on again, it is told of what happens from then on.

    Deliveries that were under way when it was switched off go on.
    """
    _check(ctx, draft)
    with ctx.write() as session:
        row = find(session, WebhookEndpoint, endpoint_id, ENDPOINT)
        check_version(row, expected_version, ENDPOINT)
        if draft.active and not row.active:
            row.since = newest_pk(session)
        if draft.active != row.active:
            row.disabled_reason = ""
        row.sqlmodel_update(_columns(draft))
        row.version += 1
        record(session, ctx, Action.EDITED, ENDPOINT, row.id, {"url": row.url, "active": row.active})
        return _view_of(session, row)


def remove_endpoint(ctx: Context, endpoint_id: str, expected_version: int | None = None) -> None:
    """Remove an endpoint with its deliveries; nothing more is sent to it (NotFound, StaleEdit)."""
    with ctx.write() as session:
        row = find(session, WebhookEndpoint, endpoint_id, ENDPOINT)
        check_version(row, expected_version, ENDPOINT)
        own = col(WebhookDelivery.endpoint_id) == row.id
        attempts = delete(WebhookAttempt).where(
            col(WebhookAttempt.delivery_id).in_(select(WebhookDelivery.id).where(own))
        )
        session.execute(attempts.execution_options(synchronize_session=False))
        session.execute(delete(WebhookDelivery).where(own))
        session.delete(row)
        record(session, ctx, Action.DELETED, ENDPOINT, row.id, {"url": row.url})


def ping_endpoint(ctx: Context, endpoint_id: str) -> DeliveryView:
    """Have a `ping` sent to an endpoint and return its delivery, which tells within seconds how it went.

    NotFound; StateConflict where the endpoint is switched off.
    """
    with ctx.write() as session:
        row = find(session, WebhookEndpoint, endpoint_id, ENDPOINT)
        if not row.active:
            raise StateConflict(kind=ENDPOINT, state="switched off", wanted="tested; switch it on")
        data = {"endpoint_id": row.id, "message": "This is a test. Nothing happened."}
        ping = WebhookDelivery(
            **new_delivery(ctx.workspace, EventType.PING, data, ctx.now()), receiver=row.id, endpoint_id=row.id,
            next_attempt_at=ctx.now(), created_at=ctx.now(),
        )  # fmt: skip
        session.add(ping)
        session.flush()
        return delivery_view(ping, row.url)


def reveal_secret(ctx: Context, endpoint_id: str) -> str:
    """Return the secret an endpoint's deliveries are signed with (NotFound, UnreadableSecret)."""
    with ctx.read() as session:
        row = find(session, WebhookEndpoint, endpoint_id, ENDPOINT)
        return ctx.vault.decrypt(row.secret, f"The secret of the webhook {row.url}")


def rotate_secret(ctx: Context, endpoint_id: str, expected_version: int | None = None) -> str:
    """Draw another secret and return it; what is sent from now on is signed with it (NotFound, StaleEdit)."""
    secret = new_signing_secret()
    with ctx.write() as session:
        row = find(session, WebhookEndpoint, endpoint_id, ENDPOINT)
        check_version(row, expected_version, ENDPOINT)
        row.secret = ctx.vault.encrypt(secret)
        row.version += 1
        record(session, ctx, Action.EDITED, ENDPOINT, row.id, {"secret": "rotated"})
    return secret


def _check(ctx: Context, draft: EndpointDraft) -> None:
    if problems := tuple(_problems(ctx, draft)):
        raise Invalid(problems)


def _problems(ctx: Context, draft: EndpointDraft) -> Iterator[Problem]:
    url = check_endpoint(draft.url, allow_private=ctx.allow_private)
    if isinstance(url, Forbidden):
        yield Problem("url", draft.url, url.reason)
    if len(draft.description) > LONGEST_DESCRIPTION:
        yield Problem("description", draft.description, f"use at most {LONGEST_DESCRIPTION} characters")
    for number, kind in enumerate(draft.types):
        if kind not in FOR_WEBHOOKS:
            yield Problem(f"types[{number}]", kind, f"choose from {', '.join(FOR_WEBHOOKS)}")


def _refuse_more(session: ScopedSession) -> None:
    there = session.scalar(select(func.count()).select_from(WebhookEndpoint)) or 0
    if there >= MOST_ENDPOINTS:
        raise Invalid((Problem("url", f"{there} webhooks", f"there can be {MOST_ENDPOINTS}; remove one first"),))


def _columns(draft: EndpointDraft) -> dict[str, Any]:
    return {**vars(draft), "types": list(dict.fromkeys(draft.types))}


def _waiting(session: ScopedSession) -> dict[str, int]:
    rows = (
        select(col(WebhookDelivery.endpoint_id), func.count())
        .where(WebhookDelivery.state == DeliveryState.PENDING, col(WebhookDelivery.endpoint_id).is_not(None))
        .group_by(col(WebhookDelivery.endpoint_id))
    )
    return {str(endpoint): n for endpoint, n in session.execute(rows)}


def _view_of(session: ScopedSession, row: WebhookEndpoint) -> EndpointView:
    return _view(row, _waiting(session).get(row.id, 0))


def _view(row: WebhookEndpoint, waiting: int) -> EndpointView:
    return EndpointView(
        row.id,
        row.url,
        row.description,
        tuple(EventType(kind) for kind in row.types),
        row.active,
        row.disabled_reason,
        waiting,
        row.created_at,
        row.version,
    )
