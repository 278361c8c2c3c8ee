"""What hours happened to earn is an observation, told apart from trials; what a trial could show, from the past."""

from datetime import time, timedelta

import pytest
from planned_posts import MONDAY_NOON
from told_posts import Told, tell
from trial_stage import DAY, habits

from core.errors import Invalid
from core.services.channels import ChannelView
from core.services.context import Context
from core.services.trial_design import design_trial
from core.services.trial_observed import compare_observed
from core.services.trial_result_views import LiftView, ObservedRequest
from core.services.trial_views import DesignRequest
from core.trials.registration import Window
from core.trials.words import Measure
from core.undefined import Undefined

EVENINGS = (Window((0, 1, 2, 3, 4, 5, 6), time(17), time(21)),)


def mornings_and_evenings(ctx: Context, channel: ChannelView, days: int, factor: float) -> None:
    """Let a channel have posted at 09:00 and 18:00 UTC of so many days; evenings earned `factor` times as much."""
    told = [
        Told(MONDAY_NOON.replace(hour=hour) - DAY * (10 + day), earned * (1 + day % 5 / 10))
        for day in range(days)
        for hour, earned in ((9, 50.0), (18, 50.0 * factor))
    ]
    tell(ctx, channel.id, told)


def test_hours_that_earned_more_are_told_without_a_verdict(ctx: Context, linkedin: ChannelView) -> None:
    mornings_and_evenings(ctx, linkedin, 120, 1.5)
    found = compare_observed(ctx, ObservedRequest(linkedin.id, EVENINGS, MONDAY_NOON - 80 * DAY))
    assert isinstance(found.difference, LiftView)
    assert found.difference.lift == pytest.approx(0.49, rel=0.03)  # 1.5 times as much, counted from 1
    assert (found.inside, found.outside) == (71, 70)
    assert found.sentence.startswith("Of 71 posts in these hours and 70 in others, those in these hours happened to")
    assert "this shows no cause" in found.caution
    assert not hasattr(found, "verdict")


def test_without_posts_on_both_sides_nothing_is_compared(ctx: Context, linkedin: ChannelView) -> None:
    habits(ctx, linkedin)
    found = compare_observed(ctx, ObservedRequest(linkedin.id, EVENINGS))
    assert found.inside == 0
    assert isinstance(found.difference, Undefined)
    assert found.sentence.endswith("cannot be compared. There are no posts with an outcome.")


def test_hours_have_to_be_named(ctx: Context, linkedin: ChannelView) -> None:
    with pytest.raises(Invalid, match="windows: "):
        compare_observed(ctx, ObservedRequest(linkedin.id, ()))
    with pytest.raises(Invalid, match="ends: "):
        compare_observed(ctx, ObservedRequest(linkedin.id, EVENINGS, MONDAY_NOON, MONDAY_NOON - timedelta(days=1)))


def test_the_design_assistant_goes_by_the_teams_own_posts(ctx: Context, linkedin: ChannelView) -> None:
    habits(ctx, linkedin, posts=350, sd=1.06)
    found = design_trial(ctx, DesignRequest((linkedin.id,), measure=Measure.ENGAGEMENT, weeks=26, detect=0.5))
    assert found.outcomes == 350
    assert found.sd == pytest.approx(1.06, abs=0.08)
    assert found.posts_per_week == pytest.approx(7, rel=0.15)
    assert not isinstance(found.weeks_for[0.5], Undefined)
    assert found.weeks_for[0.5] == pytest.approx(2 * 108 / 7, rel=0.25)  # 108 posts an arm, as of real channels
    assert found.sentence.startswith("In 26 weeks, with ")


def test_a_design_nobody_could_carry_out_is_too_coarse(ctx: Context, linkedin: ChannelView) -> None:
    habits(ctx, linkedin)
    found = design_trial(ctx, DesignRequest((linkedin.id,), weeks=4, posts_per_week=0))
    assert found.is_too_coarse
    assert isinstance(found.asked.detectable, Undefined)
    assert all(isinstance(weeks, Undefined) for weeks in found.weeks_for.values())
    with pytest.raises(Invalid, match=r"arms: .*weeks: "):
        design_trial(ctx, DesignRequest((linkedin.id,), arms=1, weeks=0))
