"""Writes into a connected sheet: ids, cells, and the hidden column in which the ids stand."""

from collections.abc import Iterable, Mapping, Sequence

from core.google.contract import AddColumns, AddRows, CellsWrite, Change, HideColumn
from core.google.gateway import Google
from core.services.sheet_look import Look
from core.sheets.a1 import Range
from core.sheets.fields import Cell
from core.sheets.headers import ID_HEADER
from core.sheets.plans import CellWrite, IdWrite

ROWS_ADDED = 1_000
"""Empty rows that are added at once below a full sheet, so that not each new post needs a request more."""

OWN_HEADERS: Mapping[str, str] = {
    "status": "Status",
    "published_time": "Published Time",
    "url": "Generated Content URL",
}
"""What the columns that Slotwise writes into are headed, by field."""


def add_id_column(google: Google, look: Look) -> None:
    """Make the column of the ids, hidden, right of everything that has a header (GoogleError).

    Done twice it is the same: a column made before that has no header yet is taken.
    """
    column, tab = look.layout.free_column, look.tab
    changes: list[Change] = [HideColumn(tab.gid, column)]
    if column > tab.columns:
        changes.insert(0, AddColumns(tab.gid, column - tab.columns))
    google.arrange(look.spreadsheet.id, changes)
    google.write(look.spreadsheet.id, tab.title, [CellsWrite(look.layout.row, column, [[ID_HEADER]])])


def add_own_columns(google: Google, look: Look, area: Range) -> bool:
    """Head the columns that Slotwise writes into where they are missing; False where there are all of them."""
    missing = [header for name, header in OWN_HEADERS.items() if name not in look.layout.columns]
    first, tab = look.layout.free_column, look.tab
    last = first + len(missing) - 1
    if not missing or not area.has_column(last):
        return False
    if last > tab.columns:
        google.arrange(look.spreadsheet.id, [AddColumns(tab.gid, last - tab.columns)])
    google.write(look.spreadsheet.id, tab.title, [CellsWrite(look.layout.row, first, [missing])])
    return True


def write_ids(google: Google, look: Look, ids: Sequence[IdWrite]) -> None:
    """Write ids beside their rows, below the last row where one is appended (GoogleError)."""
    last = max(each.position for each in ids)
    if last > look.tab.rows:
        google.arrange(look.spreadsheet.id, [AddRows(look.tab.gid, max(last - look.tab.rows, ROWS_ADDED))])
    cells = ((look.layout.id_column, each.position, each.row_id) for each in ids)
    google.write(look.spreadsheet.id, look.tab.title, _below_each_other(cells))


def write_cells(google: Google, look: Look, writes: Sequence[CellWrite]) -> None:
    """Write cells as they are (GoogleError)."""
    cells = ((look.layout.columns[each.field], each.position, each.new) for each in writes)
    google.write(look.spreadsheet.id, look.tab.title, _below_each_other(cells))


def _below_each_other(cells: Iterable[tuple[int, int, Cell]]) -> list[CellsWrite]:
    """Return cells column by column from the top: those below each other travel as one range."""
    return [CellsWrite(row, column, [[cell]]) for column, row, cell in sorted(cells, key=lambda one: one[:2])]
