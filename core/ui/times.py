"""Moments and durations as people read them; pure, so that every screen says the same."""

from datetime import datetime, timedelta

from core.calendar.zones import load_zone

ON_TIME = timedelta(seconds=2)
"""Less than this beside its time counts as on time: people do not read seconds on a clock."""

_SECOND, _MINUTE, _HOUR, _DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
_UNITS = ((_DAY, "d"), (_HOUR, "h"), (_MINUTE, "min"), (_SECOND, "s"))


def moment(at: datetime, zone: str, now: datetime | None = None) -> str:
    """Return `Tue 24 Nov, 15:00 · Europe/Berlin`; with the year where it is not the one of `now` in that zone."""
    return f"{day(at, zone, now)}, {clock(at, zone)} · {zone}"


def day(at: datetime, zone: str, now: datetime | None = None) -> str:
    """Return the local day, `Tue 24 Nov` or `Tue 24 Nov 2027`."""
    local = at.astimezone(load_zone(zone))
    this_year = now is not None and now.astimezone(load_zone(zone)).year == local.year
    return f"{local:%a} {local.day} {local:%b}" + ("" if this_year else f" {local.year}")


def clock(at: datetime, zone: str) -> str:
    """Return the local time, `15:00`; in an hour that DST repeats with its offset, `02:30 (UTC+1)`."""
    local = at.astimezone(load_zone(zone))
    twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    return f"{local:%H:%M}" + (f" ({offset(at, zone)})" if twice else "")


def offset(at: datetime, zone: str) -> str:
    """Return the offset of a zone at a moment: `UTC`, `UTC+1` or `UTC-3:30`."""
    minutes = round((at.astimezone(load_zone(zone)).utcoffset() or timedelta()) / _MINUTE)
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'-' if minutes < 0 else '+'}{hours}" + (f":{rest:02}" if rest else "") if minutes else "UTC"


def relative(at: datetime, now: datetime) -> str:
    """Return `in 12 min`, `3 h ago` or `now`."""
    ahead = at - now
    if abs(ahead) < _SECOND:
        return "now"
    return f"in {duration(ahead)}" if ahead > timedelta() else f"{duration(ahead)} ago"


def duration(span: timedelta) -> str:
    """Return the length of a span in its two largest units, the second one only below a day: `2 h 5 min`, `3 d`."""
    left = abs(span)
    for unit, (size, name) in enumerate(_UNITS[:-1]):
        if left >= size:
            whole, rest = divmod(left, size)
            smaller, smaller_name = _UNITS[unit + 1]
            part = rest // smaller if size < _DAY else 0
            return f"{whole} {name}" + (f" {part} {smaller_name}" if part else "")
    return f"{left // _SECOND} s"


def lateness(late_by: timedelta | None) -> str:
    """Return `on time`, `3 min late` or `5 s early`; nothing for what is not out yet."""
    if late_by is None:
        return ""
    if abs(late_by) < ON_TIME:
        return "on time"
    return f"{duration(late_by)} {'late' if late_by > timedelta() else 'early'}"
