"""The audit log: every change leaves a line that is never edited."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlmodel import col, select

from core.services.context import Context
from core.services.paging import Order, read_page
from core.storage.tables import AuditEntry
from core.storage.tenancy import ScopedSession

_NEWEST_FIRST = Order((col(AuditEntry.pk),), (int,), is_descending=True)


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
class AuditFilter:
    """Which lines are wanted; what is None does not restrict. `subject` is the id of what was changed."""

    actor: str | None = None
    action: Action | None = None
    subject: str | None = None
    subject_kind: str | None = None


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
        return tuple(map(_view, session.scalars(newest)))


def page_audit(
    ctx: Context, wanted: AuditFilter, limit: int, cursor: str | None = None
) -> tuple[tuple[AuditView, ...], str | None]:
    """Return up to `limit` lines, newest first, before the one the cursor names, and the next cursor (Invalid)."""
    line = AuditEntry
    columns = {line.actor: wanted.actor, line.action: wanted.action}
    columns |= {line.subject_id: wanted.subject, line.subject_kind: wanted.subject_kind}
    asked = (col(column) == value for column, value in columns.items() if value is not None)
    with ctx.read() as session:
        page, following = read_page(session, select(line).where(*asked), _NEWEST_FIRST, limit, cursor)
    return tuple(map(_view, page)), following


def _view(row: AuditEntry) -> AuditView:
    return AuditView(row.at, row.actor, row.action, row.subject_kind, row.subject_id, row.detail)
