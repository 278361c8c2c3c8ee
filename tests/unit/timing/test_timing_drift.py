"""Drift: a week that changed is found and its hours named; a constant one, an old change and growth are not."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from core.timing.drift import CHANGE_LOG_BAYES_FACTOR, Changes, what_changed
from core.timing.rollup import TALLY_SCHEMA, tally
from core.undefined import Undefined

FIRST = datetime(2024, 1, 1, tzinfo=UTC)
HOUR = np.arange(168) % 24
DAYTIME = (HOUR >= 8) & (HOUR < 22)
EVENINGS_GOOD = np.where(HOUR >= 15, np.log(1.3), np.log(0.7))
Vector = NDArray[np.float64]


def outcomes(rng: np.random.Generator, per_week: float, curves: list[tuple[int, Vector]]) -> pl.DataFrame:
    """Heavy-tailed outcomes of posts at random hours of the day, so many weeks of each curve after the other."""
    rows: list[tuple[str, int, int, float]] = []
    weeks = [curve for length, curve in curves for _ in range(length)]
    for week, curve in enumerate(weeks):
        cells = rng.choice(np.flatnonzero(DAYTIME), rng.poisson(per_week))
        noise = np.clip(rng.standard_t(3, len(cells)) / np.sqrt(3), -3, 3)
        for cell, outcome in zip(cells.tolist(), (curve[cells] + noise).tolist(), strict=True):
            at = FIRST + timedelta(weeks=week, hours=cell)
            rows.append(("image", at.year * 12 + at.month - 1, cell, round(outcome, 4)))
    schema = {"content_format": pl.String, "month": pl.Int64, "hour_of_week": pl.Int64, "outcome": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def told(frame: pl.DataFrame, since: int | None = None) -> Changes:
    changes = what_changed(tally(frame), since)
    assert isinstance(changes, Changes)
    return changes


FLIPPED = outcomes(np.random.default_rng(1), 40, [(52, EVENINGS_GOOD), (17, -EVENINGS_GOOD)])
"""A year of one week, then (January 2025) four months of its opposite."""


def test_a_flipped_week_is_found_with_its_month_and_the_hours_that_moved() -> None:
    changes = told(FLIPPED)
    assert changes.has_changed
    assert changes.since in {date(2024, 12, 1), date(2025, 1, 1)}
    assert changes.log_bayes_factor > 20
    assert 1 <= len(changes.moved) <= 5
    for hour in changes.moved:
        assert (hour.change < 0) == (hour.hour_of_week % 24 >= 15)
        assert (hour.interval.low < hour.change < hour.interval.high) or hour.change == 0
        assert hour.interval.low * hour.interval.high > 0
        assert min(hour.posts_before, hour.posts_since) > 0
    assert changes.moved[0].name in changes.sentence
    assert "show that the week has changed" in changes.sentence


def test_a_constant_week_has_not_changed_and_names_no_hours() -> None:
    changes = told(outcomes(np.random.default_rng(2), 40, [(69, EVENINGS_GOOD)]))
    assert not changes.has_changed
    assert changes.moved == ()
    assert changes.sentence.endswith("show no change of the week: what was learned before still holds.")


def test_the_month_asked_for_is_the_month_compared() -> None:
    """Within the four months of the opposite nothing changed any more, and before them nothing had."""
    march = 2025 * 12 + 2
    recent = FLIPPED.filter(pl.col("month") >= 2025 * 12)
    assert told(recent, march).since == date(2025, 3, 1)
    assert told(recent, march).log_bayes_factor < CHANGE_LOG_BAYES_FACTOR
    in_2024 = told(FLIPPED.filter(pl.col("month") < 2024 * 12 + 11), 2024 * 12 + 8)
    assert (in_2024.since, in_2024.has_changed) == (date(2024, 9, 1), False)


def test_posts_are_counted_on_both_sides_and_those_of_three_years_ago_are_not() -> None:
    old = FLIPPED.with_columns(month=pl.col("month") - 60)
    both = tally(pl.concat([old, FLIPPED]))
    january = 2025 * 12
    changes = what_changed(both, january)
    assert isinstance(changes, Changes)
    assert changes.posts_before == FLIPPED.filter(pl.col("month") < january).height
    assert changes.posts_since == FLIPPED.filter(pl.col("month") >= january).height


def test_a_new_format_that_earns_more_is_no_change_of_the_week() -> None:
    steady = outcomes(np.random.default_rng(4), 40, [(69, np.zeros(168))])
    is_reel = (pl.col("month") >= 2025 * 12) & (pl.col("hour_of_week") % 24 >= 15)
    mixed = steady.with_columns(
        content_format=pl.when(is_reel & (pl.int_range(pl.len()) % 3 > 0))
        .then(pl.lit("video_short"))
        .otherwise("content_format")
    ).with_columns(outcome=pl.col("outcome") + (pl.col("content_format") == "video_short") * 0.8)
    assert not told(mixed).has_changed


def test_a_level_that_rises_is_told_as_level_and_not_as_a_change_of_the_week() -> None:
    steady = outcomes(np.random.default_rng(6), 40, [(69, EVENINGS_GOOD)])
    risen = steady.with_columns(outcome=pl.col("outcome") + (pl.col("month") >= 2025 * 12) * np.log(1.25))
    changes = told(risen, 2025 * 12)
    assert not changes.has_changed
    assert changes.level == pytest.approx(0.25, abs=0.12)
    assert changes.level_interval.low < 0.25 < changes.level_interval.high


def test_too_few_posts_on_either_side_and_undated_ones_are_undefined() -> None:
    empty = pl.DataFrame(schema=pl.Schema(TALLY_SCHEMA))
    undated = tally(FLIPPED.with_columns(month=pl.lit(-1, dtype=pl.Int64)))
    few = tally(FLIPPED.head(70))
    for tallies in (empty, undated, few):
        assert what_changed(tallies) == Undefined(
            "60 dated posts before and 20 since are needed to see a change of the week."
        )
    assert isinstance(what_changed(tally(FLIPPED), 2030 * 12), Undefined)


def test_the_order_of_posts_changes_nothing() -> None:
    shuffled = FLIPPED.sample(fraction=1.0, shuffle=True, seed=3)
    assert told(shuffled) == told(FLIPPED)


# --- Error rates -------------------------------------------------------------------------------------------------


def habitual(rng: np.random.Generator, weeks: int, curves: tuple[Vector, Vector], recent: int) -> bool:
    frame = outcomes(rng, 20, [(weeks, curves[0]), (recent, curves[1])])
    return told(frame).has_changed


@pytest.mark.slow
def test_a_week_that_flips_by_thirty_percent_is_found_within_eight_weeks_in_four_cases_of_five() -> None:
    rng = np.random.default_rng(11)
    found = sum(habitual(rng, 60, (EVENINGS_GOOD, -EVENINGS_GOOD), 8) for _ in range(100))
    assert found >= 80


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_constant_week_is_said_to_have_changed_in_at_most_one_case_of_twenty() -> None:
    rng = np.random.default_rng(12)
    curves = [size * EVENINGS_GOOD for size in (0.0, 0.4, 1.0)]
    alarms = sum(habitual(rng, 60, (curve, curve), 8) for curve in curves for _ in range(100))
    assert alarms <= 0.05 * 300
