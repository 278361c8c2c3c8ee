"""The solver's plans: nothing broken, the bound above the value, tiny ones the best there is."""

import pytest
from grid_problems import Case, cases, places_of, plan_of
from grid_validator import best_of_all, breaches, worth
from hypothesis import HealthCheck, given, settings

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
