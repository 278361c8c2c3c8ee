"""A connected sheet as a file: its rows as the lines of an upload, each with its number in the sheet."""

from core.calendar.zones import load_zone
from core.errors import Problem
from core.google.door import GoogleDoor
from core.services.bulk_headers import Header
from core.services.bulk_sheets import SheetLine, SheetLines
from core.services.bulk_views import MOST_ROWS
from core.services.context import Context
from core.services.rows import find
from core.services.sheet_accounts import open_account
from core.services.sheet_claims import CONNECTION
from core.services.sheet_ledger import read_kept
from core.services.sheet_look import Place, look
from core.services.sheet_views import SheetFile
from core.sheets.cells import text
from core.sheets.fields import CLOCK_FIELD, USER_FIELDS, named
from core.sheets.headers import Layout
from core.sheets.rows import SheetRow
from core.sheets.times import ReadTime, read_times
from core.storage.tables import SheetConnection

_WHEN, _CLOCK = USER_FIELDS.index("scheduled_time"), USER_FIELDS.index(CLOCK_FIELD)


def sheet_as_file(ctx: Context, google: GoogleDoor, connection_id: str, most: int = MOST_ROWS) -> SheetFile:
    """Return the rows of a connected sheet, without those that its syncs have made posts of already.

    Times that can be read are written with their offset, others as they stand. Beyond `most` rows nothing is kept, and
    that is a problem. Raises NotFound, GoogleError and Invalid (the header).
    """
    with ctx.read() as session:
        row = find(session, SheetConnection, connection_id, CONNECTION)
        kept = read_kept(session, row.id)
    seen = look(open_account(ctx, google, row.account_id), Place.of(row), {}, ctx.now())
    zone = row.timezone or seen.spreadsheet.timezone
    times = read_times([one.values[_WHEN] for one in seen.rows], zone, clocks=[one.values[_CLOCK] for one in seen.rows])
    read = [(one, _cells(one, time, zone)) for one, time in zip(seen.rows, times, strict=True)]
    filled = [(one, cells) for one, cells in read if any(cells.values())]
    posted = {row_id for row_id, known in kept.items() if known.items}
    new = [SheetLine(one.position, cells) for one, cells in filled if one.row_id not in posted]
    problems = (Problem(row.name, f"more than {most:,} rows", "divide the sheet"),) if len(new) > most else ()
    lines = SheetLines(tuple(new[:most]), _header(seen.layout), problems, (), is_cut=bool(problems))
    return SheetFile(row.name, lines, len(filled) - len(new))


def _cells(row: SheetRow, time: ReadTime, zone: str) -> dict[str, str]:
    """Return the cells of a row as text, its time and time of day as one."""
    cells = {field: text(cell).strip() for field, cell in named(row.values).items()}
    clock = cells.pop(CLOCK_FIELD, "")
    if time.moment is not None:
        return cells | {"scheduled_time": time.moment.astimezone(load_zone(zone)).isoformat()}
    return cells | ({"scheduled_time": f"{cells['scheduled_time']} {clock}".strip()} if clock else {})


def _header(layout: Layout) -> Header:
    columns = {
        field: header for field, header in layout.headers.items() if field in USER_FIELDS and field != CLOCK_FIELD
    }
    return Header(tuple(columns.values()), layout.row, columns)
