"""Back-up: everything of an installation in one file, consistent while the engine writes."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from sqlalchemy import Connection, MetaData, Table, make_url, select
from sqlalchemy.exc import DBAPIError

from core.errors import DatabaseUnavailable
from core.services.archive import OUTBOX, ArchiveWriter, Manifest, open_archive, outbox_files, write_archive
from core.services.new_files import new_file
from core.settings import Settings
from core.storage.engines import database_url, is_sqlite, open_engine
from core.storage.failures import explain

NOT_KEPT = frozenset({"alembic_version", "engine_heartbeats", "refresh_tokens", "seen_signatures"})
"""Tables that say something about a running machine, not about the work: the schema is in the manifest.

A restored refresh token would be good for a second time; whoever holds one exchanges the API key anew.
"""
LEFT_OUT = (
    "the key of its secrets (SLOTWISE_SECRET_KEY, or secret.key in the data folder): keep a copy of that elsewhere",
    "refresh tokens: clients of the API exchange their keys anew after a restore",
)
"""What a back-up never holds."""
_BATCH = 2_000


@dataclass(frozen=True)
class BackupReport:
    """A finished back-up; `rows` counts by table, `revisions` by workspace, `sha256` is of the whole file."""

    path: Path
    bytes: int
    sha256: str
    schema: str
    rows: Mapping[str, int]
    revisions: Mapping[str, int]
    left_out: tuple[str, ...] = LEFT_OUT


def back_up(settings: Settings, target: Path, now: datetime) -> BackupReport:
    """Write database and outbox of this installation to a new file, and read it back before it gets its name.

    All tables are read in one transaction, so the engine may go on. Secrets are in it as they lie in the database:
    encrypted, once this version was started on it. The key is not. Only its owner may read the file.
    Raises Duplicate (`target` exists), UnwritableFile, DatabaseUnavailable.
    """
    url = existing_database(settings)
    with new_file(target) as part:
        manifest = _write(url, settings.data_dir / OUTBOX, part, now)
        with open_archive(part), part.open("rb") as stream:
            sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
        size = part.stat().st_size
    return BackupReport(target, size, sha256, manifest.schema, manifest.rows, manifest.revisions)


def sqlite_file(url: str) -> Path | None:
    """Return the file of a SQLite address, None where the database is on a server."""
    address = make_url(url)
    if address.get_backend_name() != "sqlite":
        return None
    return Path((address.database or "").removeprefix("file:"))


def existing_database(settings: Settings) -> str:
    """Return the database's address (DatabaseUnavailable: there is none, and opening it would create one)."""
    url = database_url(settings)
    file = sqlite_file(url)
    if file is not None and not file.is_file():
        fix = "Start Slotwise once to create it, or check SLOTWISE_DATA_DIR."
        raise DatabaseUnavailable(where=str(file), reason="there is no such file", fix=fix)
    return url


def reflect(connection: Connection) -> list[Table]:
    """Return the tables as they are in the database, whatever version made them, referred ones first."""
    metadata = MetaData()
    metadata.reflect(connection)
    return [table for table in metadata.sorted_tables if table.name not in NOT_KEPT]


def _write(url: str, outbox: Path, part: Path, now: datetime) -> Manifest:
    engine = open_engine(url)
    reading = engine if is_sqlite(engine) else engine.execution_options(isolation_level="REPEATABLE READ")
    try:
        with reading.begin() as connection, write_archive(part) as archive:
            schema = _check(connection)
            for table in reflect(connection):
                archive.add_table(table.name, table.columns.keys(), _batches(connection, table))
            revisions = _revisions(connection)
            _add_outbox(archive, outbox)
            return archive.finish(version=version("slotwise"), schema=schema, created_at=now, revisions=revisions)
    except DBAPIError as error:
        raise explain(error, engine.url) from error
    finally:
        engine.dispose()


def _add_outbox(archive: ArchiveWriter, outbox: Path) -> None:
    """Copy the outbox after the tables: a file may then be ahead of its item, which reconciling finds, never behind."""
    for name, file in outbox_files(outbox):
        archive.add_file(name, file)


def _batches(connection: Connection, table: Table) -> Iterator[list[list[object]]]:
    query = select(table).order_by(*table.primary_key)
    result = connection.execute(query, execution_options={"yield_per": _BATCH})
    for batch in result.partitions():
        yield [list(row) for row in batch]


def _check(connection: Connection) -> str:
    """Return the schema of a whole database; a damaged one gives no back-up that looks like a good one."""
    where = connection.engine.url.render_as_string(hide_password=True)
    if is_sqlite(connection.engine):
        found = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
        if found != "ok":
            fix = "Restore the last good back-up with `slotwise restore`."
            raise DatabaseUnavailable(where=where, reason=f"it is damaged: {found}", fix=fix)
    return str(connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one())


def _revisions(connection: Connection) -> dict[str, int]:
    rows = connection.exec_driver_sql("SELECT workspace_id, value FROM revisions ORDER BY workspace_id")
    return {row.workspace_id: row.value for row in rows}
