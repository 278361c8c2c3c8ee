"""Posts that stand between two slots, distances with parts of slots, and scores by content format."""

from dataclasses import replace

import numpy as np
import pytest
from grid_problems import channel, places_of, plan_of

from core.planning.constraints.cross_platform_gap import CrossPlatformGap
from core.planning.grid import GridCommitment, GridItem, GridProblem
from core.planning.grid_plan import Block
from core.planning.instance import compile_grid
from core.planning.terms.by_format import ByFormat
from core.planning.terms.stability import Stability

EIGHT = tuple(GridItem(f"i{number}", ("a",)) for number in range(8))


def slots_beside(position: float, gap: float) -> set[int]:
    """The slots that a post can take beside a committed one: each in turn is the one it wants most."""
    found = set()
    for slot, scores in enumerate(np.eye(8).tolist()):
        wanted = channel(scores=scores, min_gap=gap, day=np.arange(8) * 0)
        problem = GridProblem(8, (wanted,), EIGHT[:1], (GridCommitment("a", position),))
        ((_, place),) = places_of(plan_of(problem)).values()
        found |= {place} & {slot}
    return found


@pytest.mark.parametrize(
    ("position", "gap", "left"),
    [
        (2.25, 1, {0, 1, 4, 5, 6, 7}),
        (2.25, 1.5, {0, 4, 5, 6, 7}),
        (2.5, 1.5, {0, 1, 4, 5, 6, 7}),
        (2.25, 0, {0, 1, 2, 3, 4, 5, 6, 7}),
        (2, 0, {0, 1, 3, 4, 5, 6, 7}),
        (-0.25, 1.5, {2, 3, 4, 5, 6, 7}),
        (7.75, 1.5, {0, 1, 2, 3, 4, 5, 6}),
        (2 + 7 / 30, 53 / 30, {0, 4, 5, 6, 7}),
    ],
)
def test_a_committed_post_between_two_slots_keeps_its_exact_distance(
    position: float, gap: float, left: set[int]
) -> None:
    assert slots_beside(position, gap) == left


def test_between_posts_that_are_planned_a_part_of_a_slot_counts_whole() -> None:
    tight = channel(scores=[1, 0.9, 0.8, 0.7, 0, 0, 0, 0], min_gap=1.5)
    assert places_of(plan_of(GridProblem(8, (tight,), EIGHT[:2]))) == {"i0": ("a", 0), "i1": ("a", 2)}


def test_a_post_between_two_slots_counts_in_the_day_and_the_limits_of_the_slot_it_falls_in() -> None:
    limited = channel(scores=[1, 1, 1, 1, 0, 0, 0, 0], min_gap=0, max_per_day=1)
    problem = GridProblem(8, (limited,), EIGHT[:1], (GridCommitment("a", 3.75),))
    assert places_of(plan_of(problem)) == {"i0": ("a", 4)}
    free = replace(limited, max_per_day=None, scores=np.array([0, 0, 0, 1, 0.5, 0, 0, 0]))
    beside = GridProblem(8, (free, channel("b")), EIGHT[:1], (GridCommitment("b", 3.75),), max_per_slot=1)
    assert places_of(plan_of(beside)) == {"i0": ("a", 4)}


def test_the_same_content_keeps_its_exact_distance_from_a_committed_post_on_another_channel() -> None:
    falling = channel("b", [1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3])
    item = GridItem("i", ("b",), content="x")
    for position, gap, slot in ((1.25, 1.5, 3), (1.5, 1.5, 0), (0.75, 2.25, 3), (0.75, 0.0, 0)):
        problem = GridProblem(
            8, (channel("a"), falling), (item,), (GridCommitment("a", position, "x"),),
            constraints=(CrossPlatformGap(gap),),
        )  # fmt: skip
        assert places_of(plan_of(problem)) == {"i": ("b", slot)}


def test_the_spacing_that_would_make_room_beside_a_committed_post_is_told_with_its_part_of_a_slot() -> None:
    problem = GridProblem(2, (channel(scores=[0.5, 0.5], min_gap=3),), EIGHT[:1], (GridCommitment("a", 2.755),))
    change = plan_of(problem).unplaced[0].relaxation
    assert change is not None
    assert change.needs == ((Block.SPACING, pytest.approx(2.755)),)
    assert change.sentence == "Fits at slot 0 on a if the spacing becomes 2.75 slots."


def test_a_post_of_a_format_earns_the_score_of_its_format_where_there_is_one() -> None:
    channels = channel("a", [0.9, 0.1, 0.2, 0.0]), channel("b", [0.9, 0.1, 0.2, 0.0])
    term = ByFormat({"i": "short", "j": "text"}, {("a", "short"): np.array([0.0, 0.7, 0.0, 0.0])})
    items = GridItem("i", ("a",), 3), GridItem("j", ("a",), 1), GridItem("k", ("b",), 2)
    plan = plan_of(GridProblem(4, channels, items, terms=(term,)))
    assert places_of(plan) == {"i": ("a", 1), "j": ("a", 0), "k": ("b", 0)}
    assert plan.value == pytest.approx(3 * 1.7 + 1 * 1.9 + 2 * 1.9)


def test_posts_of_one_format_and_priority_share_their_row_even_with_places_they_would_keep() -> None:
    items = tuple(GridItem(f"i{number}", ("a",), 1.0 + number % 2) for number in range(40))
    formats = {item.id: ("short", "text")[number // 2 % 2] for number, item in enumerate(items)}
    scores = {("a", kind): np.full(8, worth) for kind, worth in (("short", 0.25), ("text", 0.75))}
    stays = Stability({item.id: ("a", number % 8) for number, item in enumerate(items)}, 0.1)
    instance = compile_grid(GridProblem(8, (channel(),), items, terms=(ByFormat(formats, scores), stays)))
    assert sorted(instance.worth[:, 0].tolist()) == [1.25, 1.75, 2.5, 3.5]
    assert [instance.earns(number, 1) for number in (0, 1, 2)] == pytest.approx([1.25, 2.5 + 0.2, 1.75])
