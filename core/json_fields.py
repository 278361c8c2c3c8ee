"""Parsed JSON, field by field: what is wrong comes with its place, the value found there and the remedy."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from sys import float_info
from typing import Any

from core.errors import Invalid
from core.errors import Problem as Fault

MOST_FAULTS = 20
"""Enough to see what is wrong: ten thousand faults alike say no more."""

Kind = Callable[[object], Any]
"""Returns a value as it is used, or raises Wrong."""
_REQUIRED = object()


@dataclass
class Wrong(Exception):
    """A value that is not what its field asks for, with the place below the field where there is one."""

    value: object
    fix: str
    place: str = ""


@dataclass(frozen=True)
class Field:
    """What a field holds, and what holds where it is left out or null; without `default` it must be there."""

    kind: Kind
    default: object = _REQUIRED


class Faults:
    """Collects what is wrong with a file."""

    def __init__(self) -> None:
        self._found: list[Fault] = []

    def add(self, place: str, value: object, fix: str) -> None:
        """Note a fault. Raises Invalid with all of them when there are enough."""
        self._found.append(Fault(place, str(value), fix))
        if len(self._found) == MOST_FAULTS:
            self.refuse()

    def refuse(self) -> None:
        """Raise Invalid if anything is wrong."""
        if self._found:
            raise Invalid(tuple(self._found))

    def read(self, place: str, given: object, fields: Mapping[str, Field]) -> dict[str, Any]:
        """Return the fields of an object as they are used; the default stands in for what is wrong."""
        if not isinstance(given, dict):
            self.add(place or "file", _kind_of(given), f"give an object with {', '.join(fields)}")
            return {name: field.default for name, field in fields.items()}
        for name in (name for name in given if name not in fields):
            self.add(_below(place, str(name)), given[name], f"leave it out: the fields here are {', '.join(fields)}")
        return {name: self._field(_below(place, name), given.get(name), field) for name, field in fields.items()}

    def _field(self, place: str, given: object, field: Field) -> object:
        if given is None:
            if field.default is _REQUIRED:
                self.add(place, given, "it must be given")
            return field.default
        try:
            return field.kind(given)
        except Wrong as wrong:
            self.add(place + wrong.place, wrong.value, wrong.fix)
            return field.default


def _below(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name


def _kind_of(value: object) -> str:
    return {dict: "an object", list: "a list", str: "a text", type(None): "null"}.get(type(value), str(value))


def anything(value: object) -> object:
    """Take what is read further on."""
    return value


def text(value: object) -> str:
    """Take a text."""
    if not isinstance(value, str):
        raise Wrong(value, "give a text in quotes")
    return value


def number(value: object) -> float:
    """Take a finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= float_info.max:
        raise Wrong(value, "give a finite number")
    return float(value)


def amount(value: object) -> float:
    """Take a number from 0 on."""
    if number(value) < 0:
        raise Wrong(value, "give a number from 0 on")
    return number(value)


def whole(value: object) -> int:
    """Take a whole number, 5.0 too."""
    if not number(value).is_integer():
        raise Wrong(value, "give a whole number")
    return int(number(value))


def count(value: object) -> int:
    """Take a whole number from 0 on."""
    return int(whole(amount(value)))


def positive(value: object) -> int:
    """Take a whole number from 1 on."""
    if whole(value) < 1:
        raise Wrong(value, "give a whole number from 1 on")
    return whole(value)


def moment(value: object) -> datetime:
    """Take a moment that names its offset from UTC."""
    try:
        found = datetime.fromisoformat(text(value))
    except ValueError as error:
        raise Wrong(value, _MOMENT) from error
    if found.tzinfo is None:
        raise Wrong(value, _MOMENT)
    return found.astimezone(UTC)


_MOMENT = "give a moment such as 2027-01-04T00:00:00Z, with Z or an offset"


def list_of(kind: Kind) -> Kind:
    """Return the kind of a list of such values."""

    def read(value: object) -> list[Any]:
        if not isinstance(value, list):
            raise Wrong(_kind_of(value), "give a list in brackets")
        found = []
        for index, one in enumerate(value):
            try:
                found.append(kind(one))
            except Wrong as wrong:
                raise Wrong(wrong.value, wrong.fix, f"[{index}]{wrong.place}") from wrong
        return found

    return read


def stretch(value: object) -> tuple[int, int]:
    """Take the first and the last of some slots."""
    found = list_of(whole)(value)
    if len(found) != len(("first", "last")) or found[0] > found[1]:
        raise Wrong(value, "give two slot numbers, the first and the last, not later than it")
    return found[0], found[1]
