"""Sufficient statistics: the same whether posts come at once or in parts."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.timing.outcomes import OUTCOME_SCHEMA
from core.timing.rollup import NO_POSTS, Span, WeekStats, merge, roll_up, roll_up_formats, span_of
from core.undefined import Undefined

FIRST = datetime(2025, 1, 6, tzinfo=UTC)
ROWS = st.lists(st.tuples(st.integers(0, 167), st.floats(-20, 20), st.floats(1e-6, 1)), max_size=60)


def outcomes_of(rows: list[tuple[int, float, float]], content_format: str | None = "image") -> pl.DataFrame:
    size = len(rows)
    return pl.DataFrame(
        {
            "published_at": [FIRST + timedelta(hours=i) for i in range(size)],
            "content_format": [content_format] * size,
            "engagement": [1.0] * size,
            "measured_at": [None] * size,
            "hour_of_week": [row[0] for row in rows],
            "outcome": [row[1] for row in rows],
            "weight": [row[2] for row in rows],
        },
        schema=pl.Schema(OUTCOME_SCHEMA),
    )


def assert_same(a: WeekStats, b: WeekStats) -> None:
    assert a.n == b.n
    for one, other in zip((a.weight, a.mean, a.m2), (b.weight, b.mean, b.m2), strict=True):
        assert one == pytest.approx(other, rel=1e-9, abs=1e-9)


@given(ROWS, ROWS)
def test_two_parts_merged_are_the_whole(
    first: list[tuple[int, float, float]], second: list[tuple[int, float, float]]
) -> None:
    merged = merge(roll_up(outcomes_of(first)), roll_up(outcomes_of(second)))
    assert_same(merged, roll_up(outcomes_of(first + second)))


@given(ROWS, ROWS, ROWS)
def test_merging_is_associative_and_commutative(
    a: list[tuple[int, float, float]], b: list[tuple[int, float, float]], c: list[tuple[int, float, float]]
) -> None:
    x, y, z = (roll_up(outcomes_of(rows)) for rows in (a, b, c))
    assert_same(merge(merge(x, y), z), merge(z, merge(y, x)))


def test_the_statistics_of_three_posts_are_the_ones_worked_out_by_hand() -> None:
    stats = roll_up(outcomes_of([(39, 1.0, 1.0), (39, 4.0, 0.5), (5, -2.0, 1.0)]))
    assert (stats.n[39], stats.weight[39], stats.mean[39], stats.m2[39]) == (2, 1.5, 2.0, 3.0)
    assert (stats.n[5], stats.mean[5], stats.m2[5], stats.n[6]) == (1, -2.0, 0.0, 0)
    assert stats.posts == 3


def test_nothing_merged_with_something_is_the_something() -> None:
    stats = roll_up(outcomes_of([(39, 1.0, 1.0)]))
    assert merge(NO_POSTS, stats) == stats == merge(stats, NO_POSTS)
    assert roll_up(outcomes_of([])) == NO_POSTS


def test_formats_are_rolled_up_apart_and_add_up() -> None:
    image, story = outcomes_of([(1, 1.0, 1.0), (2, 2.0, 1.0)]), outcomes_of([(1, 3.0, 1.0)], "story")
    frame = pl.concat([image, story, outcomes_of([(9, 0.0, 1.0)], None)])
    by_format = roll_up_formats(frame)
    assert {name: stats.posts for name, stats in by_format.items()} == {"image": 2, "story": 1}
    assert_same(merge(by_format["image"], by_format["story"]), roll_up(pl.concat([image, story])))


def test_the_span_reaches_from_the_first_post_to_the_last() -> None:
    frame = outcomes_of([(1, 1.0, 1.0), (2, 2.0, 1.0), (3, 2.0, 1.0)])
    assert span_of(frame) == Span(FIRST, FIRST + timedelta(hours=2), 3)
    assert isinstance(span_of(frame.clear()), Undefined)


@pytest.mark.parametrize(
    ("n", "weight", "mean", "m2"),
    [
        (-1, 0.0, 0.0, 0.0),
        (1, 0.0, 0.0, 0.0),
        (0, 1.0, 0.0, 0.0),
        (1, 2.0, 0.0, 0.0),
        (2, 1.0, 0.0, -1.0),
        (1, 1.0, float("nan"), 0.0),
        (0, 0.0, 3.0, 0.0),
    ],
)
def test_statistics_no_posts_can_have_are_refused_with_their_cell(
    n: int, weight: float, mean: float, m2: float
) -> None:
    none = (0.0,) * 167
    with pytest.raises(ValueError, match="cell 0"):
        WeekStats((n, *(0,) * 167), (weight, *none), (mean, *none), (m2, *none))


def test_a_week_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="168 cells"):
        WeekStats((0,) * 24, (0.0,) * 24, (0.0,) * 24, (0.0,) * 24)
