"""A trial's posts as a table in a file: CSV, TSV or Parquet, with as many known columns as there are."""

from collections import Counter
from pathlib import Path

import polars as pl

from core.errors import Invalid, Problem
from core.trials.units import UNIT_SCHEMA

_SEPARATORS = {".csv": ",", ".tsv": "\t"}
TABLES = frozenset({*_SEPARATORS, ".parquet"})
_UNKNOWN = ("", "NA", "NaN", "nan", "null", "NULL")
_NEEDED = ("arm", "value")


def read_table(file: Path) -> pl.DataFrame:
    """Return the known columns of a table, each as it is meant; others are nobody's business (Invalid)."""
    table, names = (
        _parquet(file) if file.suffix.lower() == ".parquet" else _text(file, _SEPARATORS[file.suffix.lower()])
    )
    known = _named(table, names)
    if missing := [name for name in _NEEDED if name not in known.columns]:
        raise Invalid((Problem("header", ", ".join(names), f"name the columns {' and '.join(missing)}"),))
    columns = [_column(known[name]) for name in UNIT_SCHEMA if name in known.columns]
    is_blank = table.select(pl.all_horizontal(pl.all().is_null())).to_series()
    return pl.DataFrame(columns).filter(~is_blank)


def _text(file: Path, separator: str) -> tuple[pl.DataFrame, list[str]]:
    """Return lines of text and the header, read as a line too: a name that stands there twice would get another.

    A header with semicolons and no comma means that semicolons part the columns, and commas may be decimal points.
    """
    try:
        with file.open(encoding="utf-8") as opened:
            header = opened.readline()
        is_semicolon = ";" in header and separator not in header
        separator = ";" if is_semicolon else separator
        lines = pl.read_csv(file, separator=separator, infer_schema=False, null_values=list(_UNKNOWN), has_header=False)
    except (pl.exceptions.PolarsError, UnicodeError) as error:
        fix = "give a table with a header line, in UTF-8"
        raise Invalid((Problem("file", str(error).partition("\n")[0], fix),)) from error
    if is_semicolon:
        lines = lines.with_columns(pl.all().str.replace(r"^(\s*[-+]?\d+),(\d+\s*)$", "${1}.${2}"))
    return lines[1:], [str(name or "") for name in lines.row(0)]


def _parquet(file: Path) -> tuple[pl.DataFrame, list[str]]:
    try:
        table = pl.read_parquet(file)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise Invalid((Problem("file", str(error).partition("\n")[0], "give a Parquet file"),)) from error
    return table, table.columns


def _named(table: pl.DataFrame, names: list[str]) -> pl.DataFrame:
    """Return the known columns of a table by their names here, in whatever case they are written."""
    said = [name.strip().lower() for name in names]
    twice = [name for name, count in Counter(said).items() if count > 1 and name in UNIT_SCHEMA]
    if twice:
        raise Invalid((Problem("header", ", ".join(names), f"name the column {twice[0]} once"),))
    known = {old: name for old, name in zip(table.columns, said, strict=True) if name in UNIT_SCHEMA}
    return table.select(list(known)).rename(known)


def _column(column: pl.Series) -> pl.Series:
    if UNIT_SCHEMA[column.name] == pl.Float64:
        return _numbers(column)
    try:
        said = column.cast(pl.String).str.strip_chars()
    except pl.exceptions.PolarsError as error:
        raise Invalid((Problem(f"column {column.name}", str(column.dtype), "give words"),)) from error
    return said.set(said.is_in(list(_UNKNOWN)).fill_null(value=False), None)


def _numbers(column: pl.Series) -> pl.Series:
    """Return a column as numbers; what is NaN is not known, as other tools write it."""
    given = column.str.strip_chars() if column.dtype == pl.String else column
    if not (given.dtype == pl.String or given.dtype.is_numeric() or given.dtype in {pl.Boolean(), pl.Null()}):
        raise Invalid((Problem(f"column {column.name}", str(column.dtype), "give numbers"),))
    found = given.cast(pl.Float64, strict=False)
    bad = (found.is_null() & given.is_not_null()).arg_true()
    if bad.len():
        line, value = bad[0] + 2, given[bad[0]]  # the header is line 1
        raise Invalid((Problem(f"line {line}, {column.name}", value, "give a number with a decimal point"),))
    return found.fill_nan(None)
