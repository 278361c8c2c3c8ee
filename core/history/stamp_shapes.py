"""The shapes in which exports write a moment, as patterns, and the parts each one yields."""

import polars as pl

from core.history.known_headers import MONTHS
from core.history.reading import DateOrder

_CLOCK = (
    r"(?<hour>\d{1,2}):(?<minute>\d{2})(?::(?<second>\d{2})(?:[.,](?<fraction>\d{1,9}))?)?"
    r"(?:\s?(?<meridiem>[AaPp])\.?\s?[Mm]\.?)?"
)
_OFFSET = r"(?:\s?(?<offset>Z|z|UTC|GMT|(?:UTC|GMT)?[+-]\d{1,2}(?::?\d{2})?))?"
_TIME = rf"(?:(?:T|,?\s+(?:at\s+|um\s+)?){_CLOCK}{_OFFSET})?"
_NAME = r"(?<name>\p{L}{3,12})\.?"
_DAY_NAME = r"(?:\p{L}{2,10}\.?,?\s+)?"

YEAR_FIRST = rf"^(?<year>\d{{4}})[-/.](?<month>\d{{1,2}})[-/.](?<day>\d{{1,2}}){_TIME}$"
DOTTED = rf"^(?<day>\d{{1,2}})\.(?<month>\d{{1,2}})\.(?<year>\d{{4}}){_TIME}$"
TWO_WAYS = rf"^(?<one>\d{{1,2}})[/-](?<two>\d{{1,2}})[/-](?<year>\d{{4}}){_TIME}$"
NAME_FIRST = rf"^{_DAY_NAME}{_NAME}\s+(?<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?<year>\d{{4}}){_TIME}$"
DAY_FIRST = rf"^{_DAY_NAME}(?<day>\d{{1,2}})\.?[\s-]+(?:de\s+)?{_NAME}[,\s-]+(?:de\s+)?(?<year>\d{{4}}){_TIME}$"
YEAR_LAST = rf"^{_DAY_NAME}{_NAME}\s+(?<day>\d{{1,2}})\s+{_CLOCK}{_OFFSET}\s+(?<year>\d{{4}})$"

SHAPES = (YEAR_FIRST, TWO_WAYS, DOTTED, NAME_FIRST, DAY_FIRST, YEAR_LAST)
"""Tried in this order; no text fits two of them. A dot always means day first, a slash or dash may mean either."""

MONTHS_OF_YEAR = 12

PARTS = ("year", "month", "day", "hour", "minute", "second", "fraction", "meridiem", "offset")


def parts(texts: pl.Series, order: DateOrder | None) -> pl.DataFrame:
    """Return one row per text with PARTS as text (null: not said); `year` is null where no shape fits.

    Where `order` is None, texts that are a date in either order (3/4/2024) keep a null `month` and `day`.
    """
    taken: list[pl.DataFrame] = []
    rest = pl.DataFrame({"row": pl.int_range(len(texts), eager=True), "text": texts})
    for shape in SHAPES:
        found = rest.with_columns(pl.col("text").str.extract_groups(shape).alias("groups")).unnest("groups")
        fits = found["year"].is_not_null()
        taken.append(_ordered(found.filter(fits), order))
        rest = rest.filter(~fits)
        if rest.is_empty():
            break
    taken.append(rest.select("row", *(pl.lit(None, pl.String).alias(part) for part in PARTS)))
    return pl.concat(taken).sort("row").drop("row")


def _ordered(found: pl.DataFrame, order: DateOrder | None) -> pl.DataFrame:
    """Give month and day to groups that have a month's name or two numbers instead."""
    if "name" in found.columns:
        first_letters = pl.col("name").str.to_lowercase().str.slice(0, 3)
        month = first_letters.replace_strict(MONTHS, default=None, return_dtype=pl.Int64).cast(pl.String)
        found = found.with_columns(month.alias("month"))
    elif "one" in found.columns:
        is_day_first = _is_day_first(order)
        found = found.with_columns(
            pl.when(is_day_first).then("one").when(~is_day_first).then("two").alias("day"),
            pl.when(is_day_first).then("two").when(~is_day_first).then("one").alias("month"),
        )
    return found.select("row", *PARTS)


def _is_day_first(order: DateOrder | None) -> pl.Expr:
    """Tell whether the part `one` is the day; without an order, null where both readings exist and differ."""
    if order:
        return pl.lit(order is DateOrder.DAY_FIRST)
    one, two = pl.col("one").cast(pl.Int32), pl.col("two").cast(pl.Int32)
    return (
        pl.when((one > MONTHS_OF_YEAR) | (one == two))
        .then(pl.lit(value=True))
        .when(two > MONTHS_OF_YEAR)
        .then(pl.lit(value=False))
    )
