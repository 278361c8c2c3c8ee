"""The published research on posting times, as windows of the week and as a curve over it."""

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import StringIO
from math import fsum
from typing import NoReturn

from core.content.platforms import Platform
from core.errors import BadReferenceData
from core.vocabulary import ContentFormat

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HOURS_PER_DAY = 24
HOURS_PER_WEEK = 168
STRONGEST = 0.5
"""No published time is believed to be worth more than this (natural log, about 65 %); larger is a slip of the pen."""

COLUMNS = ("platform", "content_format", "weekdays", "start_hour", "end_hour", "strength", "source", "note")
_COMMENT = "#"
_HOUR = re.compile(r"[01]?[0-9]|2[0-4]")


@dataclass(frozen=True)
class BaselineWindow:
    """Hours of a local week that research recommends.

    Weekdays from Monday = 0; hours [start, end); `strength` is a natural log: 0.1 stands for about 10 % above the
    average of the week. No content format = every one.
    """

    platform: str
    content_format: ContentFormat | None
    weekdays: tuple[int, ...]
    start_hour: int
    end_hour: int
    strength: float
    source: str
    note: str


@dataclass(frozen=True)
class _Line:
    """One row of the file with the number of its line."""

    file: str
    number: int
    cells: Mapping[str, str]

    def refuse(self, column: str, reason: str) -> NoReturn:
        raise BadReferenceData(self.file, self.number, column, reason)


def parse_baseline(text: str, file: str, platforms: Mapping[str, Platform]) -> tuple[BaselineWindow, ...]:
    """Return the windows of a CSV text with COLUMNS; lines that start with # are comments.

    BadReferenceData names `file`, the line and the column.
    """
    return tuple(_window(line, platforms) for line in _lines(text, file))


def baseline_week(
    windows: tuple[BaselineWindow, ...], platform: str, content_format: ContentFormat | None
) -> tuple[float, ...]:
    """Return 168 values on a natural-log scale, Monday 00:00 first, with mean 0; all 0 where there is no research.

    Without a content format only the windows for every format count. Where windows overlap the strongest counts.
    """
    heights = [0.0] * HOURS_PER_WEEK
    for window in windows:
        if window.platform == platform and window.content_format in {None, content_format}:
            for hour in _hours(window):
                heights[hour] = max(heights[hour], window.strength)
    mean = fsum(heights) / HOURS_PER_WEEK
    return tuple(height - mean for height in heights)


def _hours(window: BaselineWindow) -> Iterator[int]:
    for day in window.weekdays:
        yield from range(day * HOURS_PER_DAY + window.start_hour, day * HOURS_PER_DAY + window.end_hour)


def _lines(text: str, file: str) -> Iterator[_Line]:
    rows = csv.reader(StringIO(text, newline=""))
    header: list[str] = []
    for cells in rows:
        if not cells or cells[0].startswith(_COMMENT):
            continue
        if header:
            yield _line(file, rows.line_num, header, cells)
        else:
            header = [cell.strip() for cell in cells]
            _check_header(file, rows.line_num, header)
    if not header:
        _check_header(file, rows.line_num or 1, header)


def _check_header(file: str, number: int, header: list[str]) -> None:
    for column in COLUMNS:
        if header.count(column) != 1:
            raise BadReferenceData(file, number, column, "the heading must have this column exactly once")


def _line(file: str, number: int, header: list[str], cells: list[str]) -> _Line:
    if len(cells) != len(header):
        raise BadReferenceData(file, number, "row", f"it has {len(cells)} cells and the heading has {len(header)}")
    return _Line(file, number, {column: cell.strip() for column, cell in zip(header, cells, strict=True)})


def _window(line: _Line, platforms: Mapping[str, Platform]) -> BaselineWindow:
    platform = line.cells["platform"]
    if platform not in platforms:
        line.refuse("platform", f"{platform!r} is not known; use one of {', '.join(platforms)}")
    start, end = _hour(line, "start_hour"), _hour(line, "end_hour")
    if start >= end:
        line.refuse("end_hour", f"the window ends at {end}, not after its start at {start}; divide it at midnight")
    if not line.cells["source"]:
        line.refuse("source", "say where this comes from")
    return BaselineWindow(
        platform=platform,
        content_format=_content_format(line, platforms[platform]),
        weekdays=_weekdays(line),
        start_hour=start,
        end_hour=end,
        strength=_strength(line),
        source=line.cells["source"],
        note=line.cells["note"],
    )


def _content_format(line: _Line, platform: Platform) -> ContentFormat | None:
    word = line.cells["content_format"]
    if word and word not in platform.formats:
        line.refuse("content_format", f"{platform.name} does not accept {word!r}; use {', '.join(platform.formats)}")
    return ContentFormat(word) if word else None


def _hour(line: _Line, column: str) -> int:
    word = line.cells[column]
    if not _HOUR.fullmatch(word):
        line.refuse(column, f"{word!r} is not an hour; use 0 to {HOURS_PER_DAY}")
    return int(word)


def _strength(line: _Line) -> float:
    word = line.cells["strength"]
    try:
        strength = float(word)
    except ValueError:
        strength = 0.0
    if not 0 < strength <= STRONGEST:
        line.refuse("strength", f"{word!r} is not above 0 and at most {STRONGEST}")
    return strength


def _weekdays(line: _Line) -> tuple[int, ...]:
    """Read days and ranges of days such as "tue-thu sun"."""
    days: set[int] = set()
    for part in line.cells["weekdays"].lower().split():
        first, last = part.split("-", 1) if "-" in part else (part, part)
        if not {first, last} <= set(WEEKDAYS):
            line.refuse("weekdays", f"{part!r} is not a day or a range of days; write days as {' '.join(WEEKDAYS)}")
        span = range(WEEKDAYS.index(first), WEEKDAYS.index(last) + 1)
        if not span:
            line.refuse("weekdays", f"{part!r} runs backwards; divide it at the end of the week")
        days.update(span)
    if not days:
        line.refuse("weekdays", "name at least one day")
    return tuple(sorted(days))
