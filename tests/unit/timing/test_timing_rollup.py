"""Sufficient statistics: exact whichever way the posts come, weighted by month, formats told apart from hours."""

from datetime import timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.timing.rollup import NO_POSTS, TALLY_SCHEMA, UNDATED, WeekStats, combine, tally, week_stats, without

MAY_2025 = 2025 * 12 + 4
Row = tuple[str | None, int, int, float]
FORMATS = st.sampled_from(["image", "story", None])
MONTHS = st.sampled_from([UNDATED, MAY_2025 - 7, MAY_2025])
ROWS = st.lists(st.tuples(FORMATS, MONTHS, st.integers(0, 3), st.integers(-90_000, 90_000).map(lambda n: n / 1e4)))


def told(rows: list[Row]) -> pl.DataFrame:
    schema = {"content_format": pl.String, "month": pl.Int64, "hour_of_week": pl.Int64, "outcome": pl.Float64}
    return tally(pl.DataFrame(rows, schema=schema, orient="row"))


def may(cell: int, outcome: float, content_format: str = "image") -> Row:
    return content_format, MAY_2025, cell, outcome


# --- Tallies ------------------------------------------------------------------------------------------------------


def test_a_tally_counts_posts_and_sums_their_outcomes_and_squares_in_ten_thousandths() -> None:
    tallies = told([may(39, 0.5), may(39, -0.2), (None, UNDATED, 7, 1.0)])
    assert tallies.rows() == [("", -1, 7, 1, 10_000, 100_000_000), ("image", MAY_2025, 39, 2, 3_000, 29_000_000)]
    assert dict(tallies.schema) == dict(TALLY_SCHEMA)


@given(ROWS, ROWS)
def test_two_parts_combined_are_the_whole_and_one_taken_away_leaves_the_other(a: list[Row], b: list[Row]) -> None:
    whole = told(a + b)
    assert combine(told(a), told(b)).equals(whole)
    assert combine(told(b), told(a)).equals(whole)
    assert without(whole, told(b)).equals(told(a))


def test_what_was_not_counted_cannot_be_taken_away() -> None:
    with pytest.raises(ValueError, match="not counted"):
        without(told([may(1, 0.5)]), told([may(2, 0.5)]))
    with pytest.raises(ValueError, match="not counted"):
        without(told([may(1, 0.5)]), told([may(1, 0.4)]))


# --- Statistics ---------------------------------------------------------------------------------------------------


def test_the_statistics_of_three_posts_are_the_ones_worked_out_by_hand() -> None:
    """Six months of 30.436875 days are two half-lives of 91.310625: (1·1 + ¼·4)/1¼ = 1.6; 0.36 + ¼·5.76 = 1.8."""
    stats = week_stats(told([may(39, 1.0), ("image", MAY_2025 - 6, 39, 4.0), may(5, -2.0)]), timedelta(days=91.310625))
    assert (stats.n[39], stats.weight[39], stats.mean[39]) == (2, pytest.approx(1.25), pytest.approx(1.6))
    assert stats.m2[39] == pytest.approx(1.8)
    assert (stats.n[5], stats.mean[5], stats.m2[5], stats.n[6]) == (1, -2.0, 0.0, 0)
    assert stats.posts == 3


def test_a_post_of_the_stone_age_weighs_nearly_nothing_and_an_endless_half_life_forgets_nothing() -> None:
    tallies = told([("image", 12, 3, 1.0), may(3, 1.0)])
    assert week_stats(tallies).weight[3] == pytest.approx(1.0)
    assert week_stats(tallies, timedelta.max).weight[3] == pytest.approx(2.0, abs=1e-3)


def test_no_posts_are_the_week_without_history() -> None:
    assert week_stats(told([])) == NO_POSTS
    assert week_stats(told([may(1, 1.0)]), content_format="story") == NO_POSTS


def test_equal_outcomes_have_no_spread_even_in_a_billion_posts() -> None:
    tallies = told([may(3, 0.1234)]).with_columns(pl.col("posts", "total", "squares") * 10**9)
    stats = week_stats(tallies)
    assert (stats.n[3], stats.mean[3]) == (10**9, pytest.approx(0.1234))
    assert stats.m2[3] == pytest.approx(0, abs=1e-3)


@given(ROWS, st.integers(0, 100))
def test_the_same_tallies_in_another_order_give_the_same_bits(rows: list[Row], seed: int) -> None:
    tallies = told(rows)
    assert week_stats(tallies.sample(fraction=1, shuffle=True, seed=seed)) == week_stats(tallies)


def test_each_format_has_statistics_of_its_own_with_its_effect_left_in() -> None:
    tallies = told([may(1, 0.5), may(2, 0.7), may(1, 2.0, "story"), (None, MAY_2025, 9, 0.0)])
    assert week_stats(tallies, content_format="story").mean[1] == 2.0
    assert [week_stats(tallies, content_format=name).posts for name in ("image", "story", "")] == [2, 1, 1]
    assert week_stats(tallies).posts == 4


# --- Formats ------------------------------------------------------------------------------------------------------


def drawn(shares: dict[int, dict[int, float]], posts: int = 1000) -> pl.DataFrame:
    """Give posts by month and hour, a share of them videos that earn 2 more; hour 20 earns 0.5 more than hour 9."""
    rng = np.random.default_rng(4)
    rows: list[Row] = []
    for month, by_hour in shares.items():
        level = 2 * np.mean(list(by_hour.values()))  # a level moves with the mix of formats
        for hour, share in by_hour.items():
            videos = rng.random(posts) < share
            earned = 2 * videos + 0.5 * (hour == 20) - level + rng.normal(0, 0.3, posts)
            names = np.where(videos, "video_long", "image")
            rows += [(str(n), month, hour, round(float(r), 4)) for n, r in zip(names, earned, strict=True)]
    return told(rows)


def test_a_format_that_earns_more_does_not_make_the_hour_it_goes_out_at_look_good() -> None:
    """Videos nearly all go out at nine; raw, nine would seem 1.1 better although it is 0.5 worse."""
    tallies = drawn({MAY_2025: {9: 0.9, 20: 0.1}})
    stats = week_stats(tallies)
    assert stats.mean[20] - stats.mean[9] == pytest.approx(0.5, abs=0.1)


def test_a_format_posted_at_good_hours_is_not_credited_for_the_hour() -> None:
    """Without an effect of the format, a format used at the better hour leaves that hour as good as it is."""
    rows = [may(9, 0.0)] * 90 + [may(20, 1.0)] * 10 + [may(9, 0.0, "story")] * 10 + [may(20, 1.0, "story")] * 90
    stats = week_stats(told(rows))
    assert stats.mean[20] - stats.mean[9] == pytest.approx(1.0, abs=0.05)


def test_an_hour_that_one_format_has_to_itself_is_not_good_for_what_the_format_earns() -> None:
    """Format and hour can both explain the 0.8; formats differ by so much, hours of the week do not."""
    images = [may(hour, 0.0) for hour in (9, 10, 11, 12) for _ in range(100)]
    stats = week_stats(told([*images, *[may(20, 0.8, "story")] * 100]))
    assert 0 < stats.mean[20] - stats.mean[9] < 0.8 / 3


def test_a_change_of_the_mix_of_formats_over_the_months_does_not_move_the_hours() -> None:
    """Mornings were posted while all were images, evenings when most were videos: each month lies at its own level."""
    tallies = drawn({MAY_2025 - 1: {9: 0.05, 20: 0.05}, MAY_2025: {9: 0.9, 20: 0.9}})
    stats = week_stats(tallies, timedelta.max)
    assert stats.mean[20] - stats.mean[9] == pytest.approx(0.5, abs=0.1)
    assert stats.m2[9] / stats.n[9] < 0.2  # σ² is 0.09; with the formats left in it would be about 0.4


def test_few_posts_of_a_format_hardly_move_it() -> None:
    """A single post of a format at an hour nobody else uses: format and hour share its 2 log units."""
    stats = week_stats(told([*[may(9, 0.0)] * 100, may(20, 2.0, "story")]))
    assert 1.5 < stats.mean[20] < 2.0


# --- Weeks that cannot be -----------------------------------------------------------------------------------------


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
