"""Times in a sheet: serial numbers, text and ISO, read in its zone and written in its column's own way."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.history.reading import DateOrder
from core.sheets.fields import Cell
from core.sheets.times import ReadTime, TimeStyle, read_times, serial_of, style_of, wall_of, write_time

BERLIN = "Europe/Berlin"
TWICE = "2026-10-25 02:30+02:00 or 2026-10-25 02:30+01:00"
NINE = datetime(2026, 5, 1, 7, tzinfo=UTC)


def read(cell: Cell, *others: Cell) -> ReadTime:
    return read_times([cell, *others], BERLIN)[0]


def test_serial_numbers_count_days_from_the_end_of_1899() -> None:
    assert wall_of(2) == datetime(1900, 1, 1)  # noqa: DTZ001 - Google documents 2.0 as 1 January 1900
    assert wall_of(33.625) == datetime(1900, 2, 1, 15)  # noqa: DTZ001 - and 33.625 as 1 February 1900, 15:00
    assert serial_of(datetime(1900, 2, 1, 15)) == 33.625  # noqa: DTZ001


@pytest.mark.parametrize(
    "cell",
    [46143.375, "2026-05-01 09:00", "2026-05-01T09:00:00", "2026-05-01T07:00:00Z", "2026-05-01T03:00-04:00",
     "1 May 2026 9:00 am", "May 1, 2026 at 9:00", "1.5.2026 09:00", "46143.375", 1777618800],
)  # fmt: skip
def test_a_moment_is_read_however_it_is_written(cell: Cell) -> None:
    assert read(cell) == ReadTime(NINE)


def test_serial_numbers_are_read_to_the_second() -> None:
    assert read(46143 + 34_567 / 86_400).moment == datetime(2026, 5, 1, 7, 36, 7, tzinfo=UTC)


def test_the_order_of_a_date_is_read_from_its_column_or_asked_for() -> None:
    assert read("5/1/2026 9:00", "5/24/2026 9:00") == ReadTime(NINE)
    assert "day first or month first" in read("5/1/2026 9:00").problem
    assert read_times(["5/1/2026 9:00"], BERLIN, date_order=DateOrder.MONTH_FIRST)[0] == ReadTime(NINE)


def test_whole_days_are_midnights_only_among_times() -> None:
    assert "no time of day" in read(46143.0, 46144.0).problem
    assert read(46143.0, 46144.5).moment == datetime(2026, 4, 30, 22, tzinfo=UTC)


def test_a_time_of_day_may_stand_beside_its_date() -> None:
    days: list[Cell] = [46143.0, 46143.0, "2026-05-01", "", "2026-05-01", ""]
    found = read_times(days, BERLIN, clocks=[0.375, "9:00 AM", 0.375, "", "", 0.375])
    assert [each.moment for each in found] == [NINE, NINE, NINE, None, None, None]
    assert [each.problem[:25] for each in found[3:]] == ["", "has a date but no time of", "has a time of day but no "]


@pytest.mark.parametrize(
    ("cell", "problem"),
    [
        ("2026-03-29 02:30", "2026-03-29 02:30 does not exist in Europe/Berlin"),
        (46110 + 2.5 / 24, "2026-03-29 02:30 does not exist in Europe/Berlin"),
        ("2026-10-25 02:30", f"happens twice in Europe/Berlin as the clocks are set back; write which one: {TWICE}"),
        (0.5, "has a time of day but no date"),
        (True, "is no date and time"),
        ("#REF!", "its formula points to cells that are gone"),
        ("soon", "is not a date and time Slotwise knows"),
        (2026.5, "choose a year from 1970 to 2199"),
        (-3.0, "is not a date and time Slotwise knows"),
    ],
)  # fmt: skip
def test_what_is_no_time_says_why(cell: Cell, problem: str) -> None:
    assert read(cell).moment is None
    assert read(cell).problem.startswith(problem)


@given(
    st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - bounds are naive
    st.sampled_from([BERLIN, "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"]),
    st.sampled_from(TimeStyle),
    st.booleans(),
)
def test_what_is_written_is_read_back_to_the_second(
    moment: datetime, zone: str, style: TimeStyle, is_split: bool
) -> None:
    day, clock = write_time(moment, zone, style, is_split=is_split)
    (found, _) = read_times([day, 46143.5], zone, clocks=[clock, ""])
    assert found.moment is not None
    assert abs(found.moment - moment) <= timedelta(microseconds=500_000)


def test_a_time_is_written_as_its_column_is() -> None:
    assert write_time(NINE, BERLIN) == ("2026-05-01 09:00", "")
    assert write_time(NINE + timedelta(seconds=7), BERLIN) == ("2026-05-01 09:00:07", "")
    assert write_time(NINE, BERLIN, is_split=True) == ("2026-05-01", "09:00")
    assert write_time(NINE, BERLIN, TimeStyle.SERIAL) == (46143.375, "")
    assert write_time(NINE, BERLIN, TimeStyle.SERIAL, is_split=True) == (46143.0, 0.375)


def test_a_repeated_hour_is_written_with_its_offset() -> None:
    second = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert write_time(second, BERLIN, TimeStyle.SERIAL) == ("2026-10-25 02:30+01:00", "")


def test_a_column_is_kept_as_most_of_its_cells_are() -> None:
    assert style_of([46143.375, 46144.5, "2026-05-01 09:00", ""]) is TimeStyle.SERIAL
    assert style_of([46143.375, "2026-05-01 09:00"]) is TimeStyle.TEXT
    assert style_of(["", ""]) is TimeStyle.TEXT
