"""Properties of open slots: every week gets its number or says why not, and rules keep their time on the wall."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import count, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from planned_posts import StandingClock, linkedin_draft

from core.bootstrap import Slotwise, assemble
from core.calendar.recurrence import Recurrence
from core.services.channels import ChannelView, add_channel, edit_channel
from core.services.context import Context
from core.services.open_slots import propose_slots
from core.services.slot_offers import rule_times
from core.services.slot_views import ChannelFrequency, HowOften
from core.settings import Settings

DAY = timedelta(days=1)
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Kathmandu", "UTC")
"""Changes by an hour in spring and autumn, by half an hour, around Ramadan; a zone at a quarter hour; none."""


@pytest.fixture(scope="module")
def owner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Context]:
    """Give the owner of one installation for all examples: nothing in them is stored but the channel's settings."""
    slotwise: Slotwise = assemble(Settings(data_dir=tmp_path_factory.mktemp("house")), StandingClock(NOW))
    yield slotwise.context()
    slotwise.close()


@pytest.fixture(scope="module")
def page(owner: Context) -> ChannelView:
    return add_channel(owner, linkedin_draft())


@dataclass(frozen=True)
class Case:
    """What is asked for on a channel, and what it allows."""

    number: int
    first: int
    days: int
    a_day: int | None
    gap: int
    zone: str


@pytest.mark.slow
@settings(max_examples=25)
@given(
    st.builds(
        Case,
        number=st.integers(1, 12),
        first=st.integers(0, 20),
        days=st.integers(1, 21),
        a_day=st.sampled_from([None, 1, 2]),
        gap=st.sampled_from([30, 120, 600]),
        zone=st.sampled_from(ZONES),
    )
)
def test_every_week_gets_exactly_its_number_or_a_reason(owner: Context, page: ChannelView, case: Case) -> None:
    allows = replace(linkedin_draft(), timezone=case.zone, max_per_day=case.a_day, min_gap_minutes=case.gap)
    edit_channel(owner, page.id, allows)
    begin = date(2026, 3, 3) + case.first * DAY
    end = begin + (case.days - 1) * DAY
    looks = count()  # each look at the stopwatch takes 20 ms of the planner's two seconds: the same cut on any machine
    wanted = HowOften((ChannelFrequency(page.id, case.number),), begin, end)
    proposal = propose_slots(owner, wanted, lambda: next(looks) / 50)
    walls = [offer.scheduled_at.astimezone(ZoneInfo(case.zone)) for offer in proposal.offers]
    found = Counter(wall.date() - wall.weekday() * DAY for wall in walls)
    assert sum(found.values()) == sum(week.added for week in proposal.weeks)
    assert sum(week.days for week in proposal.weeks) == case.days
    for week in proposal.weeks:
        assert week.wanted == case.number * week.days // 7
        assert found[week.monday] == week.added == week.wanted - week.missing
        assert bool(week.missing) == bool(week.reason)
    assert all(begin <= wall.date() <= end for wall in walls)
    gaps = (after.scheduled_at - before.scheduled_at for before, after in pairwise(proposal.offers))
    assert min(gaps, default=DAY) >= timedelta(minutes=case.gap)
    assert max(Counter(wall.date() for wall in walls).values(), default=0) <= (case.a_day or case.number)


@given(
    zone=st.sampled_from(ZONES),
    at=st.times().map(lambda at: at.replace(second=0, microsecond=0)),
    weekdays=st.frozensets(st.integers(0, 6), min_size=1),
)
def test_a_rule_shows_the_same_time_on_the_wall_all_year(zone: str, at: time, weekdays: frozenset[int]) -> None:
    rule = Recurrence(weekdays, at, date(2026, 3, 3), until=date(2027, 3, 2))
    for found in rule_times(rule, zone, NOW):
        wall = found.astimezone(ZoneInfo(zone))
        is_skipped = wall.replace(tzinfo=None) != datetime.combine(wall.date(), at)
        if is_skipped:  # the clocks jump over it that day: the first moment after the gap
            before = (found - timedelta(minutes=1)).astimezone(ZoneInfo(zone))
            assert before.utcoffset() != wall.utcoffset()
            assert before.time() < at < wall.time()
