"""Exploring: within its budget, of hours that may be good and are rarely used, and worth what it costs."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from core.timing.curve import WeekCurve
from core.timing.estimator import fit
from core.timing.explore import chances, rarely_used, tries
from core.timing.recommend import Exploration, SlotChoice, rank
from core.timing.rollup import NO_POSTS, WeekStats

MONDAY = datetime(2025, 6, 2, tzinfo=UTC)
FORTNIGHT = tuple(SlotChoice(MONDAY + timedelta(hours=h), h % 168) for h in range(336))
HOUR = np.arange(168) % 24
EVERY_HOUR = np.ones(168, dtype=np.bool_)
Vector = NDArray[np.float64]


def week(n: Vector, mean: Vector, noise: float = 1.0) -> WeekStats:
    shown = np.where(n > 0, mean, 0.0)
    return WeekStats(
        tuple(map(int, n.tolist())), tuple(n.tolist()), tuple(shown.tolist()), tuple((noise**2 * n).tolist())
    )


MORNINGS = np.where((HOUR >= 8) & (HOUR < 13), 12.0, 0.0)
BUSY_MORNINGS = fit(week(MORNINGS, np.where(HOUR == 9, 0.3, 0.0)))
"""A channel that only ever posts from 8 to 13."""


def test_hours_away_from_the_habit_are_rarely_used_and_the_habit_is_not() -> None:
    rare = rarely_used(BUSY_MORNINGS)
    assert not rare[(HOUR >= 7) & (HOUR <= 13)].any()  # 7:00 and 13:00 have a busy neighbour
    assert rare[(HOUR >= 14) | (HOUR < 7)].all()
    assert not rarely_used(fit(NO_POSTS)).any()


@given(st.integers(1, 200), st.floats(0, 0.5), st.integers(0, 2**32))
def test_the_budget_is_kept_to_within_one_suggestion(count: int, share: float, seed: int) -> None:
    allowed = tries(count, share, np.random.default_rng(seed))
    assert count * share - 1 < allowed < count * share + 1


def test_a_part_of_a_suggestion_is_drawn_so_that_the_budget_holds_on_average() -> None:
    drawn = [tries(5, 0.1, np.random.default_rng(seed)) for seed in range(2000)]
    assert set(drawn) == {0, 1}
    assert np.mean(drawn) == pytest.approx(0.5, abs=0.05)
    assert {tries(10, 0.2, np.random.default_rng(seed)) for seed in range(20)} == {2}


@pytest.mark.parametrize("share", [-0.1, 0.51, float("nan")])
def test_a_share_beyond_half_is_refused(share: float) -> None:
    with pytest.raises(ValueError, match=r"0 to 0\.5"):
        tries(10, share, np.random.default_rng(0))


def test_the_chance_of_two_independent_hours_is_that_of_the_better_draw() -> None:
    """Of N(0, 1) and N(1, 1) the second is larger with probability Φ(1/√2) = 0.760."""
    mean = np.full(168, -50.0)
    mean[[100, 101]] = 0.0, 1.0
    n = np.zeros(168, dtype=np.int64)
    n[:40] = 10  # 100 and 101 are rarely used
    curve = WeekCurve(
        mean=mean,
        covariance=np.eye(168),
        n=n,
        weight=n.astype(np.float64),
        observed=np.zeros(168),
        baseline=np.zeros(168),
        baseline_share=np.zeros(168),
        resolved=np.zeros(168),
        noise_sd=1.0,
        log_bayes_factor=3.0,
        confidence=0.5,
        baseline_name="Published research",
    )
    found = chances(curve, EVERY_HOUR, np.random.default_rng(4))
    assert found[101] == pytest.approx(0.760, abs=0.06)
    assert found[100] == pytest.approx(0.240, abs=0.06)
    assert found.sum() == pytest.approx(1)
    only = chances(curve, np.arange(168) == 100, np.random.default_rng(4))
    assert only[100] == 1
    assert chances(curve, ~EVERY_HOUR, np.random.default_rng(4)).sum() == 0


def test_a_habitual_hour_is_never_a_try_however_good() -> None:
    found = chances(BUSY_MORNINGS, EVERY_HOUR, np.random.default_rng(1))
    assert (found[~rarely_used(BUSY_MORNINGS)] == 0).all()
    assert 0 < found.sum() <= 1


@pytest.mark.parametrize(("share", "expected"), [(0.0, 0), (0.1, 1), (0.3, 3), (0.5, 5)])
def test_the_share_of_suggestions_asked_for_are_tries_and_say_why(share: float, expected: int) -> None:
    found = rank(BUSY_MORNINGS, FORTNIGHT, 10, exploration=Exploration(share, seed=5))
    tried = [slot for slot in found if slot.is_exploration]
    assert (len(found), len(tried)) == (10, expected)
    for slot in tried:
        assert rarely_used(BUSY_MORNINGS)[slot.hour_of_week]
        assert slot.reasons[0].startswith("A try: 0 of your 420 posts went out within an hour of ")
    assert len({slot.hour_of_week for slot in tried}) == expected
    assert all(not slot.reasons[0].startswith("A try") for slot in found if not slot.is_exploration)


def test_the_same_seed_tries_the_same_hours() -> None:
    first, second = (rank(BUSY_MORNINGS, FORTNIGHT, 10, exploration=Exploration(0.3, seed=9)) for _ in range(2))
    assert first == second
    seeds = {
        tuple(s.hour_of_week for s in rank(BUSY_MORNINGS, FORTNIGHT, 10, exploration=Exploration(0.3, seed))
              if s.is_exploration)
        for seed in range(12)
    }  # fmt: skip
    assert len(seeds) > 1


def test_where_nothing_can_be_tried_the_budget_goes_back_to_advice() -> None:
    mornings = [slot for slot in FORTNIGHT if 8 <= slot.hour_of_week % 24 < 13]
    found = rank(BUSY_MORNINGS, mornings, 10, exploration=Exploration(0.5, seed=1))
    assert len(found) == 10
    assert not any(slot.is_exploration for slot in found)


# --- Regret ------------------------------------------------------------------------------------------------------


POSTS_A_WEEK = 10
WEEKS = 25


class Stage:
    """A channel with a known week, posting 10 times a week where a policy says; keeps posts and what was missed."""

    def __init__(self, truth: Vector, habit: Vector, rng: np.random.Generator) -> None:
        self.truth, self.rng = truth, rng
        self.n, self.total, self.square = np.zeros(168), np.zeros(168), np.zeros(168)
        self.regret = 0.0
        for cell in rng.choice(168, 120, p=habit / habit.sum()):
            self.post(int(cell))
        self.regret = 0.0

    def post(self, cell: int) -> None:
        outcome = self.truth[cell] + self.rng.normal()
        self.n[cell] += 1
        self.total[cell] += outcome
        self.square[cell] += outcome**2
        self.regret += float(self.truth.max() - self.truth[cell])

    def curve(self) -> WeekCurve:
        mean = np.divide(self.total, self.n, out=np.zeros(168), where=self.n > 0)
        m2 = np.maximum(self.square - self.n * mean**2, 0.0)
        return fit(
            WeekStats(
                tuple(map(int, self.n.tolist())), tuple(self.n.tolist()), tuple(mean.tolist()), tuple(m2.tolist())
            )
        )


def total_regret(policy: str, truth: Vector, habit: Vector, seed: int) -> float:
    """What 25 weeks of 10 posts missed against always posting at the truly best hour, in log units per post."""
    rng = np.random.default_rng(seed)
    stage = Stage(truth, habit, rng)
    share = {"never": 0.0, "thompson": 0.2, "uniform": 0.0}[policy]
    this_week = FORTNIGHT[:168]
    for _ in range(WEEKS):
        advice = rank(stage.curve(), this_week, POSTS_A_WEEK, exploration=Exploration(share, int(rng.integers(2**32))))
        cells = [slot.hour_of_week for slot in advice]
        if policy == "uniform":
            cells[-2:] = rng.choice(168, 2).tolist()
        for cell in cells:
            stage.post(cell)
    return stage.regret / (WEEKS * POSTS_A_WEEK)


HABIT = np.where((HOUR >= 8) & (HOUR < 14), 1.0, 0.0)
BEST_NEVER_TRIED = np.where((HOUR >= 19) & (HOUR < 22), 0.7, 0.0)
BEST_IN_THE_HABIT = np.where((HOUR >= 9) & (HOUR < 12), 0.7, 0.0)
RUNS = 8


def mean_regret(policy: str, truth: Vector) -> float:
    return float(np.mean([total_regret(policy, truth, HABIT, seed) for seed in range(RUNS)]))


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_exploring_misses_less_than_never_exploring_where_the_best_hour_was_never_tried() -> None:
    thompson = mean_regret("thompson", BEST_NEVER_TRIED)
    assert thompson < 0.8 * mean_regret("never", BEST_NEVER_TRIED)
    assert thompson < mean_regret("uniform", BEST_NEVER_TRIED)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_exploring_costs_at_most_its_budget_where_the_habit_was_best_already() -> None:
    """A fifth of the posts can miss at most the whole effect, 0.7."""
    cost = mean_regret("thompson", BEST_IN_THE_HABIT) - mean_regret("never", BEST_IN_THE_HABIT)
    assert cost <= 0.2 * 0.7
