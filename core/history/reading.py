"""How the values of one file are to be read: what its user said, completed by what its rows prove."""

import calendar
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import polars as pl

from core.errors import Invalid, Problem


class DateOrder(StrEnum):
    """How 3/4/2024 is meant."""

    DAY_FIRST = "day_first"
    MONTH_FIRST = "month_first"


class NumberStyle(StrEnum):
    """Which sign stands before the decimals of a number; the other one groups thousands."""

    POINT = "point"
    COMMA = "comma"


class FirstDay(StrEnum):
    """The weekday a file calls 1."""

    MONDAY = "monday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"

    @property
    def number(self) -> int:
        """The day counted from Monday, which is 0."""
        return {FirstDay.MONDAY: calendar.MONDAY, FirstDay.SATURDAY: calendar.SATURDAY}.get(self, calendar.SUNDAY)


@dataclass(frozen=True)
class Reading:
    """What the values of a file mean; None is "not known", and never guessed.

    `zone` (IANA) is where the wall clocks of stamps hang that name no zone themselves.
    Raises Invalid for a zone that does not exist.
    """

    zone: str = "UTC"
    date_order: DateOrder | None = None
    number_style: NumberStyle | None = None
    first_weekday: FirstDay | None = None

    def __post_init__(self) -> None:
        """Refuse a zone nobody knows before any row is read in it."""
        if not is_zone(self.zone):
            raise Invalid((Problem("time zone", self.zone, "is not an IANA time zone such as Europe/Berlin"),))


@lru_cache(maxsize=1024)
def is_zone(name: str) -> bool:
    """Tell whether both Python and Polars know an IANA zone of this name (each accepts names the other does not)."""
    try:
        ZoneInfo(name)
        pl.Series([datetime(2000, 1, 1)]).dt.replace_time_zone(name)  # noqa: DTZ001 - the zone is what is being tried
    except (ZoneInfoNotFoundError, ValueError, OSError, pl.exceptions.ComputeError):
        return False
    return True
