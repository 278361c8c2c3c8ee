"""Weekdays and hours as somebody types them: `mon-thu 18:00-21:00; sat,sun 10:00-12:00`."""

import re
from datetime import time

from core.content.baseline import WEEKDAYS
from core.errors import Invalid, Problem
from core.trials.registration import Window

_WINDOW = re.compile(r"(?P<days>[a-z,-]+) (?P<starts>\d\d:\d\d)-(?P<ends>\d\d:\d\d)")
_HOW = "write weekdays and hours as mon-thu 18:00-21:00; sat,sun 10:00-12:00"


def windows_of(said: str, place: str = "hours", how: str = _HOW) -> tuple[Window, ...]:
    """Return the windows of a text (Invalid names `place` and says `how` it is written)."""
    return tuple(_window(part.strip(), Problem(place, said, how)) for part in said.split(";"))


def window_text(window: Window) -> str:
    """Write a window as it is typed."""
    days = ",".join(WEEKDAYS[day] for day in window.weekdays)
    return f"{days} {window.starts:%H:%M}-{window.ends:%H:%M}"


def _window(part: str, problem: Problem) -> Window:
    shape = _WINDOW.fullmatch(part)
    if shape is None:
        raise Invalid((problem,))
    try:
        days = [day for each in shape["days"].split(",") for day in _days(each)]
        return Window(tuple(days), time.fromisoformat(shape["starts"]), time.fromisoformat(shape["ends"]))
    except ValueError as error:
        raise Invalid((problem,)) from error


def _days(text: str) -> range:
    """Return the days of `mon` or `mon-thu` (ValueError: no weekdays, or backwards)."""
    first, _, last = text.partition("-")
    days = range(WEEKDAYS.index(first), WEEKDAYS.index(last or first) + 1)
    if not days:
        raise ValueError(text)
    return days
