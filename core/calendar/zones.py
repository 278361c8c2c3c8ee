"""Wall-clock time and instants: the one module that knows about DST."""

import re
from bisect import bisect_left
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from difflib import get_close_matches
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

from core.errors import DstAmbiguous, DstGap, Invalid, Problem

NOT_A_PLACE = frozenset({"localtime", "Factory"})
"""Names the tz database carries that stand for no zone: one is the machine's setting, one means "not set"."""

YEARS = range(1970, 2200)
"""The years a post can lie in; nearer the ends of the calendar, arithmetic in another zone would overflow."""

HOURS_PER_DAY = 24
MINUTES_PER_DAY = 1440
_DAY = timedelta(days=1)
_WITHIN_YEARS = f"choose a year from {YEARS[0]} to {YEARS[-1]}"
_STAMP = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?(?P<offset>[Zz]|[+-]\d\d(:?\d\d)?)?", flags=re.ASCII)
_EXAMPLE = "2026-03-09T14:30, or 2026-03-09T14:30:00+01:00 with an offset"


@cache
def load_zone(name: str) -> ZoneInfo:
    """Return the IANA zone of exactly this name; Invalid names the nearest real ones."""
    if name not in _zone_names():
        raise Invalid((Problem("timezone", name, _unknown_zone(name)),))
    return ZoneInfo(name)


@cache
def _zone_names() -> frozenset[str]:
    return frozenset(available_timezones() - NOT_A_PLACE)


def _unknown_zone(name: str) -> str:
    lowered = {known.lower(): known for known in sorted(_zone_names())}
    cities = {known.lower().rpartition("/")[2]: known for known in lowered.values()}
    wanted = name[:64].lower().replace(" ", "_")  # longer than any zone's name; matching is quadratic
    near = [lowered[match] for match in get_close_matches(wanted, lowered)]
    near += [cities[match] for match in get_close_matches(wanted, cities)]
    fix = f"did you mean {', '.join(dict.fromkeys(near))}?" if near else "use an IANA name such as Europe/Paris"
    return f"there is no such time zone; {fix}"


def to_utc(wall: datetime, zone: str, fold: int | None = None) -> datetime:
    """Return the UTC instant at which the clocks of `zone` show `wall` (naive).

    A skipped time raises DstGap and a repeated one DstAmbiguous, unless `fold` says which reading is meant (0: by the
    offset before the change, 1: by the one after it, as in PEP 495). Raises Invalid outside YEARS.
    """
    if wall.tzinfo is not None or fold not in {None, 0, 1}:
        raise Invalid((Problem("time", f"{wall}, fold {fold}", "give a time without offset, and fold 0 or 1 or none"),))
    first, second = readings = _readings(wall, zone)
    if fold is not None:
        return readings[fold]
    if first < second:
        raise DstAmbiguous(_clock(wall), zone, _reading(first, zone), _reading(second, zone))
    if first > second:
        jump = _jump(second, first, zone)
        raise DstGap(_clock(wall), zone, _reading(jump - timedelta(seconds=1), zone, 1), _reading(jump, zone))
    return first


def first_moment(wall: datetime, zone: str) -> datetime:
    """Return the first UTC instant at which the clocks show `wall` or, when DST skips it, the end of the gap."""
    first, second = _readings(wall, zone)
    return _jump(second, first, zone) if first > second else first


def to_wall(instant: datetime, zone: str) -> datetime:
    """Return what the clocks of `zone` show at an aware instant, as a naive datetime (fold kept)."""
    if instant.tzinfo is None:  # Python would take it for the machine's local time
        raise Invalid((Problem("time", str(instant), "give a time with its offset from UTC"),))
    return instant.astimezone(load_zone(zone)).replace(tzinfo=None)


def parse_stamp(text: str, zone: str, fold: int | None = None, *, place: str = "time") -> datetime:
    """Return the UTC instant of an RFC 3339 time; without an offset it is wall-clock time of `zone`.

    Raises DstGap, DstAmbiguous (see `to_utc`) and Invalid, which names `place`.
    """
    shape = _STAMP.fullmatch(text.strip())
    if shape is None:
        raise Invalid((Problem(place, text, f"write a date and a time, such as {_EXAMPLE}"),))
    try:
        stamp = datetime.fromisoformat(text.strip().upper())
    except ValueError:
        message = f"there is no such date or time; write one such as {_EXAMPLE}"
        raise Invalid((Problem(place, text, message),)) from None
    if stamp.year not in YEARS:
        raise Invalid((Problem(place, text, _WITHIN_YEARS),))
    return stamp.astimezone(UTC) if shape["offset"] else to_utc(stamp, zone, fold)


def in_utc(moment: datetime) -> str:
    """Return an aware datetime as `2026-03-01T09:00:00Z`, microseconds only where there are some."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def day_bounds(day: date, zone: str) -> tuple[datetime, datetime]:
    """Return the UTC instants at which a local day begins and the next one begins (23 to 25 hours as a rule)."""
    return first_moment(datetime.combine(day, time()), zone), first_moment(datetime.combine(day + _DAY, time()), zone)


def slot_starts(start: datetime, end: datetime, zone: str, minutes: int) -> tuple[datetime, ...]:
    """Return the UTC instants in [start, end) at which the local clocks show a multiple of `minutes` since midnight.

    An hour that DST repeats yields its slots twice, a skipped one none; strictly increasing.
    """
    if not 1 <= minutes <= MINUTES_PER_DAY:
        raise Invalid((Problem("slot length", str(minutes), f"choose 1 to {MINUTES_PER_DAY} minutes"),))
    found = {
        instant
        for day in _days_around(start, end, zone)
        for minute in range(0, MINUTES_PER_DAY, minutes)
        for instant in _instants(datetime.combine(day, time()) + timedelta(minutes=minute), zone)
    }
    return tuple(sorted(instant for instant in found if start <= instant < end))


def clock_edges(start: datetime, end: datetime, zone: str, clocks: Iterable[time]) -> tuple[datetime, ...]:
    """Return the UTC instants in (start, end] at which the clocks of `zone` come to one of `clocks` or are changed.

    Whatever depends on where the clock stands between those times, and on nothing else, is constant from each to the
    next. Strictly increasing.
    """
    shown = {
        instant
        for day in _days_around(start, end, zone)
        for clock in clocks
        for instant in _instants(datetime.combine(day, clock), zone)
    }
    return tuple(sorted(instant for instant in shown | _jumps(start, end, zone) if start < instant <= end))


def hour_of_week(instant: datetime, zone: str) -> int:
    """Return the local hour of the week of an aware instant, Monday 00:00 = 0 … Sunday 23:00 = 167."""
    wall = to_wall(instant, zone)
    return wall.weekday() * HOURS_PER_DAY + wall.hour


def _readings(wall: datetime, zone: str) -> tuple[datetime, datetime]:
    """Return the UTC readings of a wall time by the offset before and after a change (equal where none is near)."""
    local = wall.replace(tzinfo=load_zone(zone))
    if wall.year not in YEARS:
        raise Invalid((Problem("time", str(wall), _WITHIN_YEARS),))
    return local.replace(fold=0).astimezone(UTC), local.replace(fold=1).astimezone(UTC)


def _instants(wall: datetime, zone: str) -> set[datetime]:
    """Return the instants that show `wall`: none in a gap, two when it repeats, else one."""
    first, second = _readings(wall, zone)
    return set() if first > second else {first, second}


def _days_around(start: datetime, end: datetime, zone: str) -> list[date]:
    """Return the local days of [start, end) and one on each side: clocks set back may cross midnight twice."""
    first, last = to_wall(start, zone).date() - _DAY, to_wall(end, zone).date() + _DAY
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def _jump(before: datetime, after: datetime, zone: str) -> datetime:
    """Return the instant of the one change of offset in (before, after]."""
    seconds, wanted = range(int(before.timestamp()), int(after.timestamp()) + 1), _offset(after, zone)
    index = bisect_left(seconds, 1, key=lambda second: _offset(datetime.fromtimestamp(second, UTC), zone) == wanted)
    return datetime.fromtimestamp(seconds[index], UTC)


def _jumps(start: datetime, end: datetime, zone: str) -> set[datetime]:
    """Return the changes of offset in (start, end], at most one a day."""
    days = [start.astimezone(UTC) + n * _DAY for n in range((end - start) // _DAY + 1)] + [end.astimezone(UTC)]
    return {_jump(before, after, zone) for before, after in pairwise(days) if _changes(before, after, zone)}


def _changes(before: datetime, after: datetime, zone: str) -> bool:
    return _offset(before, zone) != _offset(after, zone)


def _offset(instant: datetime, zone: str) -> timedelta | None:
    return instant.astimezone(load_zone(zone)).utcoffset()


def _clock(wall: datetime) -> str:
    return f"{wall:%Y-%m-%d %H:%M}"


def _reading(instant: datetime, zone: str, seconds_on: int = 0) -> str:
    """Write what the clocks show, with the offset; `seconds_on` later by the same offset."""
    local = instant.astimezone(load_zone(zone))
    offset = f"{local:%z}"
    return f"{_clock(local.replace(tzinfo=None) + timedelta(seconds=seconds_on))} (UTC{offset[:3]}:{offset[3:5]})"
