"""The values of cells: what is equal, what is an error, what may be written, and how they read as text."""

import math
import re

from core.sheets.fields import Cell

MOST_CHARACTERS = 50_000
"""What a cell of Google Sheets can hold."""

_FORMULA = re.compile(r"'*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]")
"""What a spreadsheet, or one the sheet is exported to, takes for a formula; the last four are full-width."""

_LONGEST_WHOLE = 1e15
"""Beyond it a number no longer holds each whole value."""

_FAULTS = {
    "#REF!": "its formula points to cells that are gone; mend the formula or write the value itself",
    "#N/A": "its formula found nothing; mend the formula or write the value itself",
    "#VALUE!": "its formula got a value of the wrong kind; mend the formula or write the value itself",
    "#DIV/0!": "its formula divides by zero; mend the formula or write the value itself",
    "#NAME?": "its formula names something that does not exist; mend the formula or write the value itself",
    "#NUM!": "its formula has no such number; mend the formula or write the value itself",
    "#NULL!": "its formula's ranges do not meet; mend the formula or write the value itself",
    "#ERROR!": "its formula cannot be read; mend the formula or write the value itself",
    "#SPILL!": "its formula has no room for its results; clear the cells beside it",
    "Loading...": "it is still being calculated; the next sync reads it again",
}


def plain(cell: Cell) -> Cell:
    """Return a cell as it is meant: without the apostrophe that keeps text from being taken for a formula."""
    return cell[1:] if isinstance(cell, str) and cell.startswith("'") and _FORMULA.match(cell) else cell


def safe(cell: Cell) -> Cell:
    """Return a cell as it may be written: text that a spreadsheet could take for a formula gets an apostrophe.

    Numbers stay numbers. `plain` takes exactly this apostrophe away again.
    """
    return f"'{cell}" if isinstance(cell, str) and _FORMULA.match(cell) else cell


def same(one: Cell | None, other: Cell | None) -> bool:
    """Say whether two cells mean the same: a tick is no number, ends of line may be in either style, None is empty."""
    return one is other or meaning(one) == meaning(other)


def meaning(cell: Cell | None) -> str | float | tuple[bool]:
    """Return what is equal, and hashes equally, for cells that mean the same."""
    if isinstance(cell, str):
        return str(plain(cell.replace("\r\n", "\n").replace("\r", "\n") if "\r" in cell else cell))
    if isinstance(cell, bool):
        return (cell,)
    return "" if cell is None else round(float(cell), 9)


def is_blank(cell: Cell | None) -> bool:
    """Say whether nothing can be read in a cell."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def text(cell: Cell | None) -> str:
    """Return what people read in a cell: 5 for 5.0, TRUE for a ticked box."""
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, str) or cell is None:
        return str(plain(cell or ""))
    is_whole = math.isfinite(cell) and cell == int(cell) and abs(cell) < _LONGEST_WHOLE
    return str(int(cell)) if is_whole else f"{cell:.15g}"


def fault_of(cell: Cell | None) -> str:
    """Return what is wrong with a cell that shows an error such as #REF!, and how to mend it; "" if nothing is."""
    return _FAULTS.get(cell, "") if isinstance(cell, str) and cell[:1] in {"#", "L"} else ""


def length_of(cell: Cell) -> int:
    """Return how many characters of the sheet's limit a cell takes: those beyond the basic plane count twice."""
    return len(cell.encode("utf-16-le", "surrogatepass")) // 2 if isinstance(cell, str) else 0
