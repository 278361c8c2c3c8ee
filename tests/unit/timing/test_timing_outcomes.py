"""Outcomes: comparable across growth, formats and ages, honest about what was left out."""

import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from time import process_time

import numpy as np
import polars as pl
import pytest

from core.timing.outcomes import POST_SCHEMA, DropReason, relative_outcomes

NOW = datetime(2025, 6, 1, tzinfo=UTC)
LONG_AGO = datetime(2025, 1, 6, 12, tzinfo=UTC)


def posts_of(
    engagement: Sequence[float | None],
    published: Sequence[datetime] | None = None,
    formats: Sequence[str] | None = None,
    measured: Sequence[datetime | None] | None = None,
) -> pl.DataFrame:
    size = len(engagement)
    return pl.DataFrame(
        {
            "published_at": published or [LONG_AGO + timedelta(hours=i) for i in range(size)],
            "content_format": formats or ["image"] * size,
            "engagement": engagement,
            "measured_at": measured or [None] * size,
        },
        schema=pl.Schema(POST_SCHEMA),
    )


def random_posts(size: int, seed: int = 3) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    stamps = [datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=int(m)) for m in rng.integers(0, 500_000, size)]
    return posts_of(rng.lognormal(14, 1, size).tolist(), stamps, rng.choice(["image", "story"], size).tolist())


def test_an_outcome_is_the_log_distance_from_the_median_of_earlier_posts_only() -> None:
    frame = relative_outcomes(posts_of([9, 99, 9, 9, 9, 19]), "UTC", NOW).frame
    expected = [math.log(10), -math.log(10) / 2, 0, 0, math.log(2)]
    assert frame["outcome"].to_list() == pytest.approx(expected)


def test_a_later_post_does_not_change_the_level_of_an_earlier_one() -> None:
    one_format = random_posts(200).with_columns(content_format=pl.lit("image")).sort("published_at")
    early = relative_outcomes(one_format.head(100), "UTC", NOW).frame["outcome"]
    late = relative_outcomes(one_format, "UTC", NOW).frame["outcome"].head(99)
    inside = (early.abs() < 2) & (late.abs() < 2)  # winsorizing alone looks at all posts
    assert inside.sum() > 80
    assert early.filter(inside).to_list() == pytest.approx(late.filter(inside).to_list())


def test_every_post_is_kept_or_counted_under_the_reason_it_was_dropped() -> None:
    young = NOW - timedelta(days=2)
    measured_young = LONG_AGO + timedelta(days=3)
    outcomes = relative_outcomes(
        posts_of(
            [5, 7, None, math.nan, -1, 3, 3, 3, 3],
            [LONG_AGO] * 5 + [NOW + timedelta(days=1), young, LONG_AGO, LONG_AGO],
            measured=[None] * 7 + [measured_young, NOW + timedelta(days=9)],
        ),
        "UTC",
        NOW,
    )
    assert outcomes.frame.height == 1
    assert outcomes.dropped == {
        DropReason.FUTURE: 2,
        DropReason.UNKNOWN_ENGAGEMENT: 2,
        DropReason.NEGATIVE_ENGAGEMENT: 1,
        DropReason.TOO_YOUNG: 2,
        DropReason.NO_PREVIOUS_POST: 1,
    }


def test_a_young_post_is_not_even_part_of_a_level() -> None:
    published = [LONG_AGO, LONG_AGO + timedelta(hours=1), LONG_AGO + timedelta(hours=2)]
    measured = [None, LONG_AGO + timedelta(days=1), None]
    frame = relative_outcomes(posts_of([9, 0, 9], published, measured=measured), "UTC", NOW).frame
    assert frame["outcome"].to_list() == [0]


def test_no_posts_at_all_give_an_empty_frame_and_no_drops() -> None:
    outcomes = relative_outcomes(posts_of([]), "UTC", NOW)
    assert outcomes.frame.is_empty()
    assert set(outcomes.dropped.values()) == {0}


def test_ten_times_the_engagement_gives_the_same_outcomes() -> None:
    posts = random_posts(500)
    scaled = posts.with_columns(pl.col("engagement") * 1e9)
    small, large = (relative_outcomes(p, "UTC", NOW).frame["outcome"].to_list() for p in (posts, scaled))
    assert large == pytest.approx(small, abs=1e-3)


def test_the_order_of_the_rows_does_not_matter_and_none_is_added_or_lost() -> None:
    posts = random_posts(500)
    shuffled = relative_outcomes(posts.sample(fraction=1, shuffle=True, seed=5), "UTC", NOW).frame
    assert shuffled.equals(relative_outcomes(posts, "UTC", NOW).frame)
    assert shuffled.height == 499


def test_a_format_that_always_earns_ten_times_more_does_not_make_its_slot_look_good() -> None:
    rng = np.random.default_rng(1)
    formats = rng.choice(["image", "video_short"], 600, p=[0.7, 0.3]).tolist()
    earned = np.where(np.array(formats) == "image", 1e4, 1e5) * rng.lognormal(0, 0.2, 600)
    frame = relative_outcomes(posts_of(earned.tolist(), formats=formats), "UTC", NOW).frame
    means = dict(frame.group_by("content_format").agg(pl.col("outcome").mean()).iter_rows())
    assert abs(means["video_short"] - means["image"]) < 0.3  # of log(10) = 2.3


def test_a_viral_post_is_cut_to_three_robust_deviations() -> None:
    rng = np.random.default_rng(2)
    engagement = [*rng.lognormal(8, 0.5, 99).tolist(), 1e12]
    outcome = relative_outcomes(posts_of(engagement), "UTC", NOW).frame["outcome"]
    assert outcome.max() == outcome[-1]
    assert outcome[-1] < 2.5  # the post itself lies 19.6 above its level


def test_a_post_half_a_year_older_than_the_newest_weighs_half() -> None:
    published = [LONG_AGO - timedelta(days=400), LONG_AGO - timedelta(days=180), LONG_AGO]
    frame = relative_outcomes(posts_of([3, 3, 3], published), "UTC", NOW).frame
    assert frame["weight"].to_list() == pytest.approx([0.5, 1])


def test_the_hour_of_the_week_follows_the_audience_through_both_clock_changes() -> None:
    stamps = {
        datetime(2024, 3, 31, 0, 30, tzinfo=UTC): 6 * 24 + 1,  # Sunday 01:30 CET
        datetime(2024, 3, 31, 1, 30, tzinfo=UTC): 6 * 24 + 3,  # 03:30 CEST: 02:30 does not exist
        datetime(2024, 10, 27, 0, 30, tzinfo=UTC): 6 * 24 + 2,  # 02:30 CEST
        datetime(2024, 10, 27, 1, 30, tzinfo=UTC): 6 * 24 + 2,  # 02:30 CET, the same reading again
        datetime(2024, 10, 27, 23, 30, tzinfo=UTC): 0,  # Monday 00:30 CET
    }
    published = [datetime(2024, 1, 1, tzinfo=UTC), *stamps]
    frame = relative_outcomes(posts_of([3] * 6, published), "Europe/Berlin", NOW).frame
    assert frame["hour_of_week"].to_list() == list(stamps.values())


def test_a_frame_with_another_type_of_column_is_refused() -> None:
    with pytest.raises(pl.exceptions.SchemaError, match="engagement"):
        relative_outcomes(posts_of([3]).cast({"engagement": pl.String}), "UTC", NOW)


def test_a_hundred_thousand_posts_take_well_under_a_second() -> None:
    posts = pl.concat([random_posts(10_000, seed) for seed in range(10)])
    start = process_time()
    assert relative_outcomes(posts, "America/Sao_Paulo", NOW).frame.height == 99_999
    assert process_time() - start < 1
