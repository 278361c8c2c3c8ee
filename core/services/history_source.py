"""What every kind of history file is read from and into: an origin of bytes, and batches of rows as text."""

import gzip
import io
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

import polars as pl

from core.errors import UnreadableFile
from core.history.results import LINE, RowError

BATCH_ROWS = 50_000
GZIP_MAGIC = b"\x1f\x8b"


@dataclass(frozen=True)
class Origin:
    """Where a file's bytes are: a path, or what was uploaded; `name` is what the user calls it."""

    name: str
    source: Path | bytes

    @property
    def size(self) -> int:
        """Bytes as stored, packed or not."""
        return self.source.stat().st_size if isinstance(self.source, Path) else len(self.source)

    @contextmanager
    def opened(self) -> Iterator[tuple[BinaryIO, Callable[[], float]]]:
        """Yield a stream of the bytes, unpacked where they are gzip, and how much has been read as a share (0-1).

        Raises UnreadableFile for whatever the disk or the packing does while the stream is in use.
        """
        with ExitStack() as stack, self.explained():
            raw = stack.enter_context(self._raw())
            size = max(self.size, 1)
            stream = cast(BinaryIO, stack.enter_context(gzip.GzipFile(fileobj=raw))) if _is_packed(raw) else raw
            yield stream, lambda: min(raw.tell() / size, 1.0)

    def _raw(self) -> BinaryIO:
        return self.source.open("rb") if isinstance(self.source, Path) else io.BytesIO(self.source)

    @contextmanager
    def explained(self) -> Iterator[None]:
        """Turn what goes wrong with the bytes of a file into a sentence about it."""
        try:
            yield
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise self.unreadable(
                f"its gzip packing is damaged ({error})", "Pack it again, or send it unpacked."
            ) from error
        except UnicodeDecodeError as error:
            raise self.unreadable("it changed while it was being read", "Import it again.") from error
        except OSError as error:
            raise self.unreadable(
                error.strerror or str(error), "Check that the file exists and may be read."
            ) from error

    def unreadable(self, reason: str, fix: str) -> UnreadableFile:
        """Return the error that says why this file cannot be read."""
        return UnreadableFile(name=self.name, reason=reason, fix=fix)


@dataclass(frozen=True)
class RawBatch:
    """Rows as text with their first line in LINE, the rows that have no shape, and the share of the file read (0-1)."""

    rows: pl.DataFrame
    errors: tuple[RowError, ...]
    done: float


def _is_packed(raw: BinaryIO) -> bool:
    """Tell whether bytes are gzip, and go back to their start."""
    magic = raw.read(len(GZIP_MAGIC))
    raw.seek(0)
    return magic == GZIP_MAGIC


def as_frame(headers: tuple[str, ...], lines: Sequence[int], rows: list[list[str]]) -> pl.DataFrame:
    """Return rows of equal length as a frame of text columns behind LINE."""
    cells = zip(*rows, strict=True) if rows else [()] * len(headers)
    columns = (pl.Series(header, column, pl.String) for header, column in zip(headers, cells, strict=True))
    return pl.DataFrame([pl.Series(LINE, lines, pl.Int64), *columns])
