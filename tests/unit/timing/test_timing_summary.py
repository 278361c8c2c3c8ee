"""Summaries over time and by format: literal weeks, quartiles and ratios."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from core.timing.summary import TREND_SCHEMA, final_results, format_effects, weekly_trend
from core.undefined import Undefined

MONDAY = datetime(2026, 1, 5, 12, tzinfo=UTC)
LATER = datetime(2026, 6, 1, tzinfo=UTC)
Row = tuple[datetime | None, str | None, float | None, datetime]


def posts(*rows: Row) -> pl.DataFrame:
    return pl.DataFrame(
        rows,
        schema={
            "published_at": pl.Datetime("us", "UTC"),
            "content_format": pl.String(),
            "engagement": pl.Float64(),
            "measured_at": pl.Datetime("us", "UTC"),
        },
        orient="row",
    )


def test_a_week_has_the_median_and_the_quartiles_of_its_posts() -> None:
    earned = (10.0, 20.0, 30.0, 40.0, 100.0)
    trend = weekly_trend(posts(*((MONDAY + timedelta(days=n), None, e, LATER) for n, e in enumerate(earned))), "UTC")
    assert trend.rows() == [(date(2026, 1, 5), 5, 30.0, 20.0, 40.0)]
    assert trend.schema == pl.Schema(TREND_SCHEMA)


def test_a_week_begins_on_the_monday_of_the_audience() -> None:
    """Sunday 23:30 in London is Monday 08:30 in Tokyo."""
    sunday = posts((datetime(2026, 1, 4, 23, 30, tzinfo=UTC), None, 1.0, LATER))
    assert weekly_trend(sunday, "Europe/London")["week"].to_list() == [date(2025, 12, 29)]
    assert weekly_trend(sunday, "Asia/Tokyo")["week"].to_list() == [date(2026, 1, 5)]


def test_a_week_without_posts_stands_there_with_none() -> None:
    trend = weekly_trend(posts((MONDAY, None, 4.0, LATER), (MONDAY + timedelta(days=14), None, 8.0, LATER)), "UTC")
    assert trend["posts"].to_list() == [1, 0, 1]
    assert trend["median"].to_list() == [4.0, None, 8.0]


def test_posts_too_young_unknown_or_impossible_are_left_out_and_undated_ones_make_no_week() -> None:
    frame = posts(
        (MONDAY, None, 5.0, MONDAY + timedelta(days=7)),
        (MONDAY, None, 0.0, MONDAY + timedelta(days=6)),
        (MONDAY, None, None, LATER),
        (MONDAY, None, float("nan"), LATER),
        (MONDAY, None, -1.0, LATER),
        (None, None, 7.0, LATER),
    )
    assert final_results(frame)["engagement"].to_list() == [5.0, 7.0]
    assert weekly_trend(frame, "UTC").rows() == [(date(2026, 1, 5), 1, 5.0, 5.0, 5.0)]


def test_no_posts_make_an_empty_trend_and_no_formats() -> None:
    assert weekly_trend(posts(), "UTC").schema == pl.Schema(TREND_SCHEMA)
    assert weekly_trend(posts(), "UTC").is_empty()
    assert format_effects(posts()) == ()


def test_a_format_that_earns_twice_as_much_shows_the_ratio_to_the_average_and_its_student_interval() -> None:
    """Undated posts log1p = ln 2 or ln 8, ten each: d is ∓ln 2, so ½ and 2 times the average, without spread."""
    rows: list[Row] = [(None, "image", 1.0, LATER), (None, "story", 7.0, LATER)] * 10
    image, story = format_effects(posts(*rows))
    assert (image.content_format, image.posts, image.lift) == ("image", 10, pytest.approx(-0.5))
    assert (story.content_format, story.posts, story.lift) == ("story", 10, pytest.approx(1.0))
    assert not isinstance(story.interval, Undefined)
    assert (story.interval.low, story.interval.high) == pytest.approx((1.0, 1.0))


def test_the_interval_of_five_posts_is_as_wide_as_students_table_says() -> None:
    """log1p = 1, 2, 3, 4, 5: mean 0 against itself, s = √2.5, t(0.95; 4 df) = 2.1318."""
    rows: list[Row] = [(None, "text", float(np.expm1(y)), LATER) for y in (1, 2, 3, 4, 5)]
    (only,) = format_effects(posts(*rows))
    assert not isinstance(only.interval, Undefined)
    assert only.lift == pytest.approx(0.0)
    reach = 2.1318 * 2.5**0.5 / 5**0.5
    assert np.log1p([only.interval.low, only.interval.high]).tolist() == pytest.approx([-reach, reach], rel=1e-4)


def test_four_posts_of_a_format_are_too_few_and_say_so() -> None:
    rows: list[Row] = [(None, "text", 5.0, LATER)] * 4
    (few,) = format_effects(posts(*rows))
    assert few.lift == Undefined("4 of 5 posts needed to compare this format.")


def test_a_format_that_came_up_while_the_channel_grew_is_not_praised_for_the_growth() -> None:
    """First only images, then both, all at the level of their time, which grows hundredfold."""
    formats = ["image"] * 200 + ["image", "story"] * 100
    rows: list[Row] = [
        (MONDAY + timedelta(hours=n), name, 10 * 100 ** (n / 400), LATER + timedelta(days=90))
        for n, name in enumerate(formats)
    ]
    lifts = {effect.content_format: effect.lift for effect in format_effects(posts(*rows))}
    assert lifts["story"] == pytest.approx(0.0, abs=0.05)
