"""Wall-clock time against instants, DST included."""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.calendar.zones import (
    NOT_A_PLACE,
    clock_edges,
    day_bounds,
    first_moment,
    hour_of_week,
    load_zone,
    parse_stamp,
    slot_starts,
    to_utc,
    to_wall,
)
from core.errors import DstAmbiguous, DstGap, Invalid

AWKWARD = (
    "Australia/Lord_Howe",  # shifts by 30 minutes
    "Antarctica/Troll",  # shifts by two hours
    "Pacific/Chatham",  # 12:45 and 13:45
    "Asia/Kathmandu",  # 5:45
    "America/St_Johns",  # 2:30 and 3:30 behind
    "America/Havana",  # repeats and skips midnight
    "Africa/Cairo",
    "Asia/Beirut",
    "America/Santiago",
    "America/Asuncion",
    "Africa/Casablanca",  # "summer" time is the standard
    "Europe/Dublin",
    "America/Nuuk",
    "America/Scoresbysund",
    "Asia/Gaza",
    "Pacific/Apia",
    "America/New_York",
    "Europe/Berlin",
    "UTC",
)
FIRST, LAST = datetime(2020, 1, 1, tzinfo=UTC), datetime(2031, 1, 1, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)

wall = datetime.fromisoformat
zones = st.sampled_from(AWKWARD) | st.sampled_from(sorted(available_timezones() - NOT_A_PLACE))
instants = st.integers(0, 11 * 365 * 24 * 60).map(lambda minutes: FIRST + minutes * MINUTE)


@cache
def transitions(zone: str) -> tuple[datetime, ...]:
    """Find the changes of offset from 2020 to 2030, to the minute, without the code under test."""
    tz, step = ZoneInfo(zone), timedelta(days=5)
    found, moment = [], FIRST
    while moment < LAST:
        low, high = moment, moment + step
        moment = high
        if low.astimezone(tz).utcoffset() == high.astimezone(tz).utcoffset():
            continue
        while high - low > MINUTE:
            middle = low + ((high - low) // 2 // MINUTE or 1) * MINUTE
            if middle.astimezone(tz).utcoffset() == low.astimezone(tz).utcoffset():
                low = middle
            else:
                high = middle
        found.append(high)
    return tuple(found)


@st.composite
def near_transitions(draw: st.DrawFn) -> tuple[str, datetime]:
    """Draw a zone and an instant, within three hours of a change of its clocks where it has one."""
    zone = draw(zones)
    around = st.sampled_from(transitions(zone)) if transitions(zone) else instants
    return zone, draw(around) + timedelta(minutes=draw(st.integers(-180, 180)))


def test_an_ordinary_wall_time_becomes_the_instant_of_its_zone() -> None:
    assert to_utc(wall("2026-07-01 09:30"), "America/New_York") == datetime(2026, 7, 1, 13, 30, tzinfo=UTC)
    assert to_utc(wall("2026-01-05 12:00"), "Asia/Kathmandu") == datetime(2026, 1, 5, 6, 15, tzinfo=UTC)


def test_a_time_in_the_gap_is_refused_with_both_clock_readings() -> None:
    with pytest.raises(DstGap) as refused:
        to_utc(wall("2026-03-29 02:30"), "Europe/Berlin")
    assert str(refused.value) == (
        "2026-03-29 02:30 does not exist in Europe/Berlin: the clocks jump from 2026-03-29 02:00 (UTC+01:00) to "
        "2026-03-29 03:00 (UTC+02:00). Choose a time outside the gap."
    )


def test_a_repeated_time_is_refused_with_both_readings() -> None:
    with pytest.raises(DstAmbiguous) as refused:
        to_utc(wall("2026-11-01 01:15"), "America/New_York")
    assert str(refused.value) == (
        "2026-11-01 01:15 happens twice in America/New_York: as 2026-11-01 01:15 (UTC-04:00) (fold 0) and as "
        "2026-11-01 01:15 (UTC-05:00) (fold 1). Say which one you mean."
    )


def test_fold_chooses_the_reading_of_a_repeated_or_skipped_time() -> None:
    twice, skipped = wall("2026-11-01 01:15"), wall("2026-03-08 02:30")
    assert to_utc(twice, "America/New_York", 0) == datetime(2026, 11, 1, 5, 15, tzinfo=UTC)
    assert to_utc(twice, "America/New_York", 1) == datetime(2026, 11, 1, 6, 15, tzinfo=UTC)
    assert to_utc(skipped, "America/New_York", 0) == datetime(2026, 3, 8, 7, 30, tzinfo=UTC)
    assert to_utc(skipped, "America/New_York", 1) == datetime(2026, 3, 8, 6, 30, tzinfo=UTC)


def test_the_edges_of_a_gap_and_of_a_repeated_hour_are_told_from_their_insides() -> None:
    assert to_utc(wall("2026-03-29 03:00"), "Europe/Berlin") == datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert to_utc(wall("2026-03-29 01:59:59"), "Europe/Berlin") == datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC)
    assert to_utc(wall("2026-10-25 03:00"), "Europe/Berlin") == datetime(2026, 10, 25, 2, tzinfo=UTC)
    with pytest.raises(DstGap):
        to_utc(wall("2026-03-29 02:00"), "Europe/Berlin")
    with pytest.raises(DstAmbiguous):
        to_utc(wall("2026-10-25 02:00"), "Europe/Berlin")


def test_a_day_that_a_zone_skipped_is_one_gap() -> None:
    with pytest.raises(DstGap, match=r"from 2011-12-30 00:00 \(UTC-10:00\) to 2011-12-31 00:00 \(UTC\+14:00\)"):
        to_utc(wall("2011-12-30 12:00"), "Pacific/Apia")
    start, end = day_bounds(date(2011, 12, 30), "Pacific/Apia")
    assert start == end == datetime(2011, 12, 30, 10, tzinfo=UTC)


@pytest.mark.parametrize("fold", [2, -1])
def test_a_fold_other_than_0_or_1_is_refused(fold: int) -> None:
    with pytest.raises(Invalid, match="fold 0 or 1"):
        to_utc(wall("2026-01-01 00:00"), "UTC", fold)


@given(near_transitions())
def test_every_instant_comes_back_from_its_wall_time_and_fold(case: tuple[str, datetime]) -> None:
    zone, instant = case
    shown = to_wall(instant, zone)
    assert to_utc(shown, zone, shown.fold) == instant


@given(near_transitions())
def test_a_wall_time_is_accepted_exactly_when_one_instant_shows_it(case: tuple[str, datetime]) -> None:
    zone, instant = case
    shown = instant.replace(tzinfo=None) + (instant.astimezone(ZoneInfo(zone)).utcoffset() or timedelta())
    shown += timedelta(minutes=20)
    near = (shown.replace(tzinfo=UTC) - timedelta(minutes=minutes) for minutes in range(-15 * 60, 15 * 60 + 1, 15))
    showing = [moment for moment in near if moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == shown]
    try:
        assert [to_utc(shown, zone)] == showing
    except DstGap:
        assert showing == []
    except DstAmbiguous:
        assert len(showing) == 2


@given(near_transitions())
def test_the_first_moment_is_the_earliest_at_which_the_clocks_have_reached_the_time(
    case: tuple[str, datetime],
) -> None:
    zone, instant = case
    shown = to_wall(instant, zone).replace(second=0) + timedelta(minutes=20)
    found = first_moment(shown, zone)
    assert to_wall(found, zone) >= shown
    assert to_wall(found - timedelta(seconds=1), zone) < shown


def test_the_first_moment_after_a_gap_is_its_end() -> None:
    assert first_moment(wall("2026-03-29 02:30"), "Europe/Berlin") == datetime(2026, 3, 29, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "zone", "expected"),
    [
        ("2025-11-06T14:00:00-05:00", "Europe/Berlin", datetime(2025, 11, 6, 19, tzinfo=UTC)),
        ("2025-11-06T14:00:00Z", "Europe/Berlin", datetime(2025, 11, 6, 14, tzinfo=UTC)),
        ("2025-11-06t14:00:00.5z", "Europe/Berlin", datetime(2025, 11, 6, 14, 0, 0, 500_000, tzinfo=UTC)),
        ("2025-11-06T14:00:00+0530", "UTC", datetime(2025, 11, 6, 8, 30, tzinfo=UTC)),
        (" 2025-11-06 14:00 ", "Europe/Berlin", datetime(2025, 11, 6, 13, tzinfo=UTC)),
        ("2026-10-25T02:30:00+01:00", "Europe/Berlin", datetime(2026, 10, 25, 1, 30, tzinfo=UTC)),
    ],
)
def test_a_stamp_is_read_by_its_offset_or_else_by_the_zone(text: str, zone: str, expected: datetime) -> None:
    assert parse_stamp(text, zone) == expected


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        ("", "write a date and a time"),
        ("tomorrow", "write a date and a time"),
        ("2026-03-09", "write a date and a time"),
        ("20260309T1430", "write a date and a time"),
        ("\u0662\u0660\u0662\u0666-03-09T14:30", "write a date and a time"),
        ("2026-03-09T14:30:00+01:00[Europe/Paris]", "write a date and a time"),
        ("0000-01-01T00:00", "there is no such date"),
        ("2026-02-29T10:00", "there is no such date"),
        ("2026-03-09T24:30", "there is no such date"),
        ("2026-03-09T14:30+25:00", "there is no such date"),
        ("0001-01-01T00:00:00+14:00", "choose a year from 1970 to 2199"),
        ("9999-12-31T23:59:59-12:00", "choose a year from 1970 to 2199"),
    ],
)
def test_an_unreadable_stamp_is_refused_with_its_place_and_a_fix(text: str, fix: str) -> None:
    with pytest.raises(Invalid, match=fix) as refused:
        parse_stamp(text, "Europe/Berlin", place="items[2].scheduled_time")
    assert refused.value.problems[0].place == "items[2].scheduled_time"
    assert refused.value.problems[0].value == text


def test_a_naive_stamp_that_repeats_needs_a_fold() -> None:
    with pytest.raises(DstAmbiguous):
        parse_stamp("2026-10-25T02:30", "Europe/Berlin")
    assert parse_stamp("2026-10-25T02:30", "Europe/Berlin", 1) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


@given(st.text())
def test_no_text_breaks_the_reading_of_stamps(text: str) -> None:
    try:
        read = parse_stamp(text, "UTC").tzinfo
    except Invalid:
        return
    assert read is UTC


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("Europe/Pariss", "did you mean Europe/Paris"),
        ("europe/berlin", "did you mean Europe/Berlin"),
        ("New York", "did you mean America/New_York"),
        ("", "use an IANA name such as Europe/Paris"),
        ("Europe", "time zone"),
        ("../../etc/passwd", "time zone"),
        ("/etc/localtime", "time zone"),
        ("localtime", "time zone"),
        ("UTC\0", "time zone"),
        ("x" * 100_000, "time zone"),
    ],
)
def test_an_unknown_zone_is_refused_with_the_nearest_real_ones(name: str, message: str) -> None:
    with pytest.raises(Invalid, match=message):
        load_zone(name)


def test_days_have_23_24_and_25_hours() -> None:
    days = {date(2026, 3, 29): 23, date(2026, 3, 30): 24, date(2026, 10, 25): 25}
    for day, hours in days.items():
        start, end = day_bounds(day, "Europe/Berlin")
        assert end - start == hours * HOUR


def test_a_day_whose_midnight_is_skipped_begins_at_one() -> None:
    start, end = day_bounds(date(2026, 3, 8), "America/Havana")
    assert to_wall(start, "America/Havana") == wall("2026-03-08 01:00")
    assert end - start == 23 * HOUR


@given(near_transitions())
def test_days_follow_each_other_without_gap_or_overlap(case: tuple[str, datetime]) -> None:
    zone, instant = case
    day = to_wall(instant, zone).date()
    start, end = day_bounds(day, zone)
    assert start < end
    assert end == day_bounds(day + timedelta(days=1), zone)[0]


def test_slots_of_a_45_minute_zone_stand_on_its_local_half_hours() -> None:
    start = datetime(2026, 1, 5, 0, 0, tzinfo=UTC)
    assert slot_starts(start, start + HOUR, "Asia/Kathmandu", 30) == (
        datetime(2026, 1, 5, 0, 15, tzinfo=UTC),
        datetime(2026, 1, 5, 0, 45, tzinfo=UTC),
    )


def test_long_and_short_days_have_50_and_46_half_hour_slots() -> None:
    assert len(slot_starts(*day_bounds(date(2026, 10, 25), "Europe/Berlin"), "Europe/Berlin", 30)) == 50
    assert len(slot_starts(*day_bounds(date(2026, 3, 29), "Europe/Berlin"), "Europe/Berlin", 30)) == 46
    assert slot_starts(LAST, FIRST, "UTC", 30) == ()


@pytest.mark.parametrize("minutes", [0, -30, 1441])
def test_a_slot_length_outside_a_day_is_refused(minutes: int) -> None:
    with pytest.raises(Invalid, match="choose 1 to 1440 minutes"):
        slot_starts(FIRST, LAST, "UTC", minutes)


@given(near_transitions(), st.sampled_from([5, 7, 15, 30, 45, 60, 90, 1440]), st.integers(1, 2880))
def test_slots_are_exactly_the_minutes_whose_local_clock_is_a_multiple(
    case: tuple[str, datetime], minutes: int, length: int
) -> None:
    zone, middle = case
    start = middle.replace(second=0, microsecond=0) - timedelta(minutes=length // 2)
    walls = [
        (start + offset * MINUTE, (start + offset * MINUTE).astimezone(ZoneInfo(zone))) for offset in range(length)
    ]
    expected = [instant for instant, wall in walls if (wall.hour * 60 + wall.minute) % minutes == 0]
    found = slot_starts(start, start + length * MINUTE, zone, minutes)
    assert list(found) == expected
    assert all(a < b for a, b in pairwise(found))


@given(near_transitions(), st.sets(st.times(), max_size=3), st.integers(1, 2880))
def test_nothing_that_goes_by_the_clock_changes_between_two_edges(
    case: tuple[str, datetime], clocks: set[time], length: int
) -> None:
    zone, middle = case
    clocks = {clock.replace(second=0, microsecond=0) for clock in clocks}
    start = middle.replace(second=0, microsecond=0) - timedelta(minutes=length // 2)
    local = [(start + n * MINUTE).astimezone(ZoneInfo(zone)) for n in range(length + 1)]
    expected = [
        after.astimezone(UTC)
        for before, after in pairwise(local)
        if after.time() in clocks or before.utcoffset() != after.utcoffset()
    ]
    assert list(clock_edges(start, start + length * MINUTE, zone, clocks)) == expected


@given(zones, instants)
def test_the_hour_of_the_week_counts_local_hours_from_monday(zone: str, instant: datetime) -> None:
    local = instant.astimezone(ZoneInfo(zone))
    assert hour_of_week(instant, zone) == (local.isoweekday() - 1) * 24 + local.hour


def test_sunday_evening_in_utc_is_monday_in_auckland() -> None:
    assert hour_of_week(datetime(2026, 1, 4, 22, tzinfo=UTC), "UTC") == 166
    assert hour_of_week(datetime(2026, 1, 4, 22, tzinfo=UTC), "Pacific/Auckland") == 11


def test_a_naive_time_is_never_taken_for_an_instant() -> None:
    with pytest.raises(Invalid, match="give a time with its offset from UTC"):
        to_wall(wall("2026-01-05T12:00"), "Europe/Berlin")


@pytest.mark.slow
@pytest.mark.parametrize("zone", sorted(available_timezones() - NOT_A_PLACE))
def test_every_change_of_every_zones_clocks_is_a_gap_or_a_repetition_with_its_exact_edges(zone: str) -> None:
    for jump in transitions(zone):
        before, after = to_wall(jump - MINUTE, zone) + MINUTE, to_wall(jump, zone)
        assert to_utc(before - MINUTE, zone, 0) == jump - MINUTE
        assert to_utc(after, zone, 1) == jump
        refusal = DstGap if before < after else DstAmbiguous
        for inside in (min(before, after), max(before, after) - MINUTE):
            with pytest.raises(refusal):
                to_utc(inside, zone)
        assert first_moment(max(before, after), zone) == jump + max(before - after, timedelta())
        if before < after:
            assert first_moment(before, zone) == jump
