"""One tab of a spreadsheet: its cells, its size, what is hidden, merged and protected."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from google_cells import EMPTY, Cell, Fault, entered, rank
from google_ranges import BadRequest, Box, parse, written

Dimension = Literal["ROWS", "COLUMNS"]
PROTECTED = (
    "You are trying to edit a protected cell or object. Please contact the spreadsheet owner to remove protection if"
    " you need to edit."
)


@dataclass
class Protection:
    """A range only some may edit; of a warning only people hear."""

    id: int
    box: Box
    editors: frozenset[str]
    is_warning: bool = False
    description: str = ""


@dataclass
class Tab:
    """A grid of cells, sparse within each row."""

    gid: int
    title: str
    row_count: int = 1000
    column_count: int = 26
    frozen_rows: int = 0
    is_hidden: bool = False
    rows: list[dict[int, Cell]] = field(default_factory=list)
    hidden_columns: set[int] = field(default_factory=set)
    hidden_rows: set[int] = field(default_factory=set)
    merges: list[Box] = field(default_factory=list)
    protections: list[Protection] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rows = [{} for _ in range(self.row_count)]

    @property
    def whole(self) -> Box:
        """All of the grid."""
        return Box(0, 0, self.row_count, self.column_count)

    def box(self, cells: str | Box) -> Box:
        """Read cells of this tab in A1 notation; the box is closed by the grid's own size."""
        found = (
            parse(f"'{self.title.replace(chr(39), chr(39) * 2)}'!{cells}", [self.title])[1]
            if isinstance(cells, str)
            else cells
        )
        return found.clipped(self.row_count, self.column_count)

    # --- Cells -----------------------------------------------------------------------------------------------------

    def cell(self, row: int, column: int) -> Cell:
        """Give one cell."""
        return self.rows[row].get(column, EMPTY)

    def place(self, row: int, column: int, cell: Cell) -> None:
        """Put a cell where it belongs; what a merge covers takes nothing."""
        if any(box.holds(row, column) and (row, column) != (box.top, box.left) for box in self.merges):
            return
        if cell == EMPTY:
            self.rows[row].pop(column, None)
        else:
            self.rows[row][column] = cell

    def read(self, box: Box, show: Callable[[Cell], object]) -> list[list[object]]:
        """Give the rows of a range without its empty ends."""
        if box.top >= self.row_count or box.left >= self.column_count:
            raise self.beyond(box)
        top, left, bottom, right = box.clipped(self.row_count, self.column_count).sides()
        found = [self._read_row(self.rows[row], left, right, show) for row in range(top, bottom)]
        while found and not found[-1]:
            found.pop()
        return found

    @staticmethod
    def _read_row(row: dict[int, Cell], left: int, right: int, show: Callable[[Cell], object]) -> list[object]:
        filled = (column for column, cell in row.items() if left <= column < right and cell.value is not None)
        last = max(filled, default=-1)
        return [show(row[column]) if column in row else "" for column in range(left, last + 1)]

    def beyond(self, box: Box) -> BadRequest:
        """Say that a range leaves the grid."""
        whole = Box(box.top, box.left, box.bottom or box.top + 1, box.right or box.left + 1)
        return BadRequest(
            f"Range ({written(self.title, whole)}) exceeds grid limits. Max rows: {self.row_count},"
            f" max columns: {self.column_count}"
        )

    def fitting(self, box: Box, rows: Sequence[Sequence[object]]) -> Box:
        """Give the box these rows fill when written there; a single cell only says where to begin."""
        height, width = len(rows), max(map(len, rows), default=0)
        is_corner = (box.bottom, box.right) == (box.top + 1, box.left + 1)
        filled = Box(box.top, box.left, box.top + max(height, 1), box.left + max(width, 1))
        _, _, bottom, right = filled.sides()
        if bottom > self.row_count or right > self.column_count:
            raise self.beyond(filled)
        if not is_corner and box.bottom is not None and bottom > box.bottom:
            where = written(self.title, box.clipped(self.row_count, self.column_count))
            raise BadRequest(f"Requested writing within range [{where}], but tried writing to row [{box.bottom + 1}]")
        if not is_corner and box.right is not None and right > box.right:
            where = written(self.title, box.clipped(self.row_count, self.column_count))
            raise BadRequest(f"Requested writing within range [{where}], but tried writing to column [{box.right + 1}]")
        return filled

    def write(self, box: Box, rows: Sequence[Sequence[object]], option: str) -> int:
        """Write rows from a box's corner on; None passes over a cell. Gives how many cells were written."""
        count = 0
        for row, values in enumerate(rows, box.top):
            for column, value in enumerate(values, box.left):
                if value is not None:
                    self.place(row, column, entered(self.cell(row, column), value, option))
                    count += 1
        return count

    def clear(self, box: Box) -> None:
        """Empty the cells of a box; formats stay."""
        self.change(box, lambda cell: cell._replace(value=None, formula=None))

    def change(self, box: Box, change: Callable[[Cell], Cell]) -> None:
        """Replace each cell of a box."""
        top, left, bottom, right = box.clipped(self.row_count, self.column_count).sides()
        for row in range(top, bottom):
            for column in range(left, right):
                self.place(row, column, change(self.cell(row, column)))

    def last_row(self, left: int = 0, right: int | None = None) -> int:
        """Give the row below the last one that holds something between two columns."""
        end = self.column_count if right is None else right
        holding = (
            number for number in range(self.row_count - 1, -1, -1)
            if any(left <= column < end and cell.value is not None for column, cell in self.rows[number].items())
        )  # fmt: skip
        return next(holding, -1) + 1

    # --- Who may ---------------------------------------------------------------------------------------------------

    def guard(self, box: Box, editor: str, *, is_owner: bool) -> None:
        """Refuse an edit of what is protected."""
        closed = box.clipped(self.row_count, self.column_count)
        for protection in self.protections:
            area = protection.box.clipped(self.row_count, self.column_count)
            if not self.may_edit(protection, editor, is_owner=is_owner) and area.meets(closed):
                raise BadRequest(PROTECTED)

    @staticmethod
    def may_edit(protection: Protection, editor: str, *, is_owner: bool) -> bool:
        """Tell whether somebody may edit a protected range."""
        return is_owner or protection.is_warning or editor in protection.editors

    # --- Rows and columns ------------------------------------------------------------------------------------------

    def resize(self, rows: int, columns: int) -> None:
        """Add or cut off rows and columns at the ends."""
        self.rows = self.rows[:rows] + [{} for _ in range(rows - self.row_count)]
        if columns < self.column_count:
            self.rows = [{at: cell for at, cell in row.items() if at < columns} for row in self.rows]
        self.row_count, self.column_count = rows, columns

    def insert(self, dimension: Dimension, at: int, count: int) -> None:
        """Insert empty rows or columns."""
        if not 0 <= at <= self._size(dimension):
            raise BadRequest(f"range.startIndex[{at}] is outside of the grid")
        if dimension == "ROWS":
            self.rows[at:at] = [{} for _ in range(count)]
            self.row_count += count
        else:
            self.column_count += count
        self._renumber(dimension, lambda index: index + count if index >= at else index)

    def delete(self, dimension: Dimension, start: int, end: int) -> None:
        """Delete rows or columns with what they hold."""
        if not 0 <= start < end <= self._size(dimension) or end - start == self._size(dimension):
            raise BadRequest(f"Cannot delete {dimension} {start} to {end} of {self._size(dimension)}")
        if dimension == "ROWS":
            del self.rows[start:end]
            self.row_count -= end - start
        else:
            self.column_count -= end - start
        self._renumber(
            dimension, lambda index: index if index < start else -1 if index < end else index - (end - start)
        )

    def move(self, dimension: Dimension, start: int, end: int, to: int) -> None:
        """Move rows or columns to before the one that stands at `to` now."""
        if not (0 <= start < end <= self._size(dimension) and 0 <= to <= self._size(dimension)):
            raise BadRequest(f"Cannot move {dimension} {start} to {end} to {to}")
        order = list(range(self._size(dimension)))
        moved, rest = order[start:end], order[:start] + order[end:]
        at = to if to <= start else to - (end - start)
        order = rest[:at] + moved + rest[at:]
        if dimension == "ROWS":
            self.rows = [self.rows[index] for index in order]
        places = {index: place for place, index in enumerate(order)}
        self._renumber(dimension, places.__getitem__)

    def _size(self, dimension: Dimension) -> int:
        return self.row_count if dimension == "ROWS" else self.column_count

    def _renumber(self, dimension: Dimension, place: Callable[[int], int]) -> None:
        """Give cells, hidden ones, merges and protections their new places; -1 is gone."""
        if dimension == "ROWS":
            self.hidden_rows = {new for old in self.hidden_rows if (new := place(old)) >= 0}
        else:
            self.rows = [{new: cell for at, cell in row.items() if (new := place(at)) >= 0} for row in self.rows]
            self.hidden_columns = {new for old in self.hidden_columns if (new := place(old)) >= 0}
        self.merges = [box for old in self.merges if (box := _moved(old, dimension, place)) is not None]
        for protection in list(self.protections):
            box = _moved(protection.box, dimension, place)
            if box is None:
                self.protections.remove(protection)
            else:
                protection.box = box

    # --- Order and merges ------------------------------------------------------------------------------------------

    def sort(self, box: Box, keys: Iterable[tuple[int, bool]]) -> None:
        """Sort the rows of a box by columns (descending where so told); empty cells always go last."""
        top, left, bottom, right = box.clipped(self.row_count, self.column_count).sides()
        if any(merge.meets(Box(top, left, bottom, right)) for merge in self.merges):
            raise BadRequest("You can't perform this action over a range with merged cells.")
        order = list(range(top, bottom))
        for column, is_descending in reversed(list(keys)):
            filled = [row for row in order if self.cell(row, column).value is not None]
            empty = [row for row in order if self.cell(row, column).value is None]
            order = sorted(filled, key=lambda row: rank(self.cell(row, column)), reverse=is_descending) + empty
        inside = [{at: cell for at, cell in self.rows[row].items() if left <= at < right} for row in order]
        for row, cells in zip(range(top, bottom), inside, strict=True):
            outside = {at: cell for at, cell in self.rows[row].items() if not left <= at < right}
            self.rows[row] = outside | cells

    def merge(self, box: Box) -> None:
        """Make one cell of a box; what the others held is gone."""
        top, left, bottom, right = box.clipped(self.row_count, self.column_count).sides()
        for row in range(top, bottom):
            for column in range(left, right):
                if (row, column) != (top, left):
                    self.rows[row].pop(column, None)
        self.merges.append(Box(top, left, bottom, right))


def _moved(box: Box, dimension: Dimension, place: Callable[[int], int]) -> Box | None:
    """Give a box after its rows or columns got new places; None when nothing of it is left."""
    first, end = (box.top, box.bottom) if dimension == "ROWS" else (box.left, box.right)
    kept = [place(index) for index in range(first, end)] if end is not None else [place(first)]
    kept = sorted(new for new in kept if new >= 0)
    if not kept:
        return None
    start, stop = kept[0], kept[-1] + 1 if end is not None else None
    return Box(start, box.left, stop, box.right) if dimension == "ROWS" else Box(box.top, start, box.bottom, stop)


def faulty(text: str) -> Cell:
    """Give an error cell, as a broken formula leaves it."""
    return Cell(Fault(text), "=Gone!A1")
