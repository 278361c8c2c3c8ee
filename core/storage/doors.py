"""The doors to the database: read or write one workspace, or serve the whole installation."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from threading import Lock
from typing import Any

from sqlalchemy import Engine, Executable, Row, event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from core.clock import Clock, system_clock
from core.errors import NotFound
from core.storage.engines import BUSY_TIMEOUT_MS, GLANCES, WRITES, is_sqlite, open_engine
from core.storage.failures import explain
from core.storage.outbox import write_events
from core.storage.tenancy import ScopedSession, fence, refuse_told_rows, refuse_untold, refuse_writes

APPLICATION_ROLE = "slotwise_app"
"""The PostgreSQL role of the workspace doors; it owns no table and cannot bypass row-level security."""

_BUMP = text("UPDATE revisions SET value = value + :by WHERE workspace_id = :workspace")


class Database:
    """One database and its three doors. Nobody else opens sessions, nobody commits."""

    def __init__(self, url: str, clock: Clock = system_clock) -> None:
        """`url` is a SQLAlchemy address, `clock` dates events; nothing is opened yet."""
        self._clock = clock
        self.engine = open_engine(url)
        self._reading = self.engine if is_sqlite(self.engine) else self._at("REPEATABLE READ")
        self._writer = Lock()
        glancing = self.engine if is_sqlite(self.engine) else self._at("AUTOCOMMIT")
        self._glancing = glancing.execution_options(**{GLANCES: True})
        self._writing = self.engine.execution_options(**{WRITES: True})

    @contextmanager
    def read(self, workspace: str) -> Iterator[ScopedSession]:
        """Open one consistent view of a workspace; writing through it is refused."""
        with self._open(self._reading, workspace, writable=False) as session:
            yield session

    @contextmanager
    def write(self, workspace: str, *, moves_revision: bool = True) -> Iterator[ScopedSession]:
        """Open one transaction on a workspace: all of it is kept, with its events, or nothing if the block raises.

        Writers of a workspace queue here, on the revision they all move (NotFound: no such workspace). So the numbers
        of a workspace's events follow its commits. Without `moves_revision` they queue, and what screens keep stays.
        """
        with self._turn(), self._open(self._writing, workspace, writable=True) as session:
            by = {"workspace": workspace, "by": int(moves_revision)}
            if session.connection().execute(_BUMP, by).rowcount == 0:
                raise NotFound(kind="workspace", id=workspace)
            yield session
            write_events(session, self._clock())

    @contextmanager
    def system(self, *, writable: bool = True) -> Iterator[Session]:
        """Open one transaction over all workspaces: for the engine and for administration only.

        Not `writable`, it waits for no writer and refuses new and changed rows (TenancyViolation). It writes no events,
        so what is watched by them can only be removed here (UntoldChange).
        """
        engine, turn = (self._writing, self._turn()) if writable else (self._reading, nullcontext())
        with turn, self._explained(), Session(engine, expire_on_commit=False) as session, session.begin():
            if not writable:
                event.listen(session, "before_flush", refuse_writes)
            event.listen(session, "before_flush", refuse_told_rows)
            event.listen(session, "do_orm_execute", refuse_untold)
            yield session

    def glance(self, statement: Executable, **values: Any) -> Row[Any] | None:
        """Return the first row that a statement finds in the whole installation, None where there is none.

        For what every request asks first: without a session, whose making takes longer than such a query. Nothing is
        changed through it.
        """
        with self._explained(), self._glancing.connect() as connection:
            return connection.execute(statement, values).first()

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()

    @contextmanager
    def _open(self, engine: Engine, workspace: str, *, writable: bool) -> Iterator[ScopedSession]:
        with self._explained(), ScopedSession(engine, expire_on_commit=False) as session, session.begin():
            fence(session, workspace, writable=writable)
            if not is_sqlite(self.engine):
                _enter_workspace(session, workspace)
            yield session

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Let this process's writers to SQLite go one after the other.

        SQLite lets them poll for its one lock, and who is unlucky starves for seconds. After the time for which it
        would poll they try anyway, and it says what is the matter.
        """
        held = is_sqlite(self.engine) and self._writer.acquire(timeout=BUSY_TIMEOUT_MS / 1000)
        try:
            yield
        finally:
            if held:
                self._writer.release()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            raise explain(error, self.engine.url) from error

    def _at(self, isolation: str) -> Engine:
        return self.engine.execution_options(isolation_level=isolation)


def _enter_workspace(session: Session, workspace: str) -> None:
    """Take the application's role and name the workspace, for this transaction only."""
    connection = session.connection()
    connection.exec_driver_sql(f"SET LOCAL ROLE {APPLICATION_ROLE}")
    connection.execute(text("SELECT set_config('slotwise.workspace', :workspace, true)"), {"workspace": workspace})
