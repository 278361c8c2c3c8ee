"""Reads history from delimited text: encoding, delimiter, quotes and true line numbers, in bounded memory."""

import codecs
import csv
import io
import re
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import accumulate, islice
from typing import BinaryIO, Protocol

import polars as pl

from core.errors import UnreadableFile
from core.history.results import LINE, RowError
from core.services.history_source import BATCH_ROWS, Origin, RawBatch, as_frame

LONGEST = 1 << 20
"""Characters of a line or a cell; longer ones are a broken file (an unclosed quote, no line ends), not a post."""

_BLOCK = 1 << 18
_BATCH_BYTES, _PIECE_BYTES = 1 << 25, 1 << 23
_PIECE_ROWS, _FEW = 4096, 256
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
_LINE_END = re.compile(r"\r\n?|\n")


@dataclass(frozen=True)
class OpenText:
    """A text being read: bytes read so far (unpacked), and the share of the file they are (0-1)."""

    text: io.TextIOWrapper
    position: Callable[[], int]
    done: Callable[[], float]


class CsvReader(Protocol):
    """What csv.reader returns; its own type has no public name."""

    line_num: int

    def __iter__(self) -> Iterator[list[str]]: ...
    def __next__(self) -> list[str]: ...


@dataclass(frozen=True)
class Piece:
    """A few thousand rows as a frame, and those among them that are no rows."""

    rows: pl.DataFrame
    errors: list[RowError]


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
    with _opened(origin, encoding) as opened:
        lines = list(islice(_lines(opened.text), _SAMPLE_LINES))
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


@contextmanager
def _opened(origin: Origin, encoding: str) -> Iterator[OpenText]:
    """Yield the text of a file from its start; a wrapper nobody held any more would close the stream."""
    with origin.opened() as (stream, done), io.TextIOWrapper(stream, encoding, newline="") as text:
        yield OpenText(text, stream.tell, done)


def _lines(text: io.TextIOWrapper) -> Iterator[str]:
    """Yield lines with their ends, each bounded: one that grew longer since the scan is cut, never loaded whole."""
    return iter(partial(text.readline, LONGEST + 2), "")


def _fit(lines: list[str], delimiter: str) -> tuple[int, int]:
    """Return how well a delimiter explains a sample: rows as wide as the first one, then that width."""
    rows = [row for row in csv.reader(lines, delimiter=delimiter) if row]
    width = len(rows[0]) if rows else 0
    return (sum(len(row) == width for row in rows) if width > 1 else 0, width)


def _reader(opened: OpenText, layout: Layout) -> CsvReader:
    """Return the rows of a text from its first line on, however many lines each one takes."""
    lines = _lines(opened.text)
    for _ in range(layout.lead):
        next(lines)
    return csv.reader(lines, delimiter=layout.delimiter, strict=True)


def _header(reader: CsvReader) -> list[str]:
    """Return the cells of the next row that is not blank; none where there is none."""
    return next((row for row in reader if any(row)), [])


def read_header(origin: Origin, layout: Layout) -> list[str]:
    """Return the header's cells, none in a file without text; raises UnreadableFile where its quotes do not fit."""
    with _opened(origin, layout.encoding) as opened:
        try:
            return _header(_reader(opened, layout))
        except csv.Error as error:
            reason = f"the quotes in its header do not fit ({error})"
            raise origin.unreadable(reason, "Write a quote inside a quoted header twice.") from error


def read_text(origin: Origin, layout: Layout, headers: tuple[str, ...]) -> Generator[RawBatch, None, None]:
    """Yield the rows after the header. Blank rows are passed over; rows of another length are errors.

    Raises UnreadableFile for a quote that never closes and a cell longer than LONGEST.
    """
    with _opened(origin, layout.encoding) as opened:
        reader = _reader(opened, layout)
        _header(reader)
        pieces: list[Piece] = []
        start, size = opened.position(), 0
        while piece := _next_piece(reader, opened, origin, layout, headers):
            pieces.append(piece)
            size += piece.rows.height + len(piece.errors)
            if size >= BATCH_ROWS or opened.position() - start > _BATCH_BYTES:
                yield _batch(pieces, opened.done())
                pieces, start, size = [], opened.position(), 0
        if pieces:
            yield _batch(pieces, 1.0)


def _batch(pieces: list[Piece], done: float) -> RawBatch:
    rows = pl.concat([piece.rows for piece in pieces])
    is_filled = rows.select(pl.any_horizontal(pl.exclude(LINE) != "")).to_series()
    return RawBatch(rows.filter(is_filled), tuple(error for piece in pieces for error in piece.errors), done)


def _next_piece(
    reader: CsvReader, opened: OpenText, origin: Origin, layout: Layout, headers: tuple[str, ...]
) -> Piece | None:
    """Return the next few thousand rows, None at the end of the text."""
    first = reader.line_num + 1 + layout.lead
    rows, error = _take(reader, opened)
    if not rows and error is None:
        return None
    after = reader.line_num + 1 + layout.lead
    lines = _first_lines(rows, first, after)
    errors = [] if error is None else [_broken(origin, lines[len(rows)], str(error))]
    lines = lines[: len(rows)]
    width = len(headers)
    if any(len(row) != width for row in rows):
        fitted = [_fitted(row, width) for row in rows]
        errors += [
            _misshapen(line, row, width)
            for line, row, cells in zip(lines, rows, fitted, strict=True)
            if not cells and any(row)
        ]
        lines = [line for line, cells in zip(lines, fitted, strict=True) if cells]
        rows = [cells for cells in fitted if cells]
    return Piece(as_frame(headers, lines, rows), errors)


def _take(reader: CsvReader, opened: OpenText) -> tuple[list[list[str]], csv.Error | None]:
    """Return rows up to a bound of count and bytes, and the error that ended them where one did.

    `list.extend` keeps what it got before an error; row by row in Python takes twice as long.
    """
    rows: list[list[str]] = []
    start, before = opened.position(), -1
    try:
        while before < len(rows) < _PIECE_ROWS and opened.position() - start < _PIECE_BYTES:
            before = len(rows)
            rows.extend(islice(reader, _FEW))
    except csv.Error as error:
        return rows, error
    return rows, None


def _first_lines(rows: list[list[str]], first: int, after: int) -> Sequence[int]:
    """Return the line on which each row starts, and the one behind the last row."""
    if after - first == len(rows):
        return range(first, after + 1)
    ends = (sum(len(_LINE_END.findall(cell)) for cell in row) for row in rows)
    return list(accumulate((1 + inside for inside in ends), initial=first))


def _broken(origin: Origin, line: int, error: str) -> RowError:
    """Return the error of a row whose quotes do not fit.

    Raises UnreadableFile where a cell swallows the rest of the file: no row after it can be trusted.
    """
    if "field limit" in error:
        raise _too_long(origin, line, "row")
    if "unexpected end of data" in error:
        raise origin.unreadable(f"a quote opened in the row on line {line} is never closed", "Close it, or remove it.")
    return RowError(line, WHOLE_ROW, "", 'has a quote inside a quoted cell; write it twice ("")')


def _fitted(row: list[str], width: int) -> list[str]:
    """Return a row of the header's width, without the empty cells that spreadsheets add on the right; else none."""
    if len(row) == width:
        return row
    return row[:width] if len(row) > width and not any(row[width:]) else []


def _misshapen(line: int, row: list[str], width: int) -> RowError:
    """Return the error of a row that has more or fewer cells than the header."""
    return RowError(line, WHOLE_ROW, " | ".join(row)[:_SHOWN], f"has {len(row)} cells where the header has {width}")
