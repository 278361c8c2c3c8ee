"""A connected Google Sheet as the source of a bulk job's rows: read once, before any transaction."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.api.shapes.bulk import NewJobBody, SourceBody
from core.errors import Invalid, NotFound, Problem
from core.google.door import GoogleDoor
from core.services.bulk_sheets import SheetRows, refuse_faults
from core.services.bulk_views import RowDraft
from core.services.context import Context
from core.services.sheet_jobs import connections_to, read_sheet
from core.sheets.a1 import Range, parse_range

SHEETS = ("google_sheets", "sheet")
PLACE = "input_source"
_LINE = re.compile(r"line (\d+),")


@dataclass(frozen=True)
class Sourced:
    """The rows of a sheet, and what is told of where they came from."""

    rows: Sequence[RowDraft]
    told: dict[str, object]


def is_sheet(body: NewJobBody) -> bool:
    """Say whether the rows of a job are those of a connected sheet."""
    return body.data is None and body.input_source is not None and body.input_source.type in SHEETS


def read_source(ctx: Context, google: GoogleDoor, body: NewJobBody) -> Sourced | None:
    """Return what the sheet of a body holds, None where its rows are elsewhere (Invalid, NotFound, GoogleError)."""
    if body.input_source is None or not is_sheet(body):
        return None
    wanted = _range(body.input_source.range)
    found = read_sheet(ctx, google, _connection(ctx, body.input_source))
    told = {
        "type": body.input_source.type,
        "connection_id": found.connection.id,
        "name": found.connection.name,
        "left_out": found.left_out,
    }
    return Sourced(refuse_faults(_within(found.read, wanted)), told)


def _connection(ctx: Context, source: SourceBody) -> str:
    if source.connection_id is not None:
        return source.connection_id
    if source.type == "google_sheets":
        raise Invalid((Problem(f"{PLACE}.connection_id", "", "name the connection to the sheet"),))
    if not source.sheet_id:
        raise Invalid((Problem(f"{PLACE}.sheet_id", "", "name the spreadsheet by its id"),))
    found = list(connections_to(ctx, source.sheet_id, source.sheet_name))
    if not found:
        raise NotFound(kind="connection to the spreadsheet", id=source.sheet_id)
    return next((view.id for view in found if view.range == source.range), found[0].id)


def _range(text: str | None) -> Range:
    try:
        return parse_range(text) if text else Range()
    except Invalid as error:
        raise Invalid(tuple(replace(each, place=f"{PLACE}.range") for each in error.problems)) from error


def _within(read: SheetRows, wanted: Range) -> SheetRows:
    """Return the rows between the first and the last row of a range; the faults of others do not matter."""
    rows = tuple(row for row in read.rows if _has(wanted, row.line))
    lines = ((each, _LINE.match(each.place)) for each in read.problems)
    problems = tuple(each for each, line in lines if _has(wanted, int(line[1]) if line else None))
    return replace(read, rows=rows, problems=problems)


def _has(wanted: Range, line: int | None) -> bool:
    return line is None or (wanted.first_row <= line and (wanted.last_row is None or line <= wanted.last_row))
