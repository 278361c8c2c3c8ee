"""Frames in and out of the database: millions of rows pass without all becoming Python objects at once.

SQL goes past the fence, which cannot confine it: every statement names the workspace (`:workspace`), and PostgreSQL's
policies still hold.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime

import polars as pl
from sqlalchemy import Connection, text

from core.storage.tenancy import ScopedSession

CHUNK = 50_000
"""Rows that are Python objects at the same time: a million of them would take a gigabyte."""

Schema = Mapping[str, pl.DataType]
_WRITTEN, _READ = "%Y-%m-%d %H:%M:%S%.6f", "%Y-%m-%d %H:%M:%S%.f"
"""SQLite keeps moments as text in UTC, as SQLAlchemy writes them: always with microseconds."""
_TYPES: Mapping[pl.DataType, str] = {
    pl.String(): "text",
    pl.Int64(): "bigint",
    pl.Float64(): "double precision",
    pl.Boolean(): "boolean",
}


def read_frame(session: ScopedSession, sql: str, schema: Schema, **bound: object) -> pl.DataFrame:
    """Return what a query that names `:workspace` finds, column by column as `schema` says."""
    frames = [pl.DataFrame(schema=dict(schema)), *_chunks(session, sql, schema, bound)]
    return pl.concat(frames, rechunk=True)


def _chunks(session: ScopedSession, sql: str, schema: Schema, bound: Mapping[str, object]) -> Iterator[pl.DataFrame]:
    connection = session.connection()
    kept = {name: pl.String() if _is_text(connection, dtype) else dtype for name, dtype in schema.items()}
    parsed = [
        pl.col(name).str.to_datetime(_READ, time_unit="us", time_zone="UTC")
        for name, dtype in schema.items()
        if _is_text(connection, dtype)
    ]
    # PostgreSQL's driver would fetch everything at once without a cursor on the server.
    options = {"yield_per": CHUNK}
    given = {name: _sent(connection, value) for name, value in bound.items()} | {"workspace": session.workspace}
    with connection.execute(text(sql), given, execution_options=options) as found:
        for rows in found.partitions(CHUNK):
            yield pl.DataFrame(list(map(tuple, rows)), schema=kept, orient="row").with_columns(parsed)


def _sent(connection: Connection, value: object) -> object:
    if isinstance(value, datetime) and connection.dialect.name == "sqlite":
        return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
    return value


def _is_text(connection: Connection, dtype: pl.DataType) -> bool:
    return connection.dialect.name == "sqlite" and isinstance(dtype, pl.Datetime)


@contextmanager
def staged(session: ScopedSession, name: str, frame: pl.DataFrame) -> Iterator[Connection]:
    """Keep a frame as a temporary table for as long as the block lasts."""
    connection = session.connection()
    is_sqlite = connection.dialect.name == "sqlite"
    columns = ", ".join(f"{column} {_sql_type(dtype, is_sqlite=is_sqlite)}" for column, dtype in frame.schema.items())
    connection.exec_driver_sql(f"CREATE TEMPORARY TABLE {name} ({columns})")
    insert = f"INSERT INTO {name} VALUES ({', '.join(['?' if is_sqlite else '%s'] * frame.width)})"
    if is_sqlite:
        moments = [column for column, dtype in frame.schema.items() if isinstance(dtype, pl.Datetime)]
        frame = frame.with_columns(pl.col(moments).dt.strftime(_WRITTEN))
    for rows in frame.iter_slices(CHUNK):
        connection.exec_driver_sql(insert, rows.rows())
    yield connection
    connection.exec_driver_sql(f"DROP TABLE {name}")


def _sql_type(dtype: pl.DataType, *, is_sqlite: bool) -> str:
    if isinstance(dtype, pl.Datetime):
        return "text" if is_sqlite else "timestamptz"
    return _TYPES[dtype]
