"""The header of a sheet of posts: where it stands, which column holds what, and the columns nobody can name."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from core.bulk.columns import COLUMNS, ENOUGH, REQUIRED, SEARCHED, clock_column, known_columns, letters
from core.errors import Problem
from core.history.columns import distinct
from core.history.results import LINE
from core.services.history_files import HistoryFile, open_history

_UNNAMED = re.compile(r"column (\d+)")


@dataclass(frozen=True)
class Header:
    """The header of a sheet, on `line` of its file.

    `columns` are the headers by field, `clock` the one of the time of day where it stands apart, `samples` the first
    filled cell under each header. `asks`: no column holds anything to post, or one with cells has no name.
    """

    headers: tuple[str, ...]
    line: int
    columns: Mapping[str, str]
    clock: str = ""
    notes: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    samples: Mapping[str, str] = field(default_factory=dict)
    asks: bool = False


def open_table(source: Path | bytes, name: str, sheet: str | None) -> tuple[HistoryFile, int]:
    """Open a file at its header, and return how many lines stand above (UnreadableFile).

    A text with a line or two of its own above the table is opened below them.
    """
    file = open_history(source, name, sheet)
    if isinstance(source, Path) or known_columns(file.headers):
        return file, 0
    above = _lines_above(file)
    return (open_history(source.split(b"\n", above)[-1], name, sheet), above) if above else (file, 0)


def _lines_above(file: HistoryFile) -> int:
    with closing(file.batches()) as batches:
        errors = next((batch.errors for batch in batches), ())
    for error in errors[:SEARCHED]:
        if len(known_columns(error.value.split(" | "))) >= ENOUGH:
            return error.line - 1
    return 0


def read_header(file: HistoryFile, said: Mapping[str, str]) -> Header:
    """Return the header of a file; `said` are the columns that somebody named, which go before those recognized."""
    with closing(file.batches()) as batches:
        rows = next((batch.rows for batch in batches), pl.DataFrame({LINE: pl.Series([], dtype=pl.Int64)}))
    cells, line, rows = _lowered(file.headers, rows)
    headers, renamed = distinct(cells) if line else (file.headers, ())
    columns = {**known_columns(headers), **{field: header for field, header in said.items() if header in headers}}
    columns = {field: header for field, header in columns.items() if said.get(field) != ""}
    by_place = dict(zip(rows.columns[1:], headers, strict=True))
    samples = {by_place[place]: _sample(rows[place]) for place in by_place}
    return Header(
        headers=headers,
        line=line,
        columns=columns,
        clock=clock_column(headers, columns),
        notes=(*_passed_over(line), *renamed),
        problems=(*_unnamed(headers, columns, samples, said), *_missing(columns)),
        samples=samples,
        asks=not said and (not {"title", "text"} & set(columns) or any(_unnamed(headers, columns, samples, said))),
    )


def _lowered(headers: Sequence[str], rows: pl.DataFrame) -> tuple[Sequence[str], int, pl.DataFrame]:
    """Return the header and its line (0: the first of the file), looked for below merged titles."""
    if len(known_columns(headers)) >= ENOUGH:
        return headers, 0, rows
    for number, row in enumerate(rows.head(SEARCHED).iter_rows()):
        cells = [str(cell or "") for cell in row[1:]]
        if len(known_columns(cells)) >= max(ENOUGH, len(known_columns(headers)) + 1):
            return cells, int(row[0]), rows.slice(number + 1)
    return headers, 0, rows


def _sample(cells: pl.Series) -> str:
    filled = cells.filter((cells.str.strip_chars() != "").fill_null(value=False))
    return str(filled[0]).strip() if len(filled) else ""


def _passed_over(line: int) -> Iterator[str]:
    if line:
        above = "The line above it was" if line - 1 == 1 else f"The {line - 1} lines above it were"
        yield f"The header is on line {line}. {above} passed over."


def _unnamed(
    headers: Sequence[str], columns: Mapping[str, str], samples: Mapping[str, str], said: Mapping[str, str]
) -> Iterator[Problem]:
    for header in headers:
        number = _UNNAMED.fullmatch(header)
        if number and samples[header] and not said and header not in columns.values():
            fix = "this column has no header, as under merged cells; say what it holds, or name it in the sheet"
            yield Problem(f"column {letters(int(number[1]))}", samples[header], fix)


def _missing(columns: Mapping[str, str]) -> Iterator[Problem]:
    for name in REQUIRED:
        if name not in columns:
            words = COLUMNS[name]
            fix = f"this column is missing; name one {' or '.join(words[:2])}, or say which column it is"
            yield Problem(words[0].title(), "", fix)
