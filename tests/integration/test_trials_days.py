"""Trials that draw whole days: one arm a day for every channel, posts that keep their day, days that are counted."""

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import time, timedelta

import pytest
from planned_posts import StandingClock, linkedin_draft, post
from trial_stage import EARLY, ENGAGED, LATE, assign_all, earn, go_out, habits, planned, running

from core.calendar.zones import to_wall
from core.services.calendars import NewCalendar, create_calendar
from core.services.channels import ChannelView, add_channel
from core.services.context import Context
from core.services.trial_assigning import assign_items, audit_assignments, list_assignments
from core.services.trial_design import design_trial
from core.services.trial_results import trial_results
from core.services.trial_views import AssignmentView, DesignRequest
from core.storage.tables import TrialAssignment
from core.trials.comparison import Comparison
from core.trials.permutation import Permuted
from core.trials.registration import Window
from core.trials.verdict import Verdict
from core.trials.words import DrawUnit
from core.undefined import Undefined

BERLIN = "Europe/Berlin"
EVERY_DAY = tuple(range(7))
ARMS = (
    replace(EARLY, windows=(Window(EVERY_DAY, time(7), time(11)),)),
    replace(LATE, windows=(Window(EVERY_DAY, time(16), time(23)),)),
)
SWITCHBACK = {"unit": DrawUnit.DAYS, "arms": ARMS}


def day_of(unit: AssignmentView) -> str:
    return to_wall(unit.planned_at, BERLIN).date().isoformat()


def test_every_post_of_a_day_gets_the_days_arm_and_keeps_its_day(ctx: Context, linkedin: ChannelView) -> None:
    trial = running(ctx, linkedin, **SWITCHBACK)
    assign_all(ctx, trial, planned(ctx, linkedin, weeks=2, per_week=14))
    units = list_assignments(ctx, trial.id)
    arms: dict[str, set[str]] = {}
    for unit in units:
        arms.setdefault(day_of(unit), set()).add(unit.arm)
        slot = to_wall(unit.slot_at, BERLIN)
        assert slot.date().isoformat() == day_of(unit) == unit.block
        assert (7 <= slot.hour < 11) if unit.arm == "early" else (16 <= slot.hour < 23)
    assert [len(each) for each in arms.values()] == [1] * 14
    counts = [sum("late" in arms[day] for day in sorted(arms)[start : start + 7]) for start in (0, 7)]
    assert set(counts) <= {3, 4}
    assert audit_assignments(ctx, trial.id).sentence == "All 28 posts have the arm that the registered seed gives."


def test_an_audit_tells_a_post_that_has_not_its_days_arm(ctx: Context, linkedin: ChannelView) -> None:
    trial = running(ctx, linkedin, **SWITCHBACK)
    (unit,) = assign_items(ctx, trial.id, [planned(ctx, linkedin, 1, 1)[0].id]).assigned
    other = {"early": "late", "late": "early"}[unit.arm]
    forged = post(linkedin, unit.slot_at + timedelta(hours=3), "Forged")
    item = create_calendar(ctx, NewCalendar("Forged", "UTC", (forged,))).items[0]
    with ctx.write() as session:
        line = TrialAssignment(
            trial_id=trial.id, item_id=item.id, channel_id=linkedin.id, content_format=unit.content_format,
            block=unit.block, number=1, arm=other, planned_at=unit.planned_at, slot_at=unit.slot_at,
            assigned_at=ctx.now(), assigned_by="a forger",
        )  # fmt: skip
        session.add(line)
    (found,) = audit_assignments(ctx, trial.id).deviations
    assert (found.item_id, found.field, found.recorded, found.expected) == (item.id, "arm", other, unit.arm)


def test_a_day_that_lacks_an_arms_hours_takes_no_posts(ctx: Context, linkedin: ChannelView) -> None:
    trial = running(ctx, linkedin, unit=DrawUnit.DAYS)  # both arms on working days
    items = planned(ctx, linkedin, weeks=1, per_week=7)
    found = assign_items(ctx, trial.id, [item.id for item in items])
    assert len(found.assigned) == 5
    assert {each.reason for each in found.refused} == {
        "in the day it is planned for, 'early' has no free time left; plan it for another day"
    }


def by_day(units: Sequence[AssignmentView], arm: str) -> list[float]:
    """Give the mean logs of the days of an arm."""
    found: dict[str, list[float]] = {}
    for unit in units:
        if unit.arm == arm and unit.value is not None:
            found.setdefault(unit.block, []).append(math.log1p(unit.value))
    return [sum(logs) / len(logs) for logs in found.values()]


def test_days_are_counted_and_their_means_compared(ctx: Context, clock: StandingClock, linkedin: ChannelView) -> None:
    trial = running(ctx, linkedin, **ENGAGED, **SWITCHBACK)
    assign_all(ctx, trial, planned(ctx, linkedin, weeks=8, per_week=14))
    go_out(ctx, clock, trial)
    days = sorted({unit.block for unit in list_assignments(ctx, trial.id)})
    shift = {day: 0.4 * math.sin(7 * number) for number, day in enumerate(days)}  # days differ beside their arms
    levels = {"early": 4.0, "late": 5.0}
    units = list_assignments(ctx, trial.id)
    earn(ctx, trial, {unit.item_id: round(math.exp(levels[unit.arm] + shift[unit.block])) for unit in units})
    found = trial_results(ctx, trial.id)
    units = list_assignments(ctx, trial.id)
    late, early = by_day(units, "late"), by_day(units, "early")
    primary = found.analysis.comparisons[0].contrast.primary
    assert isinstance(primary, Comparison)
    assert primary.effect.estimate == pytest.approx(sum(late) / len(late) - sum(early) / len(early))
    assert [arm.n for arm in found.analysis.arms] == [len(early), len(late)]
    assert primary.effect.df < len(days)
    assert found.verdict is Verdict.WON
    assert sum(arm.counted for arm in found.arms) == 8 * 14
    assert found.over_time[-1].posts == len(days)
    permuted = found.analysis.comparisons[0].contrast.posts.permuted
    assert isinstance(permuted, Permuted)
    assert permuted.p < 0.01


def test_what_is_missing_is_told_in_days(ctx: Context, clock: StandingClock, linkedin: ChannelView) -> None:
    trial = running(ctx, linkedin, **ENGAGED, **SWITCHBACK)
    assign_all(ctx, trial, planned(ctx, linkedin, weeks=2, per_week=14))
    go_out(ctx, clock, trial)
    earn(ctx, trial, {unit.item_id: 60 + 9 * n for n, unit in enumerate(list_assignments(ctx, trial.id))})
    found = trial_results(ctx, trial.id)
    assert found.findings["little_data"].sentence == "Fewer than 30 days with an outcome: early has 7, late has 7."
    assert isinstance(found.effects[0].always_valid, Undefined)
    assert found.effects[0].always_valid.reason.endswith("before every arm has 15 days with an outcome.")
    assert found.sentence.endswith("more days.")


def test_the_assistant_learns_from_days_how_far_days_differ(ctx: Context, linkedin: ChannelView) -> None:
    habits(ctx, linkedin, posts=400)
    posts = design_trial(ctx, DesignRequest((linkedin.id,)))
    days = design_trial(ctx, DesignRequest((linkedin.id,), unit=DrawUnit.DAYS))
    assert (posts.outcomes, days.outcomes) == (399, 349)  # the first has no level before it to be compared with
    assert days.posts_per_week == pytest.approx(74 / 12)  # of twelve weeks, the last ten days are empty
    assert "24 days in each arm" in days.sentence
    often = design_trial(ctx, DesignRequest((linkedin.id,), unit=DrawUnit.DAYS, posts_per_week=40))
    assert often.posts_per_week == 7


def test_two_channels_share_a_days_arm(ctx: Context, linkedin: ChannelView) -> None:
    other = add_channel(ctx, replace(linkedin_draft(), name="Second page"))
    trial = running(ctx, linkedin, **SWITCHBACK, channel_ids=(linkedin.id, other.id))
    items = [*planned(ctx, linkedin, 1, 7), *planned(ctx, other, 1, 7)]
    assign_all(ctx, trial, items)
    arms: dict[str, list[str]] = {}
    for unit in list_assignments(ctx, trial.id):
        arms.setdefault(unit.block, []).append(unit.arm)
    assert sorted(map(len, arms.values())) == [2] * 7
    assert all(len(set(each)) == 1 for each in arms.values())
