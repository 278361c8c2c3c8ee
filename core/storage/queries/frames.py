"""Frames in and out of the database: millions of rows pass without all becoming Python objects at once.

SQL goes past the fence, which cannot confine it: every statement names the workspace (`:workspace`), and PostgreSQL's
policies still hold.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Any

import polars as pl
from sqlalchemy import Connection, CursorResult, text

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
    is_sqlite = connection.dialect.name == "sqlite"
    texts = {name for name, dtype in schema.items() if is_sqlite and isinstance(dtype, pl.Datetime)}
    told = {name: pl.String() if name in texts else dtype for name, dtype in schema.items()}
    parsed = [pl.col(name).str.to_datetime(_READ, time_unit="us", time_zone="UTC") for name in texts]
    # PostgreSQL's driver would fetch everything at once without a cursor on the server.
    options = {"yield_per": CHUNK}
    given = {name: _sent(value, is_sqlite=is_sqlite) for name, value in bound.items()}
    with connection.execute(text(sql), given | {"workspace": session.workspace}, execution_options=options) as found:
        for rows in _partitions(found, is_sqlite=is_sqlite):
            yield pl.DataFrame(rows, schema=told, orient="row").with_columns(parsed)


def _partitions(found: CursorResult[Any], *, is_sqlite: bool) -> Iterator[Sequence[Any]]:
    if is_sqlite and found.cursor:
        # The driver's own tuples: rows of SQLAlchemy take three times as long.
        return iter(partial(found.cursor.fetchmany, CHUNK), [])
    return (list(map(tuple, rows)) for rows in found.partitions(CHUNK))


def _sent(value: object, *, is_sqlite: bool) -> object:
    if isinstance(value, datetime) and is_sqlite:
        return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
    return value


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
