"""Arms of a trial as somebody types them: `usual=usual`, `evenings=mon-thu 18:00-21:00`."""

import re
from collections.abc import Sequence
from datetime import time

from core.content.baseline import WEEKDAYS
from core.errors import Invalid, Problem
from core.services.trial_views import ArmDraft
from core.trials.registration import Window
from core.trials.words import Strategy

_ARM = re.compile(r"(?P<name>[^=]+?)(?:\*(?P<weight>\d{1,4}))?=(?P<how>.+)")
_WINDOW = re.compile(r"(?P<days>[a-z,-]+) (?P<starts>\d\d:\d\d)-(?P<ends>\d\d:\d\d)")
_HOW = "write NAME=usual, NAME=recommended, NAME=as_planned or NAME=mon-thu 18:00-21:00; NAME*2=… for twice the share"


def read_arms(said: Sequence[str]) -> tuple[ArmDraft, ...]:
    """Return the arms that are meant (Invalid names the one that cannot be read)."""
    return tuple(_arm(text) for text in said)


def windows_of(said: str) -> tuple[Window, ...]:
    """Return the windows of a text such as `mon-thu 18:00-21:00; sat,sun 10:00-12:00` (Invalid)."""
    return tuple(_window(said, part.strip()) for part in said.split(";"))


def window_words(window: Window) -> str:
    """Write a window as it is typed."""
    days = ",".join(WEEKDAYS[day] for day in window.weekdays)
    return f"{days} {window.starts:%H:%M}-{window.ends:%H:%M}"


def _arm(text: str) -> ArmDraft:
    shape = _ARM.fullmatch(text.strip())
    if shape is None:
        raise Invalid((Problem("--arm", text, _HOW),))
    name, weight, how = shape["name"].strip(), int(shape["weight"] or 1), shape["how"].strip()
    if how in set(Strategy) - {Strategy.WINDOWS}:
        return ArmDraft(name, Strategy(how), weight)
    return ArmDraft(name, Strategy.WINDOWS, weight, windows_of(how))


def _window(said: str, part: str) -> Window:
    shape = _WINDOW.fullmatch(part)
    if shape is None:
        raise Invalid((Problem("--arm", said, _HOW),))
    try:
        days = [day for each in shape["days"].split(",") for day in _days(each)]
        return Window(tuple(days), time.fromisoformat(shape["starts"]), time.fromisoformat(shape["ends"]))
    except ValueError as error:
        raise Invalid((Problem("--arm", said, _HOW),)) from error


def _days(text: str) -> range:
    """Return the days of `mon` or `mon-thu` (ValueError: no weekdays, or backwards)."""
    first, _, last = text.partition("-")
    days = range(WEEKDAYS.index(first), WEEKDAYS.index(last or first) + 1)
    if not days:
        raise ValueError(text)
    return days
