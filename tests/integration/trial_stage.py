"""What tests of trials share: channels with habits, posts in coming weeks, and outcomes that arms are made to earn."""

import math
from collections.abc import Mapping, Sequence
from datetime import time, timedelta
from random import Random
from typing import Any

from planned_posts import MONDAY_NOON, StandingClock, post, put_in_state
from told_posts import Told, tell

from core.services.calendars import NewCalendar, create_calendar
from core.services.channels import ChannelView
from core.services.context import Context
from core.services.item_views import ItemView
from core.services.kpi_events import KpiEvent, record_events
from core.services.trial_assigning import assign_items, list_assignments
from core.services.trial_drafts import create_trial
from core.services.trial_moves import start_trial
from core.services.trial_views import ArmDraft, TrialDraft, TrialView
from core.storage.tables import Trial
from core.trials.registration import Registration, Window, read_registration
from core.trials.words import Measure, StoppingRule, Strategy
from core.vocabulary import ContentFormat, ItemState, Metric

DAY, WEEK = timedelta(days=1), timedelta(days=7)
FIRST_MONDAY = MONDAY_NOON.replace(hour=0) + WEEK
"""The week after `clock`'s: 9 March 2026."""
WORKDAYS = (0, 1, 2, 3, 4)
EARLY = ArmDraft("early", Strategy.WINDOWS, windows=(Window(WORKDAYS, time(7), time(11)),))
LATE = ArmDraft("late", Strategy.WINDOWS, windows=(Window(WORKDAYS, time(16), time(22)),))
ENGAGED: dict[str, Any] = {"measure": Measure.ENGAGEMENT}
FIXED: dict[str, Any] = {"stopping": StoppingRule.FIXED}


def draft_of(channel: ChannelView, **said: Any) -> TrialDraft:
    """Give a trial of late against early hours on a channel, for ten weeks, with a seed everybody knows."""
    told = {"name": "Late against early", "arms": (EARLY, LATE), "seed": "known", "weeks": 10}
    return TrialDraft(**(told | {"channel_ids": (channel.id,)} | said))


def running(ctx: Context, channel: ChannelView, **said: Any) -> TrialView:
    """Give a trial that has started."""
    return start_trial(ctx, create_trial(ctx, draft_of(channel, **said)).id)


def registered(ctx: Context, trial: TrialView) -> Registration:
    """Give what was registered, with the seed that no door shows while the trial runs."""
    with ctx.read() as session:
        return read_registration(session.get_one(Trial, trial.id).registration)


def habits(ctx: Context, channel: ChannelView, posts: int = 200, sd: float = 1.0) -> None:
    """Let a channel have posted at 10:00 UTC of the days of a year, with log-normal results around 55."""
    rng = Random(7)
    told = [
        Told(
            MONDAY_NOON.replace(hour=10) - DAY * (10 + 350 * number // posts),
            math.exp(4 + sd * rng.gauss(0, 1)),
            ContentFormat.TEXT,
        )
        for number in range(posts)
    ]
    tell(ctx, channel.id, told)


def planned(ctx: Context, channel: ChannelView, weeks: int, per_week: int) -> tuple[ItemView, ...]:
    """Put posts into coming weeks, in the afternoon, more than one a day where a week has more than seven."""
    times = [
        FIRST_MONDAY + week * WEEK + (number % 7) * DAY + timedelta(hours=14, minutes=5 * (number // 7))
        for week in range(weeks)
        for number in range(per_week)
    ]
    items = tuple(post(channel, at, f"Post {number}") for number, at in enumerate(times))
    return create_calendar(ctx, NewCalendar("Spring", "UTC", items)).items


def assign_all(ctx: Context, trial: TrialView, items: Sequence[ItemView]) -> dict[str, str]:
    """Let items join a trial; give their arms, by id."""
    found = assign_items(ctx, trial.id, [item.id for item in items])
    assert not found.refused
    return {each.item_id: each.arm for each in found.assigned}


def go_out(ctx: Context, clock: StandingClock, trial: TrialView) -> None:
    """Let every drawn post go out at the time it has, and time pass until all are ripe."""
    units = list_assignments(ctx, trial.id)
    for unit in units:
        put_in_state(ctx, unit.item_id, ItemState.PUBLISHED, published_at=unit.scheduled_at)
    clock.moment = max(unit.ripe_at for unit in units)


def earn(ctx: Context, trial: TrialView, likes: Mapping[str, int]) -> None:
    """Let published items have so many likes when they are a week old."""
    units = list_assignments(ctx, trial.id)
    events = [
        KpiEvent(Metric.LIKES, likes[unit.item_id], unit.published_at + timedelta(days=7, hours=1), unit.item_id)
        for unit in units
        if unit.item_id in likes and unit.published_at is not None
    ]
    record_events(ctx, events)


def publish_all(
    ctx: Context, clock: StandingClock, trial: TrialView, levels: Mapping[str, float], sd: float = 0.3
) -> None:
    """Let every drawn post go out, ripen, and earn the exponential of its arm's level, give or take."""
    go_out(ctx, clock, trial)
    rng = Random(1)
    units = list_assignments(ctx, trial.id)
    earn(ctx, trial, {unit.item_id: round(math.exp(levels[unit.arm] + sd * rng.gauss(0, 1))) for unit in units})
