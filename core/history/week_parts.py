"""Reads the weekday, hour and month of a post from a file that has no dates."""

import polars as pl

from core.history.known_headers import MONTHS, WEEKDAYS, key
from core.history.reading import FirstDay

HOURS, DAYS, LAST_MONTH = 24, 7, 12

NO_WEEKDAY = "is not a weekday; write its name, or a number from 0 to 7"
NO_HOUR = "is not an hour from 0 to 23"
NO_MONTH = "is not a month from 1 to 12"
UNNUMBERED = "is a numbered weekday; say whether the file's 1 is Monday, Saturday or Sunday"

_WHOLE = r"^(\d{1,2})(?:\.0+)?$"
_HOUR = r"^(\d{1,2})(?:\.0+|:00(?::00)?|\s?h)?$"


def parse_weekdays(texts: pl.Series, first: FirstDay | None) -> tuple[pl.Series, pl.Series]:
    """Return days from Monday (0) to Sunday (6), and a problem for each text that is none."""
    named = {text: WEEKDAYS[key(text)] for text in texts.unique().drop_nulls() if key(text) in WEEKDAYS}
    days = texts.replace_strict(named, default=None, return_dtype=pl.Int16)
    numbers = _within(texts.str.extract(_WHOLE), 0, DAYS)
    if first:
        numbered = ((numbers + first.number - 1 + DAYS) % DAYS).cast(pl.Int16)
        days = days.zip_with(days.is_not_null(), numbered)
        return days, _problems(texts, days, NO_WEEKDAY)
    unsaid = _problems(texts, days, NO_WEEKDAY)
    return days, unsaid.set(numbers.is_not_null() & days.is_null(), UNNUMBERED)


def parse_hours(texts: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Return hours from 0 to 23, and a problem for each text that is none."""
    hours = _within(texts.str.extract(_HOUR), 0, HOURS - 1)
    return hours, _problems(texts, hours, NO_HOUR)


def parse_months(texts: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Return months from 1 to 12 (blank: null), and a problem for each other text that is none."""
    names = texts.str.to_lowercase().str.slice(0, 3).replace_strict(MONTHS, default=None, return_dtype=pl.Int16)
    months = _within(texts.str.extract(_WHOLE), 1, LAST_MONTH)
    months = months.zip_with(months.is_not_null(), names)
    return months, _problems(texts, months, NO_MONTH).set(texts.is_null(), None)


def _within(texts: pl.Series, low: int, high: int) -> pl.Series:
    numbers = texts.cast(pl.Int16)
    return numbers.set(~numbers.is_between(low, high), None)


def _problems(texts: pl.Series, found: pl.Series, problem: str) -> pl.Series:
    return pl.select(pl.when(pl.lit(found).is_null()).then(pl.lit(problem))).to_series().head(len(texts))
