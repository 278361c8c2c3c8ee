"""When a rule holds: its window and days by the clock on the wall of a zone."""

from collections.abc import Iterable, Iterator
from datetime import datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise

from core.calendar.windows import is_between
from core.calendar.zones import clock_edges, to_wall
from core.rules.rule import Rule

LOOK_AHEAD = timedelta(days=21)
"""Hours come back every week, and a change of the clocks can take away those of one: what does not happen within three
weeks never does."""
_STEPS = tuple(timedelta(days=days) for days in (0, 1, 7, 21))
"""Most waits end within a day: the rest is only looked at when they do not."""
_DAY = timedelta(days=1)


def holds_at(rule: Rule, at: datetime, zone: str) -> bool:
    """Say whether an aware instant lies in the hours and days of a rule; always when it has none."""
    return not rule.has_hours or holds_by_clock(rule, to_wall(at, zone))


def holds_by_clock(rule: Rule, wall: datetime) -> bool:
    """Say the same of a time on the wall (naive)."""
    window, day = rule.time_window, wall
    if window is not None and not is_between(wall.time(), window.start, window.end):
        return False
    if window is not None and window.crosses_midnight and wall.time() < window.end:
        day = wall - _DAY  # it began last night
    return not rule.days_of_week or day.weekday() in rule.days_of_week


def clocks_of(rule: Rule) -> frozenset[time]:
    """Return the times of day at which a rule may begin or cease to hold."""
    window = (rule.time_window.start, rule.time_window.end) if rule.time_window else ()
    return frozenset({*window, *([time()] if rule.days_of_week else [])})


@lru_cache(maxsize=256)
def _edges(since: datetime, until: datetime, zone: str, clocks: frozenset[time]) -> tuple[datetime, ...]:
    """Return `clock_edges`, once for all rows that are asked about at one moment."""
    return clock_edges(since, until, zone, clocks)


def moments_of_change(rule: Rule, after: datetime, zone: str, others: Iterable[datetime] = ()) -> Iterator[datetime]:
    """Yield, in order, the instants after `after` at which the rule's hours may begin or end, and those of `others`.

    It ends LOOK_AHEAD after `after`.
    """
    clocks = clocks_of(rule)
    for first, last in pairwise(_STEPS):
        since, until = after + first, after + last
        edges = _edges(since, until, zone, clocks) if clocks else ()
        yield from sorted({*edges, *(other for other in others if since < other <= until)})
