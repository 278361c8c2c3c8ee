"""The solver's plans: nothing broken, the bound above the value, tiny ones the best there is."""

from dataclasses import replace

import numpy as np
import pytest
from grid_oracle import optimum, small_family
from grid_problems import Case, answer, cases, channel, places_of, plan_of
from grid_validator import Rules, best_of_all, breaches, worth
from hypothesis import HealthCheck, given, seed, settings

from core.planning.ascent import Ascent, Pace
from core.planning.board import Board
from core.planning.greedy import anchored, with_fixed
from core.planning.grid import GridItem, GridProblem
from core.planning.grid_plan import Infeasible
from core.planning.instance import compile_grid
from core.planning.relaxation import Relaxation

SLACK = 1e-6
PARTS = 8


def check(case: Case) -> None:
    plan = plan_of(case.problem)
    places = places_of(plan)
    assert not breaches(case.problem, case.rules, places)
    assert plan.value == pytest.approx(worth(case.problem, case.rules, places), abs=SLACK)
    assert plan.bound >= plan.value - SLACK
    assert {*places, *(left.item for left in plan.unplaced)} == {item.id for item in case.problem.items}


@given(cases())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_plan_breaks_nothing_and_is_worth_what_it_says(case: Case) -> None:
    check(case)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("part", range(PARTS))
def test_ten_thousand_plans_break_nothing_and_are_worth_what_they_say(part: int) -> None:
    @seed(part)  # other problems in each part, and the parts side by side
    @settings(max_examples=10_000 // PARTS, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
    @given(cases())
    def each(case: Case) -> None:
        check(case)

    each()


tiny = cases(most_slots=5, most_items=3, most_channels=2)
tiny_weeks = cases(most_slots=9, most_items=3, most_channels=1)
tiny_fixed = cases(most_slots=4, most_items=3, some_fixed=True)


@given(tiny | tiny_weeks)
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_tiny_plan_is_the_best_of_all_there_are(case: Case) -> None:
    plan = plan_of(case.problem)
    assert plan.is_optimal
    assert plan.value == pytest.approx(best_of_all(case.problem, case.rules), abs=SLACK)


@given(tiny_fixed)
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_fixed_items_choose_their_channels_as_is_best_and_are_refused_only_where_nothing_fits(case: Case) -> None:
    best, found = best_of_all(case.problem, case.rules), answer(case.problem)
    if isinstance(found, Infeasible):
        assert best == float("-inf")
    else:
        assert found.is_optimal
        assert found.value == pytest.approx(best, abs=SLACK)
        assert not breaches(case.problem, case.rules, places_of(found))


def test_a_fixed_item_takes_the_channel_that_leaves_room_for_another() -> None:
    scores = [0.9, 0.0, 0.0, 0.0]
    channels = channel("a", scores), channel("b", [0.8, 0.0, 0.0, 0.0])
    items = GridItem("i", ("a", "b"), fixed=0), GridItem("j", ("a",), 5, deadline=0)
    plan = plan_of(GridProblem(4, channels, items))
    assert places_of(plan) == {"i": ("b", 0), "j": ("a", 0)}
    assert plan.value == pytest.approx(1.8 + 5 * 1.9)
    assert plan.bound == pytest.approx(plan.value)


def test_fixed_items_that_fit_only_together_are_found_their_channels() -> None:
    channels = tuple(channel(name, [worth] * 4) for name, worth in (("a", 0.9), ("b", 0.5), ("c", 0.1)))
    items = tuple(GridItem(f"i{own}", tuple(own), fixed=2) for own in ("ab", "bc", "ac"))
    assert sorted(places_of(plan_of(GridProblem(4, channels, items))).values()) == [("a", 2), ("b", 2), ("c", 2)]


def bounds(case: Case) -> tuple[float, float]:
    """The bound at no prices, and after the prices have risen: as the relaxation says, untouched by any plan."""
    fixed = with_fixed(compile_grid(case.problem))
    assert isinstance(fixed, Board)
    ascent = Ascent(Relaxation(anchored(fixed)))
    first = ascent.bound
    ascent.run(Pace(80, 0.1, 0.001), lambda: False)
    return first, ascent.bound


@given(tiny | tiny_weeks | tiny_fixed)
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_plan_of_a_tiny_problem_is_worth_more_than_the_bound_at_any_prices(case: Case) -> None:
    best = best_of_all(case.problem, case.rules)
    assert best == float("-inf") or min(bounds(case)) >= best - SLACK


@pytest.mark.parametrize("seed", range(3))
def test_the_bound_closes_in_on_the_optimum_of_a_model_written_apart_and_never_passes_it(seed: int) -> None:
    problem = small_family(items=40, seed=seed)
    best = optimum(problem, 4)
    first, last = bounds(Case(problem, Rules(gap=4)))
    assert best - SLACK <= last < first
    assert last <= 1.02 * best


@pytest.mark.parametrize("seed", range(3))
def test_items_alike_are_bounded_together_and_never_below_the_optimum(seed: int) -> None:
    problem = small_family(items=40, seed=seed)
    kinds = tuple("ab"), tuple("b"), tuple("cab")
    alike = tuple(GridItem(f"i{number}", kinds[number % 3], 1.0 + number % 2) for number in range(60))
    crowded = replace(problem, items=alike)
    best = optimum(crowded, 4)
    first, last = bounds(Case(crowded, Rules(gap=4)))
    assert best - SLACK <= last < first
    assert last <= 1.005 * best


def test_posts_that_are_all_the_same_are_planned_at_once_and_proven() -> None:
    equal = channel(scores=[0.5] * 280, day=np.arange(280) // 10, week=np.arange(280) // 70, max_per_day=3, min_gap=2)
    plan = plan_of(GridProblem(280, (equal,), tuple(GridItem(f"i{number}", ("a",)) for number in range(120))))
    assert (len(plan.placements), plan.is_optimal) == (84, True)
    assert plan.value == pytest.approx(84 * 1.5)
