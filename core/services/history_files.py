"""Opens a team's own history, whatever kind of file it is, as batches of rows of text."""

import gzip
from collections.abc import Callable, Generator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from core.history.columns import distinct
from core.services.history_sheets import (
    open_sheet,
    parquet_headers,
    read_parquet,
    read_sheet,
    refuse_locked,
    refuse_no_workbook,
)
from core.services.history_source import GZIP_MAGIC, Origin, RawBatch
from core.services.history_text import find_layout, read_header, read_text

_ZIP_MAGIC, _OLE_MAGIC, _PARQUET_MAGIC = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PAR1"
_OTHER_KINDS = {
    b"%PDF": "a PDF document",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"{\rtf": "an RTF text",
}
_HEAD_BYTES = 8

Opened = tuple[list[str], Callable[[tuple[str, ...]], Generator[RawBatch, None, None]], tuple[str, ...]]
"""Header cells, what reads the rows under distinct headers, and notes."""


@dataclass(frozen=True)
class HistoryFile:
    """A file of past posts: distinct headers, what the user should know about how it was read, and its rows.

    Nothing stays open: each call of `batches` reads the file from its start, and closes it when it ends or is closed.
    """

    name: str
    headers: tuple[str, ...]
    notes: tuple[str, ...]
    batches: Callable[[], Generator[RawBatch, None, None]]


def open_history(source: Path | bytes, name: str, sheet: str | None = None) -> HistoryFile:
    """Find out by its content what a file is and read its header.

    CSV, TSV (plain or gzip), XLSX, XLS, ODS and Parquet; `sheet` names the sheet of a workbook (else the first).
    Raises UnreadableFile, with reason and fix, for what is none of these, is empty, damaged or locked.
    """
    origin = Origin(name, source)
    cells, read, notes = _open(origin, sheet)
    if not any(cell.strip() for cell in cells):
        raise origin.unreadable("it is empty", "Choose a file with a header and at least one row.")
    headers, header_notes = distinct(cells)
    return HistoryFile(name, headers, notes + header_notes, partial(read, headers))


def _open(origin: Origin, sheet: str | None) -> Opened:
    """Choose the reader by the first bytes; names lie, and uploads may have none."""
    head = _head(origin)
    if head.startswith(_PARQUET_MAGIC):
        cells, notes = parquet_headers(origin)
        return cells, partial(read_parquet, origin), notes
    if head.startswith((_ZIP_MAGIC, _OLE_MAGIC)):
        (refuse_locked if head.startswith(_OLE_MAGIC) else refuse_no_workbook)(origin)
        cells, rows, notes = open_sheet(origin, sheet)
        return cells, partial(read_sheet, rows), notes
    if kind := next((kind for magic, kind in _OTHER_KINDS.items() if head.startswith(magic)), None):
        raise origin.unreadable(f"it is {kind}", "Export the history as CSV, XLSX or Parquet.")
    layout, notes = find_layout(origin)
    return read_header(origin, layout), partial(read_text, origin, layout), notes


def _head(origin: Origin) -> bytes:
    """Return the first bytes of the file, unpacked; only text may be packed, because other kinds are read by jumps."""
    with origin.opened() as (stream, _):
        head, is_packed = stream.read(_HEAD_BYTES), isinstance(stream, gzip.GzipFile)
    if is_packed and head.startswith((_ZIP_MAGIC, _OLE_MAGIC, _PARQUET_MAGIC, GZIP_MAGIC)):
        raise origin.unreadable("it is packed twice", "Unpack the .gz and import the file inside.")
    return head
