"""The best slot of many windows at once, by tables of maxima over stretches of 1, 2, 4, ... slots."""

from collections.abc import Iterator

import numpy as np

from core.planning.grid import Floats, Ints, Mask

_ROWS_AT_ONCE = 256
"""Rows whose tables are held at a time: bounds the memory to some 30 MB for a month of half hours."""


class Windows:
    """Windows [low, high] over rows of a table, compiled for repeated questions (all arrays: one entry per window)."""

    def __init__(self, row: Ints, low: Ints, high: Ints, rows: int, slots: int) -> None:
        self._size = row.size
        self._slots = slots
        self._chunks = [_Chunk(first, first + _ROWS_AT_ONCE, row, low, high) for first in range(0, rows, _ROWS_AT_ONCE)]

    def best(self, table: Floats) -> tuple[Floats, Ints]:
        """Return the greatest entry of each window and its slot, the earliest of equals; `table` is rows x slots."""
        value, slot = np.full(self._size, -np.inf), np.zeros(self._size, dtype=np.int64)
        for chunk in self._chunks:
            value[chunk.windows], slot[chunk.windows] = chunk.best(table[chunk.rows])
        return value, slot


class _Chunk:
    """The windows over some consecutive rows."""

    def __init__(self, first: int, last: int, row: Ints, low: Ints, high: Ints) -> None:
        self.rows = slice(first, last)
        self.windows: Ints = np.flatnonzero((row >= first) & (row < last))
        self._row = row[self.windows] - first
        self._low, self._high = low[self.windows], high[self.windows]
        self._level = np.frexp((self._high - self._low + 1).astype(np.float64))[1].astype(np.int64) - 1
        self._levels = int(self._level.max(initial=0)) + 1
        self._steps: tuple[tuple[int, Mask], ...] = tuple(self._descent())

    def _descent(self) -> Iterator[tuple[int, Mask]]:
        for level in range(self._levels - 2, -1, -1):
            yield level, self._level > level

    def best(self, table: Floats) -> tuple[Floats, Ints]:
        maxima = np.empty((self._levels, *table.shape))
        maxima[0] = table
        for level in range(1, self._levels):
            half = 1 << (level - 1)
            np.maximum(maxima[level - 1, :, :-half], maxima[level - 1, :, half:], out=maxima[level, :, :-half])
            maxima[level, :, -half:] = maxima[level - 1, :, -half:]
        right = self._high - (1 << self._level) + 1
        left_value = maxima[self._level, self._row, self._low]
        right_value = maxima[self._level, self._row, right]
        slot = np.where(left_value >= right_value, self._low, right)
        value = np.maximum(left_value, right_value)
        for level, goes_on in self._steps:
            is_right = goes_on & (maxima[level, self._row, slot] < value)
            slot[is_right] += 1 << level
        return value, slot
