"""Where a fault stands, in the words of the wire: times read from bodies, and services' places renamed."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar

from core.calendar.zones import parse_stamp
from core.errors import DstAmbiguous, DstGap, Invalid, Problem

T = TypeVar("T")

ITEM_WORDS = {"scheduled_at": "scheduled_time"}
"""Fields of items that the wire calls otherwise."""


def read_time(text: str, zone: str, place: str, fold: int | None = None) -> datetime:
    """Return the instant of a time on the wire; without an offset it is wall clock in `zone`.

    Invalid names place, value and, where DST skips or repeats the time, both readings.
    """
    try:
        return parse_stamp(text, zone, fold, place=place)
    except (DstGap, DstAmbiguous) as error:
        raise Invalid((Problem(place, text, str(error), error.code),)) from error


@dataclass
class Faults:
    """Gathers what is wrong in several places, so that a client reads all of it at once."""

    problems: list[Problem] = field(default_factory=list)

    def take(self, read: Callable[[], T], default: T) -> T:
        """Return what is read, or note its problems and return the default."""
        try:
            return read()
        except Invalid as error:
            self.problems += error.problems
            return default

    def refuse(self) -> None:
        """Raise Invalid with all that was noted."""
        if self.problems:
            raise Invalid(tuple(self.problems))


@contextmanager
def as_on_the_wire(words: Mapping[str, str], below: str = "") -> Iterator[None]:
    """Let the problems that a service finds in the block name fields as the wire does, placed below `below`."""
    try:
        yield
    except Invalid as error:
        raise Invalid(
            tuple(replace(each, place=_renamed(each.place, words, below)) for each in error.problems)
        ) from error


def _renamed(place: str, words: Mapping[str, str], below: str) -> str:
    head, dot, last = place.rpartition(".")
    return f"{below}{head}{dot}{words.get(last, last)}"
