"""The posts of a trial as a frame: its schema, and what arms and metrics are made of them."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

import numpy as np
import polars as pl

from core.trials.moments import Moments, moments_of
from core.trials.values import Vector

UNIT_SCHEMA: Mapping[str, pl.DataType] = MappingProxyType(
    {
        "arm": pl.String(),
        "value": pl.Float64(),
        "denominator": pl.Float64(),
        "before": pl.Float64(),
        "before_denominator": pl.Float64(),
        "unit": pl.String(),
        "day": pl.String(),
        "block": pl.String(),
        "format": pl.String(),
        "weekday": pl.String(),
        "channel": pl.String(),
        "published_arm": pl.String(),
    }
)
"""One row per assigned post, in order of time. `arm` is never null; `value` null = its outcome is not known (yet).

`denominator` belongs to ratios, `before` and (for ratios) `before_denominator` to CUPED; `day` is the local day;
`block` what was balanced by itself; `published_arm` the arm in whose slot the post went out, null where nobody wrote it
down. Other columns may be null.
"""


def conform(rows: pl.DataFrame) -> pl.DataFrame:
    """Return a frame with every column of UNIT_SCHEMA, null where it had none, and no other."""
    missing = {name: pl.lit(None, dtype) for name, dtype in UNIT_SCHEMA.items() if name not in rows.columns}
    return rows.with_columns(**missing).select(pl.col(name).cast(dtype) for name, dtype in UNIT_SCHEMA.items())


class Metric(StrEnum):
    """What is compared: the mean of values, the share of posts that did it (0 or 1), or Σ values / Σ denominators."""

    MEAN = "mean"
    PROPORTION = "proportion"
    RATIO = "ratio"


def known(rows: pl.DataFrame, metric: Metric) -> pl.DataFrame:
    """Return the posts whose outcome is known."""
    needed = ["value", "denominator"] if metric is Metric.RATIO else ["value"]
    return rows.drop_nulls(needed)


def values_of(rows: pl.DataFrame, arm: str, column: str = "value") -> Vector:
    """Return the known values (n) of an arm."""
    return rows.filter(pl.col("arm") == arm)[column].drop_nulls().to_numpy()


def arm_moments(rows: pl.DataFrame, arm: str, columns: tuple[str, ...]) -> Moments:
    """Return the statistics of an arm's posts in which every one of the columns is known."""
    found = rows.filter(pl.col("arm") == arm).select(columns).drop_nulls()
    return moments_of(*(found[column].to_numpy() for column in columns))


def numbered(column: pl.Series) -> np.ndarray:
    """Return words as numbers from 0 on, in order of first appearance; what is null is a word of its own."""
    return column.fill_null("").rank("dense").to_numpy().astype(np.intp) - 1


def has(rows: pl.DataFrame, column: str) -> bool:
    """Tell whether every post says something in a column."""
    return rows.height > 0 and rows[column].null_count() == 0
