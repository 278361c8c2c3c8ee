"""The header of a sheet of posts: where it stands, which column holds what, and the columns nobody can name."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from string import ascii_uppercase

import polars as pl

from core.errors import Problem
from core.history.columns import distinct
from core.history.results import LINE
from core.services.history_files import HistoryFile, open_history

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "title": ("title", "headline", "post title"),
    "text": ("content", "text", "body", "caption", "post text", "copy", "message"),
    "audience": ("target audience", "audience"),
    "tone": ("tone",),
    "platforms": ("platform", "platforms", "channel", "channels", "network", "networks", "social network"),
    "scheduled_time": (
        "scheduled time", "scheduled at", "date and time", "date time", "datetime", "publish at", "publish date",
        "date", "time", "when",
    ),
    "content_format": ("format", "content format"),
    "tags": ("tags", "tag", "labels", "hashtags"),
    "priority": ("priority",),
}  # fmt: skip
"""The headers that are known for each field of a row, in any case and punctuation; others are left alone."""

CLOCK = ("time", "time of day", "hour", "publish time")
"""Headers of a column that holds the time of day beside the one that holds the date."""

REQUIRED = ("title", "platforms")
_SEARCHED = 10
"""Rows from the top among which the header is looked for; above it stand merged titles."""

_NO_LETTERS = re.compile(r"[\W_]+")
_UNNAMED = re.compile(r"column (\d+)")
_ENOUGH = 2
"""Columns that are known in a row before it is taken for the header: one alone may be chance."""


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
    if isinstance(source, Path) or _known(file.headers):
        return file, 0
    above = _lines_above(file)
    return (open_history(source.split(b"\n", above)[-1], name, sheet), above) if above else (file, 0)


def _lines_above(file: HistoryFile) -> int:
    with closing(file.batches()) as batches:
        errors = next((batch.errors for batch in batches), ())
    for error in errors[:_SEARCHED]:
        if len(_known(error.value.split(" | "))) >= _ENOUGH:
            return error.line - 1
    return 0


def read_header(file: HistoryFile, said: Mapping[str, str]) -> Header:
    """Return the header of a file; `said` are the columns that somebody named, which go before those recognized."""
    with closing(file.batches()) as batches:
        rows = next((batch.rows for batch in batches), pl.DataFrame({LINE: pl.Series([], dtype=pl.Int64)}))
    cells, line, rows = _lowered(file.headers, rows)
    headers, renamed = distinct(cells) if line else (file.headers, ())
    columns = {**_known(headers), **{field: header for field, header in said.items() if header in headers}}
    columns = {field: header for field, header in columns.items() if said.get(field) != ""}
    by_place = dict(zip(rows.columns[1:], headers, strict=True))
    samples = {by_place[place]: _sample(rows[place]) for place in by_place}
    return Header(
        headers=headers,
        line=line,
        columns=columns,
        clock=_clock(headers, columns),
        notes=(*_passed_over(line), *renamed),
        problems=(*_unnamed(headers, columns, samples, said), *_missing(columns)),
        samples=samples,
        asks=not said and (not {"title", "text"} & set(columns) or any(_unnamed(headers, columns, samples, said))),
    )


def _lowered(headers: Sequence[str], rows: pl.DataFrame) -> tuple[Sequence[str], int, pl.DataFrame]:
    """Return the header and its line (0: the first of the file), looked for below merged titles."""
    if len(_known(headers)) >= _ENOUGH:
        return headers, 0, rows
    for number, row in enumerate(rows.head(_SEARCHED).iter_rows()):
        cells = [str(cell or "") for cell in row[1:]]
        if len(_known(cells)) >= max(_ENOUGH, len(_known(headers)) + 1):
            return cells, int(row[0]), rows.slice(number + 1)
    return headers, 0, rows


def _known(headers: Sequence[str]) -> dict[str, str]:
    """Return the header of each field that is there."""
    by_word = {_NO_LETTERS.sub(" ", header).strip().lower(): header for header in reversed(headers)}
    return {
        field: next(by_word[word] for word in words if word in by_word)
        for field, words in COLUMNS.items()
        if any(word in by_word for word in words)
    }


def _clock(headers: Sequence[str], columns: Mapping[str, str]) -> str:
    """Return the column of the time of day, where another one holds the date."""
    when = columns.get("scheduled_time", "")
    if not when or when.strip().lower() in CLOCK:
        return ""
    others = (header for header in headers if header not in columns.values())
    return next((header for header in others if header.strip().lower() in CLOCK), "")


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


def letters(number: int) -> str:
    """Return what spreadsheets call a column, counted from 1: A to Z, then AA."""
    name = ""
    while number:
        number, rest = divmod(number - 1, len(ascii_uppercase))
        name = ascii_uppercase[rest] + name
    return name
