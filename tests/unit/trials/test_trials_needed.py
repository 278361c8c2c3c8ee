"""How many more posts a trial says it needs: against the formula of calculators, and against simulated power."""

import math
import re

import numpy as np
import pytest
from scipy import stats

from core.trials.analysis import analyze
from core.trials.trial_file import read_trial
from core.trials.values import Vector

REACH = stats.norm.ppf(0.975) + stats.norm.ppf(0.8)


def sentence(*arms: dict[str, float], **plan: float) -> str:
    named = [{"name": name, **arm} for name, arm in zip("ab", arms, strict=True)]
    asked = read_trial({"arms": named, **plan})
    return analyze(asked.arms, asked.plan).comparisons[0].decision.sentence


def more(*arms: dict[str, float], **plan: float) -> int:
    said = re.search(r"needs about ([\d,]+) more posts", sentence(*arms, **plan))
    assert said
    return int(said[1].replace(",", ""))


def found(control: tuple[Vector, Vector, int], treatment: tuple[Vector, Vector, int]) -> float:
    """Return how often the lift of means (first), with variances and posts, is told from 0 by the delta method."""
    times = treatment[0] / control[0]
    error = np.sqrt(treatment[1] / treatment[2] + times**2 * control[1] / control[2]) / control[0]
    return float((np.abs(times - 1) / error > stats.norm.ppf(0.975)).mean())


SHARES = {"n": 100, "successes": 10}, {"n": 110, "successes": 25}


def test_shares_are_as_many_as_the_lift_looked_for_takes_not_the_one_found() -> None:
    # 10 % against 12 %, each with the variance of its share: GrowthBook's frequentistVariance, relative
    variance = 0.12 * 0.88 / (110 / 210) + 1.2**2 * 0.1 * 0.9 / (100 / 210)
    assert 210 + more(*SHARES) == math.ceil(variance / 0.1**2 * (REACH / 0.2) ** 2) == 9297


def test_with_so_many_posts_a_lift_of_a_share_is_seen_in_four_of_five_trials() -> None:
    rng, posts = np.random.default_rng(7), 210 + more(*SHARES)
    powers = []
    for total in (posts, posts // 2):
        n, m = round(total * 100 / 210), round(total * 110 / 210)
        control, treatment = rng.binomial(n, 0.1, 20_000) / n, rng.binomial(m, 0.12, 20_000) / m
        powers.append(found((control, control * (1 - control), n), (treatment, treatment * (1 - treatment), m)))
    assert 0.79 < powers[0] < 0.86
    assert powers[1] < 0.6


@pytest.mark.parametrize("times", [0.8, 1.0, 1.6])
def test_means_need_what_posts_do_that_vary_with_their_mean_whatever_was_found(times: float) -> None:
    posts = 100 + more({"n": 50, "mean": 10, "sd": 10}, {"n": 50, "mean": 10 * times, "sd": 10 * times})
    assert posts == math.ceil(1.2**2 * 4 * (REACH / 0.2) ** 2)
    rng, n = np.random.default_rng(11), posts // 2
    control, treatment = (rng.exponential(mean, (4_000, n)) for mean in (10, 12))
    power = found((control.mean(1), control.var(1, ddof=1), n), (treatment.mean(1), treatment.var(1, ddof=1), n))
    assert 0.78 < power < 0.87


def test_a_ratio_needs_what_its_posts_do_that_vary_with_it() -> None:
    rng = np.random.default_rng(3)
    arms = []
    for scale in (1.0, 1.5):
        shown = rng.integers(50, 150, 60).astype(float)
        clicks = np.round(rng.exponential(scale, 60) * shown)
        arms.append(
            {
                "n": 60,
                "sum": clicks.sum(),
                "sumsq": (clicks**2).sum(),
                "denominator_sum": shown.sum(),
                "denominator_sumsq": (shown**2).sum(),
                "product_sum": (clicks * shown).sum(),
            }
        )
    ratios = [(arm["sum"] / arm["denominator_sum"]) for arm in arms]
    spread = [
        (arm["sumsq"] - 2 * r * arm["product_sum"] + r**2 * arm["denominator_sumsq"]) / 59 * (60 / arm["sum"]) ** 2
        for arm, r in zip(arms, ratios, strict=True)
    ]
    assert 120 + more(*arms) == pytest.approx(1.2**2 * 2 * sum(spread) * (REACH / 0.2) ** 2, abs=1)


def test_a_mean_that_its_error_takes_to_0_keeps_its_spread() -> None:
    control, treatment = {"n": 50, "mean": 10, "sd": 10}, {"n": 50, "mean": 0.5, "sd": 40}
    assert 100 + more(control, treatment) == math.ceil((16 + 1.2**2) * 2 * (REACH / 0.2) ** 2)


def test_a_lift_that_no_share_can_have_is_not_looked_for() -> None:
    told = sentence({"n": 100, "successes": 90}, {"n": 100, "successes": 93})
    assert told.endswith("+20 % cannot be looked for: the share would be above 100 %.")
