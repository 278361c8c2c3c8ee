"""Which days a view of the calendar shows, and the step to the ones before and after; pure."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from core.calendar.zones import YEARS, day_bounds

WEEK = timedelta(days=7)
WEEKS_OF_A_MONTH = 6
"""A month touches six weeks at most."""


class View(StrEnum):
    """How the calendar is looked at."""

    MONTH = "Month"
    WEEK = "Week"
    LIST = "List"


@dataclass(frozen=True)
class Span:
    """The local days [first, end) that a view shows, and what to call them."""

    first: date
    end: date
    name: str

    def bounds(self, zone: str) -> tuple[datetime, datetime]:
        """Return the UTC instants at which the span begins and ends on the clocks of `zone`."""
        return day_bounds(self.first, zone)[0], day_bounds(self.end, zone)[0]


def span_of(view: View, day: date) -> Span:
    """Return the weeks of the month, or the one week, that hold a day; they begin on Mondays."""
    if view is View.MONTH:
        first = _monday(day.replace(day=1))
        return Span(first, first + WEEKS_OF_A_MONTH * WEEK, f"{day:%B %Y}")
    first = _monday(day)
    last = first + timedelta(days=6)
    start = f"{first.day} {first:%b}" + (f" {first.year}" if first.year != last.year else "")
    return Span(first, first + WEEK, f"{start} to {last.day} {last:%b} {last.year}")


def step(view: View, day: date, by: int) -> date:
    """Return the day `by` views later (negative: earlier), kept within the years a post can lie in."""
    moved = _months_later(day, by) if view is View.MONTH else day + by * WEEK
    return moved if moved.year in YEARS else day


def _months_later(day: date, by: int) -> date:
    months = day.year * 12 + day.month - 1 + by
    return date(months // 12, months % 12 + 1, 1)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
