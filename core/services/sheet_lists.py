"""What a connection has to show: its syncs, its rows and its conflicts, page by page."""

from datetime import datetime

from sqlmodel import col, func, or_, select

from core.services.context import Context
from core.services.paging import Order, read_page
from core.services.rows import find
from core.services.sheet_claims import CONNECTION
from core.services.sheet_views import (
    ConflictPage,
    ConflictView,
    SheetRowPage,
    SheetRowView,
    SyncCounts,
    SyncRunPage,
    SyncRunView,
)
from core.sheets.rows import KnownState
from core.sheets.statuses import joined_faults
from core.storage.tables import SheetConflict, SheetConnection, SheetRow, SheetSync

_NEWEST_RUNS = Order((col(SheetSync.started_at), col(SheetSync.id)), (datetime, str), is_descending=True)
_NEWEST_CONFLICTS = Order((col(SheetConflict.pk),), (int,), is_descending=True)
_AS_KNOWN = Order((col(SheetRow.pk),), (int,))


def list_sync_runs(ctx: Context, connection_id: str, limit: int = 20, cursor: str | None = None) -> SyncRunPage:
    """Return syncs of a connection, the newest first (NotFound, Invalid: cursor)."""
    with ctx.read() as session:
        find(session, SheetConnection, connection_id, CONNECTION)
        runs = select(SheetSync).where(SheetSync.connection_id == connection_id)
        page, following = read_page(session, runs, _NEWEST_RUNS, limit, cursor)
    return SyncRunPage(tuple(map(_run_view, page)), following)


def find_run(ctx: Context, sync_id: str) -> SyncRunView:
    """Return one sync (NotFound)."""
    with ctx.read() as session:
        return _run_view(find(session, SheetSync, sync_id, "sync"))


def list_rows(
    ctx: Context,
    connection_id: str,
    state: KnownState | None = None,
    *,
    faulty: bool = False,
    limit: int = 50,
    cursor: str | None = None,
) -> SheetRowPage:
    """Return the rows that are known, those in a state or with something to mend only (NotFound, Invalid: cursor)."""
    row = SheetRow
    wanted = [col(row.connection_id) == connection_id]
    if state is not None:
        wanted.append(col(row.state) == state)
    if faulty:
        wanted.append(or_(col(row.fault) != "", col(row.cell_fault) != ""))
    with ctx.read() as session:
        find(session, SheetConnection, connection_id, CONNECTION)
        total = session.scalars(select(func.count()).select_from(row).where(*wanted)).one()
        page, following = read_page(session, select(row).where(*wanted), _AS_KNOWN, limit, cursor)
    return SheetRowPage(tuple(map(_row_view, page)), total, following)


def list_conflicts(ctx: Context, connection_id: str, limit: int = 50, cursor: str | None = None) -> ConflictPage:
    """Return fields in which both sides differed, the newest first (NotFound, Invalid: cursor)."""
    with ctx.read() as session:
        find(session, SheetConnection, connection_id, CONNECTION)
        found = select(SheetConflict).where(SheetConflict.connection_id == connection_id)
        page, following = read_page(session, found, _NEWEST_CONFLICTS, limit, cursor)
    return ConflictPage(tuple(map(_conflict_view, page)), following)


def _run_view(row: SheetSync) -> SyncRunView:
    return SyncRunView(
        id=row.id,
        connection_id=row.connection_id,
        state=row.state,
        counts=SyncCounts(**row.counts),
        error=row.error,
        next_step=row.next_step,
        started_at=row.started_at,
        finished_at=row.finished_at,
    )


def _row_view(row: SheetRow) -> SheetRowView:
    fault = joined_faults(row.fault, row.cell_fault)
    return SheetRowView(row.row_id, row.position, row.title, row.state, fault or None, tuple(row.items.values()))


def _conflict_view(row: SheetConflict) -> ConflictView:
    return ConflictView(
        id=str(row.pk),
        row_id=row.row_id,
        title=row.title,
        field=row.field,
        sheet_value=row.sheet_value,
        our_value=row.our_value,
        winner=row.winner,
        reason=row.reason,
        at=row.at,
    )
