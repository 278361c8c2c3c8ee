"""The cells of a sheet as rows, and rows back into its cells."""

from collections.abc import Iterator, Sequence

from core.sheets.fields import Cell
from core.sheets.headers import Layout
from core.sheets.rows import SheetRow


def read_rows(
    grid: Sequence[Sequence[Cell]], layout: Layout, first_row: int, first_column: int = 1
) -> Iterator[SheetRow]:
    """Yield the rows of a grid below the header whose shared cells or id say anything; `first_row` is the grid's."""
    raise NotImplementedError
