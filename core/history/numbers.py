"""Turns a column of written counts into numbers, or into a reason for each one that is none."""

from dataclasses import dataclass

import polars as pl

from core.history.known_headers import BLANKS
from core.history.reading import NumberStyle

POINT_PROOF = r"^\d{1,3}(?:,\d{3})+\.\d+$|^\d{1,3}(?:,\d{3}){2,}$|^\d*\.(?:\d{1,2}|\d{4,})$"
"""Numbers that only make sense with a decimal point: 1,234.5 or 1,234,567 or 79.0."""

COMMA_PROOF = r"^\d{1,3}(?:\.\d{3})+,\d+$|^\d{1,3}(?:\.\d{3}){2,}$|^\d*,(?:\d{1,2}|\d{4,})$"
"""Numbers that only make sense with a decimal comma: 1.234,5 or 1.234.567 or 79,0."""

TWO_WAYS = r"^\d{1,3}\.\d{3}$"
"""1.234 is one and a bit, or a thousand and more; 1,234 is read as a thousand unless commas prove to be decimal."""

_POINT = r"^(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?$"
_COMMA = r"^(?:\d{1,3}(?:\.\d{3})+|\d+)(?:,\d+)?$"
_SHORT = r"^(\d+(?:[.,]\d{1,2})?)\s?([KkMm])$"
_GROUPING_SPACES = r"(\d)[ \u{a0}\u{2009}\u{202f}'\u{2019}](\d{3})"
_SCIENTIFIC = r"^\d+(?:[.,]\d+)?[eE]\+?\d{1,2}$"

_MOST = 1e15

FORMULA = "is a formula; paste its value instead"
NEGATIVE = "is negative, which no count can be"
ROUNDED = "was rounded by a spreadsheet; export it again with the column formatted as text or plain number"
UNSETTLED = "may be 1.234 or 1234 written with a point for thousands; say which one the file uses"
TOO_LARGE = "is larger than any count of people; check whether the column is the right one"
NO_NUMBER = "is not a number; leave the cell empty where the number is not known"


@dataclass(frozen=True)
class Numbers:
    """The numbers of a column (null: not known) and the reason for each refused one."""

    values: pl.Series
    problems: pl.Series


def parse_numbers(texts: pl.Series, style: NumberStyle | None) -> Numbers:
    """Read a column of counts: 1234, 79.0, 1,234, 1.2K; what stands for "unknown" becomes null.

    `style` None means that no number of the file showed its style: 1,234 is then a thousand, 1.234 a problem.
    """
    plain = texts.cast(pl.UInt64, strict=False).cast(pl.Float64)
    odd = (plain.is_null() & texts.is_not_null()).arg_true()
    problems = pl.Series([None], dtype=pl.String).new_from_index(0, len(texts))
    if len(odd):
        slow = _parse_odd(texts.gather(odd), style)
        plain, problems = plain.scatter(odd, slow["value"]), problems.scatter(odd, slow["problem"])
    too_large = (plain > _MOST).fill_null(value=False)
    return Numbers(plain.set(too_large, None), problems.set(too_large, TOO_LARGE))


def _parse_odd(texts: pl.Series, style: NumberStyle | None) -> pl.DataFrame:
    """Return value and problem of the texts that are not plain digits."""
    raw = pl.col("raw")
    joined = raw.str.replace_all(_GROUPING_SPACES, "${1}${2}").str.replace_all(_GROUPING_SPACES, "${1}${2}")
    frame = texts.alias("raw").to_frame().with_columns(raw.str.strip_chars()).with_columns(joined.alias("text"))
    text = pl.col("text")
    short = text.str.extract(_SHORT, 1).str.replace(",", ".", literal=True).cast(pl.Float64)
    scale = pl.when(text.str.contains("[Kk]$")).then(1e3).otherwise(1e6)
    value = frame.select(
        "raw", pl.coalesce(_styled(style), (short * scale).round(6)).alias("value"),
        raw.str.to_lowercase().is_in(BLANKS).alias("blank"),
    )  # fmt: skip
    unsettled = raw.str.contains(TWO_WAYS) & (style is None)
    return value.select(
        pl.when(~unsettled).then("value").alias("value"),
        pl.when(pl.col("blank")).then(None)
        .when(raw.str.starts_with("=")).then(pl.lit(FORMULA))
        .when(raw.str.contains(r"^[-\u{2212}]\s?[\d.,]+")).then(pl.lit(NEGATIVE))
        .when(raw.str.contains(_SCIENTIFIC)).then(pl.lit(ROUNDED))
        .when(unsettled).then(pl.lit(UNSETTLED))
        .when(pl.col("value").is_null()).then(pl.lit(NO_NUMBER)).alias("problem"),
    )  # fmt: skip


def _styled(style: NumberStyle | None) -> pl.Expr:
    """Return the number in a text of digits, group signs and one decimal sign, null for anything else."""
    text = pl.col("text")
    if style is NumberStyle.COMMA:
        bare = text.str.replace_all(".", "", literal=True).str.replace(",", ".", literal=True)
        return pl.when(text.str.contains(_COMMA)).then(bare.cast(pl.Float64, strict=False))
    bare = text.str.replace_all(",", "", literal=True)
    return pl.when(text.str.contains(_POINT) | text.str.contains(r"^\.\d+$")).then(bare.cast(pl.Float64, strict=False))
