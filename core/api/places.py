"""Where a fault stands, in the words of the wire: times read from bodies, and services' places renamed."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar

from pydantic import BaseModel

from core.calendar.zones import parse_stamp
from core.errors import DstAmbiguous, DstGap, Invalid, Problem, SlotwiseError, TimeInPast

T = TypeVar("T")

_STEP = re.compile(r"\[(\d+)\]|(\w+)")

ITEM_WORDS = {"scheduled_at": "scheduled_time"}
"""Fields of items that the wire calls otherwise."""

NEW_ITEM_WORDS = ITEM_WORDS | {name: f"content.{name}" for name in ("title", "text", "tags", "media")}
"""Fields of new items that the wire calls otherwise."""


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
def as_on_the_wire(words: Mapping[str, str], below: str = "", said: BaseModel | None = None) -> Iterator[None]:
    """Let the problems that a service finds in the block name fields as the wire does, placed below `below`.

    Where `said`, the body that came, has a text at that place, it is the value: a service has read it already.
    """
    try:
        yield
    except (Invalid, TimeInPast) as error:
        renamed = (replace(each, place=_renamed(each.place, words)) for each in _problems(error))
        raise Invalid(
            tuple(replace(each, place=below + each.place, value=_as_said(said, each)) for each in renamed)
        ) from error


def placed_below(error: SlotwiseError, below: str) -> SlotwiseError:
    """Return the error with its places below another one."""
    if not (below and isinstance(error, Invalid)):
        return error
    return Invalid(tuple(replace(each, place=f"{below}{each.place}") for each in error.problems))


def _problems(error: Invalid | TimeInPast) -> tuple[Problem, ...]:
    if isinstance(error, TimeInPast):
        return (Problem("scheduled_at", error.when, str(error), error.code),)
    return error.problems


def _renamed(place: str, words: Mapping[str, str]) -> str:
    return _STEP.sub(lambda step: words.get(step[0], step[0]), place)


def _as_said(said: object, problem: Problem) -> str:
    """Return the text at the problem's place in a body, else its own value."""
    for number, name in _STEP.findall(problem.place):
        said = said[int(number)] if number and isinstance(said, Sequence) else getattr(said, name, None)
    return said if isinstance(said, str) else problem.value
