"""What times are worth to a plan: lifts at the caution asked for, and what crowded weeks cost."""

import math

import numpy as np
import polars as pl
import pytest
from plan_stage import calendar, channel, piece, proposed
from planned_posts import MONDAY_NOON, TUESDAY
from told_posts import evenings, tell

from core.services.context import Context
from core.services.plan_ground import survey
from core.services.plan_views import PlanOptions
from core.services.plan_worth import falling_returns, weekly_returns, worth_of
from core.services.preferences import PreferenceView, save_preference
from core.services.week_scores import score_week
from core.storage.tables import Channel
from core.timing.curve import Interval
from core.timing.frequency import FrequencyAdvice, FrequencyFinding
from core.undefined import Undefined
from core.vocabulary import ContentFormat, Reach

from datetime import timedelta  # isort: skip


def advice(finding: FrequencyFinding) -> FrequencyAdvice:
    bounds = Interval(-0.5, -0.2)
    return FrequencyAdvice(
        weeks=30, posts=120, fewer=3, more=6, elasticity=-1.5, per_post=-0.6, per_post_interval=bounds, in_all=-0.3,
        in_all_interval=bounds, finding=finding, sentence="", table=pl.DataFrame(),
    )  # fmt: skip


def test_lifts_are_the_quantile_of_an_hours_outcome_over_the_average(ctx: Context) -> None:
    page = channel(ctx)
    tell(ctx, page.id, evenings(20))
    with ctx.read() as session:
        row = session.get_one(Channel, page.id)
        expected, careful = (worth_of(session, ctx, [(row, None)], share).hours[page.id, None] for share in (0.5, 0.1))
        ground = survey(session, [row], MONDAY_NOON, MONDAY_NOON + timedelta(hours=7))
        slots = worth_of(session, ctx, [(row, None)], 0.5).row(ground, (page.id, None))
    hour, curve = 18, expected.curve  # Monday 18:00
    assert expected.lifts[hour] == pytest.approx(math.exp(curve.mean[hour]) - 1)
    assert careful.lifts[hour] == pytest.approx(math.exp(curve.mean[hour] - 1.2815515655446004 * curve.sd[hour]) - 1)
    assert tuple(expected.scores) == score_week(ctx, page.id)
    assert slots.tolist() == [expected.lifts[at] for at in (12, 12, 13, 13, 14, 14, 15, 15, 16, 16, 17, 17, 18, 18)]
    assert expected.reason(hour) == "Your Monday 18:00 posts earned 135 % more than your average (20 posts)."


def test_a_format_without_posts_of_its_own_still_has_a_worth(ctx: Context) -> None:
    page = channel(ctx)
    tell(ctx, page.id, evenings(20))
    with ctx.read() as session:
        row = session.get_one(Channel, page.id)
        hours = worth_of(session, ctx, [(row, ContentFormat.TEXT), (row, ContentFormat.IMAGE)], 0.5).hours
    assert {content_format for _, content_format in hours} == {ContentFormat.TEXT, ContentFormat.IMAGE}
    assert all(np.isfinite(one.lifts).all() for one in hours.values())


def test_where_more_earned_less_a_post_beyond_a_quiet_weeks_number_adds_nothing() -> None:
    assert falling_returns(advice(FrequencyFinding.MORE_EARNED_LESS)) == (1.0, 1.0, 1.0, 0.0)
    for finding in (FrequencyFinding.MORE_EARNED_MORE, FrequencyFinding.CANNOT_TELL):
        assert falling_returns(advice(finding)) == ()
    assert falling_returns(Undefined("Too few weeks.")) == ()


def test_a_channel_of_few_weeks_has_no_falling_returns(ctx: Context) -> None:
    page = channel(ctx)
    tell(ctx, page.id, evenings(5))
    with ctx.read() as session:
        assert weekly_returns(session, session.get_one(Channel, page.id)) == ()


def test_crowded_weeks_are_thinned_out_where_more_earned_less(ctx: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    page = channel(ctx)
    monkeypatch.setattr("core.services.plan_subject.weekly_returns", lambda *_: (1.0, 0.0))
    made = calendar(ctx, [piece(page, TUESDAY + timedelta(hours=3 * number)) for number in range(2)])
    fortnight = PlanOptions(reach=Reach.RANGE, ends=MONDAY_NOON + timedelta(days=14))
    assert {item.after.isocalendar().week for item in proposed(ctx, made, fortnight).items} == {10, 11}


def test_a_weeks_minimum_comes_before_the_better_hour(ctx: Context) -> None:
    page = channel(ctx)
    made = calendar(ctx, [piece(page, TUESDAY + timedelta(hours=3 * number)) for number in range(2)])
    weeks = PlanOptions(
        reach=Reach.RANGE, starts=MONDAY_NOON + timedelta(hours=1), ends=MONDAY_NOON + timedelta(days=14)
    )
    assert {item.after.isocalendar().week for item in proposed(ctx, made, weeks).items} == {10}
    save_preference(ctx, PreferenceView("linkedin", "UTC", posting_frequency_min=1))
    assert {item.after.isocalendar().week for item in proposed(ctx, made, weeks).items} == {10, 11}
