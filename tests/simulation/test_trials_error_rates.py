"""What trials promise, over thousands of simulated ones: false alarms, coverage, power, switchbacks, CUPED."""

import gzip
import math
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from core.trials.by_day import days_of
from core.trials.carry_over import Steady, compare_steady
from core.trials.comparison import Comparison, compare, fieller
from core.trials.cuped import Adjusted, adjust
from core.trials.looks import Bounds, bounds_for, crossing, evenly
from core.trials.moments import moments_of
from core.trials.permutation import Periods, Permuted, permute, without_carry_over
from core.trials.plan import Primary
from core.trials.power import detectable_log_lift, log_posts
from core.trials.promise import Design, simulated_power, welch_ps
from core.trials.samples import mean
from core.trials.sequential import FIRST_LOOK, mixture, threshold
from core.trials.units import conform, values_of
from core.trials.values import Interval, Scale, Vector
from core.undefined import Undefined

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

WEEKS, DAYS = 8, 7


@cache
def real_outcomes(folder: Path) -> Vector:
    """Give the log interactions of an organization's posts about its monthly level: skewed, as they are."""
    with gzip.open(folder / "instagram_organizations.csv.gz") as file:
        posts = pl.read_csv(file.read())
    account = posts["account"].value_counts(sort=True)["account"][0]
    month = pl.col("created_utc").cast(pl.String).str.slice(0, 7)
    logs = posts.filter(pl.col("account") == account).select(
        (pl.col("interactions").log1p() - pl.col("interactions").log1p().median().over(month)).alias("log")
    )
    return logs["log"].drop_nulls().to_numpy()


# --- False alarms ------------------------------------------------------------------------------------------------


def test_one_look_at_the_end_is_wrong_in_5_percent(shared_data: Path) -> None:
    rng = np.random.default_rng(81)
    real = real_outcomes(shared_data)
    for draw in (lambda shape: rng.normal(0, 1, shape), lambda shape: rng.choice(real, shape)):
        rate = np.mean([welch_ps(draw((5000, 80)), draw((5000, 80))) < 0.05 for _ in range(4)])
        assert rate == pytest.approx(0.05, abs=0.005)


def z_after_every_post(control: Vector, treatment: Vector) -> Vector:
    """Give Welch's z after every pair of posts (trials by posts), infinite variance before the second."""
    count = np.arange(1, control.shape[1] + 1)
    parts = []
    for arm in (control, treatment):
        centre = arm.cumsum(1) / count
        variance = np.maximum((arm**2).cumsum(1) / count - centre**2, 0) * count / np.maximum(count - 1, 1)
        parts.append((centre, variance / count))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray((parts[1][0] - parts[0][0]) / np.sqrt(parts[0][1] + parts[1][1]))


@pytest.mark.parametrize("tuned_for", [200, 1000, 5000])
def test_looking_after_every_post_is_wrong_in_at_most_5_percent(tuned_for: int, shared_data: Path) -> None:
    rng = np.random.default_rng(82)
    real = real_outcomes(shared_data)
    z = np.abs(z_after_every_post(*(rng.choice(real, (4000, 500)) for _ in range(2))))[:, FIRST_LOOK:]
    posts = 2.0 * np.arange(FIRST_LOOK + 1, 501)
    assert np.mean((z > threshold(posts, mixture(tuned_for, 0.05), 0.05)).any(1)) <= 0.05
    assert np.mean((z > 1.96).any(1)) > 0.25


def test_looking_daily_without_allowing_for_it_is_wrong_as_often_as_the_health_check_says() -> None:
    rng = np.random.default_rng(83)
    z = np.abs(rng.normal(size=(40_000, 56)).cumsum(1) / np.sqrt(np.arange(1, 57)))
    assert np.mean((z > 1.959964).any(1)) == pytest.approx(crossing([1.959964] * 56, evenly(56).tolist()), abs=0.01)


@pytest.mark.parametrize("kind", Bounds)
def test_fixed_looks_are_wrong_in_5_percent(kind: Bounds) -> None:
    rng = np.random.default_rng(84)
    z = np.abs(rng.normal(size=(400_000, 5)).cumsum(1) / np.sqrt(np.arange(1, 6)))
    assert np.mean((z > np.array(bounds_for(5, kind))).any(1)) == pytest.approx(0.05, abs=0.002)


# --- Coverage and power ------------------------------------------------------------------------------------------


def covered(interval: Interval | Undefined, truth: float) -> bool:
    return isinstance(interval, Interval) and interval.contains(truth)


def test_intervals_of_the_lift_hold_the_truth_in_95_percent(shared_data: Path) -> None:
    rng = np.random.default_rng(85)
    real = real_outcomes(shared_data)
    held = {"logs": 0, "delta": 0, "fieller": 0}
    for _ in range(4000):
        logs = [mean(moments_of(rng.choice(real, 80) + lift)) for lift in (0.0, math.log(1.3))]
        found = compare(*logs)
        held["logs"] += isinstance(found, Comparison) and found.interval.contains(math.log(1.3))
        arms = [mean(moments_of(rng.gamma(2, scale, 80))) for scale in (1.0, 1.3)]
        lift = compare(*arms, Scale.RELATIVE)
        held["delta"] += isinstance(lift, Comparison) and lift.interval.contains(0.3)
        held["fieller"] += covered(fieller(*arms), 0.3)
    assert {name: count / 4000 for name, count in held.items()} == pytest.approx(dict.fromkeys(held, 0.95), abs=0.012)


@pytest.mark.parametrize("n", [60, 108, 250])
def test_power_is_what_the_design_assistant_promises(n: int, shared_data: Path) -> None:
    design = Design(real_outcomes(shared_data), posts_per_week=20)
    assert isinstance(design.sd, float)
    lift = detectable_log_lift(n, design.sd)
    assert isinstance(lift, float)
    assert simulated_power(design, lift, n, seed=86) == pytest.approx(0.8, abs=0.02)


def test_the_posts_promised_to_be_enough_are_enough() -> None:
    design = Design(np.random.default_rng(87).normal(0, 1.06, 5000), posts_per_week=20)
    assert isinstance(design.sd, float)
    posts = log_posts(0.3, design.sd)
    assert isinstance(posts, float)
    assert simulated_power(design, 0.3, math.ceil(posts), seed=88) == pytest.approx(0.8, abs=0.02)


# --- Days and switchbacks ----------------------------------------------------------------------------------------


def drawn_days(rng: np.random.Generator, trials: int) -> Vector:
    """Give the arms of 8 weeks of days, 3 or 4 of each arm a week."""
    weeks = np.broadcast_to(np.arange(DAYS) % 2 == 0, (trials, WEEKS, DAYS))
    shuffled = rng.permuted(weeks, axis=2)
    return np.where(rng.random((trials, WEEKS, 1)) < 0.5, shuffled, ~shuffled).reshape(trials, -1)


def daily(day_arms: Vector, outcomes: Vector) -> tuple[Vector, Vector]:
    """Give the days' values of control and treatment, as the life cycle of a trial counts them."""
    days, per_day = outcomes.shape
    rows = pl.DataFrame({
        "arm": np.where(day_arms, "treatment", "control").repeat(per_day),
        "day": np.arange(days).repeat(per_day).astype(str),
        "value": outcomes.ravel(),
    })  # fmt: skip
    found = days_of(conform(rows), Primary.LOGGED)
    return values_of(found, "control"), values_of(found, "treatment")


def test_days_that_differ_fool_welch_and_not_days_taken_together() -> None:
    rng = np.random.default_rng(89)
    trials, per_day = 600, 3
    treated = drawn_days(rng, trials)
    posts = rng.normal(0, 1, (trials, WEEKS * DAYS, per_day)) + rng.normal(0, 0.7, (trials, WEEKS * DAYS, 1))
    weeks = np.repeat(np.arange(WEEKS), DAYS)
    welch = by_day = exact = 0
    for day_arms, outcomes in zip(treated, posts, strict=True):
        arms = [mean(moments_of(outcomes[day_arms == side].ravel())) for side in (False, True)]
        found = compare(*arms)
        welch += isinstance(found, Comparison) and found.p < 0.05
        days = [mean(moments_of(values)) for values in daily(day_arms, outcomes)]
        compared = compare(*days)
        by_day += isinstance(compared, Comparison) and compared.p < 0.05
        drawn = permute(outcomes.mean(1), day_arms, weeks, seed=1, draws=499)
        exact += isinstance(drawn, Permuted) and drawn.p <= 0.05
    assert welch / trials > 0.08
    most = 0.05 + 2.5 * math.sqrt(0.05 * 0.95 / trials)
    assert exact / trials <= most
    assert by_day / trials <= most


def test_a_switchback_with_carry_over_is_read_right_from_the_days_after_their_own_arm() -> None:
    rng = np.random.default_rng(90)
    trials, own, carried = 3000, 0.3, 0.2
    treated = drawn_days(rng, trials)
    before = np.concatenate([np.zeros((trials, 1)), treated[:, :-1]], axis=1)
    outcomes = own * treated + carried * before + rng.normal(0, 0.4, treated.shape)
    plain, steady = [], []
    for day_arms, values in zip(treated, outcomes, strict=True):
        days = Periods(values, day_arms, np.zeros(values.size, dtype=np.intp))
        kept = without_carry_over(days)
        plain.append(values[day_arms].mean() - values[~day_arms].mean())
        steady.append(kept.outcome[kept.is_treated].mean() - kept.outcome[~kept.is_treated].mean())
    assert np.mean(plain) < own + 0.02
    assert np.mean(steady) == pytest.approx(own + carried, abs=0.01)


def test_a_drift_is_not_taken_for_what_is_left_without_carry_over() -> None:
    rng = np.random.default_rng(92)
    trials = 1000
    treated = drawn_days(rng, trials)
    noise = rng.normal(0, 1, treated.shape)
    for day in range(1, treated.shape[1]):
        noise[:, day] += 0.7 * noise[:, day - 1]
    weeks = np.repeat(np.arange(WEEKS), DAYS)
    anew = shuffled = 0
    for number, (day_arms, outcomes) in enumerate(zip(treated, noise, strict=True)):
        days = Periods(outcomes, day_arms, weeks)
        found = compare_steady(days, seed=number, draws=199)
        anew += isinstance(found, Steady) and found.p <= 0.05
        kept = without_carry_over(days)
        plain = permute(kept.outcome, kept.is_treated, kept.blocks, seed=number, draws=199)
        shuffled += isinstance(plain, Permuted) and plain.p <= 0.05
    assert anew / trials <= 0.05 + 2.5 * math.sqrt(0.05 * 0.95 / trials)
    assert shuffled / trials > 0.08


@pytest.mark.parametrize("lift", [-0.6, 0.2, 2.0])
def test_cuped_intervals_of_large_lifts_hold_as_often_as_they_say(lift: float) -> None:
    rng = np.random.default_rng(92)
    trials, held = 3000, 0
    for _ in range(trials):
        before = rng.normal(5, 2, (2, 200))
        now = 5 + 0.95 * (before - 5) + rng.normal(0, 2 * math.sqrt(1 - 0.95**2), (2, 200))
        now[1] *= 1 + lift
        found = adjust(*(moments_of(now[arm], before[arm]) for arm in (0, 1)))
        assert isinstance(found, Adjusted)
        judged = compare(found.control, found.treatment, Scale.RELATIVE)
        assert isinstance(judged, Comparison)
        held += judged.interval.low <= lift <= judged.interval.high
    assert held / trials == pytest.approx(0.95, abs=0.012)


def test_cuped_takes_away_the_variance_it_predicts() -> None:
    rng = np.random.default_rng(91)
    for correlation in (0.3, 0.6, 0.9):
        plain, moved, predicted = [], [], []
        for _ in range(2000):
            before = rng.normal(10, 1, (2, 60))
            now = correlation * before + math.sqrt(1 - correlation**2) * rng.normal(0, 1, (2, 60))
            found = adjust(*(moments_of(now[arm], before[arm]) for arm in (0, 1)))
            assert isinstance(found, Adjusted)
            plain.append(now[1].mean() - now[0].mean())
            moved.append(found.treatment.estimate - found.control.estimate)
            predicted.append(found.reduction)
        assert 1 - np.var(moved) / np.var(plain) == pytest.approx(correlation**2, abs=0.06)
        assert np.mean(predicted) == pytest.approx(correlation**2, abs=0.03)
        assert np.mean(moved) == pytest.approx(0, abs=0.02)
