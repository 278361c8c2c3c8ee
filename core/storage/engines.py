"""Connections to SQLite and PostgreSQL, set up so that writes queue instead of failing."""

import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError

from core.errors import DatabaseUnavailable
from core.settings import Settings

BUSY_TIMEOUT_MS = 30_000
WRITES = "slotwise_writes"
"""Execution option of a connection that is going to write."""
GLANCES = "slotwise_glances"
"""Execution option of a connection that asks for one thing only: a single SELECT needs no transaction around it."""
POOL = {"pool_size": 20, "max_overflow": 40}
"""More than the 40 threads that serve requests: where all of them wait to write, sockets and engine still read."""


def sqlite_url(path: Path) -> str:
    """Return the address of a SQLite file."""
    return URL.create("sqlite", database=str(path)).render_as_string()


def database_url(settings: Settings) -> str:
    """Return the address of an installation's database (DatabaseUnavailable: it is no address)."""
    url = settings.database_url or sqlite_url(settings.sqlite_path)
    try:
        return make_url(url).render_as_string(hide_password=False)
    except ArgumentError as error:
        fix = "Write postgresql://user:secret@host/name, or leave it empty for SQLite."
        raise DatabaseUnavailable(where="of SLOTWISE_DATABASE_URL", reason="it is not an address", fix=fix) from error


def open_engine(url: str) -> Engine:
    """Return an engine for a `sqlite://` or `postgresql://` address."""
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        return _open_sqlite(address)
    return create_engine(address.set(drivername="postgresql+psycopg"), **POOL, pool_pre_ping=True)


def is_sqlite(engine: Engine) -> bool:
    """Tell whether the database is one file."""
    return engine.dialect.name == "sqlite"


def _open_sqlite(address: URL) -> Engine:
    engine = create_engine(address, **POOL, connect_args={"timeout": BUSY_TIMEOUT_MS / 1000})
    event.listen(engine, "connect", _prepare_connection)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare_connection(connection: sqlite3.Connection, record: Any) -> None:  # noqa: ARG001 - SQLAlchemy's signature
    # The driver must not begin transactions by itself: we choose the kind in _begin.
    connection.isolation_level = None
    for pragma in (
        f"busy_timeout = {BUSY_TIMEOUT_MS}",
        "journal_mode = WAL",
        "foreign_keys = ON",
        # An armed attempt must survive a power cut, or the post could go out twice.
        "synchronous = FULL",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    # A plain BEGIN that writes later fails with "database is locked" when two threads upgrade at once.
    options = connection.get_execution_options()
    if not options.get(GLANCES, False):
        connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get(WRITES, False) else "BEGIN")
