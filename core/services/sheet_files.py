"""A connected sheet as a file: the rows of a bulk job, read as those of an upload are."""

import csv
import io

from core.calendar.zones import load_zone
from core.google.door import GoogleDoor
from core.services.context import Context
from core.services.rows import find
from core.services.sheet_accounts import open_account
from core.services.sheet_claims import CONNECTION
from core.services.sheet_ledger import read_kept
from core.services.sheet_look import Place, look
from core.services.sheet_views import SheetFile
from core.sheets.cells import text
from core.sheets.fields import CLOCK_FIELD, USER_FIELDS, Values
from core.sheets.times import read_times
from core.storage.tables import SheetConnection

_WHEN, _CLOCK = USER_FIELDS.index("scheduled_time"), USER_FIELDS.index(CLOCK_FIELD)


def sheet_as_file(ctx: Context, google: GoogleDoor, connection_id: str) -> SheetFile:
    """Return a connected sheet as CSV, without the rows that its syncs have made posts of already.

    Times that can be read are written with their offset, others as they stand. Raises NotFound, GoogleError and Invalid
    (the header).
    """
    with ctx.read() as session:
        row = find(session, SheetConnection, connection_id, CONNECTION)
        kept = read_kept(session, row.id)
    seen = look(open_account(ctx, google, row.account_id), Place.of(row), {}, ctx.now())
    zone = row.timezone or seen.spreadsheet.timezone
    times = read_times([one.values[_WHEN] for one in seen.rows], zone, clocks=[one.values[_CLOCK] for one in seen.rows])
    columns = [
        (n, field) for n, field in enumerate(USER_FIELDS) if field in seen.layout.headers and field != CLOCK_FIELD
    ]
    file, left_out = io.StringIO(newline=""), 0
    writer = csv.writer(file)
    writer.writerow([seen.layout.headers[field] for _, field in columns])
    for one, time in zip(seen.rows, times, strict=True):
        if one.row_id in kept and kept[one.row_id].items:
            left_out += 1
            continue
        when = time.moment.astimezone(load_zone(zone)).isoformat() if time.moment else None
        writer.writerow(_cells(one.values, columns, when))
    return SheetFile(f"{row.name}.csv", file.getvalue().encode(), left_out)


def _cells(values: Values, columns: list[tuple[int, str]], when: str | None) -> list[str]:
    return [when if when and field == "scheduled_time" else text(values[n]) for n, field in columns]
