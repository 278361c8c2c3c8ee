"""The registration of a trial: its fingerprint is what anybody works out, and its blocks are weeks and formats."""

import hashlib
import json
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.trials.registration import ArmPlan, Registration, Window, read_registration
from core.trials.words import DrawUnit, Measure, StoppingRule, Strategy

START = datetime(2026, 3, 2, 12, tzinfo=UTC)
PLAN = Registration(
    trial_id="trial_1",
    hypothesis="Später ist besser.",
    measure=Measure.OUTCOME,
    stopping=StoppingRule.SEQUENTIAL,
    alpha=0.05,
    detect=0.2,
    weeks=8,
    planned_posts=None,
    detectable=0.31,
    control="a",
    seed="seed",
    arms=(
        ArmPlan("a", 1, Strategy.USUAL, usual={"chan": (9, 33)}),
        ArmPlan("b", 2, Strategy.WINDOWS, (Window((1, 2), time(9), time(0)),)),
    ),
    zones={"chan": "Europe/Berlin"},
    calendar_ids=(),
    started_at=START,
    ends_at=START + timedelta(weeks=8),
)
AS_WRITTEN = (
    '{"alpha":0.05,"arms":[{"name":"a","strategy":"usual","usual":{"chan":[9,33]},"weight":1,"windows":[]},'
    '{"name":"b","strategy":"windows","usual":{},"weight":2,'
    '"windows":[{"ends":"00:00","starts":"09:00","weekdays":[1,2]}]}],"calendar_ids":[],"control":"a","detect":0.2,'
    '"detectable":0.31,"ends_at":"2026-04-27T12:00:00+00:00","hypothesis":"Später ist besser.","measure":"outcome",'
    '"planned_posts":null,"seed":"seed","started_at":"2026-03-02T12:00:00+00:00","stopping":"sequential",'
    '"trial_id":"trial_1","weeks":8,"zones":{"chan":"Europe/Berlin"}}'
)


def test_the_fingerprint_is_the_hash_of_the_sorted_json() -> None:
    assert PLAN.fingerprint == hashlib.sha256(AS_WRITTEN.encode()).hexdigest()


def test_what_was_written_is_read_as_it_was() -> None:
    again = read_registration(json.loads(json.dumps(PLAN.as_json())))
    assert again == PLAN
    assert again.fingerprint == PLAN.fingerprint


@pytest.mark.parametrize(
    "change",
    [{"seed": "x"}, {"alpha": 0.1}, {"weeks": 9}, {"control": "b"}, {"arms": PLAN.arms[::-1]}, {"hypothesis": ""}],
)
def test_any_change_changes_the_fingerprint(change: dict[str, object]) -> None:
    assert replace(PLAN, **change).fingerprint != PLAN.fingerprint  # type: ignore[arg-type]


@given(st.text(max_size=20), st.integers(1, 60))
def test_every_cycle_of_a_block_holds_each_arm_as_often_as_its_weight(block: str, cycles: int) -> None:
    lines = [PLAN.line(f"u{number}", block, number) for number in range(3 * cycles)]
    for cycle in range(cycles):
        own = [line.arm for line in lines if line.cycle == f"{block}/{cycle}"]
        assert sorted(own) == ["a", "b", "b"]


@pytest.mark.parametrize(
    ("day", "week"),
    [(date(2026, 3, 8), "2026-W10"), (date(2026, 3, 9), "2026-W11"), (date(2027, 1, 3), "2026-W53")],
)
def test_a_block_is_a_channels_week_and_format(day: date, week: str) -> None:
    assert PLAN.block("chan", day, "text") == f"chan/{week}/text"


SWITCHBACK = replace(PLAN, unit=DrawUnit.DAYS, planned_posts=300)


def test_every_post_of_a_drawn_day_has_its_arm_whatever_its_channel_and_format() -> None:
    for day in (date(2026, 3, 9) + timedelta(days=number) for number in range(28)):
        block = SWITCHBACK.block("chan", day, "text")
        assert SWITCHBACK.block("other", day, "video") == block == day.isoformat()
        assert len({SWITCHBACK.line(f"u{number}", block, number).arm for number in range(5)}) == 1


def test_each_cycle_of_days_holds_each_arm_as_often_as_its_weight() -> None:
    cycles: dict[str, list[str]] = {}
    for number in range(70):
        line = SWITCHBACK.line("u", (date(2026, 3, 9) + timedelta(days=number)).isoformat(), 0)
        cycles.setdefault(line.cycle, []).append(line.arm)
    assert [sorted(arms) for arms in cycles.values() if len(arms) == 3] == [["a", "b", "b"]] * 20
    assert len({tuple(arms) for arms in cycles.values() if len(arms) == 3}) == 3


def test_intervals_are_narrowest_when_the_two_arms_compared_have_their_planned_posts() -> None:
    noon = ArmPlan("c", 1, Strategy.AS_PLANNED)
    assert replace(PLAN, planned_posts=300).plan.tuned_for == 300
    assert replace(PLAN, planned_posts=300, arms=(*PLAN.arms, noon)).plan.tuned_for == 200


def test_a_registration_whose_seed_is_kept_draws_nothing() -> None:
    kept = replace(PLAN, seed=None)
    assert kept.as_json()["seed"] is None
    assert read_registration(kept.as_json()) == kept
    with pytest.raises(ValueError, match="without its seed"):
        kept.line("post", "block", 0)


def test_turns_are_part_of_the_fingerprint_where_there_are_several() -> None:
    several = replace(PLAN, turns=3)
    assert several.fingerprint != PLAN.fingerprint
    assert read_registration(json.loads(json.dumps(several.as_json()))) == several


def test_days_are_part_of_the_fingerprint_and_are_counted_as_days() -> None:
    assert SWITCHBACK.fingerprint != replace(PLAN, planned_posts=300).fingerprint
    assert read_registration(json.loads(json.dumps(SWITCHBACK.as_json()))) == SWITCHBACK
    assert SWITCHBACK.plan.planned_posts == 56
    assert replace(SWITCHBACK, planned_posts=30).plan.planned_posts == 30


@pytest.mark.parametrize(
    ("wall", "holds"),
    [
        (datetime(2026, 3, 3, 9, 0), True),  # noqa: DTZ001 - what a clock shows
        (datetime(2026, 3, 3, 23, 59), True),  # noqa: DTZ001 - as above
        (datetime(2026, 3, 3, 8, 59), False),  # noqa: DTZ001 - as above
        (datetime(2026, 3, 2, 12, 0), False),  # noqa: DTZ001 - as above
        (datetime(2026, 3, 4, 0, 0), False),  # noqa: DTZ001 - as above
    ],
)
def test_a_window_to_midnight_ends_with_its_day(wall: datetime, holds: bool) -> None:
    assert PLAN.arm("b").windows[0].holds(wall) is holds
