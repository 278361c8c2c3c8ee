"""Removes what nobody will ask for again: idempotency keys and tokens past their time, old plans, engines long gone."""

from datetime import datetime, timedelta

from sqlmodel import col, delete

from core.services.idempotency import REMEMBERED
from core.services.job_runs import OPTIMIZE
from core.storage.doors import Database
from core.storage.tables import EngineHeartbeat, IdempotencyKey, JobRun, RefreshToken, SeenSignature

ENGINES_KEPT = timedelta(days=7)
"""How long the last sign of a stopped engine is kept."""

PLANS_KEPT = timedelta(days=30)
"""How long a plan can be looked at, applied and taken back; its times have passed by then as a rule."""


def prune(db: Database, now: datetime) -> None:
    """Delete rows past their time in all workspaces; no revision moves for what nobody looks at any more."""
    with db.system() as session:
        session.execute(delete(IdempotencyKey).where(col(IdempotencyKey.created_at) <= now - REMEMBERED))
        old_plans = delete(JobRun).where(col(JobRun.job) == OPTIMIZE, col(JobRun.finished_at) <= now - PLANS_KEPT)
        session.execute(old_plans)
        session.execute(delete(RefreshToken).where(col(RefreshToken.expires_at) <= now))
        session.execute(delete(SeenSignature).where(col(SeenSignature.expires_at) <= now))
        session.execute(delete(EngineHeartbeat).where(col(EngineHeartbeat.last_tick) <= now - ENGINES_KEPT))
