"""Methods of ranking the week's hours: each says what its name promises."""

import numpy as np
import pytest

from core.timing import cyclic_gp
from core.timing.methods import METHODS, Method, Training
from core.timing.priors import PriorCurve
from core.timing.rollup import NO_POSTS, WeekStats

TUESDAY_10, FRIDAY_20, SUNDAY_3 = 34, 116, 147


def stats_of(hours: list[int] | np.ndarray, outcomes: list[float] | np.ndarray) -> WeekStats:
    at, values = np.asarray(hours), np.asarray(outcomes, dtype=float)
    n = np.bincount(at, minlength=168)
    mean = np.bincount(at, values, 168) / np.maximum(n, 1)
    m2 = np.bincount(at, (values - mean[at]) ** 2, 168)
    return WeekStats(tuple(n.tolist()), tuple(n.astype(float).tolist()), tuple(mean.tolist()), tuple(m2.tolist()))


def training(hours: list[int] | np.ndarray, outcomes: list[float] | np.ndarray) -> Training:
    return Training(np.asarray(hours), np.asarray(outcomes, dtype=float), stats_of(hours, outcomes))


def values(method: Method, posts: Training) -> np.ndarray:
    forecast = METHODS[method](posts)
    assert forecast is not None
    return forecast.values


THREE_SLOTS = training([TUESDAY_10] * 4 + [FRIDAY_20] * 3 + [SUNDAY_3], [1, 1, 3, 3, 0, 0, 0, 8])
"""Means 2, 0 and 8 around an average of 2, of four posts, three and one."""


def test_every_method_is_in_the_registry() -> None:
    assert set(METHODS) == set(Method)


def test_the_constant_ranks_nothing() -> None:
    assert not values(Method.CONSTANT, THREE_SLOTS).any()


def test_raw_slot_means_are_the_hours_averages_around_the_average_of_all() -> None:
    found = values(Method.RAW_SLOT_MEAN, THREE_SLOTS)
    assert found[[TUESDAY_10, FRIDAY_20, SUNDAY_3, 0]].tolist() == [0, -2, 6, 0]


def test_top_slots_need_three_posts() -> None:
    found = values(Method.TOP_SLOT, THREE_SLOTS)
    assert found.argmax() == TUESDAY_10
    assert found[SUNDAY_3] == found[0] < found[FRIDAY_20]


def test_where_no_hour_has_three_posts_the_fullest_ones_are_the_top_slots() -> None:
    found = values(Method.TOP_SLOT, training([TUESDAY_10, FRIDAY_20], [1, 2]))
    assert found.argmax() == FRIDAY_20


def test_popular_slots_are_habits_whatever_they_earn() -> None:
    found = values(Method.POPULAR_SLOT, THREE_SLOTS)
    assert found[[TUESDAY_10, FRIDAY_20, SUNDAY_3, 0]].tolist() == [4, 3, 1, 0]


def test_least_squares_finds_hours_and_weekdays_that_add_up() -> None:
    cell = np.arange(168)
    planted = 0.3 * (cell % 24 == 10) - 0.2 * (cell // 24 == 6)
    found = values(Method.HOUR_WEEKDAY, training(cell, planted))
    assert np.allclose(found, planted - planted.mean())


def test_methods_without_their_curve_have_no_opinion() -> None:
    assert METHODS[Method.BASELINE](THREE_SLOTS) is None
    assert METHODS[Method.PEER_PRIOR](THREE_SLOTS) is None


def test_research_and_peers_alone_are_their_curves() -> None:
    curve = tuple(float(cell == TUESDAY_10) for cell in range(168))
    prior = PriorCurve("A curve", curve, 1.0, 0.5)
    posts = THREE_SLOTS
    both = Training(posts.hours, posts.outcomes, posts.stats, peers=prior, research=prior)
    assert tuple(values(Method.BASELINE, both)) == tuple(values(Method.PEER_PRIOR, both)) == curve


def test_only_the_model_says_whether_timing_matters() -> None:
    found = {method: METHODS[method](THREE_SLOTS) for method in METHODS}
    assert [method for method, each in found.items() if each and each.finds_effect is not None] == [Method.MODEL]


def test_the_model_and_the_gaussian_process_know_how_sure_they_are() -> None:
    forecasts = {method: METHODS[method](THREE_SLOTS) for method in METHODS}
    sure = [method for method, each in forecasts.items() if each and each.sd is not None]
    assert sure == [Method.MODEL, Method.CYCLIC_GP]


# --- The plain Gaussian process -----------------------------------------------------------------------------------


def evenings(posts: int, lift: float, seed: int = 1) -> WeekStats:
    """Make posts at random hours with outcomes of sd 1, better by `lift` from 18:00 on (seed 1, 0.5: by 0.41)."""
    rng = np.random.default_rng(seed)
    hours = rng.integers(0, 168, posts)
    return stats_of(hours, rng.normal(0, 1, posts) + lift * (hours % 24 >= 18))


def test_a_gaussian_process_finds_good_evenings() -> None:
    found = cyclic_gp.posterior(evenings(3_000, 0.5))
    is_evening = np.arange(168) % 24 >= 18
    difference = found.mean[is_evening].mean() - found.mean[~is_evening].mean()
    assert difference == pytest.approx(0.41, abs=0.08)
    assert found.noise_sd == pytest.approx(1.0, abs=0.05)


def test_a_gaussian_process_sees_little_where_nothing_is() -> None:
    assert np.ptp(cyclic_gp.posterior(evenings(3_000, 0.0)).mean) < 0.25


def test_the_gradient_of_the_search_is_that_of_its_loss() -> None:
    data = cyclic_gp._observe(evenings(300, 0.5))
    at = cyclic_gp.START + 0.2
    _, gradient = cyclic_gp._loss(at, data)
    step = 1e-5 * np.eye(5)
    measured = [(cyclic_gp._loss(at + e, data)[0] - cyclic_gp._loss(at - e, data)[0]) / 2e-5 for e in step]
    assert gradient == pytest.approx(measured, rel=1e-4, abs=1e-6)


def test_a_gaussian_process_without_posts_is_its_prior() -> None:
    found = cyclic_gp.posterior(NO_POSTS)
    assert not found.mean.any()
    assert np.ptp(found.sd) < 1e-12
