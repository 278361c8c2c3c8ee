"""Ranges of a sheet as people write them (A1 notation), read and written."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Range:
    """A rectangle of cells, counted from 1 and inclusive; None leaves a side open. `sheet` "" is the first tab."""

    sheet: str = ""
    first_column: int = 1
    first_row: int = 1
    last_column: int | None = None
    last_row: int | None = None


def parse_range(text: str) -> Range:
    """Return the range that a text such as `'My plan'!A2:H` means (Invalid, with the fix)."""
    raise NotImplementedError


def write_range(area: Range) -> str:
    """Return a range in A1 notation, its tab in quotes."""
    raise NotImplementedError


def write_cell(column: int, row: int) -> str:
    """Return a cell such as `AB12`."""
    raise NotImplementedError
