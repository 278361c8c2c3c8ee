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
from core.timing.likeness import like_channels
from core.timing.outcomes import POST_SCHEMA, relative_outcomes
from core.timing.priors import PriorCurve
from core.timing.rollup import WeekStats, tally, week_stats

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


def learned(posts: pl.DataFrame) -> WeekStats:
    return week_stats(tally(relative_outcomes(posts, "UTC").frame))


def claiming_prior(rng: np.random.Generator) -> PriorCurve:
    """What six like channels say whose week swings by 20 % (log)."""
    shared = week_curve(rng, 0.2)
    weeks = [learned(history(rng, 2500, posting_habit(rng), shared + week_curve(rng, 0.08))) for _ in range(6)]
    prior = like_channels(weeks, "Your peers' history")
    assert prior is not None
    assert np.std(prior.mean) > 0.05
    return prior


@pytest.mark.parametrize("claimed", [False, True], ids=["no prior", "like channels claim an effect"])
@pytest.mark.parametrize("posts", [50, 250, 1000, 5000])
def test_timing_is_said_to_matter_in_at_most_one_channel_in_twenty_where_it_does_not(posts: int, claimed: bool) -> None:
    rng = np.random.default_rng(posts)
    trials, found = 200, 0
    priors: list[PriorCurve] = []
    for trial in range(trials):
        if claimed and trial % 20 == 0:
            priors = [claiming_prior(rng)]
        stats = learned(history(rng, posts, posting_habit(rng), np.zeros(168)))
        found += fit(stats, priors).timing_matters
    assert wilson_lower(found, trials) <= 0.05
    assert found / trials <= 0.05


def test_formats_tied_to_hours_are_not_taken_for_an_effect_of_timing() -> None:
    rng = np.random.default_rng(31)
    trials, found = 200, 0
    for _ in range(trials):
        posts = history(rng, 600, posting_habit(rng), np.zeros(168))
        is_reel = pl.col("published_at").dt.hour() >= rng.integers(10, 18)
        is_reel = is_reel.xor(pl.Series(rng.random(600) < 0.15))
        was_reel = pl.col("content_format") == "video_short"
        earned = pl.col("engagement") * (0.8 * (is_reel.cast(pl.Float64) - was_reel.cast(pl.Float64))).exp()
        renamed = pl.when(is_reel).then(pl.lit("video_short")).otherwise(pl.lit("image"))
        found += fit(learned(posts.with_columns(engagement=earned, content_format=renamed))).timing_matters
    assert found / trials <= 0.05


@pytest.mark.parametrize("posts", [50, 100, 250, 1000, 5000])
def test_ninety_percent_intervals_hold_the_planted_truth_in_about_ninety_percent_of_slots(posts: int) -> None:
    """Over sizes of effect as channels have them, none included; the truth is taken against the same average."""
    rng = np.random.default_rng(9)
    held = []
    for sd in (0.0, 0.1, 0.2, 0.3):
        for _ in range(25):
            curve = week_curve(rng, sd)
            stats = learned(history(rng, posts, posting_habit(rng), curve))
            fitted = fit(stats)
            spread = np.array(stats.weight) + AVERAGE_PRIOR_POSTS / 168
            truth = curve - spread @ curve / spread.sum()
            held.append((np.abs(fitted.mean - truth) <= Z * fitted.sd).mean())
    assert 0.86 <= np.mean(held) <= 0.94


def test_an_effect_worth_having_is_found_in_most_long_histories() -> None:
    rng = np.random.default_rng(21)
    curves = (fit(learned(h)) for h in _strong_histories(rng))
    assert sum(curve.timing_matters for curve in curves) >= 24


def _strong_histories(rng: np.random.Generator) -> Iterator[pl.DataFrame]:
    for _ in range(30):
        yield history(rng, 2000, posting_habit(rng), week_curve(rng, 0.3))
