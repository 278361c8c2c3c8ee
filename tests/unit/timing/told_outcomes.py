"""Frames of made-up posts of one channel."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl

from core.timing.outcomes import POST_SCHEMA, relative_outcomes

LONG_AGO = datetime(2025, 1, 6, 12, tzinfo=UTC)


def posts_of(
    engagement: Sequence[float | None],
    published: Sequence[datetime] | None = None,
    *,
    early: Sequence[float | None] | None = None,
    measured: Sequence[datetime | None] | None = None,
) -> pl.DataFrame:
    """Give posts of one format, an hour apart unless said otherwise, measured long after."""
    size = len(engagement)
    columns = {
        "post_id": [f"p{number:06}" for number in range(size)],
        "published_at": published or [LONG_AGO + timedelta(hours=i) for i in range(size)],
        "content_format": ["image"] * size,
        "engagement": engagement,
        "early_engagement": early or [None] * size,
        "measured_at": measured or [None] * size,
    }
    return pl.DataFrame(columns, schema=pl.Schema(POST_SCHEMA))


def random_posts(size: int, seed: int = 3) -> pl.DataFrame:
    """Give posts of a year with counts of 10^5 to 10^7, a third looked at after two days, some still young."""
    rng = np.random.default_rng(seed)
    stamps = [datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=int(m)) for m in rng.integers(0, 500_000, size)]
    ages = rng.choice([3, 30, 300], size, p=[0.1, 0.4, 0.5])
    final = rng.lognormal(14, 1, size)
    early = np.where(rng.random(size) < 1 / 3, final / 2, np.nan)
    return posts_of(
        final.tolist(),
        stamps,
        early=[None if np.isnan(value) else float(value) for value in early],
        measured=[at + timedelta(days=int(age)) for at, age in zip(stamps, ages, strict=True)],
    )


def outcomes(posts: pl.DataFrame, column: str = "outcome", zone: str = "UTC") -> list[float]:
    """Give one column of the posts that have an outcome, in order of time."""
    values: list[float] = relative_outcomes(posts, zone).frame[column].to_list()
    return values
