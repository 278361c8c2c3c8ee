"""An assembled Slotwise on each kind of database, with its owner, a stranger and a channel."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

import pytest
from google_world import Google
from planned_posts import StandingClock, linkedin_draft
from sheet_stage import door_of
from sqlmodel import SQLModel

from core.bootstrap import Slotwise, assemble
from core.google.door import GoogleDoor
from core.services.channels import ChannelView, add_channel
from core.services.context import Context
from core.services.workspaces import create_workspace
from core.settings import Settings
from core.storage.doors import Database
from core.storage.migrate import migrate


class PostgresServer(Protocol):
    """The server of tests/conftest.py, as far as it is needed here."""

    def url(self, name: str) -> str: ...

    def database(self, template: str = ...) -> AbstractContextManager[str]: ...


_EMPTY = "; ".join(
    (
        "SET LOCAL session_replication_role = replica",  # asks no foreign key, so that any order will do
        *(f'DELETE FROM "{table}"' for table in SQLModel.metadata.tables),
    )
)
"""Empties every table: much faster than TRUNCATE, which makes new files."""


@pytest.fixture
def data_dir(tmp_path: Path, new_data_dir: Callable[[Path], Path], monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a folder with an empty database the data folder of the commands."""
    folder = new_data_dir(tmp_path / "data")
    monkeypatch.setenv("SLOTWISE_DATA_DIR", str(folder))
    monkeypatch.delenv("SLOTWISE_DATABASE_URL", raising=False)
    return folder


@pytest.fixture
def clock() -> StandingClock:
    """Give the clock of `house`: Monday 2 March 2026, 12:00 UTC, until it is moved."""
    return StandingClock()


@pytest.fixture(scope="session")
def migrated(postgres: PostgresServer) -> Iterator[Database]:
    """Give a PostgreSQL database with all tables, for the whole run: emptying it is faster than making another."""
    with postgres.database() as name:
        database = Database(postgres.url(name))
        migrate(database.engine)
        yield database
        database.close()


@pytest.fixture(scope="session")
def template(postgres: PostgresServer) -> Iterator[str]:
    """Give the name of a PostgreSQL database with all tables, to which nobody is connected: it can be copied."""
    with postgres.database() as name:
        database = Database(postgres.url(name))
        migrate(database.engine)
        database.close()
        yield name


@pytest.fixture
def sqlite_url(migrated_file: Path, tmp_path: Path) -> str:
    """Give the URL of a SQLite database of this test's own, with all tables."""
    return f"sqlite:///{shutil.copy(migrated_file, tmp_path / 'slotwise.db')}"


@pytest.fixture(params=["sqlite", "postgresql"])
def house_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """Give the URL of a database for `house`, once for each kind Slotwise runs on."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_url")
        return
    database: Database = request.getfixturevalue("migrated")
    yield database.engine.url.render_as_string(hide_password=False)
    with database.engine.begin() as connection:
        connection.exec_driver_sql(_EMPTY)


@pytest.fixture(params=["sqlite", "postgresql"])
def migrated_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """Give the URL of a database of this test's own, with all tables, which it may spoil."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_url")
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    with server.database(request.getfixturevalue("template")) as name:
        yield server.url(name)


@pytest.fixture
def house(house_url: str, tmp_path: Path, clock: StandingClock) -> Iterator[Slotwise]:
    """Give a new installation, once for each kind of database."""
    slotwise = assemble(Settings(data_dir=tmp_path / "data", database_url=house_url), clock)
    yield slotwise
    slotwise.close()


@pytest.fixture
def ctx(house: Slotwise) -> Context:
    """Give the owner's context in the first workspace."""
    return house.context()


@pytest.fixture
def stranger(house: Slotwise, clock: StandingClock) -> Context:
    """Give somebody's context in another workspace of the same installation."""
    return house.context(create_workspace(house.db, "Strangers", "UTC", clock()).id, actor="stranger")


@pytest.fixture
def door(google: Google, house: Slotwise) -> Iterator[GoogleDoor]:
    """Give the way to the local Google, which goes by this installation's clock."""
    google.keep_time(house.clock)
    opened = door_of(google, house)
    yield opened
    opened.close()


@pytest.fixture
def linkedin(ctx: Context) -> ChannelView:
    """Give a LinkedIn outbox in Berlin, two hours between posts, at most three a day."""
    return add_channel(ctx, linkedin_draft())
