"""Trials as the tests of their page need them: backdated, so that posts are ripe by the clock the page reads."""

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from random import Random

from screens import frame, words
from streamlit.testing.v1 import AppTest

from core.services.calendars import NewCalendar, create_calendar
from core.services.channels import ChannelDraft, ChannelView, add_channel
from core.services.context import Context
from core.services.kpi_events import KpiEvent, record_events
from core.services.new_items import NewItem
from core.services.trial_assigning import assign_items, list_assignments
from core.services.trial_drafts import create_trial
from core.services.trial_moves import start_trial, stop_trial
from core.services.trial_views import ArmDraft, TrialDraft, TrialView
from core.storage.tables import ContentScheduleItem
from core.trials.registration import Window
from core.trials.words import Measure, StoppingRule, Strategy
from core.vocabulary import ChannelKind, ItemState, Metric

DAY = timedelta(days=1)
WORKDAYS = (0, 1, 2, 3, 4)
EARLY = ArmDraft("Mornings", Strategy.WINDOWS, windows=(Window(WORKDAYS, time(7), time(11)),))
LATE = ArmDraft("Evenings", Strategy.WINDOWS, windows=(Window(WORKDAYS, time(16), time(22)),))
WEEKS, PER_WEEK = 8, 10


def past(ctx: Context, ago: timedelta) -> Context:
    """Give the same workspace by a clock that is behind: what was done then."""
    return replace(ctx, clock=lambda: datetime.now(UTC) - ago)


def a_page(ctx: Context) -> ChannelView:
    return add_channel(ctx, ChannelDraft("linkedin", "Our page", ChannelKind.OUTBOX, "Europe/Berlin"))


def draft_of(channel: ChannelView, **said: object) -> TrialDraft:
    told = {
        "name": "Evenings or mornings?",
        "hypothesis": "Evening posts earn more.",
        "arms": (EARLY, LATE),
        "measure": Measure.ENGAGEMENT,
        "planned_posts": WEEKS * PER_WEEK,
        "seed": "known",
    }
    return TrialDraft(channel_ids=(channel.id,), **(told | said))  # type: ignore[arg-type]


def plan_posts(
    ctx: Context, channel: ChannelView, first: datetime, weeks: int = WEEKS, per_week: int = PER_WEEK
) -> list[str]:
    """Put posts into the afternoons of weeks that begin with the Monday after `first`; give their ids."""
    monday = (first + (7 - first.weekday()) * DAY).replace(hour=0, minute=0, second=0, microsecond=0)
    times = [
        monday + (7 * week + number % 7) * DAY + timedelta(hours=14, minutes=5 * (number // 7))
        for week in range(weeks)
        for number in range(per_week)
    ]
    posts = tuple(NewItem(channel.id, at, f"Post {n}", f"Text {n}") for n, at in enumerate(times))
    return [item.id for item in create_calendar(ctx, NewCalendar("Spring", "UTC", posts)).items]


def ran(
    ctx: Context,
    channel: ChannelView,
    levels: Mapping[str, float],
    sd: float = 0.3,
    *,
    ago: int = WEEKS + 4,
    outcomes: bool = True,
    **said: object,
) -> TrialView:
    """Give a running trial that began weeks `ago`, whose posts went out and earned their arm's level, give or take."""
    then = past(ctx, timedelta(weeks=ago))
    trial = start_trial(then, create_trial(then, draft_of(channel, weeks=WEEKS + 2, **said)).id)
    assign_items(then, trial.id, plan_posts(then, channel, then.now()))
    publish(ctx, trial, levels if outcomes else {}, sd)
    return trial


def publish(ctx: Context, trial: TrialView, levels: Mapping[str, float], sd: float = 0.3) -> None:
    """Let every drawn post whose time has come go out, and tell the likes of arms with a level a week later."""
    units = [unit for unit in list_assignments(ctx, trial.id) if unit.slot_at < ctx.now() - 8 * DAY]
    with ctx.write() as session:
        for unit in units:
            row = session.get_one(ContentScheduleItem, unit.item_id)
            row.state, row.published_at = ItemState.PUBLISHED, unit.slot_at
    rng = Random(1)
    record_events(
        ctx,
        [
            KpiEvent(
                Metric.LIKES,
                round(math.exp(levels[unit.arm] + sd * rng.gauss(0, 1))),
                unit.slot_at + timedelta(days=7, hours=1),
                unit.item_id,
            )
            for unit in units
            if unit.arm in levels
        ],
    )


def stopped(ctx: Context, trial: TrialView) -> TrialView:
    return stop_trial(ctx, trial.id, "Clear enough")


FIXED: Mapping[str, object] = {"stopping": StoppingRule.FIXED}
APART = {"Mornings": 5.0, "Evenings": 5.6}


def at(trial_id: str | None, **more: str) -> AppTest:
    """Open the page by the address of a trial, or by one that names none."""
    page = frame().run()
    named = {"trial": trial_id} if trial_id else {}
    for name, value in {**named, **more}.items():
        page.query_params[name] = value
    return page.switch_page("trials.py").run()


def said(page: AppTest) -> str:
    """Return what the page says, without what keeps Markdown from reading it as its own."""
    return words(page).replace("\\", "").replace("\u2060", "")
