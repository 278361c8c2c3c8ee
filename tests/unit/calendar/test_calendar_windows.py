"""Quiet hours and blackouts."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.calendar.windows import Blackout, QuietHours, blackout_at, is_quiet
from core.errors import Invalid

NIGHT, LUNCH = QuietHours(time(22), time(7)), QuietHours(time(12), time(13))
NOON = datetime(2026, 3, 9, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("clock", "quiet", "expected"),
    [
        ("21:59", NIGHT, False),
        ("22:00", NIGHT, True),
        ("00:00", NIGHT, True),
        ("06:59", NIGHT, True),
        ("07:00", NIGHT, False),
        ("11:59", LUNCH, False),
        ("12:00", LUNCH, True),
        ("13:00", LUNCH, False),
        ("03:00", None, False),
    ],
)
def test_quiet_hours_begin_at_their_start_and_end_before_their_end(
    clock: str, quiet: QuietHours | None, expected: bool
) -> None:
    assert is_quiet(datetime.fromisoformat(f"2026-01-05T{clock}+00:00"), "UTC", quiet) is expected


def test_quiet_hours_go_by_the_local_clock() -> None:
    instant = datetime(2026, 7, 1, 3, tzinfo=UTC)
    assert is_quiet(instant, "America/New_York", NIGHT)
    assert not is_quiet(instant, "Asia/Tokyo", NIGHT)


def test_both_readings_of_a_repeated_hour_are_quiet() -> None:
    repeated = QuietHours(time(2), time(3))
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert is_quiet(first, "Europe/Berlin", repeated)
    assert is_quiet(first + HOUR, "Europe/Berlin", repeated)
    assert not is_quiet(first + 2 * HOUR, "Europe/Berlin", repeated)


@given(st.times(), st.times(), st.datetimes(timezones=st.just(UTC)))
def test_the_opposite_hours_are_quiet_exactly_when_these_are_not(start: time, end: time, instant: datetime) -> None:
    if start != end:
        assert is_quiet(instant, "UTC", QuietHours(start, end)) != is_quiet(instant, "UTC", QuietHours(end, start))


def test_quiet_hours_that_end_when_they_start_are_refused() -> None:
    with pytest.raises(Invalid, match="leave both empty for none"):
        QuietHours(time(8), time(8))


def test_a_blackout_holds_its_start_and_not_its_end() -> None:
    holiday = Blackout(NOON, NOON + HOUR, "Holiday")
    later = Blackout(NOON, NOON + 2 * HOUR, "Launch freeze")
    assert blackout_at(NOON, (holiday, later)) is holiday
    assert blackout_at(NOON + HOUR, (holiday, later)) is later
    assert blackout_at(NOON - timedelta(microseconds=1), (holiday, later)) is None
    assert blackout_at(NOON, ()) is None


@pytest.mark.parametrize(
    ("start", "end", "message"),
    [
        (NOON, NOON, "it must end after its start"),
        (NOON, NOON - HOUR, "it must end after its start"),
        (NOON.replace(tzinfo=None), NOON, "with their offset"),
        (NOON, NOON.replace(tzinfo=None), "with their offset"),
    ],
)
def test_a_blackout_without_a_moment_or_an_offset_is_refused(start: datetime, end: datetime, message: str) -> None:
    with pytest.raises(Invalid, match=message):
        Blackout(start, end, "")
