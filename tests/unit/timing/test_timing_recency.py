"""How long the past stays true: a week that changed is forgotten sooner, one that did not is kept."""

from datetime import timedelta

import numpy as np
import polars as pl
import pytest

from core.timing.recency import HALF_LIVES, choose_half_life
from core.timing.rollup import TALLY_SCHEMA, UNDATED, tally

TWO_YEARS = range(24_000, 24_024)
EVENING = 0.4 * np.cos(2 * np.pi * (np.arange(168) % 24 - 20) / 24)
MORNING = 0.4 * np.cos(2 * np.pi * (np.arange(168) % 24 - 8) / 24)


def tallies(posts_a_month: int, early: object, late: object, changed: int = 24_018) -> pl.DataFrame:
    """Posts of all hours over two years; the week is `early` until the month `changed` and `late` from then on."""
    rng = np.random.default_rng(3)
    months = np.repeat(TWO_YEARS, posts_a_month)
    cells = rng.integers(0, 168, len(months))
    curve = np.where(months < changed, np.asarray(early)[cells], np.asarray(late)[cells])
    outcome = curve + rng.normal(0, 1, len(months))
    return tally(pl.DataFrame({"content_format": "", "month": months, "hour_of_week": cells, "outcome": outcome}))


def test_a_week_that_turned_half_a_year_ago_is_learned_with_a_short_half_life() -> None:
    assert choose_half_life(tallies(200, MORNING, EVENING)) == timedelta(days=90)


def test_a_week_that_never_changed_is_learned_from_all_its_history() -> None:
    varied = EVENING * np.repeat([1.5, 1, -1, 0.5, 1, -1.5, 0], 24)
    assert choose_half_life(tallies(400, varied, varied)) > timedelta(days=365)


@pytest.mark.parametrize("posts_a_month", [1, 20, 200])
def test_without_a_curve_no_half_life_is_clearly_better_and_the_usual_one_stays(posts_a_month: int) -> None:
    assert choose_half_life(tallies(posts_a_month, np.zeros(168), np.zeros(168))) == timedelta(days=180)


def test_few_posts_do_not_overrule_the_usual_half_life() -> None:
    assert choose_half_life(tallies(3, MORNING, EVENING)) == timedelta(days=180)


def test_no_posts_one_month_undated_posts_and_equal_outcomes_keep_the_usual_half_life() -> None:
    nothing = pl.DataFrame(schema=pl.Schema(TALLY_SCHEMA))
    one_month = tallies(200, EVENING, EVENING).filter(pl.col("month") == TWO_YEARS[0])
    undated = one_month.with_columns(month=pl.lit(UNDATED, dtype=pl.Int64))
    equal = tallies(20, EVENING, EVENING).with_columns(total=pl.col("posts") * 7, squares=pl.col("posts") * 49)
    for case in (nothing, one_month, undated, equal):
        assert choose_half_life(case) == timedelta(days=180)


def test_formats_that_earn_differently_do_not_look_like_a_change_of_the_week() -> None:
    steady = tallies(200, np.zeros(168), np.zeros(168))
    late = steady.filter(pl.col("month") >= 24_012).with_columns(
        content_format=pl.lit("video_short"),
        total=pl.col("total") + 8_000 * pl.col("posts"),
        squares=pl.col("squares") + 16_000 * pl.col("total") + 64_000_000 * pl.col("posts"),
    )
    mixed = pl.concat([steady.filter(pl.col("month") < 24_012), late])
    assert choose_half_life(mixed) == timedelta(days=180)


def test_the_order_of_the_tallies_does_not_matter_and_the_choice_is_one_of_those_listed() -> None:
    frame = tallies(100, MORNING, EVENING)
    shuffled = frame.sample(fraction=1.0, shuffle=True, seed=1)
    assert choose_half_life(shuffled) == choose_half_life(frame)
    assert choose_half_life(frame) in HALF_LIVES
