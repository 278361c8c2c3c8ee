"""How often the week's curve is wrong when the truth is known: false alarms and interval coverage."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from math import sqrt

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from core.timing.curve import Z
from core.timing.estimator import AVERAGE_PRIOR_POSTS, fit
from core.timing.outcomes import POST_SCHEMA, relative_outcomes
from core.timing.rollup import tally, week_stats

pytestmark = pytest.mark.slow

FIRST = datetime(2024, 1, 1, tzinfo=UTC)
Vector = NDArray[np.float64]


def posting_habit(rng: np.random.Generator) -> Vector:
    """A channel that posts around one hour of the day, more on some weekdays, now and then at night."""
    hours = np.exp(-(((np.arange(24) - rng.uniform(9, 19)) / rng.uniform(2, 5)) ** 2)) + 0.02
    habit = np.outer(rng.dirichlet(np.full(7, 3.0)), hours).ravel()
    return np.asarray(habit / habit.sum())


def week_curve(rng: np.random.Generator, sd: float) -> Vector:
    """Two harmonics of the day, weekday effects and slot noise, scaled to `sd`."""
    day, hour = np.divmod(np.arange(168), 24)
    turn = 2 * np.pi * hour / 24
    curve = np.cos(turn - rng.uniform(0, 6)) + 0.5 * np.cos(2 * turn - rng.uniform(0, 6))
    curve += rng.normal(0, 0.4, 7)[day] + rng.normal(0, 0.3, 168)
    return np.asarray(sd * curve / curve.std())


def history(rng: np.random.Generator, posts: int, habit: Vector, curve: Vector) -> pl.DataFrame:
    """Heavy-tailed engagement over 70 weeks, on a level that grows, in two formats that earn differently."""
    cells, weeks = rng.choice(168, posts, p=habit), rng.integers(0, 70, posts)
    reels = rng.random(posts) < 0.3
    noise = rng.standard_t(3, posts) / sqrt(3)
    log_engagement = 7 + weeks / 70 + 0.8 * reels + curve[cells] + noise
    stamps = [FIRST + timedelta(weeks=int(w), hours=int(c), minutes=30) for w, c in zip(weeks, cells, strict=True)]
    columns = {
        "post_id": [str(number) for number in range(posts)],
        "published_at": stamps,
        "content_format": np.where(reels, "video_short", "image"),
        "engagement": np.exp(log_engagement),
        "early_engagement": [None] * posts,
        "measured_at": [None] * posts,
    }
    return pl.DataFrame(columns, schema=pl.Schema(POST_SCHEMA))


def wilson_lower(hits: int, trials: int, z: float = 1.96) -> float:
    share = hits / trials
    centre = share + z**2 / (2 * trials)
    spread = z * sqrt(share * (1 - share) / trials + z**2 / (4 * trials**2))
    return (centre - spread) / (1 + z**2 / trials)


@pytest.mark.parametrize("posts", [40, 120, 400, 2000])
def test_timing_is_said_to_matter_in_at_most_one_channel_in_twenty_where_it_does_not(posts: int) -> None:
    rng = np.random.default_rng(posts)
    trials = 300

    def alarms() -> Iterator[bool]:
        for _ in range(trials):
            frame = relative_outcomes(history(rng, posts, posting_habit(rng), np.zeros(168)), "UTC").frame
            yield fit(week_stats(tally(frame))).timing_matters

    found = sum(alarms())
    assert wilson_lower(found, trials) <= 0.05
    assert found / trials <= 0.05


def test_ninety_percent_intervals_hold_the_planted_truth_in_about_ninety_percent_of_slots() -> None:
    """Over sizes of effect and history as channels have them; the truth is taken against the same average."""
    rng = np.random.default_rng(9)
    held = []
    for posts in (100, 250, 1000, 3000):
        for sd in (0.1, 0.2, 0.3, 0.4):
            for _ in range(12):
                habit, curve = posting_habit(rng), week_curve(rng, sd)
                stats = week_stats(tally(relative_outcomes(history(rng, posts, habit, curve), "UTC").frame))
                fitted = fit(stats)
                spread = np.array(stats.weight) + AVERAGE_PRIOR_POSTS / 168
                truth = curve - spread @ curve / spread.sum()
                held.append((np.abs(fitted.mean - truth) <= Z * fitted.sd).mean())
    assert 0.86 <= np.mean(held) <= 0.94


def test_an_effect_worth_having_is_found_in_most_long_histories() -> None:
    rng = np.random.default_rng(21)
    curves = (fit(week_stats(tally(relative_outcomes(h, "UTC").frame))) for h in _strong_histories(rng))
    assert sum(curve.timing_matters for curve in curves) >= 24


def _strong_histories(rng: np.random.Generator) -> Iterator[pl.DataFrame]:
    for _ in range(30):
        yield history(rng, 2000, posting_habit(rng), week_curve(rng, 0.3))
