"""Reads history from delimited text: encoding, delimiter, quotes and true line numbers, in bounded memory."""

import codecs
import csv
import io
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import BinaryIO

from core.errors import UnreadableFile
from core.history.results import RowError
from core.services.history_source import BATCH_ROWS, Origin, RawBatch, as_frame

LONGEST = 1 << 20
"""Characters of a line or a cell; longer ones are a broken file (an unclosed quote, no line ends), not a post."""

_BLOCK = 1 << 18
_BATCH_BYTES = 1 << 25
_SAMPLE_LINES = 50
_DELIMITERS = (",", ";", "\t", "|")
_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_ENCODINGS = ("utf-8-sig", "cp1252", "latin-1")
_UNICODE = ("utf-8-sig", "utf-16")
_ASSUMED = (
    "The file is not UTF-8 and was read as {encoding} (Western European). "
    "If letters look wrong, save it as UTF-8 and import it again."
)
WHOLE_ROW = "(whole row)"
_SHOWN = 200
_CHECK_EVERY = 64


@dataclass(frozen=True)
class Layout:
    """How a text is written. `lead` lines stand before the header (a spreadsheet's `sep=;`)."""

    encoding: str
    delimiter: str
    lead: int


def find_layout(origin: Origin) -> tuple[Layout, tuple[str, ...]]:
    """Read the text through once and return how it is written, with a note where its encoding is an assumption.

    Raises UnreadableFile for bytes that are no text and for a line longer than LONGEST.
    """
    encoding = _find_encoding(origin)
    notes = () if encoding in _UNICODE else (_ASSUMED.format(encoding=encoding),)
    csv.field_size_limit(LONGEST)  # the process-wide default of 128 KiB is less than a long caption may have
    with origin.opened() as (stream, _):
        lines = list(islice(_lines(stream, encoding), _SAMPLE_LINES))
    if lines and lines[0].lower().startswith("sep=") and len(lines[0].strip()) <= len("sep=;"):
        return Layout(encoding, lines[0][len("sep=")], 1), notes
    return Layout(encoding, max(_DELIMITERS, key=partial(_fit, lines)), 0), notes


def _find_encoding(origin: Origin) -> str:
    """Return the first encoding in which the whole text can be read."""
    with origin.opened() as (stream, _):
        is_utf16 = stream.read(len(_UTF16_MARKS[0])) in _UTF16_MARKS
    for encoding in _UNICODE[1:] if is_utf16 else _ENCODINGS:
        with origin.opened() as (stream, _):
            if _is_readable(stream, encoding, origin):
                return encoding
    raise origin.unreadable("its bytes are no text in UTF-16, though its first two say so", "Save it as CSV in UTF-8.")


def _is_readable(stream: BinaryIO, encoding: str, origin: Origin) -> bool:
    """Tell whether the whole text can be decoded, after refusing lines that are too long and bytes that are no text."""
    line, length = 1, 0
    try:
        for text in _blocks(stream, encoding):
            if "\0" in text:
                place = line + text[: text.index("\0")].count("\n")
                raise origin.unreadable(f"line {place} holds bytes that are no text", "Export it as CSV in UTF-8.")
            end = text.find("\n")
            length += len(text) if end < 0 else end
            if length > LONGEST:
                raise _too_long(origin, line, "line")
            if end >= 0:
                line += text.count("\n")
                length = len(text) - text.rfind("\n") - 1
    except UnicodeDecodeError:
        return False
    return True


def _blocks(stream: BinaryIO, encoding: str) -> Iterator[str]:
    """Yield the whole text in pieces, every kind of line end as a newline."""
    decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder(encoding)(), translate=True)
    while block := stream.read(_BLOCK):
        yield decoder.decode(block)
    yield decoder.decode(b"", final=True)


def _too_long(origin: Origin, line: int, what: str) -> UnreadableFile:
    """Return the error for a line or cell that only a broken file has."""
    return origin.unreadable(
        f"the {what} that starts on line {line} is longer than {LONGEST:,} characters",
        "Look for a quote that is opened and never closed, or for missing line ends.",
    )


def _lines(stream: BinaryIO, encoding: str) -> Iterator[str]:
    """Yield lines with their ends, each bounded: one that grew longer since the scan is cut, never loaded whole."""
    return iter(partial(io.TextIOWrapper(stream, encoding, newline="").readline, LONGEST + 2), "")


def _fit(lines: list[str], delimiter: str) -> tuple[int, int]:
    """Return how well a delimiter explains a sample: rows as wide as the first one, then that width."""
    rows = [row for row in csv.reader(lines, delimiter=delimiter) if row]
    width = len(rows[0]) if rows else 0
    return (sum(len(row) == width for row in rows) if width > 1 else 0, width)


def _records(stream: BinaryIO, origin: Origin, layout: Layout) -> Iterator[tuple[int, list[str] | None]]:
    """Yield the first line and the cells of each row that is not blank; None for one whose quotes do not fit."""
    lines = _lines(stream, layout.encoding)
    for _ in range(layout.lead):
        next(lines)
    reader = csv.reader(lines, delimiter=layout.delimiter, strict=True)
    while True:
        start = reader.line_num + 1 + layout.lead
        try:
            row: list[str] | None = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            _refuse_endless(origin, start, str(error))
            row = None
        if row is None or any(row):
            yield start, row


def _refuse_endless(origin: Origin, line: int, error: str) -> None:
    """Raise UnreadableFile where a cell swallows the rest of the file: no row after it can be trusted."""
    if "field limit" in error:
        raise _too_long(origin, line, "row")
    if "unexpected end of data" in error:
        raise origin.unreadable(f"a quote opened in the row on line {line} is never closed", "Close it, or remove it.")


def read_header(origin: Origin, layout: Layout) -> list[str]:
    """Return the cells of the first row that is not blank; none where there is none."""
    with origin.opened() as (stream, _):
        return next((row for _, row in _records(stream, origin, layout) if row), [])


def read_text(origin: Origin, layout: Layout, headers: tuple[str, ...]) -> Generator[RawBatch, None, None]:
    """Yield the rows after the header. Blank rows are passed over; rows of another length are errors.

    Raises UnreadableFile for a quote that never closes and a cell longer than LONGEST.
    """
    with origin.opened() as (stream, done):
        records = _records(stream, origin, layout)
        next(records)
        lines: list[int] = []
        rows: list[list[str]] = []
        errors: list[RowError] = []
        read = stream.tell()
        for line, row in records:
            if row is not None and (cells := _fitted(row, len(headers))):
                lines.append(line)
                rows.append(cells)
            else:
                errors.append(_misshapen(line, row, len(headers)))
            count = len(lines) + len(errors)
            if count == BATCH_ROWS or (count % _CHECK_EVERY == 0 and stream.tell() - read > _BATCH_BYTES):
                yield RawBatch(as_frame(headers, lines, rows), tuple(errors), done())
                lines, rows, errors, read = [], [], [], stream.tell()
        yield RawBatch(as_frame(headers, lines, rows), tuple(errors), 1.0)


def _fitted(row: list[str], width: int) -> list[str]:
    """Return a row of the header's width, without the empty cells that spreadsheets add on the right; else none."""
    if len(row) == width:
        return row
    return row[:width] if len(row) > width and not any(row[width:]) else []


def _misshapen(line: int, row: list[str] | None, width: int) -> RowError:
    """Return the error of a row that is no row."""
    if row is None:
        return RowError(line, WHOLE_ROW, "", 'has a quote inside a quoted cell; write it twice ("")')
    return RowError(line, WHOLE_ROW, " | ".join(row)[:_SHOWN], f"has {len(row)} cells where the header has {width}")
