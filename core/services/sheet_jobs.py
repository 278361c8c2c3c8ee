"""Connected sheets in bulk jobs: the rows of one as the rows of a job, and connections as rows to be synced."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.google.door import GoogleDoor
from core.services.bulk_sheets import SheetRows, rows_of
from core.services.bulk_views import RowDraft
from core.services.context import Context
from core.services.sheet_connections import find_connection, list_connections
from core.services.sheet_files import sheet_as_file
from core.services.sheet_views import ConnectionView


@dataclass(frozen=True)
class SheetSource:
    """A connected sheet as the source of a job: its rows, with offsets; `left_out` are scheduled by its syncs."""

    connection: ConnectionView
    read: SheetRows
    left_out: int


def read_sheet(ctx: Context, google: GoogleDoor, connection_id: str) -> SheetSource:
    """Return the rows of a connected sheet as a file's are, each with its line there (NotFound, GoogleError)."""
    file = sheet_as_file(ctx, google, connection_id)
    header, meaning = file.read.header, rows_of(file.read.lines, file.read.header.columns)
    rows = SheetRows(meaning.rows, (*file.read.problems, *meaning.problems), file.read.notes, header.headers)
    return SheetSource(find_connection(ctx, connection_id), rows, file.left_out)


def rows_to_sync(ctx: Context, wanted: Sequence[str]) -> tuple[RowDraft, ...]:
    """Return rows that sync these connections, by id or name; an unknown one is found when it is checked."""
    known = {name: view for view in list_connections(ctx) for name in (view.name, view.id)}
    return tuple(_to_sync(known.get(each), each) for each in wanted)


def rows_to_sync_all(ctx: Context) -> tuple[RowDraft, ...]:
    """Return rows that sync every connection."""
    return tuple(_to_sync(view, view.id) for view in list_connections(ctx))


def connections_to(ctx: Context, spreadsheet_id: str, sheet_name: str | None = None) -> Iterator[ConnectionView]:
    """Yield the connections to a spreadsheet, to one of its sheets where it is named."""
    for view in list_connections(ctx):
        if view.spreadsheet_id == spreadsheet_id and sheet_name in {None, "", view.sheet_name}:
            yield view


def _to_sync(view: ConnectionView | None, wanted: str) -> RowDraft:
    return RowDraft(connection_id=wanted) if view is None else RowDraft(title=view.name, connection_id=view.id)
