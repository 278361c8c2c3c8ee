"""Times in a sheet: serial numbers, written times and ISO, read in the sheet's zone and written as its column does."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache, partial
from itertools import zip_longest

from core.calendar.zones import parse_stamp, to_utc, to_wall
from core.errors import DstAmbiguous, DstGap, Invalid
from core.history.reading import DateOrder
from core.sheets.cells import fault_of, is_blank, text
from core.sheets.fields import CLOCK_FIELD, Cell
from core.sheets.time_texts import read_times as read_texts

EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - a serial number is a wall clock
"""Day 0 of a spreadsheet."""

_LAST_DAY = 2_958_465
"""31 December 9999; a larger number is no day but, perhaps, seconds since 1970."""

_SECONDS = 86_400
NO_CLOCK = "has a date but no time of day; write one behind it, such as 09:00"
NO_DAY = "has a time of day but no date; write both, such as 2026-03-09 14:30"
NO_TIME = "is no date and time; write one such as 2026-03-09 14:30"
TWICE = "happens twice in {zone} as the clocks are set back; write which one: {first} or {second}"


class TimeStyle(StrEnum):
    """How a column of times is kept."""

    TEXT = "text"
    SERIAL = "serial"


@dataclass(frozen=True, slots=True)
class ReadTime:
    """A time that was read: aware UTC, None for a blank cell or where `problem` says why there is none."""

    moment: datetime | None
    problem: str = ""


def read_times(
    cells: Sequence[Cell | None], zone: str, *, clocks: Sequence[Cell | None] = (), date_order: DateOrder | None = None
) -> tuple[ReadTime, ...]:
    """Read a column of times (`clocks`: the times of day beside it) in the zone of the sheet.

    Give all cells of the column: 3/4/2026 is read as the others show, else as `date_order` says, else it is a problem;
    and whole serial numbers are midnights only where others of them have a time of day.
    """
    pairs = list(zip_longest(cells, clocks, fillvalue=""))[: len(cells)]
    has_midnights = any(_is_serial(cell) and not float(cell or 0).is_integer() for cell in cells)
    written = [_written(cell, clock, has_midnights=has_midnights) for cell, clock in pairs]
    read = read_texts([said for said, _ in written], "Scheduled Time", date_order)
    problems = (mine or theirs for (_, mine), theirs in zip(written, read.problems, strict=True))
    place = lru_cache(maxsize=None)(partial(_placed, zone))
    return tuple(ReadTime(None, why) if why else place(said) for said, why in zip(read.texts, problems, strict=True))


def _written(cell: Cell | None, clock: Cell | None, *, has_midnights: bool) -> tuple[str, str]:
    """Return a time and the time of day beside it as one text, or why they are none."""
    is_tick = isinstance(cell, bool) or isinstance(clock, bool)
    if problem := fault_of(cell) or fault_of(clock) or (NO_TIME if is_tick else ""):
        return "", problem
    beside = _clock(clock)
    if _is_serial(cell) and wall_of(float(cell or 0)).date() == EPOCH.date():
        return "", NO_DAY
    day = _day(cell, has_clock=bool(beside), has_midnights=has_midnights)
    return (f"{day} {beside}".strip(), "") if day or not beside else ("", NO_DAY)


def _day(cell: Cell | None, *, has_clock: bool, has_midnights: bool) -> str:
    """Return a date, and the time of day where its own cell says one; "" where it is none but a time of day."""
    if not _is_serial(cell):
        return text(cell).strip()
    wall = wall_of(float(cell or 0))
    is_whole_day = has_clock or (wall.time() == time() and not has_midnights)
    return f"{wall:%Y-%m-%d}" if is_whole_day else f"{wall:%Y-%m-%d %H:%M:%S}"


def _clock(cell: Cell | None) -> str:
    return f"{wall_of(float(cell or 0)):%H:%M:%S}" if _is_serial(cell) else text(cell).strip()


def _is_serial(cell: Cell | None) -> bool:
    is_number = isinstance(cell, int | float) and not isinstance(cell, bool)
    return is_number and 0 <= float(cell or 0) < _LAST_DAY


def _placed(zone: str, said: str) -> ReadTime:
    """Return the moment at which the clocks show a time, or say that they never do, or twice."""
    if not said:
        return ReadTime(None)
    try:
        return ReadTime(parse_stamp(said, zone))
    except DstAmbiguous:
        wall = datetime.fromisoformat(said)
        first, second = (f"{wall:%Y-%m-%d %H:%M}{_offset(to_utc(wall, zone, fold), wall)}" for fold in (0, 1))
        return ReadTime(None, TWICE.format(zone=zone, first=first, second=second))
    except DstGap as gap:
        return ReadTime(None, str(gap))
    except Invalid as invalid:
        return ReadTime(None, invalid.problems[0].message)


def style_of(cells: Sequence[Cell | None]) -> TimeStyle:
    """Return how a column keeps its times: as most of its filled cells do, as text where none is."""
    filled = [cell for cell in cells if not is_blank(cell)]
    return TimeStyle.SERIAL if 2 * sum(map(_is_serial, filled)) > len(filled) else TimeStyle.TEXT


def write_time(
    moment: datetime, zone: str, style: TimeStyle = TimeStyle.TEXT, *, is_split: bool = False
) -> tuple[Cell, Cell]:
    """Return the cells of `scheduled_time` and `clock` for a moment, to the minute (to the second where it has some).

    A time that the clocks show twice is written as text, with its offset: otherwise it could not be read back.
    """
    rounded = (moment + timedelta(microseconds=500_000)).replace(microsecond=0)
    wall = to_wall(rounded, zone).replace(fold=0)
    is_twice = to_utc(wall, zone, 0) != to_utc(wall, zone, 1)
    if style is TimeStyle.TEXT or is_twice:
        clock = f"{wall:%H:%M:%S}".removesuffix(":00") + (_offset(rounded, wall) if is_twice else "")
        return (f"{wall:%Y-%m-%d}", clock) if is_split else (f"{wall:%Y-%m-%d} {clock}", "")
    midnight = datetime.combine(wall, time())
    return (serial_of(midnight), serial_of(EPOCH + (wall - midnight))) if is_split else (serial_of(wall), "")


def _offset(moment: datetime, wall: datetime) -> str:
    """Return the offset from UTC by which the clocks show `wall`, such as `+02:00`."""
    minutes = round((wall - moment.astimezone(UTC).replace(tzinfo=None)) / timedelta(minutes=1))
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


def wall_of(serial: float) -> datetime:
    """Return the wall clock of a serial number: days since EPOCH, to the nearest second."""
    return EPOCH + timedelta(seconds=round(serial * _SECONDS))


def cell_words(field: str, cell: Cell | None) -> str:
    """Return a cell as people read it: in the columns of times a serial number is a date, a time of day or both."""
    if field not in {"scheduled_time", CLOCK_FIELD} or not _is_serial(cell):
        return text(cell)
    wall = wall_of(float(cell or 0))
    if field == CLOCK_FIELD or wall.date() == EPOCH.date():
        return f"{wall:%H:%M}"
    return f"{wall:%Y-%m-%d}" if wall.time() == time() else f"{wall:%Y-%m-%d %H:%M}"


def serial_of(wall: datetime) -> float:
    """Return the serial number of a wall clock."""
    return (wall - EPOCH) / timedelta(days=1)
