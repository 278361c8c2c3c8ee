"""Sufficient statistics of a channel's week: all the estimator needs, mergeable without the posts."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import polars as pl

from core.timing.week import CELLS
from core.undefined import Undefined


@dataclass(frozen=True)
class WeekStats:
    """Per hour of the week: posts, their weight, and the weighted mean and squared deviations of their outcomes.

    Four tuples of 168. `weight` is in posts (at most `n`), `mean` in log units, `m2 = Σ w (r - mean)²`.
    Raises ValueError where the numbers cannot have come from posts.
    """

    n: tuple[int, ...]
    weight: tuple[float, ...]
    mean: tuple[float, ...]
    m2: tuple[float, ...]

    def __post_init__(self) -> None:
        """Refuse statistics that no set of posts has."""
        for cell, values in enumerate(_by_cell(self)):
            n, weight, mean, m2 = values
            if not all(map(math.isfinite, values)) or n < 0 or m2 < 0 or not 0 <= weight <= n * (1 + _ROUNDING):
                raise ValueError(f"cell {cell} is impossible: n={n}, weight={weight}, mean={mean}, m2={m2}")
            if (n > 0) != (weight > 0) or (n == 0 and (mean, m2) != (0, 0)):
                raise ValueError(f"cell {cell} has weight without posts or posts without weight: n={n}, {weight=}")

    @property
    def posts(self) -> int:
        """Posts behind the whole week."""
        return sum(self.n)


@dataclass(frozen=True)
class Span:
    """From when to when a channel's posts with an outcome reach (UTC), and how many they are."""

    first: datetime
    last: datetime
    posts: int


_ROUNDING = 1e-9
_Cell = tuple[float, float, float, float]


def roll_up(frame: pl.DataFrame) -> WeekStats:
    """Return the statistics of the posts in `frame` (`OUTCOME_SCHEMA`)."""
    weight, outcome = pl.col("weight"), pl.col("outcome")
    mean = (weight * outcome).sum() / weight.sum()
    cells = frame.group_by("hour_of_week").agg(
        n=pl.len(), weight=weight.sum(), mean=mean, m2=(weight * (outcome - mean) ** 2).sum()
    )
    columns = {name: np.zeros(CELLS) for name in ("n", "weight", "mean", "m2")}
    at = cells["hour_of_week"].to_numpy()
    for name, column in columns.items():
        column[at] = cells[name].to_numpy()
    n, *others = (column.tolist() for column in columns.values())
    return WeekStats(tuple(map(int, n)), *map(tuple, others))


def roll_up_formats(frame: pl.DataFrame) -> Mapping[str, WeekStats]:
    """Return the statistics of each content format that has posts, by its name; posts of no format are left out."""
    parts = frame.drop_nulls("content_format").partition_by("content_format", as_dict=True)
    return {str(key[0]): roll_up(part) for key, part in sorted(parts.items())}


def span_of(frame: pl.DataFrame) -> Span | Undefined:
    """Return from when to when the posts reach."""
    if frame.is_empty():
        return Undefined("This channel has no posts with a known outcome yet.")
    first, last = frame.select(first=pl.col("published_at").min(), last=pl.col("published_at").max()).row(0)
    return Span(first, last, frame.height)


def merge(a: WeekStats, b: WeekStats) -> WeekStats:
    """Return the statistics of both sets of posts together; the two must share no post.

    Chan, Golub and LeVeque (1979): mean = (w₁m₁ + w₂m₂)/w, m2 = m2₁ + m2₂ + (m₂ - m₁)² w₁w₂/w.
    """
    merged = (_merge_cell(x, y) for x, y in zip(_by_cell(a), _by_cell(b), strict=True))
    n, *others = zip(*merged, strict=True)
    return WeekStats(tuple(map(int, n)), *others)


def _by_cell(stats: WeekStats) -> list[_Cell]:
    columns = (stats.n, stats.weight, stats.mean, stats.m2)
    if {len(column) for column in columns} != {CELLS}:
        raise ValueError(f"a week has {CELLS} cells, not {[len(column) for column in columns]}")
    return list(zip(*columns, strict=True))


def _merge_cell(a: _Cell, b: _Cell) -> _Cell:
    if not a[0] or not b[0]:
        return a if a[0] else b
    weight, gap = a[1] + b[1], b[2] - a[2]
    share = b[1] / weight
    return a[0] + b[0], weight, a[2] + gap * share, a[3] + b[3] + gap**2 * a[1] * share


_EMPTY = (0.0,) * CELLS
NO_POSTS = WeekStats((0,) * CELLS, _EMPTY, _EMPTY, _EMPTY)
"""The week of a channel without history."""
