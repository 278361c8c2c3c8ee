"""Removes what nobody will ask for again: used-up idempotency keys and engines long gone."""

from datetime import datetime, timedelta

from sqlmodel import col, delete

from core.services.idempotency import REMEMBERED
from core.storage.doors import Database
from core.storage.tables import EngineHeartbeat, IdempotencyKey

ENGINES_KEPT = timedelta(days=7)
"""How long the last sign of a stopped engine is kept."""


def prune(db: Database, now: datetime) -> None:
    """Delete rows past their time in all workspaces; nothing that a screen shows changes, so no revision moves."""
    with db.system() as session:
        session.execute(delete(IdempotencyKey).where(col(IdempotencyKey.created_at) <= now - REMEMBERED))
        session.execute(delete(EngineHeartbeat).where(col(EngineHeartbeat.last_tick) <= now - ENGINES_KEPT))
