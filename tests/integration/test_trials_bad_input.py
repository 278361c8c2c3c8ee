"""Trials with data nobody hopes for: a number, or why there is none, or a finding; never a wrong verdict or a crash."""

import json
import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.api.shapes.trial_results import results_shape
from core.services.trial_result_views import LiftView, TrialResults
from core.services.trial_results import results_of
from core.services.trial_views import ArmDraft, AssignmentView, TrialDraft, TrialView, UnitState
from core.trials.health.facts import Severity
from core.trials.registration import ArmPlan, Registration, Window
from core.trials.verdict import Verdict
from core.trials.words import Measure, StoppingRule, Strategy, TrialState
from core.undefined import Undefined
from core.vocabulary import ContentFormat, ItemState

START = datetime(2026, 3, 2, tzinfo=UTC)
AFTER = START + timedelta(weeks=60)
HOURS = (Window((1,), time(9), time(11)),)


def registered(**said: Any) -> Registration:
    """Give the registration of a trial of two arms, of which `b` is compared with `a`."""
    arms = (ArmPlan("a", 1, Strategy.WINDOWS, HOURS), ArmPlan("b", 1, Strategy.AS_PLANNED))
    told: dict[str, Any] = {
        "trial_id": "trial_1", "hypothesis": "", "measure": Measure.ENGAGEMENT, "stopping": StoppingRule.SEQUENTIAL,
        "alpha": 0.05, "detect": 0.2, "weeks": 8, "planned_posts": None, "detectable": None, "control": "a",
        "seed": "s", "arms": arms, "zones": {"chan": "Europe/Berlin"}, "calendar_ids": (), "started_at": START,
        "ends_at": START + timedelta(weeks=8),
    }  # fmt: skip
    return Registration(**(told | said))


def unit(number: int, arm: str, value: float | None, **said: Any) -> AssignmentView:
    """Give a drawn post that is ripe: one a day."""
    at = START + timedelta(days=number)
    told: dict[str, Any] = {
        "item_id": f"item_{number}", "arm": arm, "block": f"b{number // 2}", "number": number % 2,
        "cycle": f"b{number // 2}/0", "channel_id": "chan", "content_format": ContentFormat.TEXT, "planned_at": at,
        "slot_at": at, "assigned_at": START, "assigned_by": "owner", "item_state": ItemState.PUBLISHED,
        "scheduled_at": at, "published_at": at, "is_moved": False, "value": value, "before": None,
        "ripe_at": START + timedelta(weeks=number // 7 + 1),
        "state": UnitState.MISSING if value is None else UnitState.COUNTED,
    }  # fmt: skip
    return AssignmentView(**(told | said))


def shown(arms: dict[str, Sequence[float | None]], registration: Registration | None = None) -> TrialResults:
    """Give the results of a trial whose arms have these values, drawn in turn."""
    longest = max(map(len, arms.values()), default=0)
    pairs = [(arm, values[turn]) for turn in range(longest) for arm, values in arms.items() if turn < len(values)]
    return judged([unit(number, arm, value) for number, (arm, value) in enumerate(pairs)], registration)


def judged(units: Sequence[AssignmentView], registration: Registration | None = None, **said: Any) -> TrialResults:
    """Give the results of a trial with these drawn posts, long after its end."""
    registration = registration or registered()
    drafts = tuple(ArmDraft(arm.name, arm.strategy, arm.weight, arm.windows) for arm in registration.arms)
    trial = TrialView(
        id="trial_1", state=TrialState.STOPPED, draft=TrialDraft("A trial", ("chan",), drafts),
        registration=registration, fingerprint=registration.fingerprint, posts={}, looks=1, is_over=True,
        started_at=START, ends_at=registration.ends_at, stopped_at=AFTER, stop_reason="", decided_at=None,
        decision=None, created_by="owner", created_at=START, updated_at=START, version=1,
    )  # fmt: skip
    found = results_of(replace(trial, **said), registration, units, AFTER)
    json.loads(results_shape(found).model_dump_json())  # whatever it is, it can be told
    return found


def ramp(count: int, factor: float = 1.0) -> list[float | None]:
    """Give different values around 100."""
    return [factor * (80 + 7 * (number % 7)) for number in range(count)]


@pytest.mark.parametrize(
    "arms",
    [
        {},
        {"a": [], "b": ramp(50)},
        {"a": ramp(50), "b": []},
        {"a": [5.0], "b": [9.0]},
        {"a": [5.0], "b": ramp(40)},
        {"a": [3.0] * 40, "b": [3.0] * 40},
        {"a": [0.0] * 40, "b": [0.0] * 40},
        {"a": [None] * 40, "b": [None] * 40},
    ],
    ids=["no posts", "empty control", "empty arm", "one each", "one in control", "no variance", "all zeros", "unknown"],
)
def test_what_cannot_be_judged_is_undefined_and_says_why(arms: dict[str, list[float | None]]) -> None:
    found = shown(arms)
    (effect,) = found.effects
    for each in (effect.by_draw, effect.always_valid, effect.p, effect.p_holm, effect.posterior):
        assert isinstance(each, Undefined)
        assert each.reason.endswith(".")
    assert found.verdict in {Verdict.TOO_LITTLE_DATA, Verdict.INVALID}
    assert found.sentence


def test_arms_that_differ_without_any_variance_are_not_told_apart() -> None:
    found = shown({"a": [3.0] * 40, "b": [5.0] * 40})
    assert isinstance(found.effects[0].p, Undefined)
    assert found.verdict is Verdict.TOO_LITTLE_DATA


def test_outcomes_below_zero_are_what_they_are() -> None:
    low = [-1.0 + 0.01 * (number % 9) for number in range(60)]
    high = [-0.5 + 0.01 * (number % 9) for number in range(60)]
    found = shown({"a": low, "b": high}, registered(measure=Measure.OUTCOME, planned_posts=120))
    effect = found.effects[0].by_draw
    assert isinstance(effect, LiftView)
    assert effect.lift == pytest.approx(math.exp(0.5) - 1)
    assert found.verdict is Verdict.WON
    assert found.arms[0].average == pytest.approx(math.exp(-0.9606666) - 1, abs=1e-3)


def test_counts_below_zero_have_no_logarithm() -> None:
    found = shown({"a": [-5.0, *ramp(40)], "b": ramp(41)})
    assert isinstance(found.effects[0].by_draw, Undefined)
    assert "below 0" in found.effects[0].by_draw.reason
    assert found.verdict is Verdict.TOO_LITTLE_DATA


def test_outcomes_that_are_missing_for_half_of_one_arm_make_a_trial_invalid() -> None:
    found = shown({"a": ramp(100), "b": [*ramp(50, 2.0), *[None] * 50]})
    assert found.findings["censoring"].severity is Severity.INVALID
    assert found.verdict is Verdict.INVALID
    assert (found.arms[1].counted, found.arms[1].missing) == (50, 50)


def test_arms_that_do_not_have_their_shares_make_a_trial_invalid() -> None:
    found = shown({"a": ramp(150), "b": ramp(60, 2.0)})
    assert found.findings["sample_ratio"].severity is Severity.INVALID
    assert found.verdict is Verdict.INVALID


def test_shares_that_changed_on_the_way_make_a_trial_invalid() -> None:
    first = [unit(number, "a" if number % 10 else "b", 100.0 + number % 7) for number in range(100)]
    then = [unit(number, "b" if number % 10 else "a", 200.0 + number % 7) for number in range(100, 200)]
    found = judged([*first, *then])
    assert found.findings["weights"].severity is Severity.INVALID
    assert found.verdict is Verdict.INVALID


def test_a_registration_that_was_changed_makes_a_trial_invalid() -> None:
    units = [unit(number, "ab"[number % 2], 100.0 + number % 7) for number in range(80)]
    found = judged(units, fingerprint="that of another plan")
    assert found.verdict is Verdict.INVALID
    assert "its fingerprint differs" in found.sentence


def test_a_fixed_trial_that_was_stopped_before_its_end_is_found() -> None:
    units = [unit(number, "ab"[number % 2], 100.0 + number % 7) for number in range(80)]
    plan = registered(stopping=StoppingRule.FIXED)
    assert "stopped before its planned end" in judged(units, plan, stopped_at=START).findings["peeking"].sentence
    assert "peeking" not in judged(units, plan).findings


def test_arms_of_one_to_a_thousand_are_judged_by_their_shares() -> None:
    arms = (ArmPlan("a", 1000, Strategy.AS_PLANNED), ArmPlan("b", 1, Strategy.WINDOWS, HOURS))
    told = (("b" if number == 500 else "a", 90.0 + number % 9) for number in range(1001))
    units = [unit(number, *each, ripe_at=START) for number, each in enumerate(told)]
    found = judged(units, registered(arms=arms))
    assert "sample_ratio" not in found.findings
    assert [(arm.assigned, arm.counted) for arm in found.arms] == [(1000, 1000), (1, 1)]
    assert isinstance(found.effects[0].by_draw, Undefined)
    assert found.verdict is Verdict.TOO_LITTLE_DATA


def test_arms_that_never_share_a_weekday_are_not_called_unbalanced() -> None:
    units = [
        replace(each, published_at=each.planned_at + timedelta(days=number % 2), slot_at=each.planned_at)
        for number, each in enumerate(unit(2 * (n // 2), "ab"[n % 2], 100.0 + n % 7) for n in range(200))
    ]
    named = [replace(each, item_id=f"item_{number}") for number, each in enumerate(units)]
    assert "imbalance" not in judged(named).findings


@settings(max_examples=40)
@given(
    st.lists(
        st.tuples(
            st.sampled_from("ab"),
            st.one_of(st.none(), st.floats(0, 1e9), st.just(0.0)),
            st.booleans(),
            st.sampled_from(UnitState),
        ),
        max_size=60,
    ),
    st.sampled_from(Measure),
    st.sampled_from(StoppingRule),
)
def test_no_data_make_a_verdict_without_a_number_behind_it(
    rows: list[tuple[str, float | None, bool, UnitState]], measure: Measure, stopping: StoppingRule
) -> None:
    units = [
        unit(number, arm, value if state is UnitState.COUNTED else None, is_moved=moved)
        for number, (arm, value, moved, state) in enumerate(rows)
    ]
    waiting = [replace(each, state=state) for each, (*_, state) in zip(units, rows, strict=True)]
    known = [each for each in waiting if each.state is not UnitState.COUNTED or each.value is not None]
    found = judged(known, registered(measure=measure, stopping=stopping))
    (effect,) = found.effects
    if found.verdict in {Verdict.WON, Verdict.LOST}:
        assert isinstance(effect.by_draw, LiftView)
        assert not isinstance(effect.p_holm, Undefined)
        assert effect.p_holm < 0.05
    assert sum(arm.assigned for arm in found.arms) == len(known)
