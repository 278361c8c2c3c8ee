"""Outcomes of posts whose date nobody kept: they teach hours and weekdays, not trends."""

import polars as pl

from core.timing.outcomes import WINSOR_SDS

UNDATED_WEIGHT = 0.25
"""Weight of a post without a date, in posts: as much as one that is two half-lives old."""


def undated_outcomes(posts: pl.DataFrame) -> pl.DataFrame:
    """Return `hour_of_week`, `content_format`, `outcome`, `weight` of the posts that have an hour and an engagement.

    `posts` has `hour_of_week` (Int64), `content_format` (String), `engagement` (Float64). Without dates there is no
    trailing level: r = log1p(engagement) - median of the posts of the same format, cut at three standard deviations.
    """
    known = posts.filter(
        pl.col("hour_of_week").is_not_null() & pl.col("engagement").is_finite() & (pl.col("engagement") >= 0)
    )
    y = pl.col("engagement").log1p()
    r = y - y.median().over("content_format")
    reach = r.std(ddof=0) * WINSOR_SDS
    return known.select("hour_of_week", "content_format", outcome=r.clip(-reach, reach), weight=pl.lit(UNDATED_WEIGHT))
