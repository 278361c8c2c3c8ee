"""Reads the rows of a bulk job from a CSV, an Excel sheet or pasted text, faults named by line and column."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

import polars as pl

from core.errors import Invalid, Problem
from core.history.reading import DateOrder
from core.history.results import LINE, RowError
from core.history.survey import Question
from core.services.bulk_headers import Header, open_table, read_header
from core.services.bulk_views import MOST_ROWS, RowDraft
from core.services.history_files import HistoryFile
from core.sheets.time_texts import read_times
from core.vocabulary import ContentFormat, Priority

_SEPARATORS = re.compile(r"[,;|/\n]")
_DATE_ONLY = re.compile(r"(\d{4}-\d\d-\d\d)[ T]00:00(:00)?")
_CLOCK_ONLY = re.compile(r"(?:1899-12-3[01]|1900-01-00)[ T](\d\d:\d\d)(?::\d\d)?")
"""How spreadsheets write a date without a time, and a time without a date."""

_Word = TypeVar("_Word", ContentFormat, Priority)


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
    """The lines of a sheet before anybody reads a meaning into them; `header` says what its columns are."""

    lines: tuple[SheetLine, ...]
    header: Header
    problems: tuple[Problem, ...]
    notes: tuple[str, ...]
    is_cut: bool = False


@dataclass(frozen=True)
class Meaning:
    """What lines mean: their rows, their times, the cells that cannot be read, and what only the owner knows."""

    rows: tuple[RowDraft, ...]
    times: tuple[str, ...]
    problems: tuple[Problem, ...]
    question: Question | None


def read_rows(
    source: Path | bytes, name: str, sheet: str | None = None, date_order: DateOrder | None = None
) -> SheetRows:
    """Return the rows of a CSV, TSV, XLSX, XLS or ODS file (UnreadableFile).

    A cell of platforms may name several, with commas between. A blank time leaves the choice to the planner. Problems
    are placed as in `line 7, Priority`. `date_order` says what 03/04/2026 means where the column does not show it.
    """
    read = read_lines(source, name, sheet)
    meaning = rows_of(read.lines, read.header.columns, date_order)
    return SheetRows(meaning.rows, (*read.problems, *meaning.problems), read.notes, read.header.headers)


def read_lines(
    source: Path | bytes,
    name: str,
    sheet: str | None = None,
    said: Mapping[str, str] | None = None,
    most: int = MOST_ROWS,
) -> SheetLines:
    """Return the lines of a file that say something, as they are written (UnreadableFile).

    `said` names the column of a field, "" for none. Beyond `most` lines nothing is kept, and that is a problem.
    """
    file, above = open_table(source, name, sheet)
    header = read_header(file, said or {})
    lines, faults = _lines(file, header, above, most)
    problems = (*header.problems, *faults)
    is_cut = len(lines) > most
    if is_cut:
        cut = Problem(name, f"more than {most:,} rows", f"a job has at most {most:,} rows here; divide it")
        problems = (cut, *problems)
    return SheetLines(tuple(_dated(lines[:most])), header, problems, (*file.notes, *header.notes), is_cut)


def rows_of(lines: Sequence[SheetLine], columns: Mapping[str, str], date_order: DateOrder | None = None) -> Meaning:
    """Return what lines mean; `columns` are what their fields are called to people."""
    column = columns.get("scheduled_time", "")
    times = read_times([line.cells.get("scheduled_time", "") for line in lines], column, date_order)
    words = (
        replace(fault, place=f"line {each.line}, {columns[field]}")
        for each in lines
        for field, fault in word_faults(each.cells)
    )
    late = (
        Problem(f"line {line.line}, {column}", text, problem)
        for line, text, problem in zip(lines, times.texts, times.problems, strict=True)
        if problem
    )
    rows = tuple(row_of(each.cells, each.line, when) for each, when in zip(lines, times.texts, strict=True))
    return Meaning(rows, times.texts, (*words, *late), times.question)


def _lines(file: HistoryFile, header: Header, above: int, most: int) -> tuple[list[SheetLine], list[Problem]]:
    """Return the lines below the header, of which as many stand `above` the table as were cut off."""
    lines: list[SheetLine] = []
    faults: list[Problem] = []
    places = dict(zip(header.headers, file.headers, strict=True))
    columns = {field: places[name] for field, name in header.columns.items()}
    clock = places.get(header.clock, "")
    with closing(file.batches()) as batches:
        for batch in batches:
            faults += (_misshapen(error, above) for error in batch.errors if error.line > header.line)
            for found in batch.rows.filter(pl.col(LINE) > header.line).iter_rows(named=True):
                cells = {field: str(found[name] or "").strip() for field, name in columns.items()}
                if clock and cells.get("scheduled_time"):
                    cells["scheduled_time"] = _joined(cells["scheduled_time"], str(found[clock] or "").strip())
                if any(cells.values()):
                    lines.append(SheetLine(int(found[LINE]) + above, cells))
            if len(lines) > most:
                break
    return lines, faults


def _joined(day: str, clock: str) -> str:
    """Return a date and the time of day beside it as one."""
    date_only, clock_only = _DATE_ONLY.fullmatch(day), _CLOCK_ONLY.fullmatch(clock)
    return f"{date_only[1] if date_only else day} {clock_only[1] if clock_only else clock}".strip()


def _dated(lines: list[SheetLine]) -> list[SheetLine]:
    """Take the midnight away that spreadsheets write behind dates: it would be read as a time somebody chose."""
    times = [text for line in lines if (text := line.cells.get("scheduled_time", ""))]
    if not times or not all(_DATE_ONLY.fullmatch(text) for text in times):
        return lines
    cut = ((line, _DATE_ONLY.fullmatch(line.cells.get("scheduled_time", ""))) for line in lines)
    return [replace(line, cells={**line.cells, "scheduled_time": day[1]}) if day else line for line, day in cut]


def row_of(values: Mapping[str, str], line: int, when: str) -> RowDraft:
    """Return what the cells of a line say, by field of COLUMNS; `when` is its time for all of its platforms."""
    platforms = tuple(part for each in _SEPARATORS.split(values.get("platforms", "")) if (part := each.strip().lower()))
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


def word_faults(values: Mapping[str, str]) -> Iterator[tuple[str, Problem]]:
    """Yield the fields of a line whose word is none of those that are known, with what is wrong."""
    known: Mapping[str, type[StrEnum]] = {"content_format": ContentFormat, "priority": Priority}
    for field, words in known.items():
        text = values.get(field, "")
        if text and text.lower().replace(" ", "_").replace("-", "_") not in set(words):
            yield field, Problem(field, text, f"use one of {', '.join(words)}")


def _misshapen(error: RowError, above: int) -> Problem:
    return Problem(f"line {error.line + above}, {error.column}", error.value, error.reason)


def refuse_faults(read: SheetRows) -> tuple[RowDraft, ...]:
    """Return the rows of a sheet with nothing wrong (Invalid)."""
    if read.problems:
        raise Invalid(read.problems)
    return read.rows
