"""One sync of a connected sheet, from taking it to leaving it with how it went."""

from core.errors import SlotwiseError, StateConflict
from core.google.door import BACKGROUND
from core.google.errors import GoogleError
from core.services.sheet_accounts import open_account
from core.services.sheet_claims import Failure, Hold, end_badly, end_well, take
from core.services.sheet_lists import find_run
from core.services.sheet_pass import Sync
from core.services.sheet_steps import Work
from core.services.sheet_views import SyncCounts, SyncRunView
from core.services.sheet_worker import SheetDesk
from core.storage.tables import SheetConnection

STOPPED = Failure(
    "Slotwise stopped in the middle of it.",
    "Nothing to do: the next sync goes on. If it happens again, look at the log of the engine.",
    passes=True,
)
MEND = "Mend that, then press Sync now."


def sync_if_free(desk: SheetDesk, workspace: str, connection_id: str) -> SyncRunView | None:
    """Sync a sheet unless another engine is at it (None) (NotFound)."""
    hold = take(desk, workspace, connection_id)
    return None if hold is None else _sync(hold)


def sync_connection(desk: SheetDesk, workspace: str, connection_id: str) -> SyncRunView:
    """Sync a sheet now, whether it is due or not, and return how that went: what failed is in it.

    Raises NotFound, and StateConflict where another sync of it is under way.
    """
    run = sync_if_free(desk, workspace, connection_id)
    if run is None:
        raise StateConflict(kind="sheet connection", state="being synced", wanted="synced once more")
    return run


def _sync(hold: Hold) -> SyncRunView:
    desk = hold.desk
    sync: Sync | None = None
    failure: Failure | None = STOPPED
    try:
        sync = _open(hold)
        sync.run()
        failure = None
    except GoogleError as error:
        failure = Failure(error.reason, error.fix, passes=error.passes)
    except SlotwiseError as error:
        failure = Failure(str(error), MEND, passes=False)
    finally:
        if failure is not None:
            end_badly(hold, _counts(sync), failure, _kept(sync))
        elif sync is not None:
            end_well(hold, _counts(sync), _kept(sync), sync.values, settled=sync.settled)
    return find_run(desk.act(hold.workspace, desk.name), hold.sync_id)


def _open(hold: Hold) -> Sync:
    desk = hold.desk
    with desk.db.read(hold.workspace) as session:
        row = session.get_one(SheetConnection, hold.connection_id)
    ctx = desk.act(hold.workspace, f"sheet {row.name}")
    return Sync(Work(hold, ctx, open_account(ctx, desk.google, row.account_id, BACKGROUND), row))


def _counts(sync: Sync | None) -> SyncCounts:
    if sync is None:
        return SyncCounts()
    work = sync.work
    return SyncCounts(
        read=sync.read,
        created=work.done.created,
        updated=work.done.updated,
        written=work.cells,
        conflicts=work.done.conflicts,
        requests=work.google.requests,
    )


def _kept(sync: Sync | None) -> dict[str, object]:
    """Return what was found out about where the sheet is, and what was done in it."""
    if sync is None:
        return {}
    row = sync.work.connection
    names = ("gid", "sheet_name", "spreadsheet_title", "url")
    figures = {"read": sync.read, "rows_out": len(sync.work.rows)}
    return {**{name: getattr(row, name) for name in names}, "figures": figures}
