"""Moments as exports write them: shapes, zones, clock changes and impossible dates."""

from datetime import UTC, datetime

import polars as pl
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from core.errors import Invalid
from core.history.reading import DateOrder, Reading
from core.history.stamps import (
    EARLIEST,
    FUTURE,
    IMPOSSIBLE,
    NO_TIME,
    TOO_EARLY,
    UNKNOWN_SHAPE,
    UNORDERED,
    Stamps,
    parse_stamps,
)  # fmt: skip

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def read(text: str, zone: str = "UTC", order: DateOrder | None = None) -> Stamps:
    return parse_stamps(pl.Series([text]), pl.Series([zone]), order, NOW)


def moment(text: str, zone: str = "UTC", order: DateOrder | None = None) -> str:
    stamps = read(text, zone, order)
    assert stamps.problems[0] is None
    return str(stamps.moments[0])


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2017-07-14T14:30:59+0000", "2017-07-14 14:30:59+00:00"),
        ("2022-11-02 14:15:13+00:00", "2022-11-02 14:15:13+00:00"),
        ("2023-09-19T12:00:34Z", "2023-09-19 12:00:34+00:00"),
        ("2024-05-01T10:00:00.5+05:30", "2024-05-01 04:30:00.500000+00:00"),
        ("2024-05-01 10:00 -3", "2024-05-01 13:00:00+00:00"),
        ("2024-05-01 10:00 UTC+2", "2024-05-01 08:00:00+00:00"),
        ("2024/05/01 10:00", "2024-05-01 10:00:00+00:00"),
        ("24.06.2016 15:30", "2016-06-24 15:30:00+00:00"),
        ("6/24/2016 3:48", "2016-06-24 03:48:00+00:00"),
        ("24/6/2016 3:48 PM", "2016-06-24 15:48:00+00:00"),
        ("6/6/2016 12:05 am", "2016-06-06 00:05:00+00:00"),
        ("Jun 24, 2016 3:48 PM", "2016-06-24 15:48:00+00:00"),
        ("Fri, 14 Jul 2017 14:30:59 +0530", "2017-07-14 09:00:59+00:00"),
        ("Fri Jul 14 14:30:59 +0000 2017", "2017-07-14 14:30:59+00:00"),
        ("24 de junio de 2016 14:30", "2016-06-24 14:30:00+00:00"),
        ("3. März 2021 08:15", "2021-03-03 08:15:00+00:00"),
        ("1467000000", "2016-06-27 04:00:00+00:00"),
        ("1467000000123", "2016-06-27 04:00:00.123000+00:00"),
        ("45413.604166667", "2024-05-01 14:30:00+00:00"),
    ],
)
def test_every_shape_of_stamp_is_read(text: str, utc: str) -> None:
    assert moment(text) == utc


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("0000-01-01 00:00", TOO_EARLY),
        ("0", UNKNOWN_SHAPE),
        ("9999-12-31 23:59", FUTURE),
        ("2026-01-01 00:01", FUTURE),
        ("2024-02-30 10:00", IMPOSSIBLE),
        ("2024-05-01 25:00", IMPOSSIBLE),
        ("2024-05-01 13:00 PM", IMPOSSIBLE),
        ("2024-05-01 10:00 +19:00", IMPOSSIBLE),
        ("2024-05-01", NO_TIME),
        ("45413", NO_TIME),
        ("3/4/2024 10:00", UNORDERED),
        ("yesterday", UNKNOWN_SHAPE),
        ("24.06.16 15:30", UNKNOWN_SHAPE),
    ],
)
def test_a_stamp_that_is_no_moment_says_why(text: str, problem: str) -> None:
    stamps = read(text)
    assert (stamps.moments[0], stamps.problems[0]) == (None, problem)


def test_the_order_of_day_and_month_decides_what_may_be_read_two_ways() -> None:
    assert moment("3/4/2024 10:00", order=DateOrder.DAY_FIRST) == "2024-04-03 10:00:00+00:00"
    assert moment("3/4/2024 10:00", order=DateOrder.MONTH_FIRST) == "2024-03-04 10:00:00+00:00"


def test_a_date_against_the_order_of_its_file_is_refused() -> None:
    assert read("24/6/2016 3:48", order=DateOrder.MONTH_FIRST).problems[0] == IMPOSSIBLE


def test_a_stamp_without_a_zone_is_a_wall_clock_in_the_zone_of_its_row() -> None:
    stamps = parse_stamps(
        pl.Series(["2024-07-01 12:00", "2024-07-01 12:00", "2024-07-01 12:00Z"]),
        pl.Series(["America/Sao_Paulo", "Asia/Kolkata", "Asia/Kolkata"]), None, NOW,
    )  # fmt: skip
    hours = [each.strftime("%H:%M") for each in stamps.moments]
    assert (hours, stamps.unzoned) == (["15:00", "06:30", "12:00"], 2)


def test_a_time_the_clocks_jumped_over_is_refused_with_its_zone() -> None:
    problem = read("2024-03-31 02:30", "Europe/Berlin").problems[0]
    assert problem.startswith("does not exist in Europe/Berlin: the clocks were set forward over it")


def test_a_time_that_happens_twice_is_the_first_and_is_counted() -> None:
    stamps = read("2024-10-27 02:30", "Europe/Berlin")
    assert (str(stamps.moments[0]), stamps.repeated) == ("2024-10-27 00:30:00+00:00", 1)


def test_an_unknown_zone_is_named() -> None:
    assert "'Mars/Olympus' is not an IANA time zone" in read("2024-07-01 12:00", "Mars/Olympus").problems[0]
    with pytest.raises(Invalid, match="is not an IANA time zone"):
        Reading(zone="Mars/Olympus")


def test_blank_cells_are_no_moment_and_no_problem() -> None:
    stamps = read("  ")
    assert (stamps.moments[0], stamps.problems[0]) == (None, None)


@given(st.datetimes(datetime(1990, 1, 1), datetime(2025, 12, 30), timezones=st.timezones()))  # noqa: DTZ001
def test_what_iso_writes_is_read_back_to_the_microsecond(when: datetime) -> None:
    assume(when >= EARLIEST)
    assert read(when.isoformat()).moments[0] == when.astimezone(UTC)
