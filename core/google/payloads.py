"""Cells to write, divided into bodies of the size that Google recommends."""

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from core.google.contract import CellsWrite

BODY_BYTES = 2_000_000
_RANGE_BYTES = 200
"""What a range costs beside its cells: its A1 notation and the names around it."""


def split_writes(writes: Iterable[CellsWrite], most: int = BODY_BYTES) -> Iterator[tuple[CellsWrite, ...]]:
    """Yield what goes into one request each; rows that follow each other become one range.

    A row that is larger than `most` by itself goes alone.
    """
    batch: list[CellsWrite] = []
    size = 0
    for row in _rows(writes):
        cost = len(json.dumps([row.rows[0]])) + (0 if batch and _continues(batch[-1], row) else _RANGE_BYTES)
        if batch and size + cost > most:
            yield tuple(_joined(batch))
            batch, size = [], 0
        batch.append(row)
        size += cost
    if batch:
        yield tuple(_joined(batch))


def _rows(writes: Iterable[CellsWrite]) -> Iterator[CellsWrite]:
    for write in writes:
        for offset, row in enumerate(write.rows):
            if row:
                yield CellsWrite(write.row + offset, write.column, (row,))


def _continues(above: CellsWrite, row: CellsWrite) -> bool:
    return above.column == row.column and above.row + len(above.rows) == row.row


def _joined(batch: Sequence[CellsWrite]) -> Iterator[CellsWrite]:
    start, rows = batch[0], [batch[0].rows[0]]
    for above, row in pairwise(batch):
        if _continues(above, row):
            rows.append(row.rows[0])
            continue
        yield CellsWrite(start.row, start.column, rows)
        start, rows = row, [row.rows[0]]
    yield CellsWrite(start.row, start.column, rows)
