"""No way from one workspace to another: through mapped tables on both databases, through SQL on PostgreSQL."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import delete, event, func, insert, text, true, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import aliased
from sqlmodel import SQLModel, col, select

from core.errors import TenancyViolation
from core.storage.doors import APPLICATION_ROLE, Database
from core.storage.tables import (
    AuditEntry,
    Channel,
    EngineHeartbeat,
    Revision,
    ScheduleException,
    Workspace,
    WorkspaceRow,
)
from core.vocabulary import ChannelKind

if TYPE_CHECKING:
    from tests.conftest import PostgresServer

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def channel(key: str, workspace: str = "") -> Channel:
    return Channel(
        id=key,
        workspace_id=workspace,
        platform="youtube",
        name=key,
        kind=ChannelKind.OUTBOX,
        timezone="UTC",
        created_at=NOW,
    )


@contextmanager
def two_workspaces(url: str) -> Iterator[Database]:
    """Open a migrated database with two workspaces, `ours` and `theirs`, with one channel each."""
    database = Database(url)
    for name in ("ours", "theirs"):
        with database.system() as session:
            session.add(Workspace(id=name, name=name, timezone="UTC", created_at=NOW))
            session.flush()
            session.add(Revision(workspace_id=name))
        with database.write(name) as session:
            session.add(channel(f"{name}-channel"))
    yield database
    database.close()


@pytest.fixture
def db(migrated_url: str) -> Iterator[Database]:
    with two_workspaces(migrated_url) as database:
        yield database


@pytest.fixture
def application(postgres: "PostgresServer", template: str) -> Iterator[psycopg.Connection]:
    """A raw connection in the application's role, inside workspace `ours`."""
    with postgres.database(template) as name, two_workspaces(postgres.url(name)) as database:
        yield from raw_connection(database)


def raw_connection(database: Database) -> Iterator[psycopg.Connection]:
    address = database.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f"SET ROLE {APPLICATION_ROLE}")
        connection.execute("SELECT set_config('slotwise.workspace', 'ours', false)")
        yield connection


def test_a_query_sees_only_its_own_workspace(db: Database) -> None:
    with db.read("ours") as session:
        assert session.scalars(select(Channel.id)).all() == ["ours-channel"]
        assert session.scalars(select(Workspace.id)).all() == ["ours"]
        assert session.scalars(select(Revision.workspace_id)).all() == ["ours"]


def test_a_row_asked_for_by_its_id_is_not_there(db: Database) -> None:
    with db.read("ours") as session:
        assert session.get(Channel, "theirs-channel") is None
        assert session.get(Workspace, "theirs") is None


def test_joins_aliases_and_subqueries_stay_inside(db: Database) -> None:
    other = aliased(Channel)
    theirs = select(col(Channel.id)).where(Channel.id == "theirs-channel")
    with db.read("ours") as session:
        pairs = select(col(Channel.id), col(other.id)).join(other, col(Channel.platform) == col(other.platform))
        assert session.execute(pairs).all() == [("ours-channel", "ours-channel")]
        assert session.scalars(select(Workspace.id).where(theirs.exists())).all() == []
        assert session.scalars(select(theirs.scalar_subquery())).all() == [None]


def test_each_table_of_a_workspace_is_confined_under_its_name_and_under_another(db: Database) -> None:
    asked = list[str]()
    event.listen(db.engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    tables: list[type[Any]] = [Revision, *WorkspaceRow.__subclasses__()]
    with db.read("ours") as session:
        for table in tables:
            name, other = table.__tablename__, aliased(table, name="other")
            both = select(func.count()).select_from(table).join(other, true())
            for query, names in (select(table), [name]), (select(other), ["other"]), (both, [name, "other"]):
                session.execute(query).all()
                assert all(f"{one}.workspace_id = " in asked[-1] for one in names), asked[-1]


def test_an_update_reaches_only_its_own_rows(db: Database) -> None:
    with db.write("ours") as session:
        session.execute(update(Channel).values(name="renamed"))
    with db.read("theirs") as session:
        assert session.get_one(Channel, "theirs-channel").name == "theirs-channel"


def test_a_delete_reaches_only_its_own_rows(db: Database) -> None:
    with db.write("ours") as session:
        session.execute(delete(Channel))
    with db.read("theirs") as session:
        assert session.get(Channel, "theirs-channel") is not None


def test_a_row_for_another_workspace_is_refused(db: Database) -> None:
    with pytest.raises(TenancyViolation, match="'theirs'"), db.write("ours") as session:
        session.add(channel("smuggled", "theirs"))


def test_many_rows_for_another_workspace_are_refused(db: Database) -> None:
    rows = [channel("fine").model_dump(), channel("smuggled", "theirs").model_dump()]
    rows[0].pop("workspace_id")
    with pytest.raises(TenancyViolation, match="'theirs'"), db.write("ours") as session:
        session.execute(insert(Channel), rows)
    with db.read("ours") as session:
        assert session.get(Channel, "fine") is None


def test_a_row_cannot_move_to_another_workspace(db: Database) -> None:
    with pytest.raises(TenancyViolation), db.write("ours") as session:
        session.get_one(Channel, "ours-channel").workspace_id = "theirs"
    with pytest.raises(TenancyViolation), db.write("ours") as session:
        session.execute(update(Channel).values(workspace_id="theirs"))


def test_a_row_cannot_point_at_a_row_of_another_workspace(db: Database) -> None:
    with pytest.raises(IntegrityError), db.write("ours") as session:
        session.add(ScheduleException(id="e", channel_id="theirs-channel", starts_at=NOW, ends_at=NOW))


def test_a_row_of_the_installation_does_not_enter_a_workspace(db: Database) -> None:
    with pytest.raises(TenancyViolation, match="EngineHeartbeat"), db.write("ours") as session:
        session.add(EngineHeartbeat(worker="w", started_at=NOW, last_tick=NOW))


@pytest.mark.parametrize(
    "statement", [text("SELECT id FROM channels"), select(SQLModel.metadata.tables["channels"].c.id)]
)
def test_sql_that_cannot_be_confined_is_refused(db: Database, statement: object) -> None:
    with pytest.raises(TenancyViolation, match="raw SQL"), db.read("ours") as session:
        session.execute(statement)  # type: ignore[call-overload]


def test_the_audit_log_cannot_be_edited_even_by_sql(db: Database) -> None:
    with db.write("ours") as session:
        session.add(AuditEntry(at=NOW, actor="a", action="created", subject_kind="channel", subject_id="x"))
    with pytest.raises(DBAPIError, match=r"never edited|permission denied"), db.write("ours") as session:
        session.execute(update(AuditEntry).values(actor="somebody else"))


def test_every_table_is_either_fenced_or_named_as_belonging_to_the_installation(db: Database) -> None:
    fenced = {table.__tablename__ for table in WorkspaceRow.__subclasses__()} | {"workspaces", "revisions"}
    assert set(SQLModel.metadata.tables) - fenced == {"engine_heartbeats"}
    if db.engine.dialect.name == "postgresql":
        with db.system() as session:
            secured = session.execute(text("SELECT relname FROM pg_class WHERE relrowsecurity")).scalars()
            assert set(secured) == fenced


def test_the_tables_are_exactly_what_the_migrations_made(db: Database) -> None:
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, SQLModel.metadata) == []


def test_the_application_role_neither_owns_tables_nor_bypasses_the_policies(application: psycopg.Connection) -> None:
    row = application.execute(
        "SELECT rolsuper, rolbypassrls, (SELECT count(*) FROM pg_class WHERE relowner = oid AND relkind = 'r')"
        " FROM pg_roles WHERE rolname = current_user"
    ).fetchone()
    assert row == (False, False, 0)


def test_raw_sql_of_the_application_role_sees_only_its_workspace(application: psycopg.Connection) -> None:
    assert application.execute("SELECT id FROM channels").fetchall() == [("ours-channel",)]
    joined = "SELECT c.id FROM workspaces w JOIN channels c ON c.workspace_id = w.id WHERE w.id = 'theirs'"
    assert application.execute(joined).fetchall() == []
    assert application.execute("UPDATE channels SET name = 'x' WHERE id = 'theirs-channel'").rowcount == 0
    assert application.execute("DELETE FROM channels WHERE id = 'theirs-channel'").rowcount == 0


def test_raw_sql_without_a_workspace_sees_nothing(application: psycopg.Connection) -> None:
    application.execute("SELECT set_config('slotwise.workspace', '', false)")
    assert application.execute("SELECT id FROM channels").fetchall() == []


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO revisions (workspace_id, value) VALUES ('theirs', 7)",
        "UPDATE channels SET workspace_id = 'theirs'",
        (
            "INSERT INTO workspaces (id, name, timezone, lateness_policy, lateness_grace_minutes, max_attempts,"
            " created_at) VALUES ('new', 'New', 'UTC', 'skip', 1, 1, now())"
        ),
    ],
)
def test_raw_sql_of_the_application_role_cannot_write_elsewhere(
    application: psycopg.Connection, statement: str
) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        application.execute(statement)


def test_the_application_role_cannot_touch_schema_or_heartbeats(application: psycopg.Connection) -> None:
    for statement in (
        "DROP TABLE channels",
        "ALTER TABLE channels DISABLE ROW LEVEL SECURITY",
        "TABLE engine_heartbeats",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            application.execute(statement)
