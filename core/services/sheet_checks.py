"""A look at a sheet before it is synced: what the account may do, what its columns mean, what a sync would write."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.bulk.columns import COLUMNS
from core.errors import Problem
from core.google.contract import Block, DriveFile, Spreadsheet, Tab
from core.google.door import GoogleDoor
from core.google.errors import GoogleError, GoogleSwitchedOff
from core.google.gateway import Google
from core.services.context import Context
from core.services.rows import find
from core.services.sheet_accounts import open_account
from core.services.sheet_claims import CONNECTION
from core.services.sheet_connections import spreadsheet_key
from core.services.sheet_drafts import Reader
from core.services.sheet_look import Place, area_of, look_at_head
from core.services.sheet_views import ConnectionDraft, SheetCheck, SheetPreview, SheetSample
from core.sheets.cells import text
from core.sheets.fields import OWN_FIELDS, named
from core.sheets.headers import ID_HEADER, OWN_COLUMNS, Layout
from core.sheets.rows import SheetRow
from core.sheets.statuses import field_title
from core.sheets.times import cell_words
from core.sheets.words import SheetPermission
from core.storage.tables import SheetConnection

SAMPLE = 5
"""Rows that a check shows."""


@dataclass(frozen=True)
class _Seen:
    """The top of a sheet, and what the account may do with its file (None: Drive is switched off)."""

    spreadsheet: Spreadsheet
    tab: Tab
    layout: Layout
    rows: Sequence[SheetRow]
    file: DriveFile | None


def check_draft(ctx: Context, google: GoogleDoor, draft: ConnectionDraft) -> SheetCheck:
    """Look at a sheet that is to be connected; nothing is stored (NotFound, Invalid, GoogleError)."""
    opened = open_account(ctx, google, draft.account_id)
    place = Place(spreadsheet_key(draft.spreadsheet_id), draft.sheet_name, None, area_of(draft.range))
    seen = _look(opened, place, SAMPLE)
    return _check(ctx, seen, draft.permissions, draft.timezone, opened.who, mirrors=draft.mirrors)


def check_connection(ctx: Context, google: GoogleDoor, connection_id: str) -> SheetCheck:
    """Look at a connected sheet; its headers as they are now count from here on (NotFound, GoogleError).

    What Google refuses is noted at the connection as well.
    """
    with ctx.read() as session:
        row = find(session, SheetConnection, connection_id, CONNECTION)
    try:
        opened = open_account(ctx, google, row.account_id)
        seen = _look(opened, Place.of(row), SAMPLE)
    except GoogleError as error:
        _note(ctx, connection_id, error.reason, error.fix)
        raise
    found = _check(ctx, seen, row.permissions, row.timezone, opened.who, mirrors=row.mirrors)
    said = "; ".join(map(str, found.problems))
    _note(ctx, connection_id, said or None, "Mend the sheet, then test again." if said else None)
    return found


def preview(ctx: Context, google: GoogleDoor, connection_id: str, limit: int = 20) -> SheetPreview:
    """Return the first rows of a connected sheet with what is wrong with each (NotFound, GoogleError)."""
    with ctx.read() as session:
        row = find(session, SheetConnection, connection_id, CONNECTION)
    seen = _look(open_account(ctx, google, row.account_id), Place.of(row), limit)
    zone = row.timezone or seen.spreadsheet.timezone
    headers = (*seen.layout.headers.values(), *seen.layout.extra)
    return SheetPreview(
        headers, seen.layout.headers, tuple(_samples(ctx, seen, zone)), max(seen.tab.rows - seen.layout.row, 0)
    )


def _look(google: Google, place: Place, count: int) -> _Seen:
    spreadsheet, tab, layout, rows = look_at_head(google, place, count)
    try:
        file = google.file(place.spreadsheet_id)
    except GoogleSwitchedOff:
        file = None
    return _Seen(spreadsheet, tab, layout, rows, file)


def _check(
    ctx: Context, seen: _Seen, wanted: SheetPermission, zone: str | None, who: str, *, mirrors: bool
) -> SheetCheck:
    layout, has = seen.layout, _permission(seen.file)
    is_short = wanted is not SheetPermission.READ and has is SheetPermission.READ
    problems = (*layout.problems, *([_may_only_read(who)] if is_short else []))
    return SheetCheck(
        permission=has,
        title=seen.spreadsheet.title,
        sheet_name=seen.tab.title,
        sheets=tuple(tab.title for tab in seen.spreadsheet.tabs),
        rows=seen.tab.rows,
        found=layout.headers,
        missing=tuple(
            field_title(field) if field in COLUMNS else OWN_COLUMNS[field][-1].title()
            for field in (*_ASKED, *OWN_FIELDS)
            if field not in layout.headers
        ),
        extra=layout.extra,
        sample=tuple(_samples(ctx, seen, zone or seen.spreadsheet.timezone)),
        problems=problems,
        warnings=tuple(_warnings(seen, wanted)),
        will_write=tuple(_writes(layout, wanted, mirrors=mirrors)),
    )


_ASKED = ("title", "text", "audience", "tone", "platforms", "scheduled_time")
"""The columns of the template that people fill in."""


def _permission(file: DriveFile | None) -> SheetPermission:
    """Return what the account may do with a file; where Drive does not say, the first write will show."""
    if file is None:
        return SheetPermission.WRITE
    if file.can_share:
        return SheetPermission.ADMIN
    return SheetPermission.WRITE if file.can_edit else SheetPermission.READ


def _may_only_read(who: str) -> Problem:
    fix = f"{who} may only read this sheet; make it an editor (Share), or let the connection only read"
    return Problem("permissions", "", fix)


def _samples(ctx: Context, seen: _Seen, zone: str) -> Iterator[SheetSample]:
    reader = Reader(ctx, seen.rows, zone)
    for row in seen.rows:
        cells = {seen.layout.headers[field]: cell_words(field, cell) for field, cell in named(row.values).items()}
        faults = reader.read(row.row_id, row.position, row.values).faults
        wrong = (Problem(seen.layout.headers.get(one.field, one.field), text(one.value), one.message) for one in faults)
        yield SheetSample(row.position, cells, tuple(wrong))


def _warnings(seen: _Seen, wanted: SheetPermission) -> Iterator[str]:
    yield from map(str, seen.layout.warnings)
    below = [block for block in seen.tab.merges if (block.last_row or block.first_row) > seen.layout.row]
    if below:
        yield (
            f"{len(below)} merged cells: of merged cells only the first one counts, the rows beside it read as empty. "
            "Select them and choose Format, Merge cells, Unmerge."
        )
    columns = {*seen.layout.columns.values(), seen.layout.id_column or seen.layout.free_column}
    if wanted is not SheetPermission.READ and any(_hits(one.block, columns) for one in seen.tab.protected):
        yield "Cells that Slotwise writes are protected. Open Data, Protect sheets and ranges, and let it edit them."


def _hits(block: Block, columns: set[int]) -> bool:
    last = block.last_column or max(columns)
    return any(block.first_column <= column <= last for column in columns)


def _writes(layout: Layout, wanted: SheetPermission, *, mirrors: bool) -> Iterator[str]:
    """Say what a sync writes into a sheet."""
    if wanted is SheetPermission.READ:
        yield "Nothing: the connection only reads."
        return
    if not layout.id_column:
        yield f"A hidden column {ID_HEADER!r} behind the last one, so that rows can be sorted and moved."
    own = [layout.headers[field] for field in OWN_FIELDS if field in layout.headers]
    if own:
        yield f"What became of each row, into {', '.join(own)}."
    if "scheduled_time" in layout.headers:
        yield f"The time that the planner chose, where {layout.headers['scheduled_time']} is empty."
    yield "What somebody changes in Slotwise, into the cell it came from."
    if mirrors:
        yield "Posts planned in Slotwise, as new rows below the last one."
    if wanted is SheetPermission.ADMIN and len(own) < len(OWN_FIELDS):
        yield "The columns for status, published time and address that are missing."


def _note(ctx: Context, connection_id: str, error: str | None, next_step: str | None) -> None:
    """Note what a test found; headers are taken as they are from here on."""
    with ctx.write() as session:
        row = find(session, SheetConnection, connection_id, CONNECTION)
        row.sqlmodel_update({"last_error": error, "next_step": next_step, "updated_at": ctx.now()})
        if error is None:
            row.seen = {}
