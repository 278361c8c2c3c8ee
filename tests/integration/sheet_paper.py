"""A sheet kept a second time, on paper: what its users did to it, by rules written without a look at the stub's."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from google_cells import Cell, Fault
from google_hand import Hand
from google_ranges import letters

Row = dict[str, Cell]
BLANK = Cell()


def _rank(cell: Cell) -> tuple[int, float, str]:
    """Say what comes first in a sorted column: numbers, then words in any case, then boxes ticked or not, errors."""
    if isinstance(cell.value, Fault):
        return 3, 0.0, cell.value
    if isinstance(cell.value, str):
        return 1, 0.0, cell.value.casefold()
    return (2 if isinstance(cell.value, bool) else 0), float(cell.value or 0), ""


@dataclass
class Paper:
    """The columns users see, from left to right by a name of their own, what heads them, and the rows below.

    Of the columns named in `own` only the header is kept here; Slotwise writes them.
    """

    hand: Hand
    columns: list[str]
    headers: dict[str, str]
    own: frozenset[str]
    rows: list[Row] = field(default_factory=list)

    # --- Where things stand ------------------------------------------------------------------------------------------

    def place(self, column: str, row: int = 0) -> str:
        """Give a cell's address; `row` counts from 1 below the header, 0 is the header."""
        return f"{letters(self.columns.index(column))}{row + 1}"

    def letter(self, column: str) -> str:
        """Give a column's letters."""
        return letters(self.columns.index(column))

    def at(self, row: int, column: str) -> Cell:
        """Look at a cell."""
        return self.rows[row - 1].get(column, BLANK)

    def before(self, row: int, column: str) -> Cell:
        """Say what stood in a cell before the error that it shows."""
        return self.rows[row - 1].get(f"{column} before", BLANK)

    # --- What users do -----------------------------------------------------------------------------------------------

    def write(self, row: int, column: str, cell: Cell) -> None:
        """Type into a cell."""
        self.hand.put(self.place(column, row), cell)
        self.write_down(row, column, cell)

    def write_down(self, row: int, column: str, cell: Cell) -> None:
        """Note what stands in a cell, whoever wrote it; where it shows an error, also what stood there before."""
        while len(self.rows) < row:
            self.rows.append({})
        before = self.before(row, column) if isinstance(self.at(row, column).value, Fault) else self.at(row, column)
        self.rows[row - 1] |= {column: cell, f"{column} before": before if isinstance(cell.value, Fault) else BLANK}

    def insert(self, at: int, count: int) -> None:
        """Insert empty rows before row `at`."""
        self.hand.insert_rows(at + 1, count)
        self.rows[at - 1 : at - 1] = [{} for _ in range(count)]

    def delete(self, first: int, last: int) -> None:
        """Delete rows."""
        self.hand.delete_rows(first + 1, last + 1)
        del self.rows[first - 1 : last]

    def move(self, first: int, last: int, before: int) -> None:
        """Drag rows elsewhere."""
        self.hand.move_rows(first + 1, last + 1, before + 1)
        moved = self.rows[first - 1 : last]
        rest = [*self.rows[: first - 1], *[None] * len(moved), *self.rows[last:]]
        rest[before - 1 : before - 1] = moved
        self.rows = [row for row in rest if row is not None]

    def copy(self, first: int, last: int) -> None:
        """Copy whole rows below the last one: as they are seen, with what Slotwise has just written there."""
        copies = {row: dict(self.rows[row - 1]) for row in range(first, last + 1)}
        for row, column, _, seen in self.differences():
            if row in copies:
                copies[row][column] = seen
        self.hand.copy_rows(first + 1, last + 1, to=len(self.rows) + 2)
        self.rows += copies.values()

    def sort(self, by: str, *, descending: bool) -> None:
        """Sort the whole sheet below its header."""
        wide = letters(self.hand.tab.column_count - 1)
        self.hand.sort(f"A2:{wide}{len(self.rows) + 1}", self.letter(by), descending=descending)
        self.rows = self._sorted(self.rows, by, descending)

    def sort_seen(self, by: str, first: int, last: int, *, descending: bool) -> None:
        """Sort some rows of the columns users see, as who marks them; what is hidden stays where it is."""
        area = f"A{first + 1}:{letters(len(self.columns) - 1)}{last + 1}"
        self.hand.sort(area, self.letter(by), descending=descending)
        self.rows[first - 1 : last] = self._sorted(self.rows[first - 1 : last], by, descending)

    @staticmethod
    def _sorted(rows: Sequence[Row], by: str, descending: bool) -> list[Row]:
        filled = [row for row in rows if row.get(by, BLANK).value is not None]
        empty = [row for row in rows if row.get(by, BLANK).value is None]
        return sorted(filled, key=lambda row: _rank(row[by]), reverse=descending) + empty

    def move_column(self, column: str, before: str) -> None:
        """Drag a column elsewhere."""
        self.hand.move_column(self.letter(column), self.letter(before))
        self.columns.remove(column)
        self.columns.insert(self.columns.index(before), column)

    def add_column(self, column: str, header: str, before: str) -> None:
        """Insert a column."""
        self.hand.insert_column(self.letter(before))
        self.columns.insert(self.columns.index(before), column)
        self.headers[column] = header
        self.hand.put(self.place(column), Cell(header))

    def delete_column(self, column: str) -> None:
        """Delete a column."""
        self.hand.delete_column(self.letter(column))
        self.columns.remove(column)
        del self.headers[column]
        for row in self.rows:
            row.pop(column, None)

    def rename(self, column: str, header: str) -> None:
        """Head a column otherwise."""
        self.headers[column] = header
        self.hand.put(self.place(column), Cell(header))

    # --- Comparing ---------------------------------------------------------------------------------------------------

    def differences(self) -> list[tuple[int, str, Cell, Cell]]:
        """Name each cell that is not as its users left it: row, column, on paper, in the sheet."""
        found = self.hand.cells()
        header = found[0] if found else {}
        rows = found[1:] + [{}] * (len(self.rows) - len(found) + 1)
        papers = self.rows + [{}] * (len(rows) - len(self.rows))
        heads = [
            (0, column, Cell(self.headers[column]), header.get(at, BLANK))
            for at, column in enumerate(self.columns)
            if header.get(at, BLANK) != Cell(self.headers[column])
        ]
        cells = [
            (number, column, paper.get(column, BLANK), row.get(at, BLANK))
            for number, (paper, row) in enumerate(zip(papers, rows, strict=True), 1)
            for at, column in enumerate(self.columns)
            if column not in self.own and paper.get(column, BLANK) != row.get(at, BLANK)
        ]
        return heads + cells
