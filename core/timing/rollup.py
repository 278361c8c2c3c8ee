"""Sufficient statistics of a channel's week: exact tallies by month, and what the estimator reads of them."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType

import numpy as np
import polars as pl

from core.timing.curve import Vector
from core.timing.format_effects import format_offsets
from core.timing.outcomes import HALF_LIFE, OUTCOME_UNITS, in_units
from core.timing.week import CELLS

TALLY_KEY = ("content_format", "month", "hour_of_week")
TALLY_SCHEMA: Mapping[str, pl.DataType] = MappingProxyType(
    {
        "content_format": pl.String(),
        "month": pl.Int64(),
        "hour_of_week": pl.Int64(),
        "posts": pl.Int64(),
        "total": pl.Int64(),
        "squares": pl.Int64(),
    }
)
"""One row per content format ("" unknown), month (year x 12 + month - 1, -1 undated) and local hour of the week, sorted
by these; `total` and `squares` are sums of the outcome in ten-thousandths of a log unit and of its square."""

UNDATED = -1
"""The month of posts without a date."""
UNDATED_WEIGHT = 0.25
"""Weight of a post without a date, in posts: as much as one that is two half-lives old."""
MONTH = timedelta(days=365.2425 / 12)
SMALLEST_WEIGHT = 1e-9
"""Posts of centuries ago weigh next to nothing, but a post that counts has a weight."""
_ROUNDING = 1e-9
_Cell = tuple[float, float, float, float]


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


def _by_cell(stats: WeekStats) -> list[_Cell]:
    columns = (stats.n, stats.weight, stats.mean, stats.m2)
    if {len(column) for column in columns} != {CELLS}:
        raise ValueError(f"a week has {CELLS} cells, not {[len(column) for column in columns]}")
    return list(zip(*columns, strict=True))


_EMPTY = (0.0,) * CELLS
NO_POSTS = WeekStats((0,) * CELLS, _EMPTY, _EMPTY, _EMPTY)
"""The week of a channel without history."""


def tally(outcomes: pl.DataFrame) -> pl.DataFrame:
    """Return `TALLY_SCHEMA` of posts that have `content_format`, `month`, `hour_of_week` and `outcome`.

    Whole numbers do not overflow below 10^5 posts of the largest outcome a number can have (709 log units), or 10^10
    of the size outcomes have.
    """
    units = in_units(pl.col("outcome"))
    posts = outcomes.with_columns(pl.col("content_format").fill_null(""))
    counted = posts.group_by(TALLY_KEY).agg(posts=pl.len(), total=units.sum(), squares=units.pow(2).sum())
    return counted.select(list(TALLY_SCHEMA)).cast(pl.Schema(TALLY_SCHEMA)).sort(TALLY_KEY)


def combine(a: pl.DataFrame, b: pl.DataFrame) -> pl.DataFrame:
    """Return the tallies of both sets of posts together; the two must share no post."""
    summed = pl.concat([a, b]).group_by(TALLY_KEY).agg(pl.col("posts", "total", "squares").sum())
    return summed.filter(pl.any_horizontal(pl.col("posts", "total", "squares") != 0)).sort(TALLY_KEY)


def without(a: pl.DataFrame, b: pl.DataFrame) -> pl.DataFrame:
    """Return the tallies of `a` less those of some of its posts; ValueError where `a` cannot have held them."""
    left = combine(a, b.with_columns(-pl.col("posts", "total", "squares")))
    impossible = left.filter((pl.col("posts") <= 0) | (pl.col("squares") < 0))
    if impossible.height:
        raise ValueError(f"posts are taken away that were not counted: {impossible.row(0, named=True)}")
    return left


def week_stats(tallies: pl.DataFrame, half_life: timedelta = HALF_LIFE, content_format: str | None = None) -> WeekStats:
    """Return the statistics of one format, or of all together with each one's effect taken off (`format_offsets`).

    A post weighs ½^(age / half-life), its age in whole months against the channel's newest; an undated one ¼. The same
    tallies give the same bits: sums run in the order of the key.
    """
    ordered = tallies.sort(TALLY_KEY)
    weighed = ordered.with_columns(weight=_weights(ordered["month"].to_numpy(), half_life))
    if content_format is not None:
        wanted = weighed.filter(pl.col("content_format") == content_format)
        return _statistics(wanted, np.zeros(wanted.height))
    return _statistics(weighed, format_offsets(weighed))


def _weights(months: Vector, half_life: timedelta) -> Vector:
    ages = (months.max(initial=UNDATED) - months) * (MONTH / half_life)
    return np.where(months == UNDATED, UNDATED_WEIGHT, np.maximum(0.5**ages, SMALLEST_WEIGHT))


def _statistics(weighed: pl.DataFrame, offset: Vector) -> WeekStats:
    """Return Σ n, Σ w, mean m = Σ w(r - o) / Σ w and Σ w(r - o - m)² per cell, from n, Σ r and Σ r² of each tally."""
    cell, posts, weight = (weighed[name].to_numpy() for name in ("hour_of_week", "posts", "weight"))
    total, squares = weighed["total"].to_numpy() / OUTCOME_UNITS, weighed["squares"].to_numpy() / OUTCOME_UNITS**2
    n, mass, total_above = (
        np.bincount(cell, values, CELLS) for values in (posts, weight * posts, weight * (total - offset * posts))
    )
    mean = np.divide(total_above, mass, out=np.zeros(CELLS), where=mass > 0)
    centre = offset + mean[cell]
    m2 = np.bincount(cell, weight * (squares - 2 * centre * total + centre**2 * posts), CELLS)
    n_whole = tuple(map(int, n.tolist()))
    return WeekStats(n_whole, tuple(mass.tolist()), tuple(mean.tolist()), tuple(np.maximum(m2, 0.0).tolist()))
