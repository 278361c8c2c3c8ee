"""Reads the rows of a bulk job from a CSV, an Excel sheet or pasted text, faults named by line and column."""

import re
from collections.abc import Iterator, Mapping
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


def read_rows(source: Path | bytes, name: str, sheet: str | None = None) -> SheetRows:
    """Return the rows of a CSV, TSV, XLSX, XLS or ODS file (UnreadableFile).

    A cell of platforms may name several, with commas between. A blank time leaves the choice to the planner. Problems
    are placed as in `line 7, Priority`.
    """
    file = open_history(source, name, sheet)
    columns, problems = _columns(file)
    rows, faults = _rows(file, columns)
    if len(rows) > MOST_ROWS:
        problems = (*problems, Problem(name, f"{len(rows)} rows", f"a job has at most {MOST_ROWS:,} rows; divide it"))
    return SheetRows(rows[:MOST_ROWS], (*problems, *faults), file.notes, file.headers)


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


def _rows(file: HistoryFile, columns: Mapping[str, str]) -> tuple[tuple[RowDraft, ...], tuple[Problem, ...]]:
    rows: list[RowDraft] = []
    faults: list[Problem] = []
    for batch in file.batches():
        faults += map(_misshapen, batch.errors)
        for cells in batch.rows.iter_rows(named=True):
            line = int(cells[LINE])
            values = {field: str(cells[header] or "").strip() for field, header in columns.items()}
            if any(values.values()):
                rows.append(_row(values, line))
                faults += _word_faults(values, columns, line)
    return tuple(rows), tuple(faults)


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
