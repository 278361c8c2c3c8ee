"""Reads each field of a batch of rows into values, with a problem for each cell that cannot be trusted."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from core.history.columns import ColumnMapping
from core.history.fields import COUNTS, STAMPS, WORDS, Field
from core.history.formats import parse_formats
from core.history.numbers import parse_numbers
from core.history.reading import Reading, is_zone
from core.history.results import HOUR_OF_WEEK
from core.history.stamps import NO_ZONE, Stamps, parse_stamps
from core.history.week_parts import HOURS, parse_hours, parse_months, parse_weekdays

EMPTY = "is empty; every post needs it"
NUL = "holds a NUL character, which no text has; export the file again"
ROUNDED_ID = "was rounded by a spreadsheet; export it again with the column formatted as text"

_SPREADSHEET_DAY = r"^1(?:899-12-3[01]|900-01-0[01])[T ]"
_MIDNIGHT = r"[T ]0?0:00(?::00(?:\.0+)?)?$"
_ROUNDED_ID = r"^\d(?:[.,]\d+)?[eE]\+\d+$"


@dataclass(frozen=True)
class Cells:
    """What a column says: the texts as written, and the problem of each (null: none)."""

    header: str
    texts: pl.Series
    problems: pl.Series


@dataclass(frozen=True)
class Read:
    """One field of the rows: its values, and the cells they come from."""

    field: str
    values: pl.Series
    cells: tuple[Cells, ...]


def read_stamps(
    source: pl.DataFrame, mapping: ColumnMapping, reading: Reading, now: datetime
) -> Iterator[tuple[Field, Stamps, Read]]:
    """Yield each mapped moment of the rows."""
    for field in STAMPS:
        if header := mapping.column(field):
            texts, name = source[header], header
            if field is Field.PUBLISHED_AT and (clock := mapping.column(Field.TIME_OF_DAY)):
                texts, name = _joined(texts, source[clock]), f"{header} + {clock}"
            zones = _zones(source, mapping, reading, field)
            stamps = parse_stamps(texts, zones, reading.date_order, now)
            is_missing = texts.is_null() & (field is Field.PUBLISHED_AT)
            problems = stamps.problems.set(is_missing, EMPTY)
            yield field, stamps, Read(field, stamps.moments, (Cells(name, texts, problems),))


def _joined(dates: pl.Series, clocks: pl.Series) -> pl.Series:
    """Put a time of day behind each date that has none; spreadsheets write both as full stamps with a dummy half."""
    bare, clock = dates.str.replace(_MIDNIGHT, ""), clocks.str.replace(_SPREADSHEET_DAY, "")
    has_own_time = bare.str.contains(":", literal=True).fill_null(value=True)
    return dates.zip_with(has_own_time | clock.is_null(), bare + " " + clock)


def _zones(source: pl.DataFrame, mapping: ColumnMapping, reading: Reading, field: Field) -> pl.Series:
    """Return the zone of each row's wall clock: UTC where the header says so, else the row's own, else the file's."""
    everywhere = pl.Series(["UTC" if mapping.says_utc(field) else reading.zone]).new_from_index(0, source.height)
    header = mapping.column(Field.ZONE)
    return everywhere if mapping.says_utc(field) or not header else source[header].fill_null(reading.zone)


def read_week(source: pl.DataFrame, mapping: ColumnMapping, reading: Reading) -> Iterator[Read]:
    """Yield hour of week (0 is Monday 00:00) and month of rows without a date."""
    weekday, hour, month = (mapping.column(field) for field in (Field.WEEKDAY, Field.HOUR, Field.MONTH))
    if weekday and hour and not mapping.is_dated:
        days, day_problems = parse_weekdays(source[weekday], reading.first_weekday)
        hours, hour_problems = parse_hours(source[hour])
        cells = (_needed(weekday, source[weekday], day_problems), _needed(hour, source[hour], hour_problems))
        yield Read(HOUR_OF_WEEK, days * HOURS + hours, cells)
    if month and not mapping.is_dated:
        months, problems = parse_months(source[month])
        yield Read(Field.MONTH, months.cast(pl.Int8), (Cells(month, source[month], problems),))


def _needed(header: str, texts: pl.Series, problems: pl.Series) -> Cells:
    return Cells(header, texts, problems.set(texts.is_null(), EMPTY))


def read_counts(source: pl.DataFrame, mapping: ColumnMapping, reading: Reading) -> Iterator[Read]:
    """Yield each mapped count; columns of one count are added up, unknown only where all of them are."""
    for field in COUNTS:
        if headers := mapping.columns.get(field):
            numbers = [parse_numbers(source[header], reading.number_style) for header in headers]
            total = numbers[0].values if len(numbers) == 1 else _sum([each.values for each in numbers])
            cells = (
                Cells(header, source[header], each.problems) for header, each in zip(headers, numbers, strict=True)
            )
            yield Read(field, total, tuple(cells))


def _sum(columns: list[pl.Series]) -> pl.Series:
    frame = pl.DataFrame([column.alias(str(place)) for place, column in enumerate(columns)])
    is_known = pl.any_horizontal(pl.all().is_not_null())
    return frame.select(pl.when(is_known).then(pl.sum_horizontal(pl.all()))).to_series()


def read_words(source: pl.DataFrame, mapping: ColumnMapping) -> Iterator[Read]:
    """Yield the mapped texts as they are written, the post id, the zone and the content format."""
    for field in (*WORDS, Field.POST_ID, Field.ZONE, Field.CONTENT_FORMAT):
        if header := mapping.column(field):
            texts = source[header]
            values = parse_formats(texts) if field is Field.CONTENT_FORMAT else texts
            yield Read(field, values, (Cells(header, texts, _word_problems(field, texts)),))


def _word_problems(field: Field, texts: pl.Series) -> pl.Series:
    """Refuse what no database takes, ids that lost their last digits, and zones nobody knows."""
    if field is Field.ZONE:
        unknown = {name: NO_ZONE.format(zone=name) for name in texts.unique().drop_nulls() if not is_zone(name)}
        return texts.replace_strict(unknown, default=None, return_dtype=pl.String)
    text = pl.col("text")
    is_rounded = text.str.contains(_ROUNDED_ID) & (field is Field.POST_ID)
    problem = pl.when(text.str.contains("\0", literal=True)).then(pl.lit(NUL)).when(is_rounded).then(pl.lit(ROUNDED_ID))
    return texts.alias("text").to_frame().select(problem).to_series()
