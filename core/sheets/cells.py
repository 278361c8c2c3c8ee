"""The values of cells: what is equal, what is an error, what may be written, and how they read as text."""

from core.sheets.fields import Cell

MOST_CHARACTERS = 50_000
"""What a cell of Google Sheets can hold."""


def plain(cell: Cell) -> Cell:
    """Return a cell as it is meant: without the apostrophe that keeps text from being taken for a formula."""
    raise NotImplementedError


def safe(cell: Cell) -> Cell:
    """Return a cell as it may be written: text that a spreadsheet could take for a formula gets an apostrophe."""
    raise NotImplementedError


def same(one: Cell | None, other: Cell | None) -> bool:
    """Say whether two cells mean the same: type for type, and ends of line in either style."""
    raise NotImplementedError


def text(cell: Cell) -> str:
    """Return what people read in a cell: 5 for 5.0, TRUE for a ticked box."""
    raise NotImplementedError


def fault_of(cell: Cell) -> str:
    """Return what is wrong with a cell that shows an error such as #REF!, and how to mend it; "" if nothing is."""
    raise NotImplementedError
