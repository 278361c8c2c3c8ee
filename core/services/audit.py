"""The audit log: every change leaves a line that is never edited."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlmodel import col, select

from core.services.context import Context
from core.storage.tables import AuditEntry
from core.storage.tenancy import ScopedSession


class Action(StrEnum):
    """What was done."""

    CREATED = "created"
    EDITED = "edited"
    MOVED = "moved"
    CANCELED = "canceled"
    SKIPPED = "skipped"
    RETRIED = "retried"
    APPROVED = "approved"
    REJECTED = "rejected"
    RESOLVED = "resolved"
    DELETED = "deleted"
    IMPORTED = "imported"
    PLANNED = "planned"
    ROTATED = "rotated"
    REVOKED = "revoked"


@dataclass(frozen=True)
class AuditView:
    """One line of the log."""

    at: datetime
    actor: str
    action: str
    subject_kind: str
    subject_id: str
    detail: Mapping[str, Any]


def record(
    session: ScopedSession,
    ctx: Context,
    action: Action,
    kind: str,
    subject: str,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Add a line in the transaction of the change it describes."""
    session.add(
        AuditEntry(
            at=ctx.now(),
            actor=ctx.actor,
            action=action,
            subject_kind=kind,
            subject_id=subject,
            detail=dict(detail or {}),
        )
    )


def list_audit(ctx: Context, limit: int = 200) -> tuple[AuditView, ...]:
    """Return the newest lines, newest first."""
    newest = select(AuditEntry).order_by(col(AuditEntry.pk).desc()).limit(limit)
    with ctx.read() as session:
        return tuple(
            AuditView(row.at, row.actor, row.action, row.subject_kind, row.subject_id, row.detail)
            for row in session.scalars(newest)
        )
