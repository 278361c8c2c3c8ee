"""The cells of a sheet as rows."""

from collections.abc import Iterator, Sequence

from core.sheets.cells import text
from core.sheets.fields import OWN_FIELDS, USER_FIELDS, Cell, Values
from core.sheets.headers import Layout
from core.sheets.rows import SheetRow

_Grid = Sequence[Sequence[Cell | None]]


def read_rows(grid: _Grid, layout: Layout, first_row: int, columns: Sequence[int] = ()) -> Iterator[SheetRow]:
    """Yield the rows of a grid below the header in which a shared cell, an own one or the id says anything.

    `first_row` is the grid's first row in the sheet; `columns` are those its cells come from, counted from 1, where
    they are not simply the first ones; a field of another column has no say (None). Ends of rows that are left out are
    empty, as Google leaves them out.
    """
    width = max([*layout.columns.values(), layout.id_column])
    places = {column: place for place, column in enumerate(columns or range(1, width + 1))}
    user, own = ([places.get(layout.columns.get(field, 0)) for field in fields] for fields in (USER_FIELDS, OWN_FIELDS))
    id_place = places.get(layout.id_column)
    for position, cells in enumerate(grid, first_row):
        if position <= layout.row:
            continue
        row_id = "" if id_place is None else text(_cell(cells, id_place)).strip()
        row = SheetRow(position, row_id, _values(cells, user), _values(cells, own))
        if row_id or any(cell not in ("", None) for cell in (*row.values, *row.own)):
            yield row


def _values(cells: Sequence[Cell | None], places: Sequence[int | None]) -> Values:
    return tuple(None if place is None else _cell(cells, place) for place in places)


def _cell(cells: Sequence[Cell | None], place: int) -> Cell:
    cell = cells[place] if place < len(cells) else ""
    return "" if cell is None else cell
