"""What speaks against a post at its time: other posts too close or too many, quiet hours, blackouts."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from core.calendar.windows import Blackout, QuietHours, blackout_at, is_quiet
from core.calendar.zones import to_wall

_MINUTE = timedelta(minutes=1)


class ConflictKind(StrEnum):
    """Which rule a post breaks."""

    TOO_CLOSE = "too_close"
    SAME_CONTENT = "same_content"
    MAX_PER_DAY = "max_per_day"
    MAX_PER_WEEK = "max_per_week"
    QUIET_HOURS = "quiet_hours"
    BLACKOUT = "blackout"


@dataclass(frozen=True)
class Booking:
    """A post on a channel at an aware instant; `title` is what a sentence calls it."""

    item_id: str
    title: str
    channel_id: str
    content_id: str
    at: datetime


@dataclass(frozen=True)
class PostingLimits:
    """How a channel posts; None = no limit. Days and weeks (Monday to Sunday) are local."""

    min_gap: timedelta = timedelta()
    same_content_days: int | None = None
    max_per_day: int | None = None
    max_per_week: int | None = None
    quiet: QuietHours | None = None
    blackouts: tuple[Blackout, ...] = ()


@dataclass(frozen=True)
class Conflict:
    """One rule a post breaks, as a sentence for the user, and the other item where there is one."""

    kind: ConflictKind
    message: str
    other_id: str | None = None


def find_conflicts(
    candidate: Booking, others: Iterable[Booking], limits: PostingLimits, zone: str
) -> tuple[Conflict, ...]:
    """Return what speaks against `candidate`, by kind and then time; `others` may hold it as it stands now.

    Only posts on its own channel count. Times are shown in `zone`, by which days, weeks and quiet hours go too.
    """
    same_channel = (other for other in others if other.channel_id == candidate.channel_id)
    near = sorted((o for o in same_channel if o.item_id != candidate.item_id), key=lambda o: (o.at, o.item_id))
    return (
        *_too_close(candidate, near, limits, zone),
        *_same_content(candidate, near, limits, zone),
        *_too_many(candidate, near, limits, zone),
        *_closed(candidate, limits, zone),
    )


def _too_close(candidate: Booking, near: Sequence[Booking], limits: PostingLimits, zone: str) -> Iterator[Conflict]:
    for other in near:
        if abs(other.at - candidate.at) < limits.min_gap:
            apart = f"less than {limits.min_gap / _MINUTE:g} minutes from"
            yield Conflict(ConflictKind.TOO_CLOSE, _pair(candidate, apart, other, zone), other.item_id)


def _same_content(candidate: Booking, near: Sequence[Booking], limits: PostingLimits, zone: str) -> Iterator[Conflict]:
    if limits.same_content_days is None:
        return
    for other in near:
        is_same = other.content_id == candidate.content_id
        if is_same and abs(other.at - candidate.at) < timedelta(days=limits.same_content_days):
            apart = f"the same content within {limits.same_content_days} days as"
            yield Conflict(ConflictKind.SAME_CONTENT, _pair(candidate, apart, other, zone), other.item_id)


def _too_many(candidate: Booking, near: Sequence[Booking], limits: PostingLimits, zone: str) -> Iterator[Conflict]:
    day = to_wall(candidate.at, zone).date()
    days = [to_wall(other.at, zone).date() for other in near]
    counts = (
        (ConflictKind.MAX_PER_DAY, limits.max_per_day, days.count(day), f"on {day}"),
        (
            ConflictKind.MAX_PER_WEEK,
            limits.max_per_week,
            sum(_monday(other) == _monday(day) for other in days),
            f"in the week from {_monday(day)}",
        ),
    )
    for kind, most, count, when in counts:
        if most is not None and count >= most:
            yield Conflict(
                kind, f"{_one(candidate, zone)} would be post {count + 1} {when}; at most {most} are allowed."
            )


def _closed(candidate: Booking, limits: PostingLimits, zone: str) -> Iterator[Conflict]:
    if limits.quiet is not None and is_quiet(candidate.at, zone, limits.quiet):
        hours = f"{limits.quiet.start:%H:%M} to {limits.quiet.end:%H:%M}"
        yield Conflict(ConflictKind.QUIET_HOURS, f"{_one(candidate, zone)} falls in the quiet hours, {hours}.")
    if blackout := blackout_at(candidate.at, limits.blackouts):
        span = f"{_clock(blackout.start, zone)} to {_clock(blackout.end, zone)}"
        name = f"the blackout “{blackout.reason}”" if blackout.reason else "a blackout"
        yield Conflict(ConflictKind.BLACKOUT, f"{_one(candidate, zone)} falls in {name}, {span}.")


def _pair(candidate: Booking, relation: str, other: Booking, zone: str) -> str:
    return f"{_one(candidate, zone)} is {relation} “{other.title}” at {_clock(other.at, zone)}."


def _one(booking: Booking, zone: str) -> str:
    return f"“{booking.title}” at {_clock(booking.at, zone)} ({zone})"


def _clock(instant: datetime, zone: str) -> str:
    return f"{to_wall(instant, zone):%Y-%m-%d %H:%M}"


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
