"""Checks rows of a history file: each is accepted whole, or refused with a reason for each bad cell."""

from dataclasses import replace
from datetime import datetime

import polars as pl

from core.history.cells import Cells, Read, read_counts, read_stamps, read_week, read_words
from core.history.columns import ColumnMapping
from core.history.fields import Field
from core.history.formats import unknown_words
from core.history.identity import name_posts
from core.history.reading import Reading
from core.history.results import LINE, MOST_ERRORS, SCHEMA, CheckedBatch, RowError, Tally

_SHOWN = 200
_MIDNIGHT = r"[T ]0?0:00(?::00(?:\.0+)?)?(?:$|[^\d:.])"


def check(batch: pl.DataFrame, mapping: ColumnMapping, reading: Reading, now: datetime) -> CheckedBatch:
    """Return the rows of `batch` that can be trusted, and why the others cannot.

    `batch` has the column LINE (Int64, each row's first line in the file) and all columns of `mapping` as text. `now`
    (aware) is the moment after which a stamp lies in the future.
    """
    source = batch.with_columns(pl.exclude(LINE).str.strip_chars().replace("", None))
    read, tally = _read(source, mapping, reading, now)
    cells = [each for field in read for each in field.cells]
    problems = pl.DataFrame([each.problems.alias(str(place)) for place, each in enumerate(cells)])
    is_good = problems.select(pl.all_horizontal(pl.all().is_null())).to_series()
    found = pl.DataFrame([source[LINE], *(field.values.alias(field.field) for field in read)])
    missing = {name: pl.lit(None, dtype) for name, dtype in SCHEMA.items() if name not in found.columns}
    rows = found.with_columns(**missing).select(SCHEMA.names()).filter(is_good)
    ids = name_posts(rows, source.filter(is_good).drop(LINE), mapping)
    accepted = rows.with_columns(ids.alias(Field.POST_ID)).cast(SCHEMA)
    errors, count = _errors(source[LINE], cells) if not is_good.all() else ((), 0)
    return CheckedBatch(accepted, errors, count, source.height - accepted.height, tally)


def _read(source: pl.DataFrame, mapping: ColumnMapping, reading: Reading, now: datetime) -> tuple[list[Read], Tally]:
    """Return every mapped field of the rows, and what the user should know about how they were read."""
    stamps = {field: (found, read) for field, found, read in read_stamps(source, mapping, reading, now)}
    read = {field: each for field, (_, each) in stamps.items()}
    early = 0
    if Field.PUBLISHED_AT in read and Field.MEASURED_AT in read:
        # A measurement before the post is a clock in another zone: such a moment is dropped, the numbers are not.
        published, measured = read[Field.PUBLISHED_AT].values, read[Field.MEASURED_AT].values
        is_early = (measured < published).fill_null(value=False)
        early = int(is_early.sum())
        read[Field.MEASURED_AT] = replace(read[Field.MEASURED_AT], values=measured.set(is_early, None))
    found = [each for each, _ in stamps.values()]
    tally = Tally(
        unzoned=sum(each.unzoned for field, (each, _) in stamps.items() if not mapping.says_utc(field)),
        repeated=sum(each.repeated for each in found),
        measured_early=early,
        midnight=_midnights(read.get(Field.PUBLISHED_AT)),
        unknown_formats=_unknown_formats(source, mapping),
    )
    others = (read_week(source, mapping, reading), read_counts(source, mapping, reading), read_words(source, mapping))
    return [*read.values(), *(each for group in others for each in group)], tally


def _midnights(published: Read | None) -> int:
    """Count stamps of exactly 00:00: a file that has no others was written without times of day."""
    return int(published.cells[0].texts.str.contains(_MIDNIGHT).sum()) if published else 0


def _unknown_formats(source: pl.DataFrame, mapping: ColumnMapping) -> frozenset[str]:
    header = mapping.column(Field.CONTENT_FORMAT)
    return frozenset(unknown_words(source[header])[:MOST_ERRORS]) if header else frozenset()


def _errors(lines: pl.Series, cells: list[Cells]) -> tuple[tuple[RowError, ...], int]:
    """Return the first MOST_ERRORS errors in the order of the file, and the number of all."""
    frames = [
        pl.DataFrame({"line": lines, "value": each.texts, "reason": each.problems})
        .with_columns(pl.lit(each.header).alias("column"))
        .filter(pl.col("reason").is_not_null())
        for each in cells
    ]
    every = pl.concat(frames)
    first = every.sort("line", maintain_order=True).head(MOST_ERRORS)
    shown = first.select("line", "column", pl.col("value").fill_null("").str.slice(0, _SHOWN), "reason")
    return tuple(RowError(*row) for row in shown.iter_rows()), every.height
