"""Finds posts that a file holds more than once, over any number of batches, in 16 bytes per post."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from core.history.fields import Field
from core.history.results import LINE


@dataclass(frozen=True)
class Duplicate:
    """A post that stands on two lines; the later one counts."""

    post_id: str
    first_line: int
    later_line: int


@dataclass(frozen=True)
class Seen:
    """The posts of the rows so far: 64-bit hashes in rising order, and the latest line of each."""

    hashes: NDArray[np.uint64]
    lines: NDArray[np.int64]


NONE_SEEN = Seen(np.empty(0, np.uint64), np.empty(0, np.int64))


def find_duplicates(seen: Seen, accepted: pl.DataFrame) -> tuple[Seen, tuple[Duplicate, ...]]:
    """Return what has been seen after these rows, and each of them that repeats an earlier post.

    Two posts are the same where account and post id agree. With 64 bits, two different posts among a million are taken
    for one with a chance of 3 in 10⁸.
    """
    hashes = accepted.select(pl.struct(Field.ACCOUNT, Field.POST_ID).hash()).to_series().to_numpy()
    order = np.argsort(hashes, kind="stable")
    hashes, lines = hashes[order], accepted[LINE].to_numpy()[order]
    before = _line_before(seen, hashes, lines)
    repeats = np.flatnonzero(before)
    ids = accepted[Field.POST_ID].gather(order[repeats])
    found = (Duplicate(*each) for each in zip(ids, before[repeats].tolist(), lines[repeats].tolist(), strict=True))
    return _merged(seen, hashes, lines), tuple(sorted(found, key=lambda each: each.later_line))


def _line_before(seen: Seen, hashes: NDArray[np.uint64], lines: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return for each of the sorted hashes the line on which it stood last before, 0 where it is new."""
    before = np.zeros(len(hashes), np.int64)
    if len(seen.hashes):
        at = np.minimum(np.searchsorted(seen.hashes, hashes), len(seen.hashes) - 1)
        before = np.where(seen.hashes[at] == hashes, seen.lines[at], before)
    repeats = np.flatnonzero(hashes[1:] == hashes[:-1]) + 1
    before[repeats] = lines[repeats - 1]
    return before


def _merged(seen: Seen, hashes: NDArray[np.uint64], lines: NDArray[np.int64]) -> Seen:
    """Return both, sorted, with only the latest line of each hash."""
    every, stands = np.concatenate([seen.hashes, hashes]), np.concatenate([seen.lines, lines])
    order = np.argsort(every, kind="stable")
    every, stands = every[order], stands[order]
    is_last = np.append(every[1:] != every[:-1], values=True) if len(every) else np.empty(0, np.bool_)
    return Seen(every[is_last], stands[is_last])
