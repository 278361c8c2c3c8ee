"""What tests of trials share: channels with habits, posts in coming weeks, and outcomes that arms are made to earn."""

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from random import Random

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
from core.trials.registration import Window
from core.trials.words import Measure, StoppingRule, Strategy
from core.vocabulary import ContentFormat, ItemState, Metric

DAY, WEEK = timedelta(days=1), timedelta(days=7)
FIRST_MONDAY = MONDAY_NOON.replace(hour=0) + WEEK
"""The week after `clock`'s: 9 March 2026."""
MORNINGS = Window((1, 2, 3), time(9), time(12))
EVENINGS = Window((1, 2, 3), time(17), time(21))
TWO_ARMS = (
    ArmDraft("mornings", Strategy.WINDOWS, windows=(MORNINGS,)),
    ArmDraft("evenings", Strategy.WINDOWS, windows=(EVENINGS,)),
)


def draft_of(channel: ChannelView, *, name: str = "Evenings against mornings", **said: object) -> TrialDraft:
    """Give a trial of evenings against mornings on a channel, with a seed everybody knows."""
    told = {"arms": TWO_ARMS, "seed": "known", "hypothesis": "Evenings earn more.", "weeks": 8} | said
    return TrialDraft(name, (channel.id,), **told)  # type: ignore[arg-type]


def running(ctx: Context, channel: ChannelView, **said: object) -> TrialView:
    """Give a trial that has started."""
    return start_trial(ctx, create_trial(ctx, draft_of(channel, **said)).id)


def habits(ctx: Context, channel: ChannelView, posts: int = 200, hour: int = 10, sd: float = 1.0) -> None:
    """Let a channel have posted for a year at one hour of every other day, with log-normal results."""
    rng = Random(7)
    told = [
        Told(
            MONDAY_NOON.replace(hour=hour) - DAY * (10 + 365 * number / posts) // 1,
            math.exp(4 + sd * rng.gauss(0, 1)),
            ContentFormat.TEXT,
        )
        for number in range(posts)
    ]
    tell(ctx, channel.id, told)


def planned(ctx: Context, channel: ChannelView, weeks: int, per_week: int) -> tuple[ItemView, ...]:
    """Put posts into coming weeks, at three in the afternoon, and more than one a day where a week has more."""
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


Earns = Callable[[str], float]


def publish_all(
    ctx: Context, clock: StandingClock, trial: TrialView, levels: Mapping[str, float], *, sd: float = 0.3, seed: int = 1
) -> None:
    """Let every drawn post go out in its slot, and earn the exponential of its arm's level, give or take."""
    rng = Random(seed)
    units = list_assignments(ctx, trial.id)
    for unit in units:
        put_in_state(ctx, unit.item_id, ItemState.PUBLISHED, published_at=unit.scheduled_at)
    clock.moment = max(unit.ripe_at for unit in units)
    events = [
        KpiEvent(
            Metric.LIKES,
            round(math.exp(levels[unit.arm] + sd * rng.gauss(0, 1))),
            (unit.scheduled_at or unit.slot_at) + timedelta(days=7, hours=1),
            item_id=unit.item_id,
        )
        for unit in units
    ]
    record_events(ctx, events)


ENGAGED = {"measure": Measure.ENGAGEMENT}
FIXED = {"stopping": StoppingRule.FIXED}
LATER = datetime(2027, 1, 1, tzinfo=UTC)
