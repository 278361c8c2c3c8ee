"""A look at a connected sheet: its shape, its header, and all of its rows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from core.errors import Invalid
from core.google.contract import Block, Grid, Spreadsheet, Tab
from core.google.errors import TabMissing
from core.google.gateway import Google
from core.sheets.a1 import Range, header_area, parse_range, within
from core.sheets.fields import Cell
from core.sheets.grids import read_rows
from core.sheets.headers import Layout, find_layout
from core.sheets.rows import SheetRow
from core.storage.tables import SheetConnection


@dataclass(frozen=True)
class Place:
    """Where a sheet is: spreadsheet, tab (by `gid` once it is known, so that it may be renamed) and range."""

    spreadsheet_id: str
    sheet_name: str
    gid: int | None
    area: Range

    @classmethod
    def of(cls, row: SheetConnection) -> "Place":
        """Return the place that a connection names (Invalid: its range)."""
        return cls(row.spreadsheet_id, row.sheet_name, row.gid, area_of(row.range))


@dataclass(frozen=True)
class Look:
    """What a sheet looked like: `last_row` is the last one in which anything stands, `edited_at` at the latest then."""

    spreadsheet: Spreadsheet
    tab: Tab
    layout: Layout
    rows: Sequence[SheetRow]
    last_row: int
    edited_at: datetime


def area_of(text: str) -> Range:
    """Return the range that a text means, all of the sheet where it is empty (Invalid)."""
    return parse_range(text) if text.strip() else Range()


def find_tab(spreadsheet: Spreadsheet, place: Place) -> Tab:
    """Return the tab of a place: the one it was, else the one of that name, else the first (TabMissing)."""
    name = place.sheet_name or place.area.sheet
    for tab in spreadsheet.tabs:
        if place.gid is not None and tab.gid == place.gid:
            return tab
    for tab in spreadsheet.tabs:
        if not name or tab.title == name:
            return tab
    raise TabMissing(tab=name)


def look(google: Google, place: Place, before: Mapping[str, str], edited_at: datetime) -> Look:
    """Read a whole sheet: one request for its shape, and one for each 1.8 MB of cells.

    `before` are its headers as they were last time. Raises GoogleError and Invalid (the header).
    """
    spreadsheet = google.describe(place.spreadsheet_id)
    tab = find_tab(spreadsheet, place)
    grids = _grids(google, place, tab)
    head = next(grids, Grid(Block(), ()))
    layout = _layout(head, place.area, before)
    if layout.problems:
        raise Invalid(layout.problems)
    return _read(spreadsheet, tab, layout, place.area, (head, *grids), edited_at)


def _read(
    spreadsheet: Spreadsheet, tab: Tab, layout: Layout, area: Range, grids: Sequence[Grid], edited_at: datetime
) -> Look:
    rows = [row for grid in grids for row in _rows(grid, layout) if row.position >= area.first_row]
    filled = (grid.block.first_row + len(grid.rows) - 1 for grid in grids if grid.rows)
    return Look(spreadsheet, tab, layout, rows, max(filled, default=layout.row), edited_at)


def _rows(grid: Grid, layout: Layout) -> Iterator[SheetRow]:
    return read_rows(_cells(grid), layout, grid.block.first_row)


def look_at_head(google: Google, place: Place, count: int) -> tuple[Spreadsheet, Tab, Layout, Sequence[SheetRow]]:
    """Return a sheet's shape, its header (with its problems, which are not raised) and its first `count` rows."""
    spreadsheet = google.describe(place.spreadsheet_id)
    tab = find_tab(spreadsheet, place)
    first = header_area(place.area).first_row
    last = min(tab.rows, first + count + 10)
    grid = google.read(place.spreadsheet_id, tab.title, [Block(first, 1, max(last, first), tab.columns)])[0]
    layout = _layout(grid, place.area, {})
    rows = [row for row in _rows(grid, layout) if row.position >= place.area.first_row] if layout.row else []
    return spreadsheet, tab, layout, rows[:count]


def _grids(google: Google, place: Place, tab: Tab) -> Iterator[Grid]:
    """Yield the cells of a range and its header, over all columns: the id column may stand outside the range."""
    first = header_area(place.area).first_row
    inside = within(place.area, tab.rows, tab.columns)
    last = inside.last_row if inside is not None and inside.last_row else first
    yield from google.pages(place.spreadsheet_id, tab.title, Block(first, 1, max(first, last), tab.columns))


def _layout(head: Grid, area: Range, before: Mapping[str, str]) -> Layout:
    rows = header_area(area)
    most = (rows.last_row or len(head.rows)) - rows.first_row + 1
    return find_layout(_cells(head)[:most], area, head.block.first_row, before)


def _cells(grid: Grid) -> Sequence[Sequence[Cell | None]]:
    return grid.rows
