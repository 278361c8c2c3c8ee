"""Typed values out of TOML: what is wrong is refused with the line on which it stands."""

import math
import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NoReturn

from core.errors import BadReferenceData

_HEADER = re.compile(r"\s*\[\s*([^\[\]]+?)\s*\]")
_KEY = re.compile(r"""\s*["']?([\w-]+)["']?\s*=""")
_SYNTAX_LINE = re.compile(r" \(at line (\d+), column \d+\)$")


@dataclass(frozen=True)
class Table:
    """One table of a TOML text: where it stands and its values."""

    text: str
    file: str
    path: tuple[str, ...]
    values: dict[str, Any]

    def refuse(self, key: str, reason: str) -> NoReturn:
        """Raise BadReferenceData for a key of this table, or for its absence."""
        path = (*self.path, key)
        raise BadReferenceData(self.file, _line_of(self.text, path), ".".join(path), reason)

    def check_keys(self, allowed: Iterable[str]) -> None:
        """Refuse the first key that is not allowed."""
        for key in self.values:
            if key not in allowed:
                self.refuse(key, f"this is not a setting; known are {', '.join(sorted(allowed))}")

    def tables(self) -> Iterator["Table"]:
        """Yield the tables directly inside this one; anything else inside is refused."""
        for key, values in self.values.items():
            if not isinstance(values, dict):
                self.refuse(key, "a table is expected here")
            yield Table(self.text, self.file, (*self.path, key), values)

    def table(self, key: str) -> "Table":
        """Return the table of this name, which must hold something."""
        values = self.values.get(key)
        if not isinstance(values, dict) or not values:
            self.refuse(key, "a table with at least one entry is expected here")
        return Table(self.text, self.file, (*self.path, key), values)

    def words(self, key: str, default: str | None = None) -> str:
        """Return a text; without a default it must be there and not be empty."""
        value = self.values.get(key, default)
        if not isinstance(value, str) or (not value.strip() and default is None):
            self.refuse(key, "a text is expected here")
        return value

    def list_of_words(self, key: str) -> tuple[str, ...]:
        """Return a list of texts, empty when it is not there."""
        values = self.values.get(key, [])
        if not isinstance(values, list) or not all(isinstance(value, str) and value for value in values):
            self.refuse(key, "a list of texts is expected here")
        return tuple(values)

    def count(self, key: str) -> int | None:
        """Return a whole number from 0 on, or None when it is not there."""
        value = self.values.get(key)
        if value is not None and not _is_count(value):
            self.refuse(key, "a whole number from 0 on is expected here")
        return value

    def pair(self, key: str) -> tuple[float, float] | None:
        """Return two numbers from 0 on, the lower one first, or None when they are not there."""
        values = self.values.get(key)
        if values is None:
            return None
        if not isinstance(values, list) or not _is_pair(values):
            self.refuse(key, "two numbers from 0 on are expected here, the lower one first")
        return values[0], values[1]


def read_toml(text: str, file: str) -> Table:
    """Return the outermost table of a TOML text; BadReferenceData names the line of a mistake in its syntax."""
    try:
        return Table(text, file, (), tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        line = _SYNTAX_LINE.search(str(error))
        last = text.rstrip().count("\n") + 1
        reason = _SYNTAX_LINE.sub("", str(error))
        raise BadReferenceData(file, int(line[1]) if line else last, "syntax", reason) from None


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_pair(values: list[Any]) -> bool:
    numbers = [value for value in values if isinstance(value, int | float) and not isinstance(value, bool)]
    return len(values) == len(numbers) == len(("least", "most")) and 0 <= values[0] <= values[1] < math.inf


def _line_of(text: str, path: tuple[str, ...]) -> int:
    """Return the line of a key or of a table's header; for what is missing, that of the table it should stand in."""
    here: tuple[str, ...] = ()
    fallback = 1
    for number, line in enumerate(text.split("\n"), 1):
        if header := _HEADER.match(line):
            here = tuple(part.strip().strip("\"'") for part in header[1].split("."))
            if here[: len(path)] == path:
                return number
            fallback = number if here == path[:-1] else fallback
        elif here == path[:-1] and (key := _KEY.match(line)) and key[1] == path[-1]:
            return number
    return fallback
