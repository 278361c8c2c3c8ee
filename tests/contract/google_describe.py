"""A spreadsheet as `spreadsheets.get` describes it."""

from collections.abc import Sequence
from typing import Any

from google_cells import EMPTY, cell_data
from google_grid import Protection, Tab
from google_ranges import Box, parse, to_grid
from google_world import Spreadsheet


def describe(file: Spreadsheet, email: str, ranges: Sequence[str], *, has_cells: bool) -> dict[str, Any]:
    """Give everything of a spreadsheet, or of the tabs of some ranges."""
    wanted = [parse(text, file.titles) for text in ranges] or [(title, Box()) for title in file.titles]
    titles = {title for title, _ in wanted}
    sheets = []
    for tab in file.tabs:
        if tab.title in titles:
            boxes = [box for title, box in wanted if title == tab.title] if has_cells else []
            sheets.append(_tab(file, tab, email, boxes))
    return {
        "spreadsheetId": file.id,
        "properties": {
            "title": file.title, "locale": "en_US", "timeZone": file.time_zone, "autoRecalc": "ON_CHANGE",
        },
        "sheets": sheets,
        "spreadsheetUrl": f"https://docs.google.com/spreadsheets/d/{file.id}/edit",
    }  # fmt: skip


def properties_of(file: Spreadsheet, tab: Tab) -> dict[str, Any]:
    """Give a tab's properties; what is nothing is left out, as Google does."""
    grid = {"rowCount": tab.row_count, "columnCount": tab.column_count}
    if tab.frozen_rows:
        grid["frozenRowCount"] = tab.frozen_rows
    told = {"sheetId": tab.gid, "title": tab.title, "index": file.tabs.index(tab), "sheetType": "GRID"}
    return told | {"gridProperties": grid} | ({"hidden": True} if tab.is_hidden else {})


def _tab(file: Spreadsheet, tab: Tab, email: str, boxes: Sequence[Box]) -> dict[str, Any]:
    told: dict[str, Any] = {"properties": properties_of(file, tab)}
    if tab.merges:
        told["merges"] = [to_grid(tab.gid, box) for box in tab.merges]
    if tab.protections:
        told["protectedRanges"] = [protected_range(file, tab, one, email) for one in tab.protections]
    if boxes:
        told["data"] = [_cells(tab, box) for box in boxes]
    return told


def protected_range(file: Spreadsheet, tab: Tab, protection: Protection, email: str) -> dict[str, Any]:
    """Give a protection; sides that are open are left out, and who may edit is told only to those who may."""
    box, grid = protection.box, {"sheetId": tab.gid}
    sides = {
        "startRowIndex": box.top or None, "endRowIndex": box.bottom, "startColumnIndex": box.left or None,
        "endColumnIndex": box.right,
    }  # fmt: skip
    grid |= {name: side for name, side in sides.items() if side is not None}
    told: dict[str, Any] = {"protectedRangeId": protection.id, "range": grid}
    if tab.may_edit(protection, email, is_owner=email == file.owner):
        told["requestingUserCanEdit"] = True
        told["editors"] = {"users": sorted(protection.editors | {file.owner})}
    if protection.is_warning:
        told["warningOnly"] = True
    return told | ({"description": protection.description} if protection.description else {})


def _cells(tab: Tab, box: Box) -> dict[str, Any]:
    top, left, bottom, right = box.clipped(tab.row_count, tab.column_count).sides()
    rows = [
        [cell_data(tab.rows[row].get(column, EMPTY)) for column in range(left, right)] for row in range(top, bottom)
    ]
    told: dict[str, Any] = {"startRow": top, "startColumn": left}
    return told | {
        "rowData": [{"values": _trimmed(row)} if any(row) else {} for row in rows],
        "rowMetadata": [_metadata(row in tab.hidden_rows) for row in range(top, bottom)],
        "columnMetadata": [_metadata(column in tab.hidden_columns) for column in range(left, right)],
    }


def _trimmed(row: list[dict[str, object]]) -> list[dict[str, object]]:
    last = max(at for at, cell in enumerate(row) if cell)
    return row[: last + 1]


def _metadata(is_hidden: bool) -> dict[str, object]:
    return {"hiddenByUser": True} if is_hidden else {"pixelSize": 21}
