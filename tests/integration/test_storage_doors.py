"""The doors: what they let in, what they keep out, and who waits for whom."""

import sqlite3
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import StatementError
from sqlmodel import select

from core.errors import DatabaseUnavailable, NewerSchema, NotFound, TenancyViolation
from core.storage.doors import Database
from core.storage.migrate import known_schema, migrate, schema_of
from core.storage.tables import Channel, Revision, Workspace
from core.vocabulary import ChannelKind

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def channel(key: str) -> Channel:
    return Channel(id=key, platform="youtube", name=key, kind=ChannelKind.OUTBOX, timezone="UTC", created_at=NOW)


def revision(db: Database, workspace: str = "acme") -> int:
    with db.read(workspace) as session:
        return session.scalars(select(Revision.value)).one()


@pytest.fixture
def db(migrated_url: str) -> Iterator[Database]:
    database = Database(migrated_url)
    with database.system() as session:
        session.add(Workspace(id="acme", name="Acme", timezone="UTC", created_at=NOW))
        session.flush()
        session.add(Revision(workspace_id="acme"))
    yield database
    database.close()


def test_a_write_is_kept_and_moves_the_revision_by_one(db: Database) -> None:
    with db.write("acme") as session:
        session.add(channel("a"))
    assert revision(db) == 1
    with db.read("acme") as session:
        assert session.get_one(Channel, "a").workspace_id == "acme"


def test_a_block_that_raises_leaves_nothing_not_even_a_revision(db: Database) -> None:
    with pytest.raises(ZeroDivisionError), db.write("acme") as session:  # noqa: PT012 - the block is what is tested
        session.add(channel("a"))
        session.flush()
        _ = 1 / 0
    assert revision(db) == 0
    with db.read("acme") as session:
        assert session.get(Channel, "a") is None


def test_nobody_commits_inside_a_door(db: Database) -> None:
    with pytest.raises(RuntimeError, match="the door commits"), db.write("acme") as session:
        session.commit()


def test_an_unknown_workspace_cannot_be_written(db: Database) -> None:
    with pytest.raises(NotFound, match="no workspace 'nobody'"), db.write("nobody"):
        pass


def test_the_reading_door_refuses_new_rows(db: Database) -> None:
    with pytest.raises(TenancyViolation, match="reading door"), db.read("acme") as session:
        session.add(channel("a"))


def test_the_reading_door_refuses_statements_that_write(db: Database) -> None:
    with pytest.raises(TenancyViolation, match="reading door"), db.read("acme") as session:
        session.execute(insert(Channel), [channel("a").model_dump()])


def test_the_system_door_reads_without_waiting_for_a_writer(db: Database) -> None:
    with db.write("acme") as writing:
        writing.add(channel("a"))
        writing.flush()
        with db.system(writable=False) as session:
            assert session.scalars(select(Channel.id)).all() == []
    with pytest.raises(TenancyViolation, match="reading door"), db.system(writable=False) as session:
        session.add(Workspace(id="new", name="New", timezone="UTC", created_at=NOW))


def test_a_reader_sees_one_moment_even_while_somebody_writes(db: Database) -> None:
    with db.read("acme") as reading:
        before = reading.scalars(select(Channel.id)).all()
        with db.write("acme") as writing:
            writing.add(channel("a"))
        after = reading.scalars(select(Channel.id)).all()
    assert before == after == []


def test_sixteen_threads_that_write_at_once_all_succeed_one_after_the_other(db: Database) -> None:
    start = threading.Barrier(16)
    failures: list[Exception] = []

    def add(number: int) -> None:
        start.wait()
        try:
            with db.write("acme") as session:
                seen = len(session.scalars(select(Channel.id)).all())
                session.add(channel(f"{number}-saw-{seen}"))
        except Exception as error:  # noqa: BLE001 - whatever a thread raises must reach the assertion
            failures.append(error)

    threads = [threading.Thread(target=add, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert revision(db) == 16
    with db.read("acme") as session:
        seen = sorted(int(key.rsplit("-", 1)[1]) for key in session.scalars(select(Channel.id)))
    assert seen == list(range(16)), "every writer saw all earlier ones"


def test_a_moment_keeps_its_instant_and_comes_back_in_utc(db: Database) -> None:
    row = channel("a")
    row.created_at = datetime(2026, 7, 1, 9, 30, 0, 123456, tzinfo=timezone(timedelta(hours=5, minutes=45)))
    with db.write("acme") as session:
        session.add(row)
    with db.read("acme") as session:
        stored = session.get_one(Channel, "a").created_at
    assert stored.isoformat() == "2026-07-01T03:45:00.123456+00:00"


def test_a_naive_moment_is_refused(db: Database) -> None:
    row = channel("a")
    row.created_at = datetime(2026, 7, 1, 9, 30)  # noqa: DTZ001 - naive on purpose
    with pytest.raises(StatementError, match="needs a time zone"), db.write("acme") as session:
        session.add(row)


def test_an_unknown_word_is_refused_before_it_is_stored(db: Database) -> None:
    row = channel("a")
    row.kind = "carrier pigeon"  # type: ignore[assignment]
    with pytest.raises(StatementError, match="carrier pigeon"), db.write("acme") as session:
        session.add(row)


def test_migrating_twice_changes_nothing(db: Database) -> None:
    migrate(db.engine)
    assert schema_of(db.engine) == known_schema() == "0014"


def test_a_database_of_a_newer_slotwise_is_refused_and_left_alone(db: Database) -> None:
    with db.system() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(NewerSchema, match="schema 9999; this one knows 0014"):
        migrate(db.engine)
    assert schema_of(db.engine) == "9999"


def test_a_locked_file_says_who_has_to_let_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.storage.engines.BUSY_TIMEOUT_MS", 50)
    path = tmp_path / "slotwise.db"
    db = Database(f"sqlite:///{path}")
    migrate(db.engine)
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(DatabaseUnavailable, match="Another program holds it"), db.system() as session:
        session.add(Workspace(id="acme", name="Acme", timezone="UTC", created_at=NOW))
    holder.close()
    db.close()


def test_a_file_that_is_no_database_says_how_to_restore(tmp_path: Path) -> None:
    path = tmp_path / "slotwise.db"
    path.write_bytes(b"This is a shopping list. " * 100)
    db = Database(f"sqlite:///{path}")
    with pytest.raises(DatabaseUnavailable, match="slotwise restore"):
        migrate(db.engine)
    db.close()


def test_a_missing_folder_says_what_to_check(tmp_path: Path) -> None:
    db = Database(f"sqlite:///{tmp_path / 'nowhere' / 'slotwise.db'}")
    with pytest.raises(DatabaseUnavailable, match="Check that the folder exists"):
        migrate(db.engine)
    db.close()


def test_a_postgresql_that_does_not_answer_says_what_to_start() -> None:
    db = Database("postgresql://slotwise:secret@127.0.0.1:9/slotwise")
    with pytest.raises(DatabaseUnavailable, match="Start PostgreSQL") as refusal, db.system() as session:
        session.execute(text("SELECT 1"))
    assert "secret" not in str(refusal.value)
    db.close()


def test_a_full_disk_says_so_and_leaves_nothing_half_written(tmp_path: Path) -> None:
    db = Database(f"sqlite:///{tmp_path / 'slotwise.db'}")
    migrate(db.engine)
    with db.system() as session:
        pages = session.execute(text("PRAGMA page_count")).scalar_one()
        session.execute(text(f"PRAGMA max_page_count = {pages}"))
        session.execute(text("SELECT 1"))
    with pytest.raises(DatabaseUnavailable, match=r"disk is full.*Free some space"), db.system() as session:
        session.add_all(Workspace(id=f"w{n}", name="x" * 999, timezone="UTC", created_at=NOW) for n in range(99))
    with db.system() as session:
        assert session.scalars(select(Workspace.id)).all() == []
    db.close()


def test_a_file_one_may_only_read_says_which_right_is_missing(tmp_path: Path) -> None:
    path = tmp_path / "slotwise.db"
    writable = Database(f"sqlite:///{path}")
    migrate(writable.engine)
    writable.close()
    db = Database(f"sqlite:///file:{path}?mode=ro&uri=true")
    with pytest.raises(DatabaseUnavailable, match="Give this user the right to write"), db.system() as session:
        session.add(Workspace(id="acme", name="Acme", timezone="UTC", created_at=NOW))
    db.close()
