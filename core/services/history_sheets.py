"""Reads history from spreadsheets and Parquet files as batches of text."""

import io
import zipfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import fastexcel
import polars as pl
import pyarrow as pa  # type: ignore[import-untyped] # published without type information
from pyarrow import parquet

from core.history.results import LINE
from core.services.history_source import BATCH_ROWS, Origin, RawBatch

MOST_UNPACKED = 1 << 30
"""Bytes of a workbook once unpacked: the fullest sheet of posts stays far below, a zip bomb does not."""

_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_UNLOCK = "Open it with its password, save it without one, and import it again."


def refuse_locked(origin: Origin) -> None:
    """Raise UnreadableFile for a workbook with a password (an OLE file whose directory names its encrypted content)."""
    with origin.opened() as (stream, _):
        overlap = b""
        while block := stream.read(1 << 20):
            if _ENCRYPTED in overlap + block:
                raise origin.unreadable("it is protected by a password", _UNLOCK)
            overlap = block[-len(_ENCRYPTED) :]


def refuse_no_workbook(origin: Origin) -> None:
    """Raise UnreadableFile for a ZIP archive that is damaged, no workbook, or far larger than it looks."""
    source = origin.source if isinstance(origin.source, Path) else io.BytesIO(origin.source)
    try:
        with zipfile.ZipFile(source) as archive:
            entries = archive.infolist()
    except zipfile.BadZipFile as error:
        raise origin.unreadable(f"it is a damaged workbook or archive ({error})", "Save it again.") from error
    names = {entry.filename for entry in entries}
    if not names & {"xl/workbook.xml", "xl/workbook.bin", "content.xml"}:
        raise origin.unreadable("it is a ZIP archive, not a workbook", "Unpack it and import the file inside.")
    if sum(entry.file_size for entry in entries) > MOST_UNPACKED:
        raise origin.unreadable("its workbook is larger than 1 GiB once unpacked", "Export it as CSV or Parquet.")


def open_sheet(origin: Origin, sheet: str | None) -> tuple[list[str], pl.DataFrame, tuple[str, ...]]:
    """Return header cells, rows as text behind LINE (the sheet's own row numbers), and notes.

    Reads the sheet of that name, else the first one; a sheet has at most 1,048,576 rows.
    Raises UnreadableFile where there is no such sheet or the workbook is damaged.
    """
    try:
        source = str(origin.source) if isinstance(origin.source, Path) else origin.source
        workbook = fastexcel.read_excel(source)
        name = sheet or workbook.sheet_names[0]
        # skip_rows=0 keeps blank rows above the header, so that row numbers are those the user sees.
        cells = workbook.load_sheet(name, header_row=None, skip_rows=0, dtypes="string").to_polars()
    except fastexcel.SheetNotFoundError as error:
        raise origin.unreadable(f"it has no sheet {sheet!r}", f"It has {', '.join(workbook.sheet_names)}.") from error
    except fastexcel.FastExcelError as error:
        raise origin.unreadable("it is a damaged workbook", "Open it in a spreadsheet and save it again.") from error
    other = len(workbook.sheet_names) - 1
    notes = (f"Read sheet {name!r}; the workbook has {other} more.",) if other and not sheet else ()
    return *_split(cells), notes


def _split(cells: pl.DataFrame) -> tuple[list[str], pl.DataFrame]:
    """Divide a sheet at its first row that is not blank, and leave out the blank ones after it."""
    numbered = cells.with_row_index(LINE, offset=1).cast({LINE: pl.Int64})
    filled = numbered.filter(pl.any_horizontal(pl.exclude(LINE).str.strip_chars() != "")) if cells.width else numbered
    header = [cell or "" for cell in filled.row(0)[1:]] if filled.height else []
    return header, filled.slice(1)


def read_sheet(rows: pl.DataFrame, headers: tuple[str, ...]) -> Generator[RawBatch, None, None]:
    """Yield the rows of a sheet under their headers."""
    named = rows.rename(dict(zip(rows.columns[1:], headers, strict=True)))
    for part in named.iter_slices(BATCH_ROWS):
        yield RawBatch(part, (), int(part[LINE][-1]) / int(named[LINE][-1]))


@contextmanager
def _parquet(origin: Origin) -> Iterator[parquet.ParquetFile]:
    """Open a Parquet file, and say plainly when it is damaged."""
    source = origin.source if isinstance(origin.source, Path) else pa.BufferReader(origin.source)
    try:
        with origin.explained(), parquet.ParquetFile(source) as file:
            yield file
    except pa.ArrowException as error:
        raise origin.unreadable("it is a damaged Parquet file", "Write it again.") from error


def parquet_headers(origin: Origin) -> tuple[list[str], tuple[str, ...]]:
    """Return the columns of a Parquet file, and a note naming those that hold lists or records."""
    with _parquet(origin) as file:
        schema = file.schema_arrow
    nested = [field.name for field in schema if pa.types.is_nested(field.type)]
    notes = (f"Columns of lists or records are not read: {', '.join(nested)}.",) if nested else ()
    return schema.names, notes


def read_parquet(origin: Origin, headers: tuple[str, ...]) -> Generator[RawBatch, None, None]:
    """Yield the rows of a Parquet file as text; LINE is the row's number, from 1."""
    with _parquet(origin) as file:
        total, read = max(file.metadata.num_rows, 1), 0
        for batch in file.iter_batches(BATCH_ROWS):
            columns = (_as_text(header, column) for header, column in zip(headers, batch.columns, strict=True))
            lines = pl.int_range(read + 1, read + 1 + batch.num_rows, eager=True).alias(LINE)
            read += batch.num_rows
            yield RawBatch(pl.DataFrame([lines, *columns]), (), read / total)


def _as_text(header: str, column: pa.Array) -> pl.Series:
    """Write a column as a CSV would hold it; moments with a zone as UTC, those without as wall clocks."""
    if pa.types.is_nested(column.type):
        return pl.Series(header, [None], pl.String).new_from_index(0, len(column))
    values = pl.Series(header, pl.from_arrow(column))
    if isinstance(values.dtype, pl.Datetime):
        if values.dtype.time_zone:
            return values.dt.convert_time_zone("UTC").dt.to_string("%Y-%m-%dT%H:%M:%S%.6fZ")
        return values.dt.to_string("%Y-%m-%dT%H:%M:%S%.6f")
    return values.cast(pl.String, strict=False)
