"""Ranges of a sheet as people write them (A1 notation), read and written."""

import re
from dataclasses import dataclass, replace

from core.bulk.columns import SEARCHED, letters
from core.errors import Invalid, Problem

MOST_COLUMNS = 18_278
"""Column ZZZ, the last one a spreadsheet of Google can have."""

MOST_ROWS = 10_000_000
"""A spreadsheet has ten million cells at most, so no more rows than that."""

_TAB = re.compile(r"(?:'(?P<quoted>(?:[^']|'')+)'|(?P<bare>[^'!]+))!(?P<cells>.*)", re.DOTALL)
_WHOLE_TAB = re.compile(r"'(?P<quoted>(?:[^']|'')+)'!?")
_CORNER = r"\$?([A-Za-z]{{1,4}})?\$?(\d{{1,9}})?"
_CELLS = re.compile(rf"{_CORNER}(?:(:){_CORNER})?".replace("{{", "{").replace("}}", "}"), re.ASCII)
_EXAMPLE = "write one such as A1:H, A:H or 'My plan'!A2:H500"


@dataclass(frozen=True, slots=True)
class Range:
    """A rectangle of cells, counted from 1 and inclusive; None leaves a side open. `sheet` "" names no tab.

    Only a range that begins at column A can be open to the right: the notation has no other.
    """

    sheet: str = ""
    first_column: int = 1
    first_row: int = 1
    last_column: int | None = None
    last_row: int | None = None

    def has_column(self, column: int) -> bool:
        """Say whether a column lies in the range."""
        return self.first_column <= column <= (self.last_column or MOST_COLUMNS)


def parse_range(text: str) -> Range:
    """Return the range that a text such as `'My plan'!A2:H` means (Invalid, with the fix).

    Corners may be in any order. A tab alone, `'My plan'`, is all of it.
    """
    written = text.strip()
    if whole := _WHOLE_TAB.fullmatch(written):
        return Range(whole["quoted"].replace("''", "'"))
    tab = _TAB.fullmatch(written)
    sheet = (tab["quoted"] or tab["bare"]).replace("''", "'") if tab else ""
    cells = (tab["cells"] if tab else written).strip()
    if tab and not cells:
        return Range(sheet)
    corners = _CELLS.fullmatch(cells)
    if corners is None or not cells:
        raise _invalid(text, f"this is no range of cells; {_EXAMPLE}")
    return replace(_rectangle(corners, text), sheet=sheet)


def _rectangle(corners: re.Match[str], text: str) -> Range:
    column, row, colon, last_column, last_row = corners.groups()
    if not colon:
        if not (column and row):
            whole = f"{column.upper()}:{column.upper()}" if column else f"{row}:{row}" if row else "A:H"
            raise _invalid(text, f"a column or row alone is written twice, such as {whole}")
        last_column, last_row = column, row
    if bool(column) != bool(last_column) or (last_row and not row):
        raise _invalid(text, f"its two ends do not fit together; {_EXAMPLE}")
    if not column and not (row and last_row):
        raise _invalid(text, f"rows need a first and a last one, such as 1:500; {_EXAMPLE}")
    columns = sorted((_number(column, text), _number(last_column, text))) if column else [1, None]
    rows = sorted((_row(row, text), _row(last_row, text))) if row and last_row else [_row(row or "1", text), None]
    return Range("", columns[0] or 1, rows[0] or 1, columns[1], rows[1])


def _number(name: str, text: str) -> int:
    number = 0
    for letter in name.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    if number > MOST_COLUMNS:
        raise _invalid(text, f"there is no column {name.upper()}; the last one is {letters(MOST_COLUMNS)}")
    return number


def _row(name: str, text: str) -> int:
    if not 1 <= int(name) <= MOST_ROWS:
        raise _invalid(text, f"there is no row {name}; rows count from 1 to {MOST_ROWS:,}")
    return int(name)


def _invalid(text: str, message: str) -> Invalid:
    return Invalid((Problem("range", text, message),))


def write_range(area: Range) -> str:
    """Return a range in A1 notation, its tab in quotes: `'My plan'!A2:H`."""
    tab = f"'{area.sheet.replace(chr(39), 2 * chr(39))}'" if area.sheet else ""
    cells = _cells(area)
    return f"{tab}!{cells}" if tab and cells else tab or cells


def _cells(area: Range) -> str:
    if area.last_column is None:
        is_all = area.first_row == 1 and area.last_row is None
        return "" if is_all and area.sheet else f"{area.first_row}:{area.last_row or MOST_ROWS}"
    first, last = letters(area.first_column), letters(area.last_column)
    if area.last_row is None and area.first_row == 1:
        return f"{first}:{last}"
    ends = f"{first}{area.first_row}", f"{last}{area.last_row or ''}"
    return ends[0] if ends[0] == ends[1] else ":".join(ends)


def write_cell(column: int, row: int) -> str:
    """Return a cell such as `AB12`."""
    return f"{letters(column)}{row}"


def within(area: Range, rows: int, columns: int) -> Range | None:
    """Return the part of a range that a tab of so many rows and columns has, closed on all sides; None: nothing."""
    last_row, last_column = min(area.last_row or rows, rows), min(area.last_column or columns, columns)
    if area.first_row > last_row or area.first_column > last_column:
        return None
    return replace(area, last_row=last_row, last_column=last_column)


def header_area(area: Range) -> Range:
    """Return the rows in which the header of a range is looked for, over all columns: other columns count as well.

    It is the first row that knows its columns, of those the range begins with or of the one above it (A2:H).
    """
    first = max(area.first_row - 1, 1)
    return Range(area.sheet, first_row=first, last_row=first + SEARCHED)
