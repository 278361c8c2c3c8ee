"""The back-up file: a zip of every table as JSON lines, the outbox, and a manifest with checksums.

One form for both databases, so that a back-up of SQLite restores into PostgreSQL and the other way round:
`manifest.json`, `tables/<table>.jsonl` (a line of column names, then a line per row) and `outbox/…`.
"""

import hashlib
import json
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

from core.errors import NewerSchema, UnreadableFile

FORMAT = 1
MANIFEST = "manifest.json"
TABLES, OUTBOX = "tables", "outbox"
_MEMBER = re.compile(rf"{TABLES}/[a-z_]+\.jsonl|{OUTBOX}/[\w.-]+(/[\w.-]+)*")
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, KeyError, ValueError, TypeError, AttributeError)
"""What reading a damaged or foreign file raises."""
_COMPRESSION = 3
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Manifest:
    """What a back-up says about itself; `checksums` holds the SHA-256 of every other member."""

    format: int
    version: str
    schema: str
    created_at: str
    rows: Mapping[str, int]
    revisions: Mapping[str, int]
    checksums: Mapping[str, str]


class ArchiveWriter:
    """Adds members to a new back-up and remembers what the manifest must say."""

    def __init__(self, file: zipfile.ZipFile) -> None:
        self._file = file
        self._checksums: dict[str, str] = {}
        self._rows: dict[str, int] = {}

    def add_table(self, table: str, columns: list[str], batches: Iterable[Iterable[Iterable[Any]]]) -> None:
        """Write a table; a row is the values of `columns`, moments as datetimes."""
        self._rows[table] = 0
        self._add(_member(table), self._lines(table, columns, batches))

    def add_file(self, name: str, source: Path) -> None:
        """Copy a file of the outbox; `name` is its path below the outbox."""
        with source.open("rb") as file:
            self._add(f"{OUTBOX}/{name}", iter(lambda: file.read(_CHUNK), b""))

    def finish(self, *, version: str, schema: str, created_at: datetime, revisions: Mapping[str, int]) -> Manifest:
        """Write the manifest last, so that an archive without one is known to be unfinished."""
        manifest = Manifest(FORMAT, version, schema, _plain(created_at), self._rows, revisions, self._checksums)
        self._file.writestr(MANIFEST, json.dumps(asdict(manifest), indent=2))
        return manifest

    def _lines(self, table: str, columns: list[str], batches: Iterable[Iterable[Iterable[Any]]]) -> Iterator[bytes]:
        yield _line(columns)
        for batch in batches:
            lines = [_line(list(row)) for row in batch]
            self._rows[table] += len(lines)
            yield b"".join(lines)

    def _add(self, member: str, chunks: Iterable[bytes]) -> None:
        digest = hashlib.sha256()
        with self._file.open(member, "w", force_zip64=True) as stream:
            for chunk in chunks:
                digest.update(chunk)
                stream.write(chunk)
        self._checksums[member] = digest.hexdigest()


class Archive:
    """A back-up opened for reading, after all of it was compared with its manifest."""

    def __init__(self, file: zipfile.ZipFile, manifest: Manifest) -> None:
        self._file = file
        self.manifest = manifest

    @contextmanager
    def table(self, table: str) -> Iterator[tuple[list[str], Iterator[list[Any]]]]:
        """Open a table: its column names, and its rows one by one."""
        with self._file.open(_member(table)) as lines:
            yield json.loads(next(lines)), map(json.loads, lines)

    def outbox(self) -> Iterator[tuple[PurePosixPath, bytes]]:
        """Yield path and content of each outbox file."""
        for member in self.manifest.checksums:
            if member.startswith(f"{OUTBOX}/"):
                yield PurePosixPath(member).relative_to(OUTBOX), self._file.read(member)


@contextmanager
def write_archive(path: Path) -> Iterator[ArchiveWriter]:
    """Open a new back-up at `path`, which the caller owns."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=_COMPRESSION) as file:
        yield ArchiveWriter(file)


@contextmanager
def open_archive(path: Path) -> Iterator[Archive]:
    """Read a back-up through once, then open it (UnreadableFile: missing, damaged or hostile; NewerSchema)."""
    with ExitStack() as stack:
        try:
            file = stack.enter_context(zipfile.ZipFile(path))
            manifest = _manifest(file, path.name)
            _verify(file, manifest)
        except _DAMAGE as error:
            reason = f"it is not a whole Slotwise back-up ({error})"
            raise UnreadableFile(name=str(path), reason=reason, fix="Choose another back-up.") from error
        yield Archive(file, manifest)


def outbox_files(root: Path) -> Iterator[tuple[str, Path]]:
    """Yield the finished items of an outbox: path below `root` and file."""
    for file in sorted(root.glob("*/*/*.json")):
        name = file.relative_to(root).as_posix()
        if _MEMBER.fullmatch(f"{OUTBOX}/{name}") and not file.name.startswith("."):
            yield name, file


def _manifest(file: zipfile.ZipFile, name: str) -> Manifest:
    said = json.loads(file.read(MANIFEST))
    if said["format"] > FORMAT:
        raise NewerSchema(where=name, found=f"back-up format {said['format']}", known=f"back-up format {FORMAT}")
    manifest = Manifest(**said)
    _refuse_strange_members(file, manifest)
    return manifest


def _refuse_strange_members(file: zipfile.ZipFile, manifest: Manifest) -> None:
    """Let nothing into the house that a back-up would not contain: paths that lead out, members nobody listed."""
    members = sorted(info.filename for info in file.infolist())
    if members != sorted([MANIFEST, *manifest.checksums]):
        raise zipfile.BadZipFile("its members are not those of its manifest")
    for info in file.infolist():
        parts = PurePosixPath(info.filename).parts
        known = info.filename == MANIFEST or _MEMBER.fullmatch(info.filename)
        if not known or ".." in parts or info.compress_type not in _METHODS or info.flag_bits & 1:
            raise zipfile.BadZipFile(f"it holds {info.filename!r}, which no back-up contains")
    if set(map(_member, manifest.rows)) - set(manifest.checksums):
        raise zipfile.BadZipFile("its manifest counts tables that are not there")


def _verify(file: zipfile.ZipFile, manifest: Manifest) -> None:
    for member, expected in manifest.checksums.items():
        digest = hashlib.sha256()
        with file.open(member) as stream:
            for chunk in iter(lambda: stream.read(_CHUNK), b""):
                digest.update(chunk)
        if digest.hexdigest() != expected:
            raise zipfile.BadZipFile(f"{member} differs from its checksum")


def _member(table: str) -> str:
    return f"{TABLES}/{table}.jsonl"


def _line(values: list[Any]) -> bytes:
    return json.dumps(values, default=_plain, separators=(",", ":")).encode() + b"\n"


def _plain(moment: datetime) -> str:
    """Write a moment in UTC; SQLite hands it out without its offset."""
    if not isinstance(moment, datetime):
        raise TypeError(f"a back-up cannot hold a {type(moment).__name__}")
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC).isoformat()
