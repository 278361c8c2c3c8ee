"""The greedy planner breaks nothing, places by worth, and says why the rest is left."""

from datetime import datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from planning_problems import CHANNELS, HOUR, START, at, breaches, commitment, problems, slot

from core.errors import Invalid
from core.planning.fill import fill
from core.planning.plan import BlockedBy, Placement, Plan
from core.planning.problem import ChannelLimits, Commitment, PlanItem, PlanSlot, Problem

YOUTUBE, X = CHANNELS
FREE = {YOUTUBE: ChannelLimits(name="Acme YouTube"), X: ChannelLimits(name="Acme X")}


def limited(**limits: timedelta | int) -> dict[str, ChannelLimits]:
    return {YOUTUBE: ChannelLimits(**limits, name="Acme YouTube"), X: FREE[X]}  # type: ignore[arg-type]


@given(problems)
def test_no_plan_breaks_a_constraint(problem: Problem) -> None:
    assert breaches(problem, fill(problem)) == []


@given(problems)
def test_every_item_is_placed_once_or_left_with_a_reason(problem: Problem) -> None:
    plan = fill(problem)
    answered = [p.item_id for p in plan.placements] + [u.item_id for u in plan.unplaced]
    assert sorted(answered) == sorted(item.id for item in problem.items)
    assert all(left.reason.endswith(".") for left in plan.unplaced)


@given(problems)
def test_no_item_is_left_while_a_slot_would_still_take_it(problem: Problem) -> None:
    plan = fill(problem)
    for left, wanted in product(plan.unplaced, problem.slots):
        item = next(item for item in problem.items if item.id == left.item_id)
        if item.channel_id == wanted.channel_id:
            more = Placement(item.id, wanted.channel_id, wanted.start, wanted.score)
            assert breaches(problem, Plan((*plan.placements, more), (), 0)) != []


@given(problems)
def test_the_same_problem_gives_the_same_plan(problem: Problem) -> None:
    assert fill(problem) == fill(problem)


@given(problems)
def test_one_item_gets_the_best_value_there_is(problem: Problem) -> None:
    for item in problem.items[:2]:
        alone = Problem((item,), problem.slots, problem.limits, problem.commitments, problem.cross_platform_gap)
        tried = (Plan((Placement(item.id, s.channel_id, s.start, s.score),), (), 0) for s in problem.slots)
        best = max(
            (item.priority * (1 + plan.placements[0].score) for plan in tried if not breaches(alone, plan)), default=0
        )
        assert fill(alone).value == pytest.approx(best)


def test_an_empty_problem_has_an_empty_plan() -> None:
    assert fill(Problem((), (), {})) == Plan((), (), 0)


def test_the_higher_priority_takes_the_better_slot_and_the_value_adds_up() -> None:
    minor, major = PlanItem("minor", YOUTUBE, 1), PlanItem("major", YOUTUBE, 5)
    plan = fill(Problem((minor, major), (slot(9, 0.2), slot(15, 0.8)), FREE))
    assert plan.placements == (
        Placement("minor", YOUTUBE, at(9), 0.2),
        Placement("major", YOUTUBE, at(15), 0.8),
    )
    assert plan.value == pytest.approx(5 * 1.8 + 1 * 1.2)


def test_of_equal_priorities_the_one_with_fewer_slots_goes_first() -> None:
    easy, tight = PlanItem("easy", YOUTUBE), PlanItem("tight", YOUTUBE, latest=at(9))
    plan = fill(Problem((easy, tight), (slot(9, 0.9), slot(15, 0.1)), FREE))
    assert {p.item_id: p.start for p in plan.placements} == {"tight": at(9), "easy": at(15)}


def test_equal_slots_are_taken_from_the_earliest() -> None:
    plan = fill(Problem((PlanItem("a", YOUTUBE),), (slot(15), slot(9), slot(12)), FREE))
    assert plan.placements[0].start == at(9)


def test_posts_exactly_the_gap_apart_are_allowed() -> None:
    problem = Problem((PlanItem("a", YOUTUBE),), (slot(11),), limited(min_gap=2 * HOUR), (commitment(9),))
    assert len(fill(problem).placements) == 1


def test_a_window_holds_its_first_and_its_last_start() -> None:
    items = PlanItem("first", YOUTUBE, earliest=at(9), latest=at(9)), PlanItem("late", YOUTUBE, earliest=at(9.5))
    plan = fill(Problem(items, (slot(9),), FREE))
    assert [placement.item_id for placement in plan.placements] == ["first"]
    assert plan.unplaced[0].blocked_by is BlockedBy.WINDOW


def test_two_items_never_share_a_slot_even_without_a_gap() -> None:
    plan = fill(Problem((PlanItem("a", YOUTUBE), PlanItem("b", YOUTUBE)), (slot(9),), FREE))
    assert len(plan.placements) == 1
    assert plan.unplaced[0].reason == "The only slot of Acme YouTube is taken by other posts."


@pytest.mark.parametrize(
    ("item", "problem", "blocked_by", "reason"),
    [
        (
            PlanItem("a", X),
            Problem((), (slot(9),), FREE),
            BlockedBy.NO_SLOTS,
            "Acme X has no slots in the time that is planned.",
        ),
        (
            PlanItem("a", YOUTUBE, earliest=at(10), latest=at(12)),
            Problem((), (slot(9), slot(13)), FREE),
            BlockedBy.WINDOW,
            (
                "None of the 2 slots of Acme YouTube starts at or after 2026-03-02 10:00 UTC and at or before "
                "2026-03-02 12:00 UTC."
            ),
        ),
        (
            PlanItem("a", YOUTUBE),
            Problem((), tuple(slot(8.5 + n / 10) for n in range(14)), limited(min_gap=2 * HOUR), (commitment(9),)),
            BlockedBy.MIN_GAP,
            "All 14 slots of Acme YouTube are within 120 minutes of another post.",
        ),
        (
            PlanItem("a", YOUTUBE),
            Problem((), (slot(9), slot(12), slot(15)), limited(max_per_day=1), (commitment(9),)),
            BlockedBy.MAX_PER_DAY,
            "2 of the 3 slots of Acme YouTube are on days that already have the most posts allowed, 1.",
        ),
        (
            PlanItem("a", YOUTUBE, earliest=at(10)),
            Problem((), (slot(9), slot(36), slot(60)), limited(max_per_week=0)),
            BlockedBy.MAX_PER_WEEK,
            (
                "All 2 slots of Acme YouTube that start at or after 2026-03-02 10:00 UTC are in weeks that already "
                "have the most posts allowed, 0."
            ),
        ),
        (
            PlanItem("a", YOUTUBE, content_key="launch"),
            Problem((), (slot(9), slot(10)), FREE, (commitment(9, X, "launch"),), 3 * HOUR),
            BlockedBy.CROSS_PLATFORM_GAP,
            "All 2 slots of Acme YouTube are within 180 minutes of the same content on another channel.",
        ),
    ],
)
def test_what_is_left_names_the_constraint_that_blocks_most_of_its_slots(
    item: PlanItem, problem: Problem, blocked_by: BlockedBy, reason: str
) -> None:
    with_item = Problem((item,), problem.slots, problem.limits, problem.commitments, problem.cross_platform_gap)
    (left,) = fill(with_item).unplaced
    assert (left.blocked_by, left.reason) == (blocked_by, reason)


NAIVE = datetime.fromisoformat("2026-03-02T09:00")


@pytest.mark.parametrize(
    ("item", "one_slot", "one_commitment", "message"),
    [
        (PlanItem("a", "elsewhere"), slot(9), commitment(9), r"items\[0\].channel_id: no limits are given"),
        (PlanItem("a", YOUTUBE, float("nan")), slot(9), commitment(9), r"items\[0\].priority: use a number from 0"),
        (PlanItem("a", YOUTUBE, earliest=NAIVE), slot(9), commitment(9), r"items\[0\].earliest: give a time with"),
        (PlanItem("a", YOUTUBE, latest=NAIVE), slot(9), commitment(9), r"items\[0\].latest: give a time with"),
        (PlanItem("a", YOUTUBE), slot(9, float("nan")), commitment(9), r"slots\[0\].score: use a finite number"),
        (PlanItem("a", YOUTUBE), slot(9, float("inf")), commitment(9), r"slots\[0\].score: use a finite number"),
        (PlanItem("a", YOUTUBE), slot(9, 1, "elsewhere"), commitment(9), r"slots\[0\].channel_id: no limits"),
        (
            PlanItem("a", YOUTUBE),
            PlanSlot(YOUTUBE, NAIVE, NAIVE.date(), (2026, 10), 1),
            commitment(9),
            r"slots\[0\].start: give a time with its offset",
        ),
        (PlanItem("a", YOUTUBE), slot(9), commitment(9, "elsewhere"), r"commitments\[0\].channel_id: no limits"),
        (
            PlanItem("a", YOUTUBE),
            slot(9),
            Commitment(YOUTUBE, NAIVE, NAIVE.date(), (2026, 10)),
            r"commitments\[0\].start: give a time with its offset",
        ),
    ],
)
def test_a_problem_that_makes_no_sense_is_refused_with_place_and_fix(
    item: PlanItem, one_slot: PlanSlot, one_commitment: Commitment, message: str
) -> None:
    with pytest.raises(Invalid, match=message):
        Problem((item,), (one_slot,), FREE, (one_commitment,))


def test_repeated_ids_and_negative_limits_are_refused_together() -> None:
    with pytest.raises(Invalid) as refused:
        Problem((PlanItem("a", YOUTUBE), PlanItem("a", YOUTUBE)), (), limited(min_gap=-HOUR, max_per_day=-1), (), -HOUR)
    assert [problem.place for problem in refused.value.problems] == [
        "items[0].id",
        "items[1].id",
        f"limits[{YOUTUBE}].min_gap",
        f"limits[{YOUTUBE}].max_per_day",
        "cross_platform_gap",
    ]


def test_half_a_thousand_posts_in_four_weeks_are_placed_without_a_breach() -> None:
    slots = tuple(slot(n / 2, (n * 7919 % 97) / 97, channel) for channel in CHANNELS for n in range(28 * 48))
    items = tuple(PlanItem(f"i{n}", CHANNELS[n % 2], n % 3 + 1) for n in range(500))
    limits = dict.fromkeys(CHANNELS, ChannelLimits(HOUR, 14, 88))
    problem = Problem(items, slots, limits)
    plan = fill(problem)
    assert breaches(problem, plan) == []
    assert len(plan.placements) == 500
    assert plan.placements[0].start >= START
