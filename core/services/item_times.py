"""When an item may be scheduled for: a moment with a zone, from now on."""

from datetime import datetime, timedelta

from core.errors import Invalid, Problem, TimeInPast
from core.vocabulary import ErrorCode

GRACE = timedelta(minutes=1)
"""The minute that is just passing still counts as now: filling in a form takes a while."""

FARTHEST = timedelta(days=3653)
"""Ten years: whoever means to post later than that has mistyped the year."""

PLACE = "scheduled_at"
NO_ZONE = "say in which time zone this is, for example with +01:00"


def check_aware(when: datetime, place: str = PLACE) -> None:
    """Refuse a time without a zone (Invalid): nobody could say which moment it means."""
    if when.tzinfo is None:
        raise Invalid((_naive(when, place),))


def check_time(when: datetime, now: datetime) -> None:
    """Refuse a time that has passed (TimeInPast), has no zone or lies more than ten years ahead (Invalid)."""
    problem = time_problem(when, now)
    if problem is None:
        return
    if when.tzinfo is not None and when < now:
        raise TimeInPast(when=shown(when))
    raise Invalid((problem,))


def time_problem(when: datetime, now: datetime) -> Problem | None:
    """Return what is wrong with a time, None when it will do."""
    if when.tzinfo is None:
        return _naive(when, PLACE)
    if when < now - GRACE:
        return Problem(PLACE, shown(when), "has already passed; choose a later time", ErrorCode.TIME_IN_PAST)
    if when > now + FARTHEST:
        return Problem(PLACE, shown(when), "is more than ten years ahead; check the year")
    return None


def shown(when: datetime) -> str:
    """Return a moment as a reader's sentence wants it: `2026-03-02 13:00 CET`."""
    return f"{when:%Y-%m-%d %H:%M %Z}"


def _naive(when: datetime, place: str) -> Problem:
    return Problem(place, when.isoformat(), NO_ZONE)
