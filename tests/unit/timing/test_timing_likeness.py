"""What like channels teach: the curve they share, how far they lie from it, and how far others should believe it."""

import numpy as np
import pytest
from numpy.typing import NDArray

from core.timing.estimator import fit
from core.timing.likeness import FEWEST_POSTS, like_channels, of_the_others
from core.timing.priors import PriorCurve
from core.timing.rollup import NO_POSTS, WeekStats

HOUR = np.arange(168) % 24
EVENING = 0.3 * np.cos(2 * np.pi * (HOUR - 20) / 24)
MORNING = 0.3 * np.cos(2 * np.pi * (HOUR - 8) / 24)


def channel(curve: NDArray[np.float64], seed: int, posts: int = 1500, level: float = 0.0) -> WeekStats:
    rng = np.random.default_rng(seed)
    cells = rng.integers(0, 168, posts)
    outcomes = level + curve[cells] + rng.normal(0, 1, posts)
    n = np.bincount(cells, minlength=168)
    mean = np.bincount(cells, outcomes, 168) / np.maximum(n, 1)
    m2 = np.bincount(cells, (outcomes - mean[cells]) ** 2, 168)
    return WeekStats(tuple(n.tolist()), tuple(map(float, n)), tuple(mean.tolist()), tuple(m2.tolist()))


def pooled(*weeks: WeekStats) -> PriorCurve:
    prior = like_channels(weeks, "Your peers' history")
    assert prior is not None
    return prior


ALIKE = tuple(channel(EVENING, seed) for seed in range(6))
UNLIKE = tuple(channel(0.3 * np.cos(2 * np.pi * (HOUR - 4 * seed) / 24), seed) for seed in range(6))


def test_channels_that_are_alike_teach_the_curve_they_share() -> None:
    prior = pooled(*ALIKE)
    assert np.corrcoef(prior.mean, EVENING)[0, 1] > 0.97
    assert np.std(prior.mean) == pytest.approx(np.std(EVENING), rel=0.15)
    assert sum(prior.mean) == pytest.approx(0, abs=1e-9)
    assert prior.name == "Your peers' history"


def test_channels_that_disagree_make_a_flat_curve_that_others_hardly_believe() -> None:
    assert np.std(pooled(*UNLIKE).mean) < np.std(EVENING) / 4
    assert pooled(*UNLIKE).deviation > 0.2
    assert pooled(*ALIKE).deviation < 0.08
    assert pooled(*ALIKE).relevance > 0.8 > pooled(*UNLIKE).relevance


def test_the_levels_of_the_channels_do_not_matter() -> None:
    raised = tuple(channel(EVENING, seed, level=seed - 3.0) for seed in range(6))
    assert pooled(*raised).mean == pytest.approx(pooled(*ALIKE).mean, abs=1e-9)


def test_the_order_of_the_channels_does_not_matter() -> None:
    assert pooled(*ALIKE[::-1]).mean == pytest.approx(pooled(*ALIKE).mean, abs=1e-9)
    assert pooled(*ALIKE[::-1]).relevance == pytest.approx(pooled(*ALIKE).relevance, abs=1e-9)


def test_a_single_channel_is_believed_in_part() -> None:
    prior = pooled(ALIKE[0])
    assert 0 < np.std(prior.mean) < np.std(EVENING)
    assert prior.relevance == pytest.approx(2 / 3, abs=0.05)


def test_channels_with_next_to_no_posts_teach_nothing() -> None:
    few = channel(EVENING, 1, posts=FEWEST_POSTS - 1)
    assert like_channels([], "Your peers' history") is None
    assert like_channels([few, NO_POSTS], "Your peers' history") is None
    assert pooled(*ALIKE, few, NO_POSTS).mean == pooled(*ALIKE).mean


def test_each_channel_is_told_what_the_others_say_and_not_what_it_says_itself() -> None:
    odd = channel(MORNING, 9)
    priors = of_the_others([*ALIKE, odd, NO_POSTS], "Your other channels")
    for place, week in enumerate([*ALIKE, odd]):
        others = [other for other in (*ALIKE, odd) if other is not week]
        given = priors[place]
        assert given is not None
        assert given.mean == pytest.approx(pooled(*others).mean, abs=1e-9)
        assert given.deviation == pytest.approx(pooled(*others).deviation, abs=1e-9)
    assert priors[-1] is not None
    assert priors[-1].mean == pytest.approx(pooled(*ALIKE, odd).mean, abs=1e-9)


def test_an_only_channel_has_no_others() -> None:
    assert of_the_others([ALIKE[0]], "Your other channels") == (None,)
    assert of_the_others([], "Your other channels") == ()
    assert of_the_others([NO_POSTS], "Your other channels") == (None,)


def test_a_new_channel_starts_from_its_like_and_its_own_posts_overrule_them() -> None:
    prior = pooled(*ALIKE)
    cold = fit(NO_POSTS, [prior])
    assert HOUR[cold.mean.argmax()] in {19, 20, 21}
    assert not cold.timing_matters
    unlike = fit(channel(2 * MORNING, 4, posts=2000), [prior])
    assert HOUR[unlike.mean.argmax()] in {6, 7, 8, 9, 10}
    assert np.corrcoef(unlike.mean, MORNING)[0, 1] > 0.9
    assert unlike.baseline_share.max() < 0.5


def test_a_like_curve_sharpens_a_short_history() -> None:
    own = [fit(channel(EVENING, seed, posts=100)).mean for seed in range(20, 40)]
    helped = [fit(channel(EVENING, seed, posts=100), [pooled(*ALIKE)]).mean for seed in range(20, 40)]
    error = [np.sqrt(np.mean((np.array(means) - EVENING) ** 2)) for means in (own, helped)]
    assert error[1] < error[0] / 2


def test_a_channel_of_extreme_numbers_stays_finite() -> None:
    one_hour = WeekStats(*(tuple(x if c == 39 else 0 for c in range(168)) for x in (10**9, 1e9, 3.0, 1e9)))
    prior = pooled(one_hour, *ALIKE)
    assert np.isfinite(prior.mean).all()
    assert np.isfinite([prior.relevance, prior.deviation]).all()
