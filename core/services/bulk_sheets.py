"""Reads the rows of a bulk job from a CSV, an Excel sheet or pasted text, faults named by line and column."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from core.errors import Invalid, Problem
from core.history.results import LINE, RowError
from core.services.bulk_views import MOST_ROWS, RowDraft
from core.services.history_files import HistoryFile, open_history
from core.vocabulary import ContentFormat, Priority

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "title": ("title", "headline"),
    "text": ("content", "text", "body", "caption"),
    "audience": ("target audience", "audience"),
    "tone": ("tone",),
    "platforms": ("platform", "platforms", "channel"),
    "scheduled_time": ("scheduled time", "scheduled at", "time", "date"),
    "content_format": ("format", "content format"),
    "tags": ("tags", "tag", "labels"),
    "priority": ("priority",),
}
"""The headers that are known for each field of a row, in any case and punctuation; others are left alone."""

REQUIRED = ("title", "platforms")
_SEPARATORS = re.compile(r"[,;|/\n]")
_NO_LETTERS = re.compile(r"[\W_]+")
_Word = TypeVar("_Word", ContentFormat, Priority)
_UNNAMED = re.compile(r"column \d+")


@dataclass(frozen=True)
class SheetRows:
    """The rows of a sheet, what is wrong with its headers or cells, and what a reader should know of it."""

    rows: tuple[RowDraft, ...]
    problems: tuple[Problem, ...]
    notes: tuple[str, ...]
    headers: tuple[str, ...]


@dataclass(frozen=True)
class SheetLine:
    """One line of a sheet: where it stands in its file, and its cells as they were written, by field of COLUMNS."""

    line: int
    cells: Mapping[str, str]


@dataclass(frozen=True)
class SheetLines:
    """The lines of a sheet before anybody reads a meaning into them; `columns` are the headers by field."""

    lines: tuple[SheetLine, ...]
    columns: Mapping[str, str]
    problems: tuple[Problem, ...]
    notes: tuple[str, ...]
    headers: tuple[str, ...]


def read_rows(source: Path | bytes, name: str, sheet: str | None = None) -> SheetRows:
    """Return the rows of a CSV, TSV, XLSX, XLS or ODS file (UnreadableFile).

    A cell of platforms may name several, with commas between. A blank time leaves the choice to the planner. Problems
    are placed as in `line 7, Priority`.
    """
    read = read_lines(source, name, sheet)
    rows, faults = rows_of(read.lines, read.columns)
    return SheetRows(rows, (*read.problems, *faults), read.notes, read.headers)


def read_lines(source: Path | bytes, name: str, sheet: str | None = None) -> SheetLines:
    """Return the lines of a file that say something, as they are written (UnreadableFile)."""
    file = open_history(source, name, sheet)
    columns, problems = _columns(file)
    lines, faults = _lines(file, columns)
    if len(lines) > MOST_ROWS:
        problems = (*problems, Problem(name, f"{len(lines)} rows", f"a job has at most {MOST_ROWS:,} rows; divide it"))
    return SheetLines(tuple(lines[:MOST_ROWS]), columns, (*problems, *faults), file.notes, file.headers)


def rows_of(lines: Sequence[SheetLine], columns: Mapping[str, str]) -> tuple[tuple[RowDraft, ...], tuple[Problem, ...]]:
    """Return what lines mean, and the cells that hold no word that is known."""
    faults = (fault for each in lines for fault in _word_faults(each.cells, columns, each.line))
    return tuple(_row(each.cells, each.line) for each in lines), tuple(faults)


def _columns(file: HistoryFile) -> tuple[dict[str, str], tuple[Problem, ...]]:
    """Return the header of each field that is there, and what is wrong with the headers."""
    by_word = {_NO_LETTERS.sub(" ", header).strip().lower(): header for header in reversed(file.headers)}
    columns = {
        field: next(by_word[word] for word in words if word in by_word)
        for field, words in COLUMNS.items()
        if any(word in by_word for word in words)
    }
    merged = (header for header in file.headers if _UNNAMED.fullmatch(header))
    unnamed = (
        Problem(header, "", "it has no header; unmerge the header cells and name each column") for header in merged
    )
    missing = (
        Problem(COLUMNS[field][0].title(), "", f"this column is missing; name one {' or '.join(COLUMNS[field])}")
        for field in REQUIRED
        if field not in columns
    )
    return columns, (*unnamed, *missing)


def _lines(file: HistoryFile, columns: Mapping[str, str]) -> tuple[list[SheetLine], list[Problem]]:
    lines: list[SheetLine] = []
    faults: list[Problem] = []
    for batch in file.batches():
        faults += map(_misshapen, batch.errors)
        for found in batch.rows.iter_rows(named=True):
            cells = {field: str(found[header] or "").strip() for field, header in columns.items()}
            if any(cells.values()):
                lines.append(SheetLine(int(found[LINE]), cells))
    return lines, faults


def _row(values: Mapping[str, str], line: int) -> RowDraft:
    platforms = tuple(part for each in _SEPARATORS.split(values.get("platforms", "")) if (part := each.strip().lower()))
    when = values.get("scheduled_time", "")
    return RowDraft(
        title=values.get("title", ""),
        text=values.get("text", ""),
        platforms=platforms,
        scheduled_times=dict.fromkeys(platforms, when) if when else {},
        content_format=_word(ContentFormat, values.get("content_format", "")),
        tags=tuple(part for each in re.split(r"[,;]", values.get("tags", "")) if (part := each.strip().lstrip("#"))),
        audience=values.get("audience", ""),
        tone=values.get("tone", ""),
        priority=_word(Priority, values.get("priority", "")),
        line=line,
    )


def _word(words: type[_Word], text: str) -> _Word | None:
    wanted = text.lower().replace(" ", "_").replace("-", "_")
    return words(wanted) if wanted in set(words) else None


def _word_faults(values: Mapping[str, str], columns: Mapping[str, str], line: int) -> Iterator[Problem]:
    known: Mapping[str, type[StrEnum]] = {"content_format": ContentFormat, "priority": Priority}
    for field, words in known.items():
        text = values.get(field, "")
        if text and text.lower().replace(" ", "_").replace("-", "_") not in set(words):
            yield Problem(f"line {line}, {columns[field]}", text, f"use one of {', '.join(words)}")


def _misshapen(error: RowError) -> Problem:
    return Problem(f"line {error.line}, {error.column}", error.value, error.reason)


def refuse_faults(read: SheetRows) -> tuple[RowDraft, ...]:
    """Return the rows of a sheet with nothing wrong (Invalid)."""
    if read.problems:
        raise Invalid(read.problems)
    return read.rows
