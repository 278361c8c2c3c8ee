"""Times in which nothing goes out: quiet hours of every day and blackout windows."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time

from core.calendar.zones import to_wall
from core.errors import Invalid, Problem


@dataclass(frozen=True)
class QuietHours:
    """Hours of every local day, [start, end) by the clock; an end before the start means the next morning."""

    start: time
    end: time

    def __post_init__(self) -> None:
        """Refuse hours that could mean a whole day as well as none."""
        if self.start == self.end:
            message = "quiet hours must end at another time than they start; leave both empty for none"
            raise Invalid((Problem("quiet_hours", f"{self.start:%H:%M}", message),))


@dataclass(frozen=True)
class Blackout:
    """A stretch of time [start, end), aware, and why nothing goes out in it."""

    start: datetime
    end: datetime
    reason: str

    def __post_init__(self) -> None:
        """Refuse a window that holds no moment."""
        if self.start.utcoffset() is None or self.end.utcoffset() is None:
            raise Invalid((Problem("blackout", str(self.start), "give both times with their offset from UTC"),))
        if self.start >= self.end:
            raise Invalid((Problem("blackout", str(self.end), f"it must end after its start, {self.start}"),))


def is_quiet(instant: datetime, zone: str, quiet: QuietHours | None) -> bool:
    """Say whether the clocks of `zone` show a quiet hour at an aware instant; never when there are none."""
    if quiet is None:
        return False
    return is_between(to_wall(instant, zone).time(), quiet.start, quiet.end)


def is_between(clock: time, start: time, end: time) -> bool:
    """Say whether a clock time lies in [start, end); an end before the start means the next morning."""
    return start <= clock < end if start < end else clock >= start or clock < end


def blackout_at(instant: datetime, blackouts: Iterable[Blackout]) -> Blackout | None:
    """Return the first of the blackouts that holds an aware instant, or None."""
    return next((blackout for blackout in blackouts if blackout.start <= instant < blackout.end), None)
