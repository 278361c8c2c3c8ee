"""Posts that repeat by the clock on the wall."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.calendar.recurrence import Recurrence, occurrences
from core.errors import Invalid

DAILY = frozenset(range(7))
ZONES = ("Europe/Berlin", "America/Havana", "Australia/Lord_Howe", "America/Santiago", "Africa/Casablanca", "UTC")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_the_local_time_stays_when_the_clocks_change() -> None:
    rule = Recurrence(frozenset({1, 3}), time(9, 30), date(2026, 3, 26), count=3)
    assert occurrences(rule, "Europe/Berlin") == (
        utc("2026-03-26T08:30"),
        utc("2026-03-31T07:30"),
        utc("2026-04-02T07:30"),
    )


def test_a_time_in_the_gap_moves_to_the_first_moment_after_it() -> None:
    rule = Recurrence(DAILY, time(2, 30), date(2026, 3, 28), until=date(2026, 3, 30))
    assert occurrences(rule, "Europe/Berlin") == (
        utc("2026-03-28T01:30"),
        utc("2026-03-29T01:00"),
        utc("2026-03-30T00:30"),
    )


def test_a_repeated_time_takes_its_first_reading() -> None:
    rule = Recurrence(DAILY, time(2, 30), date(2026, 10, 25), until=date(2026, 10, 25))
    assert occurrences(rule, "Europe/Berlin") == (utc("2026-10-25T00:30"),)


def test_a_day_that_the_zone_skipped_makes_no_second_post() -> None:
    rule = Recurrence(DAILY, time(0), date(2011, 12, 29), count=3)
    assert occurrences(rule, "Pacific/Apia") == (
        utc("2011-12-29T10:00"),
        utc("2011-12-30T10:00"),
        utc("2011-12-31T10:00"),
    )


def test_a_rule_whose_days_lie_outside_its_span_has_no_posts() -> None:
    assert occurrences(Recurrence(frozenset({6}), time(9), date(2026, 3, 2), until=date(2026, 3, 7)), "UTC") == ()


@given(
    st.sampled_from(ZONES),
    st.frozensets(st.integers(0, 6), min_size=1),
    st.times(),
    st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    st.integers(0, 400),
)
def test_every_chosen_day_has_one_post_at_the_time_or_at_the_end_of_its_gap(
    zone: str, weekdays: frozenset[int], at: time, first: date, length: int
) -> None:
    last = first + timedelta(days=length)
    found = occurrences(Recurrence(weekdays, at, first, until=last), zone)
    wanted = [first + timedelta(days=n) for n in range(length + 1) if (first + timedelta(days=n)).weekday() in weekdays]
    local = [instant.astimezone(ZoneInfo(zone)) for instant in found]
    assert [moment.date() for moment in local] == wanted
    assert all(a < b for a, b in pairwise(found))
    for instant, moment in zip(found, local, strict=True):
        before = (instant - timedelta(microseconds=1)).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        assert moment.time() == at or before < datetime.combine(moment.date(), at) < moment.replace(tzinfo=None)


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({"weekdays": frozenset()}, "choose one or more days"),
        ({"weekdays": frozenset({7})}, "choose one or more days"),
        ({"until": None}, "give either a last day or a number of posts"),
        ({"count": 3}, "give either a last day or a number of posts"),
        ({"until": date(2026, 3, 1)}, "the last day must not be before the first, 2026-03-02"),
        ({"until": None, "count": 0}, "choose 1 to 1000 posts"),
        ({"until": None, "count": 1001}, "choose 1 to 1000 posts"),
        ({"at": time(9, tzinfo=UTC)}, "without offset"),
    ],
)
def test_a_rule_that_never_happens_or_never_ends_is_refused(rule: dict[str, object], message: str) -> None:
    good: dict[str, object] = {"weekdays": DAILY, "at": time(9), "first_day": date(2026, 3, 2)}
    with pytest.raises(Invalid, match=message):
        Recurrence(**({**good, "until": date(2026, 3, 9)} | rule))  # type: ignore[arg-type]


def test_more_posts_than_a_calendar_takes_are_refused_without_counting_to_the_end_of_time() -> None:
    assert len(occurrences(Recurrence(DAILY, time(9), date(2026, 1, 1), count=1000), "UTC")) == 1000
    with pytest.raises(Invalid, match="more than 1000 posts; choose an earlier last day"):
        occurrences(Recurrence(DAILY, time(9), date(2026, 1, 1), until=date.max), "UTC")
