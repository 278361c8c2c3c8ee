"""Which column of a sheet holds what, by its header: any order and case, synonyms, other columns left alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from core.errors import Problem
from core.sheets.fields import Cell


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the fields of a sheet stand.

    `row` is the header's, counted from 1; `columns` are counted from 1, by field of USER_FIELDS and OWN_FIELDS, and
    `headers` what is written above them. `id_column` is 0 where there is none yet, `free_column` the first right of
    everything that has a header. `extra` are the headers that Slotwise leaves alone. `problems` keep the sheet from
    being read, `warnings` do not.
    """

    row: int
    columns: Mapping[str, int]
    headers: Mapping[str, str]
    id_column: int
    free_column: int
    extra: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = field(default=())


def find_layout(
    rows: Sequence[Sequence[Cell]], first_row: int = 1, first_column: int = 1, before: Mapping[str, str] | None = None
) -> Layout:
    """Return the layout of a sheet by its top rows (ten are enough), which begin at `first_row` and `first_column`.

    `before` are the headers by field as they were last time: one that is gone is a problem, with what may have become
    of it, so that no row is taken for emptied.
    """
    raise NotImplementedError


def template_headers() -> tuple[str, ...]:
    """Return the header of a new sheet."""
    raise NotImplementedError
