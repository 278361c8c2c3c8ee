"""How Google writes spreadsheets, ranges, cells and files, and how Slotwise says what to change."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from gspread.utils import absolute_range_name, rowcol_to_a1

from core.google.contract import (
    AddColumns,
    AddRows,
    AddTab,
    Block,
    Cell,
    CellsWrite,
    Change,
    DriveFile,
    FreezeRows,
    Grid,
    HideColumn,
    Protection,
    Spreadsheet,
    Tab,
)

Json = Mapping[str, Any]

SPREADSHEET_FIELDS = (
    "spreadsheetId,spreadsheetUrl,properties(title,timeZone),sheets("
    "properties(sheetId,title,hidden,sheetType,gridProperties(rowCount,columnCount)),merges,"
    "protectedRanges(range,unprotectedRanges,requestingUserCanEdit,warningOnly))"
)
FILE_FIELDS = "id,name,modifiedTime,trashed,capabilities(canEdit,canShare)"
SPREADSHEET_TYPE = "application/vnd.google-apps.spreadsheet"
_GRID = "GRID"


def range_of(tab: str, block: Block) -> str:
    """Return a block in A1 notation; its last column has to be known."""
    if block.last_column is None:
        raise ValueError(f"{block} needs its last column")
    first = rowcol_to_a1(block.first_row, block.first_column)
    last = rowcol_to_a1(block.last_row or 1, block.last_column)
    return absolute_range_name(tab, f"{first}:{last if block.last_row else last[:-1]}")


def block_of(write: CellsWrite) -> Block:
    """Return the block that a write covers."""
    width = max(len(row) for row in write.rows)
    return Block(write.row, write.column, write.row + len(write.rows) - 1, write.column + width - 1)


def read_grid(block: Block, values: Json) -> Grid:
    """Return the cells of a range; Google leaves `values` out where all is empty."""
    rows: Sequence[Sequence[Cell]] = values.get("values", ())
    return Grid(block, rows)


def read_spreadsheet(found: Json) -> Spreadsheet:
    """Return a spreadsheet with its tabs of cells; sheets that are one chart are left out."""
    tabs = tuple(_tab(each) for each in found["sheets"] if each["properties"].get("sheetType", _GRID) == _GRID)
    properties = found["properties"]
    return Spreadsheet(
        found["spreadsheetId"], properties["title"], found["spreadsheetUrl"], properties["timeZone"], tabs
    )


def _tab(sheet: Json) -> Tab:
    properties = sheet["properties"]
    size = properties.get("gridProperties", {})
    return Tab(
        gid=properties.get("sheetId", 0),
        title=properties["title"],
        rows=size.get("rowCount", 0),
        columns=size.get("columnCount", 0),
        is_hidden=properties.get("hidden", False),
        merges=tuple(_block(merge) for merge in sheet.get("merges", ())),
        protected=tuple(_protection(each) for each in sheet.get("protectedRanges", ()) if _is_closed(each)),
    )


def _is_closed(protected: Json) -> bool:
    return not protected.get("requestingUserCanEdit", False) and not protected.get("warningOnly", False)


def _protection(protected: Json) -> Protection:
    return Protection(
        _block(protected.get("range", {})), tuple(_block(each) for each in protected.get("unprotectedRanges", ()))
    )


def _block(grid: Json) -> Block:
    """Return a range that Google counts from 0, half open; what is left out is unbounded."""
    return Block(
        grid.get("startRowIndex", 0) + 1, grid.get("startColumnIndex", 0) + 1, grid.get("endRowIndex"),
        grid.get("endColumnIndex"),
    )  # fmt: skip


def read_file(found: Json) -> DriveFile:
    """Return a file as Drive lists it."""
    may = found.get("capabilities", {})
    return DriveFile(
        found["id"],
        found["name"],
        datetime.fromisoformat(found["modifiedTime"]),
        can_edit=may.get("canEdit", False),
        can_share=may.get("canShare", False),
        is_trashed=found.get("trashed", False),
    )


def query_of(search: str) -> str:
    """Return Drive's query for spreadsheets whose name has words that begin so; "" finds all."""
    named = "".join(f"\\{each}" if each in "\\'" else each for each in search)
    return f"mimeType = '{SPREADSHEET_TYPE}' and trashed = false" + (f" and name contains '{named}'" if search else "")


def request_of(change: Change) -> Json:
    """Return a change as `spreadsheets.batchUpdate` takes it."""
    match change:
        case AddRows(gid, count):
            return {"appendDimension": {"sheetId": gid, "dimension": "ROWS", "length": count}}
        case AddColumns(gid, count):
            return {"appendDimension": {"sheetId": gid, "dimension": "COLUMNS", "length": count}}
        case HideColumn(gid, column):
            stretch = {"sheetId": gid, "dimension": "COLUMNS", "startIndex": column - 1, "endIndex": column}
            hidden = {"range": stretch, "properties": {"hiddenByUser": True}, "fields": "hiddenByUser"}
            return {"updateDimensionProperties": hidden}
        case FreezeRows(gid, count):
            properties = {"sheetId": gid, "gridProperties": {"frozenRowCount": count}}
            return {"updateSheetProperties": {"properties": properties, "fields": "gridProperties.frozenRowCount"}}
        case AddTab(title, rows, columns):
            return {"addSheet": {"properties": {"title": title, "gridProperties": _size(rows, columns)}}}


def _size(rows: int, columns: int) -> Json:
    return {"rowCount": rows, "columnCount": columns}
