"""The solver's plans: nothing broken, the bound above the value, tiny ones the best there is."""

import pytest
from grid_oracle import optimum, small_family
from grid_problems import Case, cases, places_of, plan_of
from grid_validator import Rules, best_of_all, breaches, worth
from hypothesis import HealthCheck, given, settings

from core.planning.ascent import Ascent, Pace
from core.planning.board import Board
from core.planning.greedy import with_fixed
from core.planning.instance import compile_grid
from core.planning.relaxation import Relaxation

SLACK = 1e-6


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
@given(cases())
@settings(max_examples=10_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_ten_thousand_plans_break_nothing_and_are_worth_what_they_say(case: Case) -> None:
    check(case)


@given(cases(most_slots=5, most_items=3, most_channels=2))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_tiny_plan_is_the_best_of_all_there_are(case: Case) -> None:
    plan = plan_of(case.problem)
    assert plan.is_optimal
    assert plan.value == pytest.approx(best_of_all(case.problem, case.rules), abs=SLACK)


def bounds(case: Case) -> tuple[float, float]:
    """The bound at no prices, and after the prices have risen: as the relaxation says, untouched by any plan."""
    fixed = with_fixed(compile_grid(case.problem))
    assert isinstance(fixed, Board)
    ascent = Ascent(Relaxation(fixed))
    first = ascent.bound
    ascent.run(Pace(80, 0.1, 0.001), lambda: False)
    return first, ascent.bound


@given(cases(most_slots=5, most_items=3, most_channels=2))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_plan_of_a_tiny_problem_is_worth_more_than_the_bound_at_any_prices(case: Case) -> None:
    best = best_of_all(case.problem, case.rules)
    assert min(bounds(case)) >= best - SLACK


@pytest.mark.parametrize("seed", range(3))
def test_the_bound_closes_in_on_the_optimum_of_a_model_written_apart_and_never_passes_it(seed: int) -> None:
    problem = small_family(items=40, seed=seed)
    best = optimum(problem, 4)
    first, last = bounds(Case(problem, Rules(gap=4)))
    assert best - SLACK <= last < first
    assert last <= 1.02 * best
