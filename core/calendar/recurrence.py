"""Posts that repeat by the clock on the wall, through every change of the clocks."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby, islice

from core.calendar.zones import YEARS, first_moment
from core.errors import Invalid, Problem

MOST_OCCURRENCES = 1000
"""As many as a calendar takes at once."""

_WEEKDAYS = range(7)
DAY_NAMES = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
"""What a sentence or a button calls them."""


@dataclass(frozen=True)
class Recurrence:
    """On these weekdays (Monday = 0) at this local time, from `first_day` until a last day, included, or so often."""

    weekdays: frozenset[int]
    at: time
    first_day: date
    until: date | None = None
    count: int | None = None

    def __post_init__(self) -> None:
        """Refuse a rule that never happens or never ends, with every problem it has."""
        if problems := tuple(_problems(self)):
            raise Invalid(problems)


def occurrences(rule: Recurrence, zone: str) -> tuple[datetime, ...]:
    """Return the UTC instants of a rule in a zone, strictly increasing.

    The local time stays the same when the clocks change. On a day that skips it the post moves to the first moment
    after the gap; on a day that repeats it the first reading counts. Raises Invalid above MOST_OCCURRENCES.
    """
    most = rule.count or MOST_OCCURRENCES
    instants = (first_moment(datetime.combine(day, rule.at), zone) for day in _days(rule))
    # A whole day skipped at the date line moves to the next midnight, where the next day's post may already stand.
    distinct = (instant for instant, _ in groupby(instants))
    found = tuple(islice(distinct, most))
    if rule.until is not None and next(distinct, None) is not None:
        message = f"these are more than {MOST_OCCURRENCES} posts; choose an earlier last day"
        raise Invalid((Problem("until", str(rule.until), message),))
    return found


def _days(rule: Recurrence) -> Iterator[date]:
    last = rule.until or date(YEARS[-1], 12, 31)
    for number in range((last - rule.first_day).days + 1):
        day = rule.first_day + timedelta(days=number)
        if day.weekday() in rule.weekdays:
            yield day


def _problems(rule: Recurrence) -> Iterator[Problem]:
    if not rule.weekdays or not rule.weekdays <= set(_WEEKDAYS):
        yield Problem("weekdays", str(sorted(rule.weekdays)), "choose one or more days from 0 (Monday) to 6 (Sunday)")
    if rule.at.tzinfo is not None:
        yield Problem("at", str(rule.at), "give a local time without offset; the calendar's zone applies")
    if (rule.until is None) == (rule.count is None):
        yield Problem("until", str(rule.until), "give either a last day or a number of posts")
    if rule.until is not None and rule.until < rule.first_day:
        yield Problem("until", str(rule.until), f"the last day must not be before the first, {rule.first_day}")
    if rule.count is not None and not 1 <= rule.count <= MOST_OCCURRENCES:
        yield Problem("count", str(rule.count), f"choose 1 to {MOST_OCCURRENCES} posts")
