"""Removes what nobody will ask for again: idempotency keys and tokens past their time, old plans, events, engines."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session
from sqlmodel import col, delete, exists, select

from core.services.idempotency import REMEMBERED
from core.services.job_runs import OPTIMIZE
from core.storage.doors import Database
from core.storage.tables import (
    EngineHeartbeat,
    Event,
    IdempotencyKey,
    JobRun,
    RefreshToken,
    SeenSignature,
    SheetConflict,
    SheetSync,
    WebhookAttempt,
    WebhookDelivery,
    WebhookOutlet,
)

ENGINES_KEPT = timedelta(days=7)
"""How long the last sign of a stopped engine is kept."""

PLANS_KEPT = timedelta(days=30)
"""How long a plan can be looked at, applied and taken back; its times have passed by then as a rule."""

EVENTS_KEPT = timedelta(days=7)
"""How long a WebSocket can resume after an event; one that webhooks still wait for is kept for longer."""

DELIVERIES_KEPT = timedelta(days=30)
"""How long a delivery can be looked at and replayed."""

SYNCS_KEPT, CONFLICTS_KEPT = timedelta(days=30), timedelta(days=90)
"""How long the syncs of a sheet, and the fields in which both sides differed, can be looked at."""


def prune(db: Database, now: datetime) -> None:
    """Delete rows past their time in all workspaces; no revision moves for what nobody looks at any more."""
    with db.system() as session:
        session.execute(delete(IdempotencyKey).where(col(IdempotencyKey.created_at) <= now - REMEMBERED))
        old_plans = delete(JobRun).where(col(JobRun.job) == OPTIMIZE, col(JobRun.finished_at) <= now - PLANS_KEPT)
        session.execute(old_plans)
        session.execute(delete(RefreshToken).where(col(RefreshToken.expires_at) <= now))
        session.execute(delete(SeenSignature).where(col(SeenSignature.expires_at) <= now))
        session.execute(delete(EngineHeartbeat).where(col(EngineHeartbeat.last_tick) <= now - ENGINES_KEPT))
        session.execute(delete(SheetSync).where(col(SheetSync.started_at) <= now - SYNCS_KEPT))
        session.execute(delete(SheetConflict).where(col(SheetConflict.at) <= now - CONFLICTS_KEPT))
        _prune_events(session, now)


def _prune_events(session: Session, now: datetime) -> None:
    waits = exists().where(
        col(WebhookOutlet.workspace_id) == col(Event.workspace_id), col(WebhookOutlet.position) < col(Event.pk)
    )
    session.execute(delete(Event).where(col(Event.at) <= now - EVENTS_KEPT, ~waits))
    old = col(WebhookDelivery.created_at) <= now - DELIVERIES_KEPT
    attempts = delete(WebhookAttempt).where(col(WebhookAttempt.delivery_id).in_(select(WebhookDelivery.id).where(old)))
    session.execute(attempts.execution_options(synchronize_session=False))
    session.execute(delete(WebhookDelivery).where(old))
