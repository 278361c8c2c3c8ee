"""Moments and durations as people read them."""

from datetime import UTC, datetime, timedelta

import pytest

from core.ui import times

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def test_a_moment_names_day_clock_and_zone() -> None:
    at = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
    assert times.moment(at, "Europe/Berlin", NOW) == "Tue 24 Nov, 15:00 · Europe/Berlin"


def test_a_moment_of_another_year_says_the_year() -> None:
    at = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
    assert times.moment(at, "Europe/Berlin", NOW) == "Fri 1 Jan 2027, 00:30 · Europe/Berlin"
    assert times.moment(at, "UTC", NOW) == "Thu 31 Dec, 23:30 · UTC"


def test_both_readings_of_a_repeated_hour_tell_themselves_apart() -> None:
    first, second = datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert times.clock(first, "Europe/Berlin") == "02:30 (UTC+2)"
    assert times.clock(second, "Europe/Berlin") == "02:30 (UTC+1)"


def test_offsets_of_half_hours_and_west_of_greenwich() -> None:
    assert times.offset(NOW, "Asia/Kolkata") == "UTC+5:30"
    assert times.offset(NOW, "America/St_Johns") == "UTC-3:30"
    assert times.offset(NOW, "UTC") == "UTC"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (61, "1 min 1 s"),
        (7_200, "2 h"),
        (7_500, "2 h 5 min"),
        (90_000, "1 d"),
    ],
)
def test_a_duration_keeps_its_two_largest_units_below_a_day(seconds: int, words: str) -> None:
    assert times.duration(timedelta(seconds=seconds)) == words


def test_relative_moments() -> None:
    assert times.relative(NOW + timedelta(minutes=12), NOW) == "in 12 min"
    assert times.relative(NOW - timedelta(hours=3), NOW) == "3 h ago"
    assert times.relative(NOW, NOW) == "now"


def test_lateness() -> None:
    assert times.lateness(timedelta(seconds=1)) == "on time"
    assert times.lateness(timedelta(minutes=3)) == "3 min late"
    assert times.lateness(timedelta(seconds=-5)) == "5 s early"
    assert times.lateness(None) == ""
