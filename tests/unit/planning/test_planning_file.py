"""A problem file: what its fields mean, what stands in for those left out, and what is wrong with bad ones."""

import json
from typing import Any

import pytest

from core.errors import Invalid
from core.planning.grid_plan import GridPlan, Infeasible
from core.planning.problem_file import answer, read_problem, refusal
from core.planning.solve import solve

NAN, INFINITE = float("nan"), float("inf")


def given(**changes: Any) -> dict[str, Any]:
    """Two days of eight slots of three hours from a Monday, two channels, three items."""
    return {
        "slots": {"start": "2027-01-04T06:00:00Z", "minutes": 180, "count": 16},
        "channels": [
            {"id": "a", "brand": "x", "min_gap_slots": 2, "max_per_day": 2, "max_per_week": 3,
             "blackouts": [[0, 3]], "scores": [0.9, 0.9, 0.9, 0.9, *[0.5] * 11, 0.8]},
            {"id": "b", "brand": "x", "min_gap_slots": 1, "max_per_day": 9, "max_per_week": 9,
             "blackouts": [], "scores": [0.1] * 16},
        ],
        "items": [
            {"id": "i", "channels": ["a", "b"], "priority": 2, "release": 0, "deadline": 15, "content": None,
             "fixed": None},
            {"id": "j", "channels": ["a"], "priority": 1, "release": 0, "deadline": 15, "content": "c", "fixed": None},
            {"id": "k", "channels": ["b"], "priority": 1, "release": 0, "deadline": 15, "content": "c", "fixed": 14},
        ],
        "max_per_slot_and_brand": 2,
        "cross_platform_gap_slots": 4,
    } | changes  # fmt: skip


def changed(path: str, value: object) -> dict[str, Any]:
    """The same with one value changed, at a place such as items.0.release."""
    found = given()
    at: Any = found
    *above, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    for step in above:
        at = at[step]
    at[last] = value
    return found


def planned(problem: dict[str, Any]) -> dict[str, Any]:
    file = read_problem(problem)
    plan = solve(file.problem, budget_seconds=1e9, seed=0, elapsed=lambda: 0.0, slot_name=file.slot_name)
    assert isinstance(plan, GridPlan)
    return answer(plan, 1.5)


def test_a_file_becomes_a_plan_in_the_words_of_the_file() -> None:
    found = planned(given())
    assert found["placements"]["i"] == {"channel": "a", "slot": 15}
    assert found["placements"]["k"] == {"channel": "b", "slot": 14}
    assert found["placements"]["j"]["slot"] in range(4, 11)
    assert found["value"] == pytest.approx(2 * 1.8 + 1.5 + 1.1)
    assert (found["unplaced"], found["gap"], found["optimal"], found["seconds"]) == ([], 0.0, True, 1.5)
    assert found["bound"] == pytest.approx(found["value"])
    assert json.loads(json.dumps(found)) == found


def test_days_and_weeks_are_whole_days_since_the_start_in_utc() -> None:
    slots = {"start": "2027-01-04T23:00:00+05:45", "minutes": 45, "count": 32 * 15}
    channel = read_problem(given(slots=slots, channels=[{"id": "a"}], items=[])).problem.channels[0]
    assert [channel.day[slot] for slot in (0, 31, 32, 223, 224)] == [0, 0, 1, 6, 7]
    assert [channel.week[slot] for slot in (0, 223, 224, 447, 448)] == [0, 0, 1, 1, 2]


def test_what_is_left_out_or_null_has_a_default() -> None:
    bare = {"slots": {"start": "2027-01-04T00:00:00Z", "count": 48}, "channels": [{"id": "a", "max_per_day": None}],
            "items": [{"id": "i", "channels": ["a"]}]}  # fmt: skip
    found = read_problem(bare)
    channel, item = found.problem.channels[0], found.problem.items[0]
    assert (channel.min_gap, channel.max_per_day, channel.max_per_week, channel.brand) == (1, None, None, "")
    assert (channel.scores.tolist(), channel.open.all(), channel.day.tolist()) == ([0.0] * 48, True, [0] * 48)
    assert (item.priority, item.release, item.deadline, item.content, item.fixed) == (1, 0, None, None, None)
    assert found.problem.max_per_slot_and_brand is None
    assert planned(bare)["value"] == 1


def test_blackouts_close_both_their_ends_and_may_reach_beyond_the_grid() -> None:
    channel = read_problem(changed("channels.0.blackouts", [[-5, 1], [4, 4], [14, 99]])).problem.channels[0]
    assert [slot for slot in range(16) if not channel.open[slot]] == [0, 1, 4, 14, 15]


def test_what_is_left_over_says_why_with_the_time_in_utc() -> None:
    slots = {"start": "2027-01-04T22:00:00+01:00", "minutes": 180, "count": 2}
    channel = {"id": "a", "scores": [0.1, 0.2]}
    items = [{"id": name, "channels": ["a"], "priority": rank} for rank, name in enumerate("ijk", 1)]
    found = planned({"slots": slots, "channels": [channel | {"max_per_day": 1}], "items": items[:2]})
    assert found["unplaced"] == [
        {
            "item": "i",
            "reason": "Of the 2 slots it could take, 2 are on days that already have the most posts allowed.",
            "relaxation": "Fits at Mon 2027-01-04 21:00 UTC on a if that day's cap becomes 2.",
        }
    ]
    assert planned({"slots": slots, "channels": [channel], "items": items})["unplaced"][0]["item"] == "i"


def test_contradicting_fixed_items_come_back_as_both_of_them() -> None:
    problem = changed("items.0", {"id": "i", "channels": ["b"], "fixed": 14})
    file = read_problem(problem)
    found = solve(file.problem, budget_seconds=1, seed=0, elapsed=lambda: 0.0, slot_name=file.slot_name)
    assert isinstance(found, Infeasible)
    assert refusal(found) == {
        "error": "k is fixed at Wed 2027-01-06 00:00 UTC of b, which i does not allow (spacing); "
        "move one of them, or lift the limit.",
        "item": "k",
        "against": "i",
        "constraint": "spacing",
    }


@pytest.mark.parametrize(
    ("path", "value", "place", "fix"),
    [
        ("items.1.release", "soon", "items[1].release", "finite number"),
        ("items.1.release", 1.5, "items[1].release", "whole number"),
        ("items.1.release", True, "items[1].release", "finite number"),
        ("items.1.priority", -1, "items[1].priority", "from 0 on"),
        ("items.1.priority", 10**400, "items[1].priority", "finite number"),
        ("items.1.channels", "a", "items[1].channels", "list"),
        ("items.1.channels", ["a", 3], "items[1].channels[1]", "text"),
        ("items.1.channels", ["a", "z"], "items[1].channels[1]", "no such channel"),
        ("items.1.channels", ["a", "a"], "items[1].channels[1]", "name each once"),
        ("items.1.channels", [], "items[1].channels", "name the channels"),
        ("items.2.release", 15, "items[2].fixed", "release to its deadline"),
        ("items.2.deadline", 13, "items[2].fixed", "release to its deadline"),
        ("items.1.fixed", 16, "items[1].fixed", "deadline"),
        ("items.1.color", "red", "items[1].color", "leave it out"),
        ("items.1.id", "i", "items[1].id", "items[0]"),
        ("items.1.id", None, "items[1].id", "must be given"),
        ("items.1", 7, "items[1]", "give an object"),
        ("items", {}, "items", "list"),
        ("channels.0.scores", [0.5] * 15, "channels[0].scores", "give 16"),
        ("channels.0.scores", [0.5, NAN] * 8, "channels[0].scores[1]", "finite number"),
        ("channels.0.scores", [*[0.5] * 15, -INFINITE], "channels[0].scores[15]", "finite number"),
        ("channels.0.scores", [*[0.5] * 15, None], "channels[0].scores[15]", "finite number"),
        ("channels.0.blackouts", [[1, 2], [5, 4]], "channels[0].blackouts[1]", "not later"),
        ("channels.0.blackouts", [[1, 2, 3]], "channels[0].blackouts[0]", "two slot numbers"),
        ("channels.0.blackouts", [[1, "x"]], "channels[0].blackouts[0][1]", "finite number"),
        ("channels.0.max_per_day", -1, "channels[0].max_per_day", "from 0 on"),
        ("channels.0.min_gap_slots", INFINITE, "channels[0].min_gap_slots", "finite number"),
        ("channels.1.id", "a", "channels[1].id", "channels[0]"),
        ("slots.start", "2027-01-04T00:00:00", "slots.start", "with Z or an offset"),
        ("slots.start", "Monday", "slots.start", "with Z or an offset"),
        ("slots.minutes", 0, "slots.minutes", "from 1 on"),
        ("slots.count", 10**9, "slots.count", "1,000,000 at most"),
        ("slots.length", 5, "slots.length", "leave it out"),
        ("cross_platform_gap_slots", -1, "cross_platform_gap_slots", "from 0 on"),
        ("max_per_slot", 3, "max_per_slot", "leave it out"),
    ],
)
def test_what_is_wrong_is_named_with_place_value_and_remedy(path: str, value: object, place: str, fix: str) -> None:
    with pytest.raises(Invalid) as caught:
        read_problem(changed(path, value))
    fault = caught.value.problems[0]
    assert fault.place == place
    assert fix in fault.message


@pytest.mark.parametrize("nonsense", [[], "plan", 5, None, {}])
def test_what_is_no_problem_at_all_is_told_what_belongs_there(nonsense: object) -> None:
    with pytest.raises(Invalid) as caught:
        read_problem(nonsense)
    assert {fault.place for fault in caught.value.problems} <= {"file", "slots", "channels", "items"}


def test_of_very_many_faults_the_first_twenty_are_told() -> None:
    with pytest.raises(Invalid) as caught:
        read_problem(given(items=[{"id": f"i{number}", "channels": ["z"]} for number in range(5000)]))
    assert [fault.place for fault in caught.value.problems] == [f"items[{number}].channels[0]" for number in range(20)]
