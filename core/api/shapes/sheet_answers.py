"""What is found in connected sheets, on the wire: checks, previews, rows, conflicts, syncs."""

from typing import Any

from pydantic import Field

from core.api.wire import Moment, Query, Shape
from core.errors import Problem
from core.services.sheet_views import (
    ConflictView,
    SheetCheck,
    SheetPreview,
    SheetRowView,
    SheetSample,
    SpreadsheetView,
    SyncRunView,
    TemplateView,
)
from core.sheets.rows import KnownState
from core.sheets.words import ConflictWinner, SheetPermission
from core.vocabulary import JobState


class CellFaultShape(Shape):
    """Something wrong: where, what stands there, and how to mend it."""

    loc: str
    value: str
    message: str


class SampleShape(Shape):
    """One row of a sheet: its number there, its cells by header, and what is wrong with it."""

    row: int
    cells: dict[str, str]
    problems: list[CellFaultShape]


class CheckShape(Shape):
    """What a look at a sheet found; `columns` are its headers by what they mean, `extra` those left alone."""

    ready: bool
    permission: SheetPermission = Field(description="What the account may do there.")
    spreadsheet_title: str
    sheet_name: str
    sheets: list[str]
    rows: int
    columns: dict[str, str]
    missing: list[str]
    extra: list[str]
    sample: list[SampleShape]
    problems: list[CellFaultShape]
    warnings: list[str]
    will_write: list[str] = Field(description="What a sync writes into the sheet, in sentences.")


class PreviewShape(Shape):
    """The first rows of a sheet; `total` are all below its header, empty ones too."""

    headers: list[str]
    columns: dict[str, str]
    rows: list[SampleShape]
    total: int


class PreviewQuery(Query):
    """How many rows are wanted."""

    limit: int = Field(20, ge=1, le=200)


class SpreadsheetShape(Shape):
    """A spreadsheet that the account can see."""

    id: str
    name: str
    modified_time: Moment | None


class SheetTemplateShape(Shape):
    """A sheet made from the template, ready to be connected."""

    spreadsheet_id: str
    spreadsheet_title: str
    sheet_name: str
    url: str


class SheetRowQuery(Query):
    """Which rows are wanted: in this state, or only those with something to mend."""

    limit: int = Field(50, ge=10, le=200)
    cursor: str | None = Field(None, max_length=500)
    state: KnownState | None = None
    faulty: bool = False


class SheetRowShape(Shape):
    """One row that Slotwise knows; `row` is where it stood at the last sync, `error` what to mend in it."""

    id: str
    row: int
    title: str
    state: KnownState
    error: str | None
    item_ids: list[str]


class SheetConflictShape(Shape):
    """A field that both sides changed: both values, whose stands and why."""

    id: str
    row_id: str
    title: str
    field: str
    sheet_value: str
    our_value: str
    winner: ConflictWinner
    reason: str
    at: Moment


class SyncRunShape(Shape):
    """One sync with its counts; `error` and `next_step` say why it failed and what to do about it."""

    id: str
    connection_id: str
    status: JobState
    read: int
    created: int
    updated: int
    written: int
    conflicts: int
    faults: int
    missing: int
    requests: int = Field(description="HTTP requests to Google.")
    error: str | None
    next_step: str | None
    started_at: Moment
    finished_at: Moment | None


class DecidedShape(Shape):
    """What was decided on rows that are gone from a sheet: posts canceled, or rows whose posts go out."""

    connection_id: str
    posts_canceled: int
    rows_kept: int


def check_shape(check: SheetCheck) -> CheckShape:
    """Return what a look found as it is sent."""
    return CheckShape(
        ready=check.is_ready,
        permission=check.permission,
        spreadsheet_title=check.title,
        sheet_name=check.sheet_name,
        sheets=list(check.sheets),
        rows=check.rows,
        columns=dict(check.found),
        missing=list(check.missing),
        extra=list(check.extra),
        sample=[_sample(each) for each in check.sample],
        problems=[_fault(each) for each in check.problems],
        warnings=list(check.warnings),
        will_write=list(check.will_write),
    )


def preview_shape(preview: SheetPreview) -> PreviewShape:
    """Return a preview as it is sent."""
    rows = [_sample(each) for each in preview.rows]
    return PreviewShape(headers=list(preview.headers), columns=dict(preview.columns), rows=rows, total=preview.total)


def spreadsheet_shape(view: SpreadsheetView) -> SpreadsheetShape:
    """Return a spreadsheet as it is sent."""
    return SpreadsheetShape(id=view.id, name=view.name, modified_time=view.modified_at)


def sheet_template_shape(view: TemplateView) -> SheetTemplateShape:
    """Return a template sheet as it is sent."""
    return SheetTemplateShape(**vars(view))


def sheet_row_shape(view: SheetRowView) -> SheetRowShape:
    """Return a known row as it is sent."""
    told: dict[str, Any] = {"row": view.position, "error": view.fault, "item_ids": list(view.item_ids)}
    return SheetRowShape(id=view.id, title=view.title, state=view.state, **told)


def sheet_conflict_shape(view: ConflictView) -> SheetConflictShape:
    """Return a conflict as it is sent."""
    return SheetConflictShape(**vars(view))


def run_shape(view: SyncRunView) -> SyncRunShape:
    """Return a sync as it is sent."""
    told = {name: value for name, value in vars(view).items() if name not in {"counts", "state"}}
    return SyncRunShape(**told, **vars(view.counts), status=view.state)


def _sample(row: SheetSample) -> SampleShape:
    return SampleShape(row=row.position, cells=dict(row.cells), problems=[_fault(each) for each in row.problems])


def _fault(problem: Problem) -> CellFaultShape:
    return CellFaultShape(loc=problem.place, value=problem.value, message=problem.message)
