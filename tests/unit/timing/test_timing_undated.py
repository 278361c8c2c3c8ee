"""Posts without a date: they teach hours of the week, at a quarter of the weight."""

import math

import polars as pl
import pytest

from core.timing.undated import undated_outcomes

Row = tuple[int | None, str | None, float | None]


def learned(*rows: Row) -> pl.DataFrame:
    schema = {"hour_of_week": pl.Int64(), "content_format": pl.String(), "engagement": pl.Float64()}
    return undated_outcomes(pl.DataFrame(rows, schema=schema, orient="row"))


def test_an_outcome_is_the_distance_to_the_median_of_its_format_in_logs() -> None:
    frame = learned((1, "image", 1.0), (2, "image", 3.0), (3, "image", 7.0), (4, "story", 999.0))
    assert frame["outcome"].to_list() == pytest.approx([-math.log(2), 0, math.log(2), 0])
    assert frame["weight"].to_list() == [0.25] * 4
    assert frame["hour_of_week"].to_list() == [1, 2, 3, 4]


def test_posts_without_a_format_are_compared_with_each_other() -> None:
    assert learned((1, None, 0.0), (2, None, 1.0), (3, None, 3.0))["outcome"].to_list() == pytest.approx(
        [-math.log(2), 0, math.log(2)]
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
    assert learned().columns == ["hour_of_week", "content_format", "outcome", "weight"]


def test_one_viral_post_is_cut_to_three_standard_deviations() -> None:
    """99 posts of nothing and one at log1p = 20: the sd is 20·√(0.01·0.99) = 1.98997."""
    frame = learned(*[(1, "image", 0.0)] * 99, (2, "image", math.expm1(20)))
    assert frame["outcome"].max() == pytest.approx(3 * 1.98997, rel=1e-4)
