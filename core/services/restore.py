"""Restore: a back-up becomes the installation's database, as a whole or not at all."""

import sqlite3
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, DateTime, MetaData, Table, inspect, make_url, text, update
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlmodel import SQLModel, col

from core.errors import DatabaseUnavailable, Duplicate, UnreadableFile, UnwritableFile
from core.services.archive import OUTBOX, Archive, open_archive
from core.services.backup import reflect, sqlite_file
from core.services.new_files import new_file, sync
from core.services.restored_events import silence_past
from core.settings import Settings
from core.storage.engines import WRITES, database_url, is_sqlite, open_engine, sqlite_url
from core.storage.failures import explain
from core.storage.migrate import check_schema, known_schema, upgrade
from core.storage.tables import ContentScheduleItem
from core.vocabulary import ItemState, LatenessPolicy

ALIVE = timedelta(minutes=1)
"""An engine that gave a sign of life within this time is running."""
_BATCH = 2_000


@dataclass(frozen=True)
class RestoreReport:
    """A finished restore; `held` items came due since the back-up and wait for a person, see `restore`."""

    source: Path
    created_at: datetime
    schema: str
    rows: Mapping[str, int]
    held: int


def restore(settings: Settings, source: Path, now: datetime, *, replace: bool = False) -> RestoreReport:
    """Make the content of a back-up this installation's database, brought to this version's schema.

    An item whose time passed since the back-up may have gone out already, and the back-up cannot know: such items get
    the lateness policy `ask`, so that nothing is sent twice; nor are webhooks of what happened before. Raises
    UnreadableFile, NewerSchema, Duplicate (there is a database and `replace` is False), DatabaseUnavailable and
    UnwritableFile; the old database then stands as it was.
    """
    url = database_url(settings)
    file = sqlite_file(url)
    try:
        with open_archive(source) as archive:
            check_schema(archive.manifest.schema, str(source))
            content = _Content(archive, settings.data_dir / OUTBOX, now)
            held = _onto_server(url, content, replace) if file is None else _onto_file(file, content, replace)
    except OSError as error:
        raise UnwritableFile(name=str(settings.data_dir), reason=error.strerror or str(error)) from error
    created_at = datetime.fromisoformat(archive.manifest.created_at)
    return RestoreReport(source, created_at, known_schema(), archive.manifest.rows, held)


@dataclass(frozen=True)
class _Content:
    """What is restored, where its outbox goes, and the moment of it."""

    archive: Archive
    outbox: Path
    now: datetime


# --- SQLite: build beside, then take the name ---------------------------------------------------------------------


def _onto_file(target: Path, content: _Content, replace: bool) -> int:
    _prepare(target, replace)
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=target.parent) as folder:
        built = Path(folder) / target.name
        held = _build(sqlite_url(built), content)
        _close_off(built)
        sync(built)
        _prepare(target, replace)
        built.replace(target)
        sync(target.parent)
    return held


def _prepare(target: Path, replace: bool) -> None:
    """Make sure that `target` may be replaced: nobody has it open, and no old log stays beside the new file."""
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        return
    if not replace:
        raise Duplicate(kind="database", name=str(target), fix="Add --replace to put the back-up in its place.")
    _close_off(target)


def _close_off(file: Path) -> None:
    """Move a database's write-ahead log into the file; SQLite refuses that while another connection is open."""
    connection = sqlite3.connect(file, timeout=1)
    try:
        connection.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.OperationalError as error:
        raise explain(DBAPIError(None, None, error), make_url(sqlite_url(file))) from error
    except sqlite3.DatabaseError:  # damaged beyond opening: a restore is what it needs
        for suffix in ("-wal", "-shm"):
            file.with_name(file.name + suffix).unlink(missing_ok=True)
    finally:
        connection.close()


# --- PostgreSQL: one transaction ----------------------------------------------------------------------------------


def _onto_server(url: str, content: _Content, replace: bool) -> int:
    def clear(connection: Connection) -> None:
        _refuse_running_engine(connection, content.now)
        ours = _own_tables(connection, content.archive)
        if ours.tables and not replace:
            name = connection.engine.url.render_as_string(hide_password=True)
            raise Duplicate(kind="database", name=name, fix="Add --replace to put the back-up in its place.")
        ours.drop_all(connection)

    return _build(url, content, clear)


def _own_tables(connection: Connection, archive: Archive) -> MetaData:
    """Return the tables Slotwise made; whatever else lives in this database stays."""
    ours = {"alembic_version", *SQLModel.metadata.tables, *archive.manifest.rows}
    there = MetaData()
    there.reflect(connection, only=sorted(ours & set(inspect(connection).get_table_names())))
    return there


def _refuse_running_engine(connection: Connection, now: datetime) -> None:
    if not inspect(connection).has_table("engine_heartbeats"):
        return
    alive = text("SELECT worker FROM engine_heartbeats WHERE stopped_at IS NULL AND last_tick > :since")
    worker = connection.execute(alive, {"since": now - ALIVE}).scalar()
    if worker is not None:
        where = connection.engine.url.render_as_string(hide_password=True)
        fix = "Stop Slotwise, wait a minute, then restore again."
        raise DatabaseUnavailable(where=where, reason=f"the engine {worker} is running on it", fix=fix)


# --- Both: schema of the back-up, rows, schema of today -----------------------------------------------------------


def _build(url: str, content: _Content, clear: Callable[[Connection], None] | None = None) -> int:
    """Build everything in one transaction and return how many items are held."""
    engine = open_engine(url)
    try:
        with engine.execution_options(**{WRITES: True}).begin() as connection:
            if clear:
                clear(connection)
            upgrade(connection, content.archive.manifest.schema)
            _fill_all(connection, content.archive)
            upgrade(connection)
            _restore_outbox(content)
            silence_past(connection)
            return _hold_overdue(connection, content.now)
    except (IntegrityError, DataError) as error:
        reason = str(error.orig).strip().splitlines()[0]
        raise UnreadableFile(name="the back-up", reason=reason, fix="Choose another back-up.") from error
    except DBAPIError as error:
        raise explain(error, engine.url) from error
    finally:
        engine.dispose()


def _fill_all(connection: Connection, archive: Archive) -> None:
    tables = {table.name: table for table in reflect(connection)}
    if unknown := set(archive.manifest.rows) - set(tables):
        reason = f"it holds tables its schema does not have: {', '.join(sorted(unknown))}"
        raise UnreadableFile(name="the back-up", reason=reason, fix="Choose another back-up.")
    for table in tables.values():
        if table.name in archive.manifest.rows:
            _fill(connection, table, archive)


def _fill(connection: Connection, table: Table, archive: Archive) -> None:
    with archive.table(table.name) as (columns, rows):
        moments = [name for name in columns if isinstance(table.columns[name].type, DateTime)]
        naive = is_sqlite(connection.engine)
        while batch := [_row(columns, moments, values, naive=naive) for values in islice(rows, _BATCH)]:
            connection.execute(table.insert(), batch)
    if not is_sqlite(connection.engine):
        _continue_numbering(connection, table)


def _row(columns: list[str], moments: list[str], values: list[Any], *, naive: bool) -> dict[str, Any]:
    row = dict(zip(columns, values, strict=True))
    for name in moments:
        if row[name] is not None:
            moment = datetime.fromisoformat(row[name])
            row[name] = moment.replace(tzinfo=None) if naive else moment
    return row


def _continue_numbering(connection: Connection, table: Table) -> None:
    """Let PostgreSQL number new rows after the restored ones."""
    for column in table.primary_key:
        sequence = connection.execute(
            text("SELECT pg_get_serial_sequence(:table, :column)"), {"table": table.name, "column": column.name}
        ).scalar()
        if sequence:
            last = f"SELECT setval('{sequence}', COALESCE(MAX({column.name}), 1), MAX({column.name}) IS NOT NULL)"
            connection.exec_driver_sql(f"{last} FROM {table.name}")


def _hold_overdue(connection: Connection, now: datetime) -> int:
    on_the_way = (ItemState.SCHEDULED, ItemState.PUBLISHING)
    overdue = update(ContentScheduleItem).where(
        col(ContentScheduleItem.state).in_(on_the_way), col(ContentScheduleItem.due_at) <= now
    )
    return connection.execute(overdue.values(lateness_policy=LatenessPolicy.ASK)).rowcount


def _restore_outbox(content: _Content) -> None:
    """Add the outbox files that are not there; one that is may tell what happened after the back-up."""
    for name, document in content.archive.outbox():
        target = content.outbox / name
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            with new_file(target) as part:
                part.write_bytes(document)
