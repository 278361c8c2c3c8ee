"""Outcomes of posts whose date nobody kept: they teach hours and weekdays, not trends."""

import polars as pl

from core.timing.outcomes import MAD_TO_SD, OUTCOME_UNITS, SMALLEST_REACH, WINSOR_SDS, in_units
from core.timing.rollup import UNDATED


def undated_outcomes(posts: pl.DataFrame) -> pl.DataFrame:
    """Return the posts that have an hour and an engagement with their `outcome` (log units) and `month` (undated).

    `posts` has `hour_of_week` (Int64), `content_format` (String), `engagement` (Float64); other columns are kept.
    Without dates there is no trailing level: r = log1p(engagement) - median of the posts of the same format, cut as
    dated ones are, by the spread of all undated posts.
    """
    is_count = pl.col("engagement").is_finite() & (pl.col("engagement") >= 0)
    known = posts.filter(pl.col("hour_of_week").is_not_null() & is_count)
    y = pl.col("engagement").log1p()
    r = y - y.median().over("content_format")
    reach = pl.max_horizontal(WINSOR_SDS * MAD_TO_SD * r.abs().median(), SMALLEST_REACH)
    cut = in_units(r.clip(-reach, reach)) / OUTCOME_UNITS
    return known.with_columns(month=pl.lit(UNDATED, pl.Int64()), outcome=cut)
