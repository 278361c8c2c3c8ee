"""Connections as they are shown: with their counts, and where each one stands."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Executable
from sqlmodel import and_, col, func, not_, or_, select

from core.services.sheet_views import ConnectionView
from core.sheets.rows import KnownState
from core.sheets.words import ConnectionStatus
from core.storage.tables import GoogleAccount, SheetConflict, SheetConnection, SheetRow
from core.storage.tenancy import ScopedSession

Counts = Mapping[str, int]


def connection_views(session: ScopedSession, rows: Sequence[SheetConnection]) -> tuple[ConnectionView, ...]:
    """Return connections as they are shown, in this order."""
    session.flush()
    row = SheetRow
    is_faulty = or_(col(row.fault) != "", col(row.cell_fault) != "")
    posted = _counts(session, and_(col(row.state) == KnownState.ACTIVE, not_(is_faulty)))
    missing = _counts(session, col(row.state) == KnownState.MISSING)
    faulty = _counts(session, is_faulty)
    conflicts = select(SheetConflict.connection_id, func.count()).group_by(col(SheetConflict.connection_id))
    listed = _by_key(session, conflicts)
    names = _by_key(session, select(GoogleAccount.id, GoogleAccount.name))
    return tuple(
        _view(
            each,
            names[each.account_id],
            rows_in=posted.get(each.id, 0),
            rows_missing=missing.get(each.id, 0),
            rows_faulty=faulty.get(each.id, 0),
            conflicts=listed.get(each.id, 0),
        )
        for each in rows
    )


def _counts(session: ScopedSession, which: ColumnElement[bool]) -> Counts:
    counted = select(SheetRow.connection_id, func.count()).where(which).group_by(col(SheetRow.connection_id))
    return _by_key(session, counted)


def _by_key(session: ScopedSession, pairs: Executable) -> dict[str, Any]:
    return {row[0]: row[1] for row in session.execute(pairs)}


def _view(row: SheetConnection, account_name: str, **counts: int) -> ConnectionView:
    return ConnectionView(
        id=row.id,
        name=row.name,
        account_id=row.account_id,
        account_name=account_name,
        spreadsheet_id=row.spreadsheet_id,
        spreadsheet_title=row.spreadsheet_title,
        sheet_name=row.sheet_name,
        range=row.range,
        permissions=row.permissions,
        status=_status(row),
        last_sync=row.last_sync,
        last_error=row.last_error,
        next_step=row.next_step,
        next_sync=row.due_at,
        calendar_id=row.calendar_id,
        timezone=row.timezone or None,
        every_minutes=row.every_minutes,
        is_paused=row.is_paused,
        mirrors=row.mirrors,
        rows_out=row.figures.get("rows_out", 0),
        url=row.url,
        version=row.version,
        created_at=row.created_at,
        **counts,
    )


def _status(row: SheetConnection) -> ConnectionStatus:
    if row.sync_id is not None:
        return ConnectionStatus.SYNCING
    return ConnectionStatus.ERROR if row.last_error else ConnectionStatus.CONNECTED
