"""Posts without a date: they teach hours of the week, at a quarter of the weight."""

import math

import polars as pl
import pytest

from core.timing.rollup import tally, week_stats
from core.timing.undated import undated_outcomes

Row = tuple[int | None, str | None, float | None]


def learned(*rows: Row) -> pl.DataFrame:
    schema = {"hour_of_week": pl.Int64(), "content_format": pl.String(), "engagement": pl.Float64()}
    return undated_outcomes(pl.DataFrame(rows, schema=schema, orient="row"))


def test_an_outcome_is_the_distance_to_the_median_of_its_format_in_logs() -> None:
    frame = learned((1, "image", 1.0), (2, "image", 3.0), (3, "image", 7.0), (4, "story", 999.0))
    assert frame["outcome"].to_list() == pytest.approx([-math.log(2), 0, math.log(2), 0], abs=5e-5)
    assert frame["month"].to_list() == [-1] * 4
    assert frame["hour_of_week"].to_list() == [1, 2, 3, 4]


def test_posts_without_a_format_are_compared_with_each_other() -> None:
    assert learned((1, None, 0.0), (2, None, 1.0), (3, None, 3.0))["outcome"].to_list() == pytest.approx(
        [-math.log(2), 0, math.log(2)], abs=5e-5
    )


def test_posts_without_an_hour_or_a_possible_engagement_teach_nothing() -> None:
    rows = (
        (None, "image", 5.0),
        (1, "image", None),
        (1, "image", math.nan),
        (1, "image", math.inf),
        (1, "image", -1.0),
    )
    assert learned(*rows).is_empty()
    assert tally(learned()).is_empty()


def test_one_viral_post_is_cut_to_three_robust_deviations_of_all_or_to_a_doubling() -> None:
    """Of 100 posts at -1, 0 and 1 around their median, half lie 1 away or more: 3 x 1.4826 x 1."""
    spread = [(1, "image", math.expm1(5 + n % 3 - 1)) for n in range(99)]
    assert learned(*spread, (2, "image", 1e12))["outcome"].max() == pytest.approx(3 * 1.4826, abs=1e-4)
    assert learned(*[(1, "image", 0.0)] * 99, (2, "image", 1e12))["outcome"].max() == pytest.approx(
        math.log(2), abs=1e-4
    )


def test_an_undated_post_weighs_a_quarter_whatever_the_dated_ones_are() -> None:
    stats = week_stats(tally(learned((7, "image", 3.0), (7, "image", 3.0), (9, "story", 3.0))))
    assert (stats.n[7], stats.weight[7], stats.weight[9]) == (2, 0.5, 0.25)
