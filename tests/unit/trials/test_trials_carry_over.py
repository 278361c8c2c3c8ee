"""Whole days that were drawn, whose effect lasts into the day after: read from the days after their own arm."""

import numpy as np
import polars as pl
import pytest

from core.trials.analysis import analyze, arms_of
from core.trials.carry_over import Steady, compare_steady
from core.trials.from_posts import FromPosts
from core.trials.permutation import Periods
from core.trials.plan import Primary, TrialPlan
from core.trials.units import conform
from core.undefined import Undefined

OWN, CARRIED, WEEKS = 0.3, 0.2, 30


def drawn_days(rng: np.random.Generator, weeks: int) -> np.ndarray:
    return np.concatenate([rng.permutation(np.arange(7) < 3 + rng.integers(2)) for _ in range(weeks)])


def posts(weeks: int, carried: float = CARRIED, skipped: int = 0) -> pl.DataFrame:
    """Give three posts of every day; what the treatment does to one day, `carried` of it does to the next."""
    rng = np.random.default_rng(5)
    treated = drawn_days(rng, weeks)
    before = np.concatenate([[False], treated[:-1]])
    days = np.repeat(np.arange(7 * weeks), 3)
    value = (OWN * treated + carried * before)[days] + rng.normal(0, 0.1, days.size)
    told = pl.DataFrame({
        "arm": np.where(treated[days], "early", "control"), "value": value,
        "day": (np.datetime64("2026-03-02") + days).astype(str), "block": [f"week {day // 7}" for day in days],
    })  # fmt: skip
    return conform(told.filter(pl.Series(days % (skipped + 1) == 0)))


def shown(rows: pl.DataFrame) -> FromPosts:
    plan = TrialPlan(primary=Primary.ABSOLUTE)
    return analyze(arms_of(rows, plan, ["control", "early"]), plan, rows).comparisons[0].contrast.posts


def test_what_is_carried_over_is_part_of_the_effect_of_steady_days_only() -> None:
    found = shown(posts(WEEKS))
    assert isinstance(found.without_carry_over, Steady)
    assert found.without_carry_over.difference == pytest.approx(OWN + CARRIED, abs=0.03)
    assert found.without_carry_over.p < 0.01
    assert not isinstance(found.switchback, Undefined)
    assert found.switchback.difference < OWN + 0.02


def test_without_carry_over_both_ways_find_the_same_effect() -> None:
    found = shown(posts(WEEKS, carried=0))
    assert isinstance(found.without_carry_over, Steady)
    assert found.without_carry_over.difference == pytest.approx(OWN, abs=0.03)


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (posts(1), "Fewer than 2 days of an arm follow"),
        (posts(WEEKS, skipped=1), "Fewer than 2 days of an arm follow"),
        (posts(WEEKS).with_columns(day=pl.lit("day ") + pl.col("day")), "days written as 2026-03-02"),
        (posts(WEEKS).with_columns(day=pl.lit("2026-03-02")), "both arms, so the days were not what was drawn"),
        (posts(WEEKS).with_columns(day=pl.lit(None, pl.String)), "the day of every post"),
        (posts(WEEKS).with_columns(value=pl.lit(1.0)), "No other draw would have shown anything else"),
    ],
)
def test_where_nothing_can_be_left_out_the_reason_is_given(rows: pl.DataFrame, reason: str) -> None:
    found = shown(rows).without_carry_over
    assert isinstance(found, Undefined)
    assert reason in found.reason


def test_a_slow_drift_is_not_taken_for_an_effect() -> None:
    rng = np.random.default_rng(8)
    found, trials = 0, 300
    for number in range(trials):
        noise = rng.normal(0, 1, 56)
        for day in range(1, 56):
            noise[day] += 0.8 * noise[day - 1]
        days = Periods(noise, drawn_days(rng, 8), np.repeat(np.arange(8), 7))
        steady = compare_steady(days, seed=number, draws=99)
        found += isinstance(steady, Steady) and steady.p <= 0.05
    assert found / trials < 0.05 + 0.03
