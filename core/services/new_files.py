"""Files that appear whole or not at all, and never in the place of another."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from core.errors import Duplicate, UnwritableFile


@contextmanager
def new_file(target: Path) -> Iterator[Path]:
    """Give a private file beside `target` to write to; it takes that name when the block ends well.

    Raises Duplicate where `target` exists and UnwritableFile where the disk refuses.
    A power cut can leave a hidden `.part` file behind.
    """
    refuse_existing(target)
    with _explained(target), tempfile.TemporaryDirectory(prefix=".", suffix=".part", dir=target.parent) as folder:
        part = Path(folder) / target.name
        part.touch(mode=0o600)
        yield part
        sync(part)
        _name(part, target)
        sync(target.parent)


@contextmanager
def new_folder(target: Path) -> Iterator[Path]:
    """Give a private folder beside `target` to fill; it takes that name when the block ends well.

    Raises Duplicate where `target` exists and UnwritableFile where the disk refuses.
    """
    refuse_existing(target)
    with _explained(target), tempfile.TemporaryDirectory(prefix=".", suffix=".part", dir=target.parent) as folder:
        part = Path(folder) / target.name
        part.mkdir(mode=0o700)
        yield part
        part.rename(target)
        sync(target.parent)


def refuse_existing(target: Path) -> None:
    """Raise Duplicate where something has this name already."""
    if target.exists():
        raise Duplicate(kind="file or folder", name=str(target), fix="Choose another name.")


def sync(path: Path) -> None:
    """Make a file's content, or a folder's names, survive a power cut."""
    if os.name == "nt" and path.is_dir():  # Windows gives no handle on a folder and writes names through by itself
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _name(part: Path, target: Path) -> None:
    """Link, because a rename would replace a file that came in the meantime; some file systems have no links."""
    with suppress(PermissionError, NotImplementedError):
        os.link(part, target)
        return
    refuse_existing(target)
    part.rename(target)


@contextmanager
def _explained(target: Path) -> Iterator[None]:
    try:
        yield
    except FileExistsError:
        refuse_existing(target)
        raise
    except OSError as error:
        raise UnwritableFile(name=str(target), reason=error.strerror or str(error)) from error
