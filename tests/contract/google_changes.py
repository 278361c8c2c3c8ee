"""`spreadsheets.batchUpdate`: changes of a spreadsheet's structure, all of them or none."""

from collections.abc import Callable, Mapping
from copy import copy
from typing import Any

from google_cells import Cell, entered, from_extended
from google_contract import Mask, parse_mask
from google_describe import properties_of, protected_range
from google_grid import Dimension, Protection, Tab
from google_ranges import BadRequest, Box, from_grid
from google_world import Spreadsheet

Spec = Mapping[str, Any]
Change = Callable[[Spreadsheet, Spec, str], dict[str, Any] | None]
LOOKS = {
    "setDataValidation", "autoResizeDimensions", "setBasicFilter", "updateBorders", "addConditionalFormatRule",
    "addBanding",
}  # fmt: skip
"""Changes of how a sheet looks: taken, and nothing of them kept."""


def change(file: Spreadsheet, email: str, body: Spec) -> dict[str, Any]:
    """Answer `spreadsheets.batchUpdate`."""
    before, replies = [_copied(tab) for tab in file.tabs], []
    try:
        for number, request in enumerate(body.get("requests") or ()):
            replies.append(_one(file, email, number, request))
    except BadRequest:
        file.tabs[:] = before
        raise
    return {"spreadsheetId": file.id, "replies": replies}


def _copied(tab: Tab) -> Tab:
    """Copy a tab so that it can be brought back."""
    kept = copy(tab)
    kept.rows = [dict(row) for row in tab.rows]
    kept.hidden_columns, kept.hidden_rows = set(tab.hidden_columns), set(tab.hidden_rows)
    kept.merges, kept.protections = list(tab.merges), [copy(one) for one in tab.protections]
    return kept


def _one(file: Spreadsheet, email: str, number: int, request: Spec) -> dict[str, Any]:
    said = [(name, spec) for name, spec in request.items() if spec is not None]
    if len(said) != 1:
        raise BadRequest(f"Invalid requests[{number}]: exactly one kind of request must be set")
    name, spec = said[0]
    if name in LOOKS:
        return {}
    try:
        reply = CHANGES[name](file, spec, email)
    except BadRequest as error:
        raise BadRequest(f"Invalid requests[{number}].{name}: {error}") from None
    return {name: reply} if reply else {}


def _mask(spec: Spec) -> Mask:
    if not spec.get("fields"):
        raise BadRequest("At least one field must be listed in 'fields'. (Use '*' to indicate all fields.)")
    return parse_mask(spec["fields"])


# --- Tabs ----------------------------------------------------------------------------------------------------------


def _add_sheet(file: Spreadsheet, spec: Spec, _: str) -> dict[str, Any]:
    wanted = spec.get("properties") or {}
    title = wanted.get("title") or f"Sheet{len(file.tabs) + 1}"
    _unique(file, title)
    grid = wanted.get("gridProperties") or {}
    gid = wanted.get("sheetId") or next(file.numbers) + 1000
    tab = Tab(int(gid), title, int(grid.get("rowCount") or 1000), int(grid.get("columnCount") or 26))
    tab.frozen_rows = int(grid.get("frozenRowCount") or 0)
    at = wanted.get("index")
    file.tabs.insert(len(file.tabs) if at is None else int(at), tab)
    return {"properties": properties_of(file, tab)}


def _unique(file: Spreadsheet, title: str) -> None:
    if title.casefold() in {one.casefold() for one in file.titles}:
        raise BadRequest(f'A sheet with the name "{title}" already exists. Please enter another name.')


def _delete_sheet(file: Spreadsheet, spec: Spec, _: str) -> None:
    if len(file.tabs) == 1:
        raise BadRequest("You can't remove all the sheets in a document.")
    file.tabs.remove(file.tab_of(spec.get("sheetId")))


def _update_sheet(file: Spreadsheet, spec: Spec, _: str) -> None:
    wanted, mask = spec["properties"], _mask(spec)
    tab = file.tab_of(wanted.get("sheetId"))
    if "title" in mask and wanted["title"] != tab.title:
        _unique(file, wanted["title"])
        tab.title = wanted["title"]
    if "hidden" in mask:
        tab.is_hidden = bool(wanted.get("hidden"))
    if "index" in mask:
        file.tabs.remove(tab)
        file.tabs.insert(int(wanted["index"]), tab)
    grid, named = wanted.get("gridProperties") or {}, mask.get("gridProperties", {})
    rows = int(grid["rowCount"]) if "rowCount" in named else tab.row_count
    columns = int(grid["columnCount"]) if "columnCount" in named else tab.column_count
    tab.resize(rows, columns)
    if "frozenRowCount" in named:
        tab.frozen_rows = int(grid.get("frozenRowCount") or 0)


def _update_file(file: Spreadsheet, spec: Spec, _: str) -> None:
    wanted, mask = spec["properties"], _mask(spec)
    file.title = wanted["title"] if "title" in mask else file.title
    file.time_zone = wanted["timeZone"] if "timeZone" in mask else file.time_zone


# --- Rows and columns ----------------------------------------------------------------------------------------------


def _span(file: Spreadsheet, spec: Spec) -> tuple[Tab, Dimension, int, int]:
    tab, dimension = file.tab_of(spec.get("sheetId")), spec.get("dimension")
    if dimension not in {"ROWS", "COLUMNS"}:
        raise BadRequest("No dimension specified.")
    size = tab.row_count if dimension == "ROWS" else tab.column_count
    end = spec.get("endIndex")
    return tab, dimension, int(spec.get("startIndex") or 0), size if end is None else int(end)


def _lines(dimension: str, start: int, end: int) -> Box:
    return Box(start, 0, end, None) if dimension == "ROWS" else Box(0, start, None, end)


def _guarded(file: Spreadsheet, email: str, tab: Tab, box: Box) -> None:
    tab.guard(box, email, is_owner=email == file.owner)


def _insert(file: Spreadsheet, spec: Spec, _: str) -> None:
    tab, dimension, start, end = _span(file, spec["range"])
    tab.insert(dimension, start, end - start)


def _delete(file: Spreadsheet, spec: Spec, email: str) -> None:
    tab, dimension, start, end = _span(file, spec["range"])
    _guarded(file, email, tab, _lines(dimension, start, end))
    tab.delete(dimension, start, end)


def _append(file: Spreadsheet, spec: Spec, _: str) -> None:
    tab, dimension, _, size = _span(file, spec)
    tab.insert(dimension, size, int(spec["length"]))


def _move(file: Spreadsheet, spec: Spec, email: str) -> None:
    tab, dimension, start, end = _span(file, spec["source"])
    _guarded(file, email, tab, _lines(dimension, start, end))
    tab.move(dimension, start, end, int(spec.get("destinationIndex") or 0))


def _update_lines(file: Spreadsheet, spec: Spec, _: str) -> None:
    tab, dimension, start, end = _span(file, spec["range"])
    if "hiddenByUser" not in _mask(spec):
        return
    hidden = tab.hidden_rows if dimension == "ROWS" else tab.hidden_columns
    if spec["properties"].get("hiddenByUser"):
        hidden.update(range(start, end))
    else:
        hidden.difference_update(range(start, end))


# --- Cells ---------------------------------------------------------------------------------------------------------


def _area(file: Spreadsheet, email: str, spec: Spec) -> tuple[Tab, Box]:
    tab, box = file.tab_of(spec.get("sheetId")), from_grid(dict(spec))
    if (box.bottom or 0) > tab.row_count:
        raise BadRequest(f"range.endRowIndex[{box.bottom}] is after last row in grid[{tab.row_count}]")
    if (box.right or 0) > tab.column_count:
        raise BadRequest(f"range.endColumnIndex[{box.right}] is after last column in grid[{tab.column_count}]")
    closed = box.clipped(tab.row_count, tab.column_count)
    _guarded(file, email, tab, closed)
    return tab, closed


def _sort(file: Spreadsheet, spec: Spec, email: str) -> None:
    tab, box = _area(file, email, spec["range"])
    keys = [(int(key.get("dimensionIndex") or 0), key.get("sortOrder") == "DESCENDING") for key in spec["sortSpecs"]]
    tab.sort(box, keys)


def _changed(cell: Cell, wanted: Spec, mask: Mask) -> Cell:
    """Give a cell after the fields a mask names took what is wanted."""
    if "*" in mask or "userEnteredValue" in mask:
        cell = entered(cell, from_extended(wanted.get("userEnteredValue") or {}), "USER_ENTERED")
    form = mask.get("userEnteredFormat")
    if "*" in mask or (form is not None and (not form or "numberFormat" in form)):
        number = (wanted.get("userEnteredFormat") or {}).get("numberFormat") or {}
        cell = cell._replace(pattern=number.get("pattern"))
    return cell


def _repeat(file: Spreadsheet, spec: Spec, email: str) -> None:
    tab, box = _area(file, email, spec["range"])
    mask = _mask(spec)
    tab.change(box, lambda cell: _changed(cell, spec.get("cell") or {}, mask))


def _update_cells(file: Spreadsheet, spec: Spec, email: str) -> None:
    start, mask = spec.get("start") or {}, _mask(spec)
    where = spec.get("range") or {
        "sheetId": start.get("sheetId"), "startRowIndex": start.get("rowIndex"),
        "startColumnIndex": start.get("columnIndex"),
    }  # fmt: skip
    tab, box = _area(file, email, where)
    for row, data in enumerate(spec.get("rows") or (), box.top):
        for column, wanted in enumerate(data.get("values") or (), box.left):
            if row >= tab.row_count or column >= tab.column_count:
                raise tab.beyond(Box(row, column))
            tab.place(row, column, _changed(tab.cell(row, column), wanted, mask))


def _merge(file: Spreadsheet, spec: Spec, email: str) -> None:
    tab, box = _area(file, email, spec["range"])
    tab.merge(box)


def _unmerge(file: Spreadsheet, spec: Spec, email: str) -> None:
    tab, box = _area(file, email, spec["range"])
    tab.merges = [merge for merge in tab.merges if not merge.meets(box)]


def _protect(file: Spreadsheet, spec: Spec, email: str) -> dict[str, Any]:
    wanted = spec["protectedRange"]
    where = wanted.get("range") or {}
    tab = file.tab_of(where.get("sheetId"))
    editors = frozenset((wanted.get("editors") or {}).get("users") or ()) | {email}
    made = Protection(
        next(file.numbers), from_grid(where), editors, bool(wanted.get("warningOnly")), wanted.get("description") or ""
    )
    tab.protections.append(made)
    return {"protectedRange": protected_range(file, tab, made, email)}


def _unprotect(file: Spreadsheet, spec: Spec, _: str) -> None:
    for tab in file.tabs:
        tab.protections = [one for one in tab.protections if one.id != int(spec["protectedRangeId"])]


CHANGES: Mapping[str, Change] = {
    "addSheet": _add_sheet, "deleteSheet": _delete_sheet, "updateSheetProperties": _update_sheet,
    "updateSpreadsheetProperties": _update_file, "insertDimension": _insert, "deleteDimension": _delete,
    "appendDimension": _append, "moveDimension": _move, "updateDimensionProperties": _update_lines,
    "sortRange": _sort, "repeatCell": _repeat, "updateCells": _update_cells, "mergeCells": _merge,
    "unmergeCells": _unmerge, "addProtectedRange": _protect, "deleteProtectedRange": _unprotect,
}  # fmt: skip
