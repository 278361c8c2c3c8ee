"""Times in a sheet: serial numbers, written times and ISO, read in the sheet's zone and written as its column does."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.history.reading import DateOrder
from core.sheets.fields import Cell


class TimeStyle(StrEnum):
    """How a column of times is kept."""

    TEXT = "text"
    SERIAL = "serial"
    SPLIT_TEXT = "split_text"
    """The date in one column and the time of day beside it, as text."""
    SPLIT_SERIAL = "split_serial"


@dataclass(frozen=True, slots=True)
class ReadTime:
    """A time that was read: aware UTC, None for a blank cell or where `problem` says why there is none."""

    moment: datetime | None
    problem: str = ""


def read_times(
    cells: Sequence[Cell], clocks: Sequence[Cell], zone: str, date_order: DateOrder | None = None
) -> tuple[ReadTime, ...]:
    """Read a column of times (`clocks`: the times of day beside it, or ""), in the zone of the sheet.

    3/4/2026 is read as the column shows, else as `date_order` says, else it is a problem.
    """
    raise NotImplementedError


def style_of(cells: Sequence[Cell], *, is_split: bool) -> TimeStyle:
    """Return how a column keeps its times: as most of its filled cells do, as text where none is."""
    raise NotImplementedError


def write_time(moment: datetime, zone: str, style: TimeStyle) -> tuple[Cell, Cell]:
    """Return the cells of `scheduled_time` and `clock` for a moment, to the minute (the second where there are some)."""
    raise NotImplementedError


def wall_of(serial: float) -> datetime:
    """Return the wall clock of a serial number: days since 1899-12-30, to the second (Invalid)."""
    raise NotImplementedError


def serial_of(wall: datetime) -> float:
    """Return the serial number of a wall clock."""
    raise NotImplementedError
