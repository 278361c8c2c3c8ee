"""Finds out from a file's own rows how its dates, numbers and weekdays are meant, and asks where they do not say."""

import calendar
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import polars as pl

from core.history import numbers
from core.history.columns import ColumnMapping
from core.history.fields import COUNTS, STAMPS, Field
from core.history.reading import DateOrder, FirstDay, NumberStyle, Reading
from core.history.stamp_shapes import MONTHS_OF_YEAR, TWO_WAYS


class Doubt(StrEnum):
    """What a file may leave open; each is a field of Reading."""

    DATE_ORDER = "date_order"
    NUMBER_STYLE = "number_style"
    FIRST_WEEKDAY = "first_weekday"


@dataclass(frozen=True)
class Question:
    """Something only the user knows: an example from the file, and what it would mean under each answer."""

    doubt: Doubt
    column: str
    example: str
    choices: Mapping[str, str]

    def __str__(self) -> str:
        """Ask it in one sentence."""
        readings = " or ".join(f"{meaning} ({answer})" for answer, meaning in self.choices.items())
        return f"Column {self.column!r}: does {self.example!r} mean {readings}?"


@dataclass(frozen=True)
class Sighting:
    """What rows have shown of one doubt: the first value with two readings, and which readings others prove."""

    column: str = ""
    example: str = ""
    proven: frozenset[str] = frozenset()

    def merged(self, later: "Sighting") -> "Sighting":
        """Return both sightings as one."""
        first = self if self.example else later
        return Sighting(first.column, first.example, self.proven | later.proven)


@dataclass(frozen=True)
class Survey:
    """What the rows seen so far have shown, by doubt."""

    sightings: Mapping[Doubt, Sighting]

    @property
    def is_settled(self) -> bool:
        """Whether more rows could add nothing: every value with two readings has a proof beside it."""
        return all(not sighting.example or sighting.proven for sighting in self.sightings.values())


NOTHING_SEEN = Survey({doubt: Sighting() for doubt in Doubt})


def look(survey: Survey, rows: pl.DataFrame, mapping: ColumnMapping) -> Survey:
    """Return the survey with what a batch of rows (all columns text) adds to it."""
    seen = dict(survey.sightings)
    for field in (*STAMPS, *COUNTS, Field.WEEKDAY):
        for column in mapping.columns.get(field, ()):
            doubt, sighting = _sight(field, rows[column])
            seen[doubt] = seen[doubt].merged(sighting)
    return Survey(seen)


def _sight(field: Field, texts: pl.Series) -> tuple[Doubt, Sighting]:
    """Return what a column shows of the doubt its field can raise."""
    if field in STAMPS:
        return Doubt.DATE_ORDER, _dates(texts.str.strip_chars())
    if field is Field.WEEKDAY:
        return Doubt.FIRST_WEEKDAY, Sighting(texts.name, _first(texts.filter(texts.str.contains(r"^\s*\d"))))
    return Doubt.NUMBER_STYLE, _counts(texts.str.strip_chars())


def _dates(texts: pl.Series) -> Sighting:
    """Look for dates such as 3/4/2024, and for those among them that have a part above 12."""
    twos = texts.filter(texts.str.contains(TWO_WAYS).fill_null(value=False))
    if twos.is_empty():
        return Sighting()
    parts = twos.str.extract_groups(TWO_WAYS).struct.unnest().select(pl.col("one", "two").cast(pl.Int32))
    day_first, month_first = (parts["one"] > MONTHS_OF_YEAR), (parts["two"] > MONTHS_OF_YEAR)
    proofs = {DateOrder.DAY_FIRST: day_first, DateOrder.MONTH_FIRST: month_first}
    open_ones = twos.filter(~(day_first | month_first) & (parts["one"] != parts["two"]))
    return Sighting(texts.name, _first(open_ones), frozenset(order for order, proof in proofs.items() if proof.any()))


def _counts(texts: pl.Series) -> Sighting:
    """Look for numbers such as 1.234, and for those that show which sign is the decimal one."""
    signed = texts.filter(texts.str.contains(r"[.,]").fill_null(value=False))
    proofs = {NumberStyle.POINT: numbers.POINT_PROOF, NumberStyle.COMMA: numbers.COMMA_PROOF}
    proven = frozenset(style for style, proof in proofs.items() if signed.str.contains(proof).any())
    return Sighting(texts.name, _first(signed.filter(signed.str.contains(numbers.TWO_WAYS))), proven)


def _first(texts: pl.Series) -> str:
    return str(texts[0]) if len(texts) else ""


def settle(survey: Survey, mapping: ColumnMapping, said: Reading) -> tuple[Reading, tuple[Question, ...]]:
    """Complete what the user said by what the rows prove; ask for what neither of them decides.

    Rows that contradict each other (3/24/2024 and 24/3/2024) prove nothing.
    """
    proven = {doubt: _answer(doubt, sighting) for doubt, sighting in survey.sightings.items()}
    if mapping.dialect:
        proven[Doubt.FIRST_WEEKDAY] = mapping.dialect.first_weekday
    known: dict[str, Any] = {doubt: getattr(said, doubt) or proven[doubt] for doubt in Doubt}
    reading = replace(said, **known)
    asked = [doubt for doubt in Doubt if getattr(reading, doubt) is None and survey.sightings[doubt].example]
    return reading, tuple(_ask(doubt, survey.sightings[doubt]) for doubt in asked)


def answered(reading: Reading, doubt: Doubt, choice: str) -> Reading:
    """Return the reading with one question answered by the key of one of its choices."""
    answer: dict[str, Any] = {doubt: ANSWERS[doubt](choice)}
    return replace(reading, **answer)


ANSWERS: dict[Doubt, type[StrEnum]] = {
    Doubt.DATE_ORDER: DateOrder,
    Doubt.NUMBER_STYLE: NumberStyle,
    Doubt.FIRST_WEEKDAY: FirstDay,
}


def _answer(doubt: Doubt, sighting: Sighting) -> StrEnum | None:
    """Return the only reading that is proven, None where there is none or more than one."""
    return ANSWERS[doubt](*sighting.proven) if len(sighting.proven) == 1 else None


def _ask(doubt: Doubt, sighting: Sighting) -> Question:
    return Question(doubt, sighting.column, sighting.example, dict(_MEANINGS[doubt](sighting.example)))


def _date_meanings(example: str) -> Iterator[tuple[str, str]]:
    one, two, year = re.findall(r"\d+", example)[:3]
    yield DateOrder.DAY_FIRST, f"{int(one)} {calendar.month_name[int(two)]} {year}"
    yield DateOrder.MONTH_FIRST, f"{int(two)} {calendar.month_name[int(one)]} {year}"


def _number_meanings(example: str) -> Iterator[tuple[str, str]]:
    whole, thousandths = example.split(".")
    yield NumberStyle.POINT, f"{whole} and {thousandths} thousandths"
    yield NumberStyle.COMMA, f"{whole}{thousandths}"


def _weekday_meanings(example: str) -> Iterator[tuple[str, str]]:
    number = int(example.strip()[0])
    for first in FirstDay:
        yield first, calendar.day_name[(first.number + number - 1) % len(calendar.day_name)]


_MEANINGS = {
    Doubt.DATE_ORDER: _date_meanings,
    Doubt.NUMBER_STYLE: _number_meanings,
    Doubt.FIRST_WEEKDAY: _weekday_meanings,
}
