"""A person who works in the sheet by hand, and looks at it afterwards."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from google_cells import MOMENT, Cell, serial, shown
from google_grid import Protection, Tab, faulty
from google_ranges import Box, column_number

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from datetime import datetime

    from google_world import Spreadsheet


class Keeper(Protocol):
    """The world, as far as a hand needs it."""

    def changing(self, file: "Spreadsheet") -> "AbstractContextManager[None]": ...


class Hand:
    """What a person does to one tab; cells in A1 notation, rows as they are numbered on the screen."""

    def __init__(self, google: Keeper, file: "Spreadsheet", tab: Tab) -> None:
        self.google, self.file, self.tab = google, file, tab

    @property
    def id(self) -> str:
        """The spreadsheet's id."""
        return self.file.id

    def on(self, title: str) -> "Hand":
        """Go to another tab."""
        return Hand(self.google, self.file, self.file.tab(title))

    # --- Cells -----------------------------------------------------------------------------------------------------

    def type(self, cell: str, value: object) -> None:
        """Type into one cell as a person does (dates, numbers and formulas are understood)."""
        self.type_rows(cell, [[value]])

    def type_rows(self, corner: str, rows: Sequence[Sequence[object]]) -> None:
        """Type or paste rows from a cell on; None leaves a cell alone."""
        with self.google.changing(self.file):
            self.tab.write(self.tab.fitting(self.tab.box(corner), rows), rows, "USER_ENTERED")

    def put(self, cell: str, content: Cell) -> None:
        """Put exactly this into a cell: a formula with its value, a number in a format, an error."""
        with self.google.changing(self.file):
            box = self.tab.box(cell)
            self.tab.place(box.top, box.left, content)

    def put_moment(self, cell: str, moment: "datetime") -> None:
        """Put a date and time into a cell that shows it as one."""
        self.put(cell, Cell(serial(moment), None, MOMENT))

    def break_cell(self, cell: str, words: str = "#REF!") -> None:
        """Leave an error where a formula was."""
        self.put(cell, faulty(words))

    def clear(self, cells: str) -> None:
        """Empty cells."""
        with self.google.changing(self.file):
            self.tab.clear(self.tab.box(cells))

    def copy_rows(self, first: int, last: int, to: int) -> None:
        """Copy whole rows over others, hidden columns too, as copying by the row number does."""
        with self.google.changing(self.file):
            for offset in range(last - first + 1):
                self.tab.rows[to - 1 + offset] = dict(self.tab.rows[first - 1 + offset])

    # --- Rows, columns, tabs ---------------------------------------------------------------------------------------

    def sort(self, cells: str, by: str, *, descending: bool = False) -> None:
        """Sort the rows of a range (`A2:Z` is all below the header) by the column with these letters."""
        with self.google.changing(self.file):
            self.tab.sort(self.tab.box(cells), [(column_number(by), descending)])

    def insert_rows(self, at: int, rows: int = 1) -> None:
        """Insert empty rows so that the first becomes row `at`."""
        with self.google.changing(self.file):
            self.tab.insert("ROWS", at - 1, rows)

    def delete_rows(self, first: int, last: int | None = None) -> None:
        """Delete rows."""
        with self.google.changing(self.file):
            self.tab.delete("ROWS", first - 1, last or first)

    def move_rows(self, first: int, last: int, before: int) -> None:
        """Drag rows to before another."""
        with self.google.changing(self.file):
            self.tab.move("ROWS", first - 1, last, before - 1)

    def insert_column(self, at: str) -> None:
        """Insert an empty column that gets these letters."""
        with self.google.changing(self.file):
            self.tab.insert("COLUMNS", column_number(at), 1)

    def delete_column(self, letters: str) -> None:
        """Delete a column."""
        with self.google.changing(self.file):
            self.tab.delete("COLUMNS", column_number(letters), column_number(letters) + 1)

    def move_column(self, letters: str, before: str) -> None:
        """Drag a column to before another."""
        with self.google.changing(self.file):
            self.tab.move("COLUMNS", column_number(letters), column_number(letters) + 1, column_number(before))

    def merge(self, cells: str) -> None:
        """Merge cells."""
        with self.google.changing(self.file):
            self.tab.merge(self.tab.box(cells))

    def protect(self, cells: str = "", *editors: str, is_warning: bool = False) -> None:
        """Protect a range, or the whole tab, so that only these people and the owner may edit it."""
        with self.google.changing(self.file):
            box = self.tab.box(cells) if cells else Box()
            number = next(self.file.numbers)
            self.tab.protections.append(Protection(number, box, frozenset(editors), is_warning))

    def unprotect(self) -> None:
        """Lift all protection of the tab."""
        with self.google.changing(self.file):
            self.tab.protections.clear()

    def rename_tab(self, title: str) -> None:
        """Give the tab another name."""
        with self.google.changing(self.file):
            self.tab.title = title

    def add_tab(self, title: str) -> "Hand":
        """Add a tab at the right and go there."""
        with self.google.changing(self.file):
            self.file.tabs.append(Tab(next(self.file.numbers) + 1000, title))
        return self.on(title)

    def delete_tab(self) -> None:
        """Delete the tab."""
        with self.google.changing(self.file):
            self.file.tabs.remove(self.tab)

    # --- Looking ---------------------------------------------------------------------------------------------------

    def rows(self, render: str = "UNFORMATTED_VALUE", dates: str = "SERIAL_NUMBER") -> list[list[object]]:
        """Look at all cells, without empty ends."""
        return self.tab.read(self.tab.whole, lambda cell: shown(cell, render, dates))

    def at(self, cell: str) -> object:
        """Look at one cell's value."""
        box = self.tab.box(cell)
        return shown(self.tab.cell(box.top, box.left), "UNFORMATTED_VALUE", "SERIAL_NUMBER")

    def cells(self) -> list[dict[int, Cell]]:
        """Copy all cells as they are, with formulas and formats, down to the last row that holds one."""
        kept = [dict(row) for row in self.tab.rows]
        while kept and not kept[-1]:
            kept.pop()
        return kept
