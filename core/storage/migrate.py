"""Brings a database to the schema this version knows."""

from functools import lru_cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from core.errors import NewerSchema
from core.storage.engines import WRITES, is_sqlite
from core.storage.failures import explain

_MIGRATION_LOCK = 7_561_010
"""Names the PostgreSQL advisory lock that lets one process migrate at a time."""


NEWEST = "head"


def migrate(engine: Engine) -> None:
    """Apply every missing step in one transaction (NewerSchema, DatabaseUnavailable)."""
    try:
        with engine.execution_options(**{WRITES: True}).begin() as connection:
            if not is_sqlite(engine):
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK})
            found = MigrationContext.configure(connection).get_current_revision()
            if found != known_schema():
                check_schema(found, engine.url.render_as_string(hide_password=True))
                upgrade(connection)
    except DBAPIError as error:
        raise explain(error, engine.url) from error


def schema_of(engine: Engine) -> str | None:
    """Return the schema a database has, or None when it is empty."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


@lru_cache(maxsize=1)
def known_schema() -> str:
    """Return the newest schema this version knows; the steps are read once."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def check_schema(found: str | None, where: str) -> None:
    """Refuse a schema this version has no step for (NewerSchema)."""
    scripts = ScriptDirectory.from_config(_config())
    try:
        if found is not None:
            scripts.get_revision(found)
    except CommandError as error:
        raise NewerSchema(where=where, found=str(found), known=known_schema()) from error


def upgrade(connection: Connection, schema: str = NEWEST) -> None:
    """Apply the missing steps up to a schema, in the transaction of `connection`."""
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, schema)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config
