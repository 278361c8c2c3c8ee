"""The methods of `spreadsheets.values`: cells in, cells out."""

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import zip_longest
from typing import Any

from google_cells import shown
from google_grid import Tab
from google_ranges import BadRequest, Box, parse, written
from google_world import Spreadsheet

Query = Mapping[str, Sequence[str]]
Body = Mapping[str, Any]


def first(query: Query, name: str, otherwise: str) -> str:
    """Give a parameter that stands once, or what it is when left out."""
    return next(iter(query.get(name, ())), otherwise)


def find(file: Spreadsheet, text: str) -> tuple[Tab, Box]:
    """Find tab and cells of a range; ends beyond the grid are cut off."""
    title, box = parse(text, file.titles)
    return file.tab(title), box


def get(file: Spreadsheet, text: str, query: Query) -> dict[str, Any]:
    """Answer `values.get`."""
    render = first(query, "valueRenderOption", "FORMATTED_VALUE")
    dates = first(query, "dateTimeRenderOption", "SERIAL_NUMBER")
    major = first(query, "majorDimension", "ROWS")
    tab, box = find(file, text)
    rows = tab.read(box, partial(shown, render=render, dates=dates))
    return _value_range(tab, box, rows, major)


def _value_range(tab: Tab, box: Box, rows: list[list[object]], major: str) -> dict[str, Any]:
    told = {"range": written(tab.title, box.clipped(tab.row_count, tab.column_count)), "majorDimension": major}
    if major == "COLUMNS":
        rows = [_trimmed(column) for column in zip_longest(*rows, fillvalue="")]
    return told | ({"values": rows} if rows else {})


def _trimmed(values: Sequence[object]) -> list[object]:
    kept = list(values)
    while kept and kept[-1] == "":
        kept.pop()
    return kept


def batch_get(file: Spreadsheet, query: Query) -> dict[str, Any]:
    """Answer `values.batchGet`."""
    return {
        "spreadsheetId": file.id,
        "valueRanges": [get(file, text, query) for text in query.get("ranges", ())],
    }


# --- Writing -------------------------------------------------------------------------------------------------------


def _rows(body: Body) -> list[list[object]]:
    rows = [list(row or ()) for row in body.get("values") or ()]
    return [list(row) for row in zip_longest(*rows)] if body.get("majorDimension") == "COLUMNS" else rows


def _option(given: str | None) -> str:
    if given not in {"RAW", "USER_ENTERED"}:
        raise BadRequest("'valueInputOption' is required but not specified")
    return given


def _planned(file: Spreadsheet, email: str, text: str, body: Body) -> tuple[Tab, Box, list[list[object]]]:
    """Check a write without doing it."""
    if body.get("range") not in {None, text}:
        raise BadRequest(f"Requested range {text} differs from the body's {body['range']}")
    tab, box = find(file, text)
    rows = _rows(body)
    filled = tab.fitting(box, rows)
    tab.guard(filled, email, is_owner=email == file.owner)
    return tab, filled, rows


def _told(file: Spreadsheet, tab: Tab, box: Box, rows: list[list[object]], count: int) -> dict[str, Any]:
    told = {"spreadsheetId": file.id, "updatedRange": written(tab.title, box)}
    if not count:
        return told
    columns = len({at for row in rows for at, value in enumerate(row) if value is not None})
    sizes = {"updatedRows": sum(any(v is not None for v in row) for row in rows), "updatedColumns": columns}
    return told | sizes | {"updatedCells": count}


def update(file: Spreadsheet, email: str, text: str, query: Query, body: Body) -> dict[str, Any]:
    """Answer `values.update`."""
    option = _option(first(query, "valueInputOption", ""))
    tab, box, rows = _planned(file, email, text, body)
    told = _told(file, tab, box, rows, tab.write(box, rows, option))
    if first(query, "includeValuesInResponse", "false").lower() == "true":
        render = first(query, "responseValueRenderOption", "FORMATTED_VALUE")
        told["updatedData"] = _value_range(
            tab, box, tab.read(box, partial(shown, render=render, dates="SERIAL_NUMBER")), "ROWS"
        )
    return told


def batch_update(file: Spreadsheet, email: str, body: Body) -> dict[str, Any]:
    """Answer `values.batchUpdate`: all of it or nothing."""
    option = _option(body.get("valueInputOption"))
    plans = [_planned(file, email, part.get("range", ""), part) for part in body.get("data") or ()]
    told = [_told(file, tab, box, rows, tab.write(box, rows, option)) for tab, box, rows in plans]
    totals = {
        f"totalU{name[1:]}": sum(part.get(name, 0) for part in told)
        for name in ("updatedRows", "updatedColumns", "updatedCells")
    }
    sheets = len({tab.gid for tab, _, _ in plans})
    return {"spreadsheetId": file.id, "totalUpdatedSheets": sheets, "responses": told} | totals


def append(file: Spreadsheet, email: str, text: str, query: Query, body: Body) -> dict[str, Any]:
    """Answer `values.append`: below the table found in the range; the grid grows as it must."""
    option = _option(first(query, "valueInputOption", ""))
    tab, box = find(file, text)
    rows, table = _rows(body), _table(tab, box)
    row = box.top if table is None else table.sides()[2]
    if first(query, "insertDataOption", "OVERWRITE") == "INSERT_ROWS":
        tab.insert("ROWS", row, len(rows))
    tab.resize(max(tab.row_count, row + len(rows)), max(tab.column_count, box.left + max(map(len, rows), default=0)))
    target = tab.fitting(Box(row, box.left), rows)
    tab.guard(target, email, is_owner=email == file.owner)
    updates = _told(file, tab, target, rows, tab.write(target, rows, option))
    told = {"tableRange": written(tab.title, table)} if table else {}
    return {"spreadsheetId": file.id, "updates": updates} | told


def _table(tab: Tab, box: Box) -> Box | None:
    """Find the last block of filled rows that begins in a range; it goes on to the next empty row."""
    top, left, bottom, _ = box.clipped(tab.row_count, tab.column_count).sides()
    filled = [any(cell.value is not None for cell in row.values()) for row in tab.rows]
    last = next((row for row in range(bottom - 1, top - 1, -1) if filled[row]), None)
    if last is None:
        return None
    end = next((row for row in range(last, tab.row_count) if not filled[row]), tab.row_count)
    start = next((row + 1 for row in range(last, -1, -1) if not filled[row]), 0)
    return Box(start, left, end, tab.column_count)


def clear(file: Spreadsheet, email: str, texts: Sequence[str]) -> list[str]:
    """Empty ranges and say which."""
    found = [find(file, text) for text in texts]
    boxes = [(tab, box.clipped(tab.row_count, tab.column_count)) for tab, box in found]
    for tab, box in boxes:
        tab.guard(box, email, is_owner=email == file.owner)
    for tab, box in boxes:
        tab.clear(box)
    return [written(tab.title, box) for tab, box in boxes]
