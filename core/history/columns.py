"""Finds which column of a history file holds which field, as a proposal the user may change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from core.errors import Invalid, Problem
from core.history.fields import COUNTS, WEEK_PARTS, Field
from core.history.known_headers import DIALECTS, KNOWN, PARTS, UTC_ENDINGS, Dialect, key

_KNOWN = {field: tuple(dict.fromkeys(map(key, headers))) for field, headers in KNOWN.items()}
_PARTS = {field: frozenset(map(key, headers)) for field, headers in PARTS.items()}


@dataclass(frozen=True)
class ColumnMapping:
    """Which columns of `headers` hold which field.

    Several columns of one field are added up (only counts may have several); a field that is absent is not mapped.
    """

    headers: tuple[str, ...]
    columns: Mapping[Field, tuple[str, ...]]

    def column(self, field: Field) -> str | None:
        """Return the field's first column, None where it has none."""
        return next(iter(self.columns.get(field, ())), None)

    @property
    def unused(self) -> tuple[str, ...]:
        """The headers that no field uses, in the order of the file."""
        used = {header for headers in self.columns.values() for header in headers}
        return tuple(header for header in self.headers if header not in used)

    @property
    def dialect(self) -> Dialect | None:
        """The known export this file comes from, where its headers give it away."""
        present = {key(header) for header in self.headers}
        return next((dialect for dialect in DIALECTS if dialect.signature <= present), None)

    @property
    def is_dated(self) -> bool:
        """Whether each row says on which date its post went out."""
        return Field.PUBLISHED_AT in self.columns

    def says_utc(self, field: Field) -> bool:
        """Tell whether the header of a stamp column names UTC (`created_utc`)."""
        return key(self.column(field) or "").endswith(UTC_ENDINGS)

    def assign(self, field: Field, *headers: str) -> "ColumnMapping":
        """Return the mapping with `field` read from these columns (none: not mapped).

        Raises Invalid where the file has no such column, or the field cannot be a sum.
        """
        problems = [
            Problem(field.value, header, f"the file has no such column; it has {', '.join(self.headers)}")
            for header in headers
            if header not in self.headers
        ]
        if len(headers) > 1 and field not in COUNTS:
            problems.append(Problem(field.value, ", ".join(headers), "only numbers can be added up; choose one column"))
        if problems:
            raise Invalid(tuple(problems))
        others = {each: columns for each, columns in self.columns.items() if each is not field}
        return replace(self, columns=others | ({field: headers} if headers else {}))


def distinct(headers: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return headers that all differ, and a note for each one that had to be changed.

    A repeated header gets its number (`likes (2)`), an empty one its position (`column 3`).
    """
    names: list[str] = []
    notes: list[str] = []
    for position, header in enumerate((each.replace("\0", "").strip() for each in headers), 1):
        first, name = header or f"column {position}", header or f"column {position}"
        count = 1
        while name in names or (count > 1 and name in headers):
            count += 1
            name = f"{first} ({count})"
        if count > 1:
            notes.append(
                f"Columns {names.index(first) + 1} and {position} are both headed {first!r}; "
                f"the second is called {name!r} here."
            )
        names.append(name)
    return tuple(names), tuple(notes)


def recognize(headers: Sequence[str]) -> ColumnMapping:
    """Propose a field for each column whose header is known in any case, order and punctuation.

    `headers` differ from each other (see `distinct`). A column serves one field only.
    """
    free: dict[str, str] = {}
    for header in headers:
        free.setdefault(key(header), header)
    columns: dict[Field, tuple[str, ...]] = {}
    for field in _KNOWN:
        if _is_pointless(field, columns):
            continue
        if found := _find(field, free):
            columns[field] = tuple(free.pop(each) for each in found)
    return ColumnMapping(tuple(headers), columns)


def _is_pointless(field: Field, columns: Mapping[Field, tuple[str, ...]]) -> bool:
    """Tell whether the date already found, or its absence, leaves nothing for this field to say."""
    is_dated = Field.PUBLISHED_AT in columns
    return (field is Field.TIME_OF_DAY and not is_dated) or (field in WEEK_PARTS and is_dated)


def _find(field: Field, free: Mapping[str, str]) -> tuple[str, ...]:
    """Return the keys of the columns of a field: its best header, or else its parts in the order of the file."""
    best = next((known for known in _KNOWN[field] if known in free), None)
    if best:
        return (best,)
    return tuple(each for each in free if each in _PARTS.get(field, ()))


def explain(mapping: ColumnMapping) -> tuple[str, ...]:
    """Say what a file with these columns cannot teach, in sentences for the user; empty when nothing is missing."""
    notes = []
    if not mapping.is_dated:
        named = ", ".join(repr(mapping.column(part)) for part in WEEK_PARTS if part in mapping.columns)
        notes.append(f"No date column: {named} can teach hours and weekdays, but not trends, growth or recency.")
    if not mapping.is_dated and mapping.dialect:
        day = mapping.dialect.first_weekday.capitalize()
        notes.append(f"Recognized as {mapping.dialect.name}: weekday 1 is {day}. Its hours name no time zone.")
    if len(added := mapping.columns.get(Field.LIKES, ())) > 1:
        notes.append(f"Likes are the sum of {', '.join(added)}.")
    return tuple(notes)


def refuse_useless(mapping: ColumnMapping) -> None:
    """Raise Invalid where the mapped columns say nothing about when posts went out or how they did."""
    problems = []
    has_week = {Field.WEEKDAY, Field.HOUR} <= mapping.columns.keys()
    listed = ", ".join(mapping.headers)
    if not mapping.is_dated and not has_week:
        fix = "choose the column with the date and time of publishing, or those with weekday and hour"
        problems.append(Problem(Field.PUBLISHED_AT.value, listed, fix))
    if not mapping.columns.keys() & set(COUNTS):
        fix = "choose at least one column with a number to learn from (views, likes, comments ...)"
        problems.append(Problem("metrics", listed, fix))
    if problems:
        raise Invalid(tuple(problems))
