"""The week's curve: finite and honest whatever the history, right where the truth is planted."""

import math
from time import process_time

import numpy as np
import pytest
from numpy.typing import NDArray

from core.timing.curve import Influence, WeekCurve, lift
from core.timing.estimator import fit
from core.timing.priors import PriorCurve, published_research
from core.timing.rollup import NO_POSTS, WeekStats
from core.undefined import Undefined
from core.vocabulary import Basis

FLAT = [0.0] * 168
TUESDAY_15 = 39
STRONG_HOUR = tuple(0.3 if cell == TUESDAY_15 else 0.0 for cell in range(168))
RESEARCH = published_research(STRONG_HOUR)
PEERS = PriorCurve("Your peers' history", STRONG_HOUR, 1.0, 0.5)


def stats_of(cells: NDArray[np.int64], outcomes: NDArray[np.float64]) -> WeekStats:
    n = np.bincount(cells, minlength=168)
    mean = np.bincount(cells, outcomes, 168) / np.maximum(n, 1)
    m2 = np.bincount(cells, (outcomes - mean[cells]) ** 2, 168)
    return WeekStats(tuple(n.tolist()), tuple(map(float, n)), tuple(mean.tolist()), tuple(m2.tolist()))


def planted(posts: int, effect: float, seed: int = 7) -> WeekStats:
    """Posts spread over 8:00-22:00 of all days; those of Tuesday 15:00 and around earn `effect` more (log)."""
    rng = np.random.default_rng(seed)
    cells = rng.integers(0, 7, posts) * 24 + rng.integers(8, 22, posts)
    near = np.abs(cells - TUESDAY_15) <= 1
    return stats_of(cells, rng.normal(0, 1, posts) + effect * near)


def assert_finite(curve: WeekCurve) -> None:
    assert np.isfinite(curve.mean).all()
    assert (curve.sd > 0).all()
    assert np.isfinite(curve.sd).all()
    assert 0 <= curve.confidence <= 1
    assert ((curve.baseline_share >= 0) & (curve.baseline_share <= 1)).all()


def test_without_posts_the_curve_is_the_baseline_at_half_its_size_and_says_so() -> None:
    curve = fit(NO_POSTS, [RESEARCH])
    assert_finite(curve)
    assert curve.basis is Basis.BASELINE
    assert curve.mean[TUESDAY_15] == pytest.approx(0.5 * 0.3 * 167 / 168)
    assert curve.confidence == 0
    assert not curve.timing_matters
    assert set(curve.baseline_share) == {1.0}
    assert isinstance(curve.noise_sd, Undefined)


def test_one_post_moves_the_curve_a_little_and_its_slot_the_most() -> None:
    curve = fit(stats_of(np.array([100]), np.array([2.0])), [RESEARCH])
    assert_finite(curve)
    assert curve.basis is Basis.BLEND
    assert np.argmax(curve.mean) == TUESDAY_15
    assert isinstance(curve.noise_sd, Undefined)


def test_two_posts_a_billion_times_apart_prove_nothing() -> None:
    curve = fit(stats_of(np.array([39, 100]), np.array([20.7, 0.0])))
    assert_finite(curve)
    assert not curve.timing_matters


def test_outcomes_that_never_vary_show_no_effect() -> None:
    curve = fit(stats_of(np.arange(500) % 168, np.zeros(500)))
    assert_finite(curve)
    assert not curve.timing_matters
    assert curve.mean.tolist() == pytest.approx(FLAT)


def test_a_channel_that_always_posts_at_one_hour_learns_nothing_about_the_others() -> None:
    outcomes = np.random.default_rng(1).normal(0, 1, 300)
    curve = fit(stats_of(np.full(300, TUESDAY_15), outcomes))
    assert_finite(curve)
    assert not curve.timing_matters
    assert curve.mean[TUESDAY_15] == pytest.approx(0, abs=0.02)
    assert curve.sd[TUESDAY_15] < curve.sd[120] / 3


def test_one_viral_post_among_two_hundred_does_not_own_its_slot() -> None:
    rng = np.random.default_rng(4)
    cells = rng.integers(0, 168, 200)
    outcomes = np.clip(rng.normal(0, 1, 200), -3, 3)
    outcomes[0] = 3.0  # as winsorized
    curve = fit(stats_of(cells, outcomes))
    assert not curve.timing_matters
    assert lift(curve.mean[cells[0]]) < 0.25


def test_outcomes_of_a_billion_stay_finite() -> None:
    curve = fit(stats_of(np.arange(400) % 168, np.random.default_rng(2).normal(0, 1e9, 400)))
    assert_finite(curve)
    assert not curve.timing_matters


def test_an_hour_of_a_billion_posts_is_known_exactly_and_drowns_no_other() -> None:
    rng = np.random.default_rng(3)
    usual = stats_of(rng.integers(0, 168, 2000), rng.normal(0, 1, 2000))
    columns = [list(column) for column in (usual.n, usual.weight, usual.mean, usual.m2)]
    for column, value in zip(columns, (10**9, 1e9, 0.5, 1e9), strict=True):
        column[TUESDAY_15] = value
    curve = fit(WeekStats(*map(tuple, columns)), [RESEARCH])
    assert_finite(curve)
    assert curve.sd[TUESDAY_15] < 0.01
    assert 0.05 < curve.sd[100] < 1
    assert curve.mean[TUESDAY_15] - curve.mean[100] == pytest.approx(0.5, abs=0.3)


def test_two_posts_of_one_hour_leave_the_week_open() -> None:
    curve = fit(stats_of(np.array([39, 39]), np.array([0.4, -0.4])))
    assert_finite(curve)
    assert not curve.timing_matters
    assert curve.sd.min() > 0.1


def test_a_prior_of_a_thousandfold_size_is_turned_down_by_the_posts() -> None:
    absurd = PriorCurve("Your peers' history", tuple(300 * x for x in STRONG_HOUR), 1.0, 0.5, relevance=0.7)
    curve = fit(planted(500, 0.0), [absurd])
    assert_finite(curve)
    assert abs(curve.mean[TUESDAY_15]) < 1


def test_multiplying_all_outcomes_multiplies_the_curve_once_posts_outweigh_the_noise_expected() -> None:
    stats = planted(4000, 0.6)
    tenfold = WeekStats(stats.n, stats.weight, tuple(10 * m for m in stats.mean), tuple(100 * m for m in stats.m2))
    assert fit(tenfold).mean / 10 == pytest.approx(fit(stats).mean, abs=0.01)
    assert fit(tenfold).log_bayes_factor == pytest.approx(fit(stats).log_bayes_factor, rel=0.02)


def test_a_strong_planted_hour_is_found() -> None:
    curve = fit(planted(6000, 0.8))
    assert curve.timing_matters
    assert abs(int(np.argmax(curve.mean)) - TUESDAY_15) <= 1
    assert curve.mean[TUESDAY_15] == pytest.approx(0.8, abs=0.25)
    assert curve.basis is Basis.HISTORY
    assert curve.noise_sd == pytest.approx(1.12, abs=0.06)  # one post's 1, widened as real slots vary


def test_much_history_overrules_a_baseline_that_is_wrong() -> None:
    wrong = [published_research([-x for x in STRONG_HOUR])]
    assert abs(int(np.argmax(fit(planted(1500, 0.8), wrong).mean)) - TUESDAY_15) <= 1
    assert fit(planted(1500, 0.8), wrong).baseline_share.max() < 0.05


def test_the_published_baseline_fades_with_posts_and_the_peers_do_not() -> None:
    stats = planted(600, 0.0)
    assert 0.03 < fit(stats, [RESEARCH]).baseline_share.max() <= 1 / 21  # halved by 30 posts: 1 / (1 + 600/30)
    assert fit(stats, [PEERS]).baseline_share.max() > 0.5


def test_adding_the_same_amount_to_every_outcome_changes_nothing() -> None:
    stats = planted(400, 0.5)
    shifted = WeekStats(
        stats.n, stats.weight, tuple((np.array(stats.mean) + 5 * (np.array(stats.n) > 0)).tolist()), stats.m2
    )
    assert fit(shifted).mean.tolist() == pytest.approx(fit(stats).mean.tolist(), abs=1e-9)


def test_a_prior_that_is_no_week_is_refused() -> None:
    with pytest.raises(ValueError, match="168"):
        published_research([0.0] * 24)
    with pytest.raises(ValueError, match="168"):
        published_research([math.nan] * 168)


def test_the_shares_of_an_hours_figure_sum_to_one_and_follow_the_posts() -> None:
    nothing = fit(NO_POSTS, [RESEARCH]).influence_of(TUESDAY_15)
    assert nothing == Influence(own=0, neighbours=0, elsewhere=0, prior=1)
    some = fit(planted(1500, 0.3), [RESEARCH]).influence_of(TUESDAY_15)
    assert some.own + some.neighbours + some.elsewhere + some.prior == pytest.approx(1)
    assert min(some.own, some.neighbours, some.elsewhere) > 0.01
    two_hours = np.repeat([TUESDAY_15, 100], 150)
    outcomes = np.random.default_rng(1).normal(0, 1, 300) + (two_hours == TUESDAY_15)
    beside = fit(stats_of(two_hours, outcomes), []).influence_of(TUESDAY_15 + 1)
    assert beside.own == 0
    assert min(beside.neighbours, beside.elsewhere) > 0.01


def test_a_curve_cannot_be_written_to() -> None:
    with pytest.raises(ValueError, match="read-only"):
        fit(NO_POSTS).mean[0] = 1


def test_the_time_taken_does_not_grow_with_the_posts() -> None:
    stats = planted(100_000, 0.1)
    fit(stats)
    start = process_time()
    fit(stats)
    assert process_time() - start < 2  # tens of milliseconds on one thread; shared machines spin
