"""What a plan says about itself: why here, why not, and what would have to change, checked by making the change."""

from dataclasses import replace

import numpy as np
import pytest
from grid_problems import Case, answer, cases, channel, places_of, plan_of
from grid_validator import Rules, breaches
from hypothesis import HealthCheck, given, settings

from core.planning.constraints.cross_platform_gap import CrossPlatformGap
from core.planning.grid import GridChannel, GridCommitment, GridItem, GridProblem
from core.planning.grid_plan import Block, Infeasible, Relaxation, Why


def items(*priorities: float, **fields: object) -> tuple[GridItem, ...]:
    return tuple(GridItem(f"i{number}", ("a",), priority, **fields) for number, priority in enumerate(priorities))  # type: ignore[arg-type] # the fields by name


def test_the_better_slot_goes_to_the_post_it_is_worth_more_to_and_the_other_is_told() -> None:
    plan = plan_of(GridProblem(8, (channel(scores=[0.9, 0.5, *[0.0] * 6]),), items(1, 5)))
    assert places_of(plan) == {"i1": ("a", 0), "i0": ("a", 1)}
    first, second = (placement.reason for placement in plan.placements)
    assert first.why is Why.BEST
    assert (second.why, second.rival, second.slot) == (Why.WORTH_MORE_TO_ANOTHER, "i1", 0)
    assert second.gain == pytest.approx(1.9 / 1.5 - 1)
    assert second.sentence == "slot 0 on a would have earned 26.7% more for this post but is worth more to i1."


def test_a_post_that_fits_nowhere_names_the_cap_and_the_cap_it_would_fit_with() -> None:
    limited = channel(scores=[0.5] * 4, max_per_day=3)
    plan = plan_of(GridProblem(4, (limited,), items(2, 2, 2, 1)))
    (left,) = plan.unplaced
    assert left.item == "i3"
    assert left.reason.blocks == ((Block.DAY_CAP, 4),)
    assert left.relaxation is not None
    assert left.relaxation.needs == ((Block.DAY_CAP, 4),)
    assert left.relaxation.sentence.endswith("if that day's cap becomes 4.")


def test_a_window_without_a_slot_is_no_error_but_a_reason() -> None:
    (left,) = plan_of(GridProblem(8, (channel(),), items(1, release=5, deadline=3))).unplaced
    assert left.reason.blocks == ((Block.WINDOW, 0),)
    assert left.reason.sentence == "Its window holds no slot of the grid."


def test_a_closed_channel_is_the_reason_and_opening_a_slot_the_way_out() -> None:
    closed = channel(open=np.zeros(8, dtype=np.bool_))
    (left,) = plan_of(GridProblem(8, (closed,), items(1))).unplaced
    assert left.reason.blocks == ((Block.CLOSED, 8),)
    assert left.relaxation is not None
    assert left.relaxation.needs == ((Block.CLOSED, 0),)


def test_a_post_that_would_cost_more_than_it_earns_is_left_over_and_told_so() -> None:
    crowded = channel(scores=[0.0] * 4, daily_returns=(1.0, 0.0))
    plan = plan_of(GridProblem(4, (crowded,), items(5, 1)))
    assert places_of(plan) == {"i0": ("a", 0)}
    assert plan.unplaced[0].reason.blocks == ((Block.WORTH, 3),)


def test_without_a_slot_in_the_grid_everything_is_left_over() -> None:
    plan = plan_of(GridProblem(0, (channel(scores=[]),), items(1, 2)))
    assert [left.reason.blocks[0][0] for left in plan.unplaced] == [Block.WINDOW, Block.WINDOW]
    assert plan.value == plan.bound == 0


@pytest.mark.parametrize(
    ("limits", "slots", "block"),
    [({"min_gap": 3}, (2, 4), Block.SPACING), ({"max_per_day": 1}, (4, 7), Block.DAY_CAP),
     ({"max_per_week": 1}, (0, 7), Block.WEEK_CAP)],
)  # fmt: skip
def test_two_fixed_posts_that_exclude_each_other_are_named(
    limits: dict[str, int], slots: tuple[int, int], block: Block
) -> None:
    fixed = tuple(GridItem(f"i{slot}", ("a",), fixed=slot) for slot in slots)
    found = answer(GridProblem(8, (channel(**limits),), fixed))
    assert isinstance(found, Infeasible)
    assert ({found.item, found.against}, found.block) == ({f"i{slots[0]}", f"i{slots[1]}"}, block)


def test_a_post_fixed_in_a_closed_slot_is_named_with_the_closing() -> None:
    closed = channel(open=np.arange(8) != 2)
    found = answer(GridProblem(8, (closed,), (GridItem("i", ("a",), fixed=2),)))
    assert isinstance(found, Infeasible)
    assert (found.item, found.against, found.block) == ("i", "closed of a", Block.CLOSED)


def test_two_fixed_posts_of_one_content_too_near_are_named() -> None:
    fixed = (GridItem("i", ("a",), content="x", fixed=2), GridItem("j", ("b",), content="x", fixed=3))
    found = answer(GridProblem(8, (channel("a"), channel("b")), fixed, constraints=(CrossPlatformGap(2),)))
    assert isinstance(found, Infeasible)
    assert (found.item, found.against, found.block) == ("j", "i", Block.KEPT_APART)


def test_fixed_posts_stay_where_they_are() -> None:
    fixed = (GridItem("i", ("a",), 1, fixed=6), GridItem("j", ("a",), 5))
    plan = plan_of(GridProblem(8, (channel(scores=[0, 0, 0, 0, 0, 0, 1, 0.5]),), fixed))
    assert places_of(plan) == {"i": ("a", 6), "j": ("a", 7)}
    assert plan.placements[0].reason.why is Why.FIXED


def test_a_committed_post_of_the_same_content_keeps_its_distance_on_other_channels() -> None:
    problem = GridProblem(
        8, (channel("a"), channel("b", [1.0] * 4 + [0.0] * 4)), (GridItem("i", ("b",), content="x"),),
        (GridCommitment("a", 2, "x"),), constraints=(CrossPlatformGap(3),),
    )  # fmt: skip
    assert places_of(plan_of(problem)) == {"i": ("b", 5)}


def relaxed(case: Case, item: str, change: Relaxation) -> Case:
    """Change what a relaxation says."""
    problem, rules = case.problem, case.rules
    for block, number in change.needs:
        match block:
            case Block.BRAND_CAP:
                problem = replace(problem, max_per_slot_and_brand=number)
            case Block.WORKSPACE_CAP:
                problem = replace(problem, max_per_slot=number)
            case Block.WINDOW:
                items = tuple(
                    replace(one, release=number, deadline=number) if one.id == item else one for one in problem.items
                )
                problem = replace(problem, items=items)
            case Block.KEPT_APART:
                rules = replace(rules, gap=min(rules.gap, number), orders=())
            case _:
                channels = tuple(
                    limited(one, block, number) if one.id == change.channel else one for one in problem.channels
                )
                problem = replace(problem, channels=channels)
    return Case(problem, rules)


def limited(one: GridChannel, block: Block, number: int) -> GridChannel:
    match block:
        case Block.DAY_CAP:
            return replace(one, max_per_day=number)
        case Block.WEEK_CAP:
            return replace(one, max_per_week=number)
        case Block.SPACING:
            return replace(one, min_gap=number)
        case _:
            assert block is Block.CLOSED
            return replace(one, open=one.open | (np.arange(one.open.size) == number))


@given(cases())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_an_item_fits_once_what_its_relaxation_says_is_changed(case: Case) -> None:
    plan = plan_of(case.problem)
    for left in plan.unplaced:
        change = left.relaxation
        if change is not None and Block.RULE not in dict(change.needs):
            after = relaxed(case, left.item, change)
            places = {**places_of(plan), left.item: (change.channel, change.slot)}
            assert not breaches(after.problem, after.rules, places), change


def test_the_judge_notices_every_kind_of_breach() -> None:
    pair = (GridItem("i", ("a",), content="x"), GridItem("j", ("a", "b"), content="x", deadline=5))
    open_b = channel("b", open=np.arange(8) != 3)
    problem = GridProblem(8, (channel("a", min_gap=2, max_per_day=1), open_b), pair, max_per_slot=1)
    rules = Rules(gap=2, orders=(("i", "j", 0),))
    assert not breaches(problem, rules, {"i": ("a", 0), "j": ("b", 2)})
    assert breaches(problem, rules, {"i": ("a", 0), "j": ("a", 1)}) == [
        "i and j are 1 apart on a",
        "a has 2 posts in day 0",
    ]
    assert breaches(problem, rules, {"i": ("a", 3), "j": ("b", 3)}) == [
        "j: in a closed slot", "i and j show x 0 apart", "slot 3 holds 2 posts of the workspace",
        "slot 3 holds 2 posts of the workspace",
    ]  # fmt: skip
    assert breaches(problem, rules, {"i": ("b", 6), "j": ("a", 0)}) == [
        "i: on a channel it may not go to", "j comes before i",
    ]  # fmt: skip
