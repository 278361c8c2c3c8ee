"""The tables of a connected sheet as frames, for whoever downloads them."""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Protocol, TypeVar

import polars as pl

from core.calendar.zones import to_wall
from core.services.sheet_views import ConflictView, SheetRowView, SyncRunView
from core.ui.sheets_words import ROW_LOOKS, RUN_LOOKS, field_name, winner_words

AT_ONCE = 1000
"""Rows that are read at once while a table is written."""

ROW_SCHEMA: Mapping[str, pl.DataType] = MappingProxyType(
    {"line": pl.Int64(), "state": pl.String(), "title": pl.String(), "posts": pl.Int64(), "to_mend": pl.String()}
)
CONFLICT_SCHEMA: Mapping[str, pl.DataType] = MappingProxyType(
    {
        "at": pl.Datetime("us"),
        "row": pl.String(),
        "field": pl.String(),
        "in_the_sheet": pl.String(),
        "in_slotwise": pl.String(),
        "stands": pl.String(),
        "why": pl.String(),
    }
)
"""`at` on the clocks of the sheet's zone."""
RUN_SCHEMA: Mapping[str, pl.DataType] = MappingProxyType(
    {
        "started": pl.Datetime("us"),
        "finished": pl.Datetime("us"),
        "state": pl.String(),
        **{
            name: pl.Int64()
            for name in ("read", "created", "updated", "written", "conflicts", "faults", "missing", "requests")
        },
        "error": pl.String(),
        "next_step": pl.String(),
    }
)
"""`started` and `finished` on the clocks of the sheet's zone."""


class Paged(Protocol):
    """One page of a list, which names the next one."""

    @property
    def next_cursor(self) -> str | None:
        """The cursor of the page that follows; None ends the list."""


_Page = TypeVar("_Page", bound=Paged)


def every_page(read: Callable[[str | None], _Page]) -> Iterator[_Page]:
    """Read a list page by page to its end."""
    cursor = None
    while True:
        page = read(cursor)
        yield page
        cursor = page.next_cursor
        if cursor is None:
            return


def row_cells(row: SheetRowView) -> tuple[object, ...]:
    """Return a row as `ROW_SCHEMA`."""
    return row.position or None, ROW_LOOKS[row.state].word, row.title, len(row.item_ids), row.fault


def conflict_cells(each: ConflictView, zone: str) -> tuple[object, ...]:
    """Return a conflict as `CONFLICT_SCHEMA`."""
    values = (each.title, field_name(each.field), each.sheet_value, each.our_value)
    return to_wall(each.at, zone), *values, winner_words(each.winner), each.reason


def run_cells(run: SyncRunView, zone: str) -> tuple[object, ...]:
    """Return a sync as `RUN_SCHEMA`."""
    did = run.counts
    finished = to_wall(run.finished_at, zone) if run.finished_at else None
    counts = (did.read, did.created, did.updated, did.written, did.conflicts, did.faults, did.missing, did.requests)
    return to_wall(run.started_at, zone), finished, RUN_LOOKS[run.state].word, *counts, run.error, run.next_step
