"""The ground of a plan: slots by each channel's own clock, closed as its rules say, with everything that stands."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from planned_posts import MONDAY_NOON, TUESDAY, linkedin_draft, post, put_in_state

from core.calendar.conflicts import PostingLimits
from core.calendar.windows import Blackout, QuietHours
from core.services import plan_ground
from core.services.calendars import schedule_item
from core.services.channels import ChannelView, add_channel
from core.services.context import Context
from core.services.plan_ground import Allowance, Grid, Ground, survey
from core.services.plan_views import AS_USUAL, PlanOptions
from core.services.posting_rules import Closed, PostingRules
from core.services.preferences import PreferenceView, add_blackout, save_preference
from core.storage.tables import Channel
from core.vocabulary import ItemState

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def ground(
    ctx: Context, channels: Sequence[ChannelView], starts: datetime, length: timedelta, options: PlanOptions = AS_USUAL
) -> Ground:
    with ctx.read() as session:
        rows = [session.get_one(Channel, one.id) for one in channels]
        return survey(session, rows, starts, starts + length, options)


def zoned(ctx: Context, zone: str, name: str = "Elsewhere") -> ChannelView:
    return add_channel(ctx, replace(linkedin_draft(), name=name, timezone=zone))


def opened(found: Ground, channel: ChannelView) -> list[str]:
    slots = np.flatnonzero(found.channels[channel.id].open).tolist()
    return [f"{found.grid.start(slot):%a %H:%M}" for slot in slots]


def test_slots_are_half_hours_from_the_first_full_one(ctx: Context, linkedin: ChannelView) -> None:
    found = ground(ctx, [linkedin], MONDAY_NOON + timedelta(minutes=7), 2 * HOUR)
    assert (found.grid.origin, found.grid.minutes, found.grid.count) == (MONDAY_NOON + HOUR / 2, 30, 4)
    assert opened(found, linkedin) == ["Mon 12:30", "Mon 13:00", "Mon 13:30", "Mon 14:00"]
    assert found.grid.position(MONDAY_NOON + timedelta(minutes=37)) == pytest.approx(7 / 30)


def test_a_clock_at_a_quarter_hour_keeps_its_own_half_hours(ctx: Context, linkedin: ChannelView) -> None:
    nepal = zoned(ctx, "Asia/Kathmandu")  # +5:45
    found = ground(ctx, [linkedin, nepal], MONDAY_NOON, 2 * HOUR)
    assert (found.grid.minutes, found.grid.count) == (15, 8)
    assert opened(found, linkedin) == ["Mon 12:00", "Mon 12:30", "Mon 13:00", "Mon 13:30"]
    assert opened(found, nepal) == ["Mon 12:15", "Mon 12:45", "Mon 13:15", "Mon 13:45"]
    assert found.grid_channel(nepal.id, np.zeros(8)).min_gap == 8.0  # two hours, in quarters


def test_days_and_weeks_are_those_of_the_channels_clock(ctx: Context, linkedin: ChannelView) -> None:
    auckland = zoned(ctx, "Pacific/Auckland")  # +13 in March
    sunday = datetime(2026, 3, 8, tzinfo=UTC)
    found = ground(ctx, [linkedin, auckland], sunday, DAY)
    for channel, midnight in ((linkedin, 46), (auckland, 22)):  # Monday begins at 23:00 and at 11:00 UTC
        wall = found.channels[channel.id].wall
        assert (
            np.flatnonzero(np.diff(wall.day)).tolist() == np.flatnonzero(np.diff(wall.week)).tolist() == [midnight - 1]
        )
        assert wall.hour_of_week[[midnight - 1, midnight]].tolist() == [167, 0]


def test_the_day_the_clocks_change_has_as_many_slots_as_it_lasts(ctx: Context, linkedin: ChannelView) -> None:
    found = ground(ctx, [linkedin], datetime(2026, 3, 28, 23, tzinfo=UTC), 2 * DAY)  # Sunday 29 March in Berlin
    wall = found.channels[linkedin.id].wall
    assert np.unique(wall.day, return_counts=True)[1].tolist() == [46, 48, 2]
    assert wall.hour_of_week[:8].tolist() == [144, 144, 145, 145, 147, 147, 148, 148]
    found = ground(ctx, [linkedin], datetime(2026, 10, 24, 22, tzinfo=UTC), DAY + HOUR)
    wall = found.channels[linkedin.id].wall
    assert np.unique(wall.day).size == 1
    assert wall.hour_of_week[:10].tolist() == [144, 144, 145, 145, 146, 146, 146, 146, 147, 147]


def test_quiet_hours_across_midnight_close_both_ends_of_the_day(ctx: Context, linkedin: ChannelView) -> None:
    save_preference(ctx, PreferenceView("linkedin", "UTC", quiet_from=time(23), quiet_to=time(1)))
    found = ground(ctx, [linkedin], TUESDAY.replace(hour=22), 4 * HOUR)
    assert opened(found, linkedin) == ["Tue 22:00", "Tue 22:30", "Wed 01:00", "Wed 01:30"]
    assert found.channels[linkedin.id].closed_slots(0, 3) == {Closed.QUIET_HOURS: 2}


def test_the_wishes_of_a_plan_close_weekdays_and_hours_by_the_channels_clock(
    ctx: Context, linkedin: ChannelView
) -> None:
    wishes = PlanOptions(allowed_weekdays=frozenset({1}), allowed_from=time(9), allowed_to=time(10))
    found = ground(ctx, [linkedin], MONDAY_NOON, 7 * DAY, wishes)
    assert opened(found, linkedin) == ["Tue 08:00", "Tue 08:30"]  # 9:00 in Berlin
    assert found.channels[linkedin.id].closed_slots(0, 335) == {Closed.UNWANTED_DAY: 288, Closed.UNWANTED_HOUR: 46}


def test_the_stricter_of_channel_and_wish_holds(ctx: Context, linkedin: ChannelView) -> None:
    wishes = PlanOptions(min_gap=5 * HOUR, max_per_day=2, max_per_week=9)
    strict = ground(ctx, [linkedin], MONDAY_NOON, DAY, wishes).grid_channel(linkedin.id, np.zeros(48))
    assert (strict.min_gap, strict.max_per_day, strict.max_per_week) == (10.0, 2, 9)
    loose = PlanOptions(min_gap=HOUR, max_per_day=5)
    kept = ground(ctx, [linkedin], MONDAY_NOON, DAY, loose).grid_channel(linkedin.id, np.zeros(48))
    assert (kept.min_gap, kept.max_per_day, kept.max_per_week) == (4.0, 3, None)


def test_what_stands_keeps_its_minute_its_day_and_its_words(ctx: Context, linkedin: ChannelView) -> None:
    noon = TUESDAY + timedelta(minutes=7)
    early = schedule_item(ctx, post(linkedin, MONDAY_NOON + HOUR, "Out"))
    put_in_state(ctx, early.id, ItemState.PUBLISHED)
    late = schedule_item(ctx, post(linkedin, noon, "Spring is here"))
    found = ground(ctx, [linkedin], MONDAY_NOON + 2 * HOUR, 2 * DAY)
    before, inside = sorted(found.commitments(), key=lambda one: one.slot)
    assert (before.slot, before.day, before.week) == (-2.0, 20514, 2931)
    assert inside.slot == pytest.approx(44 + 7 / 30)
    assert inside.content == "spring is here: come and see."
    assert found.commitments(moving=[early.id, late.id]) == ()
    assert np.flatnonzero(~found.free(linkedin.id)).tolist() == [0, 1, *range(41, 49)]


def test_a_channel_made_without_a_cap_a_day_has_none(ctx: Context) -> None:
    uncapped = add_channel(ctx, replace(linkedin_draft(), max_per_day=None))
    found = ground(ctx, [uncapped], MONDAY_NOON, DAY)
    assert found.grid_channel(uncapped.id, np.zeros(48)).max_per_day is None


def test_a_full_day_or_week_is_not_free(ctx: Context) -> None:
    daily = add_channel(ctx, replace(linkedin_draft(), timezone="UTC", max_per_day=1, min_gap_minutes=0))
    schedule_item(ctx, post(daily, TUESDAY))
    found = ground(ctx, [daily], MONDAY_NOON, 2 * DAY)
    assert np.flatnonzero(found.free(daily.id)).tolist() == [*range(24), *range(72, 96)]
    weekly = PlanOptions(max_per_week=1)
    assert not ground(ctx, [daily], MONDAY_NOON, 2 * DAY, weekly).free(daily.id).any()


def test_a_blackout_of_one_channel_closes_no_other(ctx: Context, linkedin: ChannelView) -> None:
    other = zoned(ctx, "Europe/Berlin")
    add_blackout(ctx, TUESDAY + timedelta(minutes=10), TUESDAY + HOUR, "Fair", linkedin.id)
    found = ground(ctx, [linkedin, other], TUESDAY, 2 * HOUR)
    assert opened(found, linkedin) == ["Tue 12:00", "Tue 13:00", "Tue 13:30"]
    assert len(opened(found, other)) == 4


ZONES = ("UTC", "Europe/Berlin", "Asia/Kathmandu", "Australia/Lord_Howe", "America/St_Johns", "Pacific/Chatham")
STARTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 1), timezones=st.just(UTC))  # noqa: DTZ001 - made aware
CLOCK = st.times().map(lambda clock: clock.replace(second=0, microsecond=0))
QUIET = st.none() | st.tuples(CLOCK, CLOCK).filter(lambda pair: pair[0] != pair[1]).map(lambda pair: QuietHours(*pair))
WINDOWS = st.lists(st.tuples(st.integers(-600, 4000), st.integers(1, 900)), max_size=3)
OPTIONS = st.builds(
    PlanOptions,
    allowed_weekdays=st.none() | st.frozensets(st.integers(0, 6)),
    allowed_from=CLOCK,
    allowed_to=CLOCK,
)


@st.composite
def allowances(draw: st.DrawFn, starts: datetime) -> Allowance:
    """Give what a channel might allow in the days from `starts`."""
    minute = timedelta(minutes=1)
    windows = [(starts + low * minute, starts + (low + size) * minute) for low, size in draw(WINDOWS)]
    limits = PostingLimits(blackouts=tuple(Blackout(*window, "") for window in windows))
    rules = PostingRules(limits, draw(QUIET), draw(st.booleans()), draw(st.sampled_from(ZONES)))
    return Allowance(rules, draw(OPTIONS), draw(st.sampled_from(ZONES)))


@settings(max_examples=60)
@given(st.data(), STARTS)
def test_a_slot_is_open_exactly_where_every_rule_lets_a_post_out(data: st.DataObject, starts: datetime) -> None:
    allowance = data.draw(allowances(starts))
    grid: Grid = plan_ground._grid(starts, starts + 2 * DAY, [allowance.timezone])
    own = plan_ground._own_slots(plan_ground._wall_clock(grid, allowance.timezone))
    by_the_clock = plan_ground._closed_hours(grid, allowance, own)
    closed = plan_ground._with_blackouts(grid, allowance.rules, by_the_clock, own)
    for slot in range(grid.count):
        reasons = [why for why, slots in closed.items() if slots[slot]]
        why = allowance.closed(grid.start(slot)) if own[slot] else None
        assert reasons == ([why] if why else [])
