"""How the solver behaves: repeatable, stoppable, within its budget, telling how far it is; and what it refuses."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import count, pairwise

import numpy as np
import pytest
from grid_oracle import optimum, small_family
from grid_problems import LONG, channel, places_of, plan_of
from grid_validator import Rules, breaches, worth

from core.errors import Invalid
from core.planning.constraints import CONSTRAINTS
from core.planning.constraints.cross_platform_gap import CrossPlatformGap
from core.planning.constraints.order import Order
from core.planning.grid import Closure, Extra, Floats, GridChannel, GridCommitment, GridItem, GridProblem, KeptApart
from core.planning.grid_plan import Ending, GridPlan, Progress
from core.planning.naive import best_slot, earliest_free
from core.planning.solve import solve
from core.planning.terms import TERMS
from core.planning.terms.by_format import ByFormat
from core.planning.terms.stability import Stability

RULES = Rules(gap=4)


def ticking(step: float) -> Callable[[], float]:
    """A stopwatch that is `step` seconds further each time it is read."""
    readings = count()
    return lambda: next(readings) * step


def solved(problem: GridProblem, budget: float = LONG, step: float = 0.0, **asked: object) -> GridPlan:
    found = solve(problem, budget_seconds=budget, seed=1, elapsed=ticking(step), **asked)  # type: ignore[arg-type] # by name
    assert isinstance(found, GridPlan)
    return found


@pytest.mark.parametrize("seed", range(4))
def test_up_to_sixty_items_the_plan_is_the_proven_optimum_of_a_model_written_apart(seed: int) -> None:
    problem = small_family(items=15 * (seed + 1), seed=seed)
    plan = plan_of(problem)
    assert plan.is_optimal
    assert plan.gap == pytest.approx(0, abs=1e-7)
    assert plan.value == pytest.approx(optimum(problem, RULES.gap), abs=1e-5)
    assert not breaches(problem, RULES, places_of(plan))


def test_the_same_seed_gives_the_same_plan() -> None:
    problem = small_family(items=90, seed=7)
    first, second = (plan_of(problem, seed=3) for _ in range(2))
    assert first.placements == second.placements
    assert (first.value, first.bound, first.ending) == (second.value, second.bound, second.ending)


def test_a_search_stops_within_a_tenth_of_its_budget_with_a_plan_that_breaks_nothing() -> None:
    problem = small_family(items=400, seed=2)
    for budget in (0.0, 0.2, 1.0):
        plan = solved(problem, budget, step=0.01)
        assert plan.ending is Ending.OUT_OF_TIME
        assert plan.seconds <= 1.1 * budget + 0.1
        assert not breaches(problem, RULES, places_of(plan))
        assert plan.bound >= plan.value


def test_without_time_the_greedy_plan_is_there_and_time_makes_it_better() -> None:
    problem = small_family(items=150, seed=2)
    greedy, longer = solved(problem, budget=0.0), solved(problem, budget=30.0, step=0.01)
    assert len(greedy.placements) > 70
    assert longer.value > greedy.value
    assert longer.gap < greedy.gap


def test_a_canceled_search_gives_the_best_so_far() -> None:
    problem = small_family(items=150, seed=2)
    seen: list[Progress] = []
    plan = solved(problem, progress=seen.append, canceled=lambda: seen[-1].value > seen[0].value)
    assert plan.ending is Ending.CANCELED
    assert plan.value > solved(problem, canceled=lambda: True).value
    assert not breaches(problem, RULES, places_of(plan))


def test_progress_only_gets_better() -> None:
    seen: list[Progress] = []
    plan = solved(small_family(items=120, seed=5), budget=20.0, step=0.01, progress=seen.append)
    assert len(seen) > 3
    assert all(a.share <= b.share and a.value <= b.value + 1e-9 and a.bound >= b.bound for a, b in pairwise(seen))
    assert (seen[-1].value, seen[-1].bound) == (plan.value, plan.bound)


def test_the_solver_beats_what_people_do_and_both_break_nothing() -> None:
    problem = small_family(items=100, seed=9)
    values = []
    for board in (earliest_free(problem), best_slot(problem)):
        assert not hasattr(board, "against")
        names = [one.id for one in problem.channels]
        places = {
            problem.items[item].id: (names[board.instance.options.channel[board.option[item]]], int(board.slot[item]))
            for item in board.placed
        }
        assert not breaches(problem, RULES, places)
        values.append(worth(problem, RULES, places))
    earliest, best = values
    assert earliest < best < plan_of(problem).value


def test_replanning_keeps_what_pays_little_to_move() -> None:
    scores = [0.5, 0.52, 0.9, 0.1]
    items = (GridItem("i", ("a",)), GridItem("j", ("a",)))
    problem = GridProblem(4, (channel(scores=scores),), items)
    present = {"i": ("a", 0), "j": ("a", 3)}
    moved = plan_of(problem)
    stayed = plan_of(replace(problem, terms=(Stability(present, 0.1),)))
    assert {slot for _, slot in places_of(moved).values()} == {1, 2}
    assert places_of(stayed) == {"i": ("a", 0), "j": ("a", 2)}


def test_the_order_of_two_posts_is_kept_with_its_distance() -> None:
    scores = [1.0, 0.9, *[0.0] * 6]
    items = (GridItem("long", ("a",)), GridItem("short", ("b",)))
    problem = GridProblem(
        8, (channel("a", scores), channel("b", scores)), items, constraints=(Order("long", "short", 3),)
    )
    assert places_of(plan_of(problem)) == {"long": ("a", 0), "short": ("b", 3)}


def test_a_weekly_minimum_is_met_when_it_is_worth_it() -> None:
    days = {"day": np.arange(28) // 4, "week": np.zeros(28, dtype=np.int64)}
    lively, quiet = channel("a", [1.0] * 28, **days), channel("b", [0.0] * 28, **days)
    items = tuple(GridItem(f"i{number}", ("a", "b")) for number in range(4))
    without = plan_of(GridProblem(28, (lively, quiet), items))
    assert {name for name, _ in places_of(without).values()} == {"a"}
    wanted = replace(quiet, min_per_week=2, worth_of_minimum=1.5)
    with_minimum = plan_of(GridProblem(28, (lively, wanted), items))
    assert sorted(name for name, _ in places_of(with_minimum).values()) == ["a", "a", "b", "b"]
    assert with_minimum.value == pytest.approx(2 * 2 + 2 * 1 + 2 * 1.5)


def test_falling_returns_spread_the_posts_over_the_days() -> None:
    items = tuple(GridItem(f"i{number}", ("a",)) for number in range(2))
    busy = channel(scores=[0.9, 0.9, 0.9, 0.9, 0.5, 0.5, 0.5, 0.5])
    assert {slot // 4 for _, slot in places_of(plan_of(GridProblem(8, (busy,), items))).values()} == {0}
    tired = replace(busy, daily_returns=(1.0, 0.5))
    assert {slot // 4 for _, slot in places_of(plan_of(GridProblem(8, (tired,), items))).values()} == {0, 1}


def test_the_greatest_number_of_posts_at_once_holds_for_a_brand_and_for_all() -> None:
    channels = tuple(
        channel(name, [1.0, *[0.0] * 7], brand=brand) for name, brand in (("a", "x"), ("b", "x"), ("c", "y"))
    )
    items = tuple(GridItem(f"i{name}", (name,)) for name in "abc")
    slots = sorted(slot for _, slot in places_of(plan_of(GridProblem(8, channels, items, (), 1))).values())
    assert (slots[:2], slots[2] > 0) == ([0, 0], True)
    slots = sorted(slot for _, slot in places_of(plan_of(GridProblem(8, channels, items, (), None, 1))).values())
    assert (slots[0], slots[1] > 0, slots[2] > slots[1]) == (0, True, True)


def test_many_items_that_want_one_slot_give_it_to_the_highest_priority() -> None:
    items = tuple(GridItem(f"i{number}", ("a",), float(number), 3, 3) for number in range(50))
    plan = plan_of(GridProblem(8, (channel(),), items))
    assert places_of(plan) == {"i49": ("a", 3)}
    assert (plan.is_optimal, len(plan.unplaced)) == (True, 49)


@pytest.mark.slow
def test_a_hundred_thousand_items_get_a_greedy_plan() -> None:
    many = tuple(GridItem(f"i{number}", (f"c{number % 20}",), 1.0 + number % 4) for number in range(100_000))
    scores = np.random.default_rng(1).uniform(size=(20, 1344)).tolist()
    channels = tuple(channel(f"c{number}", row, min_gap=2, max_per_day=14) for number, row in enumerate(scores))
    problem = GridProblem(1344, channels, many)
    plan = solved(problem, budget=0.0)
    assert len(plan.placements) + len(plan.unplaced) == 100_000
    assert len(plan.placements) > 10_000
    assert plan.value <= plan.bound


@dataclass(frozen=True)
class OnA:
    """A term that gives every item the same on channel a."""

    values: Floats

    def extras(self, problem: GridProblem) -> Iterator[Extra]:
        for item in problem.items:
            yield Extra(item.id, "a", self.values)


bad, one = channel(), GridItem("i", ("a",))


@pytest.mark.parametrize(
    ("broken", "place"),
    [
        (lambda: GridProblem(8, (replace(bad, scores=np.array([np.nan] * 8)),), ()), "channels[0].scores[0]"),
        (lambda: GridProblem(9, (bad,), ()), "channels[0].scores"),
        (lambda: GridProblem(8, (replace(bad, day=np.arange(8)[::-1]),), ()), "channels[0].day[1]"),
        (lambda: GridProblem(8, (replace(bad, max_per_day=-1),), ()), "channels[0].max_per_day"),
        (lambda: GridProblem(8, (replace(bad, daily_returns=(0.5, 0.6)),), ()), "channels[0].daily_returns[1]"),
        (lambda: GridProblem(8, (bad, bad), ()), "channels[1].id"),
        (lambda: GridProblem(8, (bad,), (GridItem("i", ("b",)),)), "items[0].channels[0]"),
        (lambda: GridProblem(8, (bad,), (GridItem("i", ()),)), "items[0].channels"),
        (lambda: GridProblem(8, (bad,), (GridItem("i", ("a",)),) * 2), "items[1].id"),
        (lambda: GridProblem(8, (bad,), (GridItem("i", ("a",), float("nan")),)), "items[0].priority"),
        (lambda: GridProblem(8, (bad,), (GridItem("i", ("a",), fixed=8),)), "items[0].fixed"),
        (lambda: GridProblem(8, (bad,), (), (GridCommitment("b", 1),)), "commitments[0].channel"),
        (lambda: GridProblem(8, (bad,), (), (GridCommitment("a", math.inf),)), "commitments[0].slot"),
        (lambda: GridProblem(8, (replace(bad, min_gap=math.nan),), ()), "channels[0].min_gap"),
        (lambda: CrossPlatformGap(-0.5), "cross_platform_gap_slots"),
        (lambda: plan_of(GridProblem(8, (bad,), (one,), terms=(OnA(np.full(8, np.inf)),))), "terms: i on a"),
        (lambda: GridProblem(-1, (), ()), "slots.count"),
        (lambda: GridProblem(8, (bad,), (), max_per_slot=-1), "max_per_slot"),
        (lambda: plan_of(GridProblem(8, (bad,), (), constraints=(Order("i", "j"),))), "constraints"),
    ],
)
def test_senseless_problems_are_refused_with_the_place(broken: Callable[[], object], place: str) -> None:
    with pytest.raises(Invalid) as caught:
        broken()
    assert caught.value.problems[0].place == place


def test_every_term_and_constraint_is_registered_under_its_name() -> None:
    assert {"stability": Stability, "by_format": ByFormat} == TERMS
    assert {"cross_platform_gap": CrossPlatformGap, "order": Order} == CONSTRAINTS


@dataclass(frozen=True)
class Evenings:
    """A term and constraint of somebody else's: slots 4 to 7 earn more, except for one item, which may not go there."""

    bonus: float
    barred: str

    def extras(self, problem: GridProblem) -> Iterator[Extra]:
        for item in problem.items:
            yield Extra(item.id, item.channels[0], np.where(np.arange(problem.count) >= 4, self.bonus, -self.bonus))

    def closures(self, problem: GridProblem) -> Iterator[Closure]:
        yield Closure(self.barred, "a", np.arange(problem.count) >= 4)

    def apart(self, problem: GridProblem) -> Iterator[KeptApart]:  # noqa: ARG002 - the shape of every constraint
        return iter(())


def test_a_term_and_a_constraint_of_ones_own_enter_plan_and_bound_exactly() -> None:
    evenings = Evenings(0.25, "i1")
    items = tuple(GridItem(f"i{number}", ("a",)) for number in range(3))
    falling = channel(scores=[0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2])
    plan = plan_of(GridProblem(8, (falling,), items, terms=(evenings,), constraints=(evenings,)))
    assert places_of(plan)["i1"] == ("a", 0)
    assert {slot for _, slot in places_of(plan).values()} == {0, 4, 5}
    assert plan.value == pytest.approx(1.65 + 1.75 + 1.65)
    assert plan.bound == pytest.approx(plan.value)


def test_more_items_than_places_leave_out_the_least_important() -> None:
    one: GridChannel = channel(scores=[0.5] * 8, min_gap=4)
    items = tuple(GridItem(f"i{number}", ("a",), float(number)) for number in range(5))
    plan = plan_of(GridProblem(8, (one,), items))
    assert set(places_of(plan)) == {"i3", "i4"}
    assert [left.item for left in plan.unplaced] == ["i0", "i1", "i2"]
