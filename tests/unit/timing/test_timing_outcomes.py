"""Outcomes: comparable across growth and age, of the past only, honest about what was left out."""

import math
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from told_outcomes import LONG_AGO, outcomes, posts_of, random_posts

from core.timing.outcomes import DropReason, relative_outcomes

LN = math.log
SEEDS = st.integers(0, 10_000)


def test_an_outcome_is_the_log_distance_from_the_median_of_earlier_posts_only() -> None:
    expected = [LN(10), -LN(10) / 2, 0, 0, LN(2)]
    assert outcomes(posts_of([9, 99, 9, 9, 9, 19]), "relative") == pytest.approx(expected)
    assert outcomes(posts_of([9, 99, 9, 9, 9, 19])) == pytest.approx(expected, abs=5e-5)


def test_the_level_is_of_forty_posts_and_no_more() -> None:
    assert outcomes(posts_of([99] * 21 + [9] * 40), "relative")[-1] == pytest.approx(0)
    assert outcomes(posts_of([99] * 21 + [9] * 20), "relative")[-1] == pytest.approx(-LN(10))


def test_two_day_values_are_compared_with_two_day_values_once_ten_earlier_posts_have_one() -> None:
    """From the eleventh post on 6 is twice the usual 5/2; before, and where nobody looked, 99 is ten times 9."""
    posts = posts_of([9] * 10 + [99, 99], early=[2.5] * 10 + [6, None])
    assert outcomes(posts, "relative")[-2:] == pytest.approx([LN(2), LN(10)])
    assert outcomes(posts.tail(11), "relative")[-2:] == pytest.approx([LN(10), LN(10)])


def test_a_young_post_has_an_outcome_only_by_what_it_had_after_two_days() -> None:
    seen = [LONG_AGO + timedelta(days=30)] * 10 + [LONG_AGO + timedelta(days=4)] * 2
    found = relative_outcomes(posts_of([9] * 10 + [7, 7], early=[2.5] * 10 + [6, None], measured=seen), "UTC")
    assert found.frame["post_id"][-1] == "p000010"
    assert found.frame["relative"][-1] == pytest.approx(LN(2))
    assert found.dropped[DropReason.TOO_YOUNG] == 1


def test_every_post_is_kept_or_counted_under_the_reason_it_was_dropped() -> None:
    before, after_three_days = LONG_AGO - timedelta(seconds=1), LONG_AGO + timedelta(days=3)
    found = relative_outcomes(
        posts_of(
            [5, 7, None, math.nan, -1, 3, 3],
            [LONG_AGO] * 7,
            measured=[None] * 5 + [before, after_three_days],
        ),
        "UTC",
    )
    assert found.frame["post_id"].to_list() == ["p000001"]
    assert found.dropped == {
        DropReason.FUTURE: 1,
        DropReason.UNKNOWN_ENGAGEMENT: 2,
        DropReason.NEGATIVE_ENGAGEMENT: 1,
        DropReason.TOO_YOUNG: 1,
        DropReason.NO_PREVIOUS_POST: 1,
    }


def test_the_hour_of_the_week_follows_the_audience_through_both_clock_changes() -> None:
    stamps = {
        datetime(2024, 3, 31, 0, 30, tzinfo=UTC): 6 * 24 + 1,  # Sunday 01:30 CET
        datetime(2024, 3, 31, 1, 30, tzinfo=UTC): 6 * 24 + 3,  # 03:30 CEST: 02:30 does not exist
        datetime(2024, 10, 27, 0, 30, tzinfo=UTC): 6 * 24 + 2,  # 02:30 CEST
        datetime(2024, 10, 27, 1, 30, tzinfo=UTC): 6 * 24 + 2,  # 02:30 CET, the same reading again
        datetime(2024, 10, 27, 23, 30, tzinfo=UTC): 0,  # Monday 00:30 CET
    }
    published = [datetime(2024, 3, 1, tzinfo=UTC), datetime(2024, 7, 1, tzinfo=UTC), *stamps]
    found = relative_outcomes(posts_of([3] * 7, published), "Europe/Berlin").frame
    assert dict(zip(found["published_at"], found["hour_of_week"], strict=True)).items() >= stamps.items()


def test_the_month_is_counted_in_utc_from_the_year_nought() -> None:
    stamps = [datetime(2024, 12, 31, 22, tzinfo=UTC), datetime(2024, 12, 31, 23, 30, tzinfo=UTC)]
    assert outcomes(posts_of([3, 3], stamps), "month", "Asia/Tokyo") == [2024 * 12 + 11]


# --- Invariances --------------------------------------------------------------------------------------------------


@given(SEEDS, st.integers(1, 300))
@settings(max_examples=30, deadline=None)
def test_later_posts_never_change_what_earlier_ones_earned(seed: int, known: int) -> None:
    posts = random_posts(300, seed).sort("published_at", "post_id")
    early, all_of_them = (relative_outcomes(part, "UTC").frame for part in (posts.head(known), posts))
    assert early.equals(all_of_them.head(early.height))


@given(SEEDS, st.floats(1e-2, 1e6))
@settings(max_examples=30, deadline=None)
def test_scaling_all_engagement_moves_outcomes_by_no_more_than_log1p_does(seed: int, factor: float) -> None:
    """log1p(cx) - log1p(x) = log c + d with |d| <= (1 + 1/c)/x, so r moves by at most twice that at the least x."""
    posts = random_posts(300, seed)
    scaled = posts.with_columns(pl.col("engagement", "early_engagement") * factor)
    least = posts.select(pl.min_horizontal("engagement", "early_engagement").min()).item()
    bound = 2 * (1 + 1 / factor) / least
    assert outcomes(scaled, "relative") == pytest.approx(outcomes(posts, "relative"), rel=0, abs=bound)
    assert outcomes(scaled) == pytest.approx(outcomes(posts), rel=0, abs=5 * bound + 1e-4)  # the cut moves with r


@given(SEEDS, st.integers(0, 10_000))
@settings(max_examples=30, deadline=None)
def test_neither_the_order_of_the_rows_nor_a_row_given_twice_changes_anything(seed: int, shuffle: int) -> None:
    posts = random_posts(200, seed)
    mixed = pl.concat([posts, posts.head(50)]).sample(fraction=1, shuffle=True, seed=shuffle)
    assert relative_outcomes(mixed, "UTC").frame.equals(relative_outcomes(posts, "UTC").frame)
    assert relative_outcomes(mixed, "UTC").dropped == relative_outcomes(posts, "UTC").dropped


def test_of_two_rows_of_a_post_the_one_measured_last_counts() -> None:
    posts = posts_of([9, 19, 9], measured=[LONG_AGO + timedelta(days=days) for days in (20, 40, 30)])
    twice = posts.with_columns(post_id=pl.Series(["a", "b", "b"]), published_at=pl.lit(LONG_AGO))
    assert outcomes(twice, "relative") == pytest.approx([LN(2)])


# --- Bad input: what each answer is -------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [0, 1])
def test_no_posts_and_a_single_one_have_no_outcome(size: int) -> None:
    found = relative_outcomes(posts_of([5] * size), "UTC")
    assert found.frame.is_empty()
    assert found.dropped[DropReason.NO_PREVIOUS_POST] == size


def test_of_two_posts_the_second_is_compared_with_the_first() -> None:
    assert outcomes(posts_of([9, 19]), "relative") == pytest.approx([LN(2)])


def test_posts_that_all_went_out_at_one_hour_of_the_week_have_outcomes_like_others() -> None:
    weekly = [LONG_AGO + timedelta(days=7 * week) for week in range(4)]
    found = relative_outcomes(posts_of([9, 9, 19, 9], weekly), "UTC").frame
    assert found["relative"].to_list() == pytest.approx([0, LN(2), 0])
    assert set(found["hour_of_week"]) == {12}


@pytest.mark.parametrize("earned", [0.0, 7.0])
def test_posts_that_all_earned_nothing_or_the_same_lie_at_their_level(earned: float) -> None:
    assert outcomes(posts_of([earned] * 100)) == [0.0] * 99


def test_a_post_a_million_times_the_rest_is_cut_and_leaves_the_level_alone() -> None:
    """Of 100 posts half earn 9 and half 19: the level is ln 20 or ln 10 or between, |r| at most ln 2."""
    found = relative_outcomes(posts_of([9.0, 19.0] * 50 + [2e7] + [9.0, 19.0] * 5), "UTC").frame
    viral = found.row(by_predicate=pl.col("post_id") == "p000100", named=True)
    assert viral["relative"] > 13
    assert viral["outcome"] == pytest.approx(
        3 * 1.4826 * LN(2) / 2, abs=1e-4
    )  # the level is half-way, so |r| is ½ ln 2
    assert found["relative"].tail(10).abs().max() < LN(2) + 1e-9


def test_the_first_posts_of_a_channel_are_cut_at_three_log_units_and_a_doubling_always_counts() -> None:
    assert max(outcomes(posts_of([9, 1e9]))) == 3.0
    assert max(outcomes(posts_of([1e6] * 100 + [2e6 + 1, 4e6]))) == pytest.approx(LN(2), abs=1e-4)


def test_a_negative_or_unknown_count_does_not_enter_the_level() -> None:
    assert outcomes(posts_of([9, -5, None, math.inf, 9]), "relative") == pytest.approx([0])


def test_after_half_a_year_of_silence_the_level_starts_anew() -> None:
    """The first post after it has no outcome; without the silence it would lie ln 10 above."""
    silent = [LONG_AGO, LONG_AGO + timedelta(days=1), LONG_AGO + timedelta(days=366), LONG_AGO + timedelta(days=367)]
    found = relative_outcomes(posts_of([9, 9, 99, 99], silent), "UTC")
    assert found.frame["relative"].to_list() == pytest.approx([0, 0])
    assert found.dropped[DropReason.NO_PREVIOUS_POST] == 2
    brisk = [*silent[:2], LONG_AGO + timedelta(days=100), LONG_AGO + timedelta(days=101)]
    assert outcomes(posts_of([9, 9, 99, 99], brisk), "relative")[1] == pytest.approx(LN(10))


def test_ten_thousand_posts_in_one_minute_stand_in_the_order_of_their_ids() -> None:
    posts = posts_of([9.0] * 9_999 + [19.0], [LONG_AGO] * 10_000)
    found = relative_outcomes(posts.sample(fraction=1, shuffle=True, seed=1), "UTC").frame
    assert found["post_id"].to_list() == sorted(found["post_id"])
    assert found["relative"].tail(2).to_list() == pytest.approx([0, LN(2)])


def test_a_frame_with_another_type_of_column_is_refused() -> None:
    with pytest.raises(pl.exceptions.SchemaError, match="engagement"):
        relative_outcomes(posts_of([3]).cast({"engagement": pl.String}), "UTC")
