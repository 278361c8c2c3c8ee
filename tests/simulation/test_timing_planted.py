"""How often the engine errs where the truth is planted: alarms where timing does nothing, intervals that miss."""

from collections.abc import Iterator
from dataclasses import replace
from math import sqrt

import numpy as np
import pytest
from planted_channels import Effect, Judged, Likes, Plant, Reels, draw, judge

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

NO_RESEARCH = np.zeros(168)
SIZES = (50, 250, 1000, 5000)
SMOOTH = Plant(posts=0, peak=0.0)
WORLDS = {
    "smooth": SMOOTH,
    "gaussian": replace(SMOOTH, heavy_tails=False, grows=False),
    "one hour": replace(SMOOTH, effect=Effect.ONE_HOUR),
    "reels mostly at good hours": replace(SMOOTH, reels=Reels.GOOD_HOURS),
    "reels have an hour to themselves": replace(SMOOTH, effect=Effect.ONE_HOUR, reels=Reels.ONLY_GOOD_HOURS),
    "like channels claim 50 %": replace(SMOOTH, like=Likes.LIKE, peers_peak=0.5),
    "unlike channels claim 50 %": replace(SMOOTH, like=Likes.UNLIKE, peers_peak=0.5),
}


def judged(world: Plant, channels: int, *, peak: float, seed: int) -> Iterator[Judged]:
    """Judge channels of every size in turn."""
    rng = np.random.default_rng([seed, round(100 * peak)])
    for number in range(channels):
        yield judge(draw(replace(world, posts=SIZES[number % len(SIZES)], peak=peak), rng), NO_RESEARCH)


def wilson(hits: int, trials: int, z: float = 1.96) -> tuple[float, float]:
    """Give the 95 % interval of a share (Wilson, J. Am. Stat. Assoc. 1927)."""
    share = hits / trials
    centre = share + z**2 / (2 * trials)
    spread = z * sqrt(share * (1 - share) / trials + z**2 / (4 * trials**2))
    return (centre - spread) / (1 + z**2 / trials), (centre + spread) / (1 + z**2 / trials)


@pytest.mark.parametrize("name", WORLDS)
def test_where_timing_does_nothing_at_most_one_channel_in_twenty_is_told_it_matters(name: str) -> None:
    trials = 120
    alarms = sum(found.timing_matters for found in judged(WORLDS[name], trials, peak=0.0, seed=11))
    assert alarms / trials <= 0.05


def test_most_long_histories_with_a_strong_effect_are_told_that_timing_matters() -> None:
    """The counterpart: an engine that never speaks would pass the test above."""
    rng = np.random.default_rng(12)
    world = Plant(posts=5000, peak=0.6)
    assert sum(judge(draw(world, rng), NO_RESEARCH).timing_matters for _ in range(20)) >= 16


@pytest.mark.parametrize("name", ["smooth", "gaussian", "one hour", "reels mostly at good hours"])
@pytest.mark.parametrize("peak", [0.0, 0.1, 0.3])
def test_intervals_of_hours_are_not_too_narrow_for_any_size_of_effect(name: str, peak: float) -> None:
    held = [found.held for found in judged(WORLDS[name], 40, peak=peak, seed=13)]
    assert np.mean(held) >= 0.86


def test_the_interval_of_the_best_quarter_holds_the_truth_in_about_nine_of_ten_channels() -> None:
    """Over planted effects of 0, 10 and 30 % alike; where 30 % cannot be told from 0, the estimate is in between."""
    held = [
        found.held_best_quarter
        for peak in (0.0, 0.1, 0.3)
        for found in judged(SMOOTH, 80, peak=peak, seed=14)
    ]  # fmt: skip
    low, high = wilson(sum(held), len(held))
    assert low <= 0.94
    assert high >= 0.86
