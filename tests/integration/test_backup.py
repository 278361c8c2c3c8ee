"""Back-up and restore through their services, on both databases and across them."""

import json
import random
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import text

from core.errors import DatabaseUnavailable, Duplicate, NewerSchema, UnreadableFile, UnwritableFile
from core.services.archive import MANIFEST
from core.services.backup import back_up
from core.services.restore import restore
from core.settings import ROOT, Settings
from core.storage import engines
from core.storage.doors import Database
from core.storage.engines import open_engine
from core.storage.migrate import known_schema
from core.storage.tables import (
    AuditEntry,
    Channel,
    Content,
    ContentCalendar,
    ContentScheduleItem,
    EngineHeartbeat,
    PerformanceKpiEvent,
    PostOutcome,
    Revision,
    Workspace,
)
from core.vocabulary import ChannelKind, ContentFormat, ItemState, Metric

NOW = datetime(2026, 11, 20, 12, 0, 0, 123456, tzinfo=UTC)
TABLES_COMPARED = (
    "workspaces", "revisions", "channels", "contents", "content_calendars", "content_schedule_items",
    "audit_entries", "post_outcomes", "performance_kpi_events",
)  # fmt: skip
KEYS = {"performance_kpi_events": "outcome_pk", "revisions": "workspace_id"}

Rows = dict[str, list[tuple[object, ...]]]


def fill(db: Database, workspace: str = "acme") -> None:
    """Put one row of each interesting kind into a workspace: odd texts, JSON, nulls, every type."""
    with db.system() as session:
        session.add(Workspace(id=workspace, name="Açme 🚀", timezone="UTC", created_at=NOW))
        session.flush()
        session.add(Revision(workspace_id=workspace))
    with db.write(workspace) as session:
        session.add(
            Channel(
                id=f"ch-{workspace}", platform="youtube", name="A", kind=ChannelKind.WEBHOOK, timezone="UTC",
                created_at=NOW, settings={"url": "https://example.com/é"}, secret="whsec_x", active=False,
            )
        )  # fmt: skip
        session.add(
            Channel(
                id=f"peer-{workspace}", platform="youtube", name="Theirs", kind=ChannelKind.OUTBOX, timezone="UTC",
                created_at=NOW, is_peer=True, exploration_percent=20,
            )
        )  # fmt: skip
        session.add(
            Content(
                id=f"co-{workspace}", title='=cmd|"\'\n\r\\u0041', content_format=ContentFormat.TEXT, tags=["a", "ü"],
                media=[{"n": 1.5, "deep": [None, True]}], created_at=NOW, updated_at=NOW,
            )
        )  # fmt: skip
        session.add(ContentCalendar(id=f"ca-{workspace}", title="T", timezone="UTC", created_at=NOW, updated_at=NOW))
        session.flush()
        session.add(item(workspace, "future", NOW + timedelta(days=1)))
        post = PostOutcome(
            channel_id=f"ch-{workspace}", post_id="p", measured_at=NOW, fingerprint=-(2**63), engagement=0.1,
            published_at=NOW - timedelta(days=9),
        )  # fmt: skip
        session.add_all([post, AuditEntry(at=NOW, actor="a", action="x", subject_kind="y", subject_id="z")])
        session.flush()
        session.add(PerformanceKpiEvent(outcome_pk=post.pk or 0, metric=Metric.LIKES, measured_at=NOW, value=1e-7))


def item(workspace: str, key: str, at: datetime, state: ItemState = ItemState.SCHEDULED) -> ContentScheduleItem:
    return ContentScheduleItem(
        id=f"{key}-{workspace}", calendar_id=f"ca-{workspace}", content_id=f"co-{workspace}",
        channel_id=f"ch-{workspace}", scheduled_at=at, due_at=at, state=state, created_at=NOW, updated_at=NOW,
    )  # fmt: skip


def content(settings: Settings) -> Rows:
    """Read every compared table through the system door, row by row in the order of the key."""
    db = Database(settings.database_url or f"sqlite:///{settings.sqlite_path}")
    try:
        with db.system() as session:
            mapped = {m.local_table.name: m.class_ for m in Channel._sa_registry.mappers}  # type: ignore[attr-defined]
            return {
                name: [
                    tuple(getattr(row, column) for column in mapped[name].model_fields)
                    for row in session.query(mapped[name]).order_by(text(KEYS.get(name, "1")))
                ]
                for name in TABLES_COMPARED
            }
    finally:
        db.close()


@pytest.fixture
def settings(migrated_url: str, tmp_path: Path) -> Settings:
    """Give a filled installation with two workspaces and an outbox file."""
    settings = Settings(data_dir=tmp_path / "data", database_url=migrated_url)
    database = Database(migrated_url)
    fill(database)
    fill(database, "other")
    database.close()
    letter = settings.data_dir / "outbox" / "acme" / "ch-acme" / "item_1.d1.json"
    letter.parent.mkdir(parents=True)
    letter.write_text("{}", encoding="utf-8")
    return settings


@pytest.fixture
def on_sqlite(new_data_dir: Callable[[Path], Path], tmp_path: Path) -> Settings:
    """Give a filled installation on SQLite in its data folder."""
    settings = Settings(data_dir=new_data_dir(tmp_path / "house"))
    database = Database(f"sqlite:///{settings.sqlite_path}")
    fill(database)
    database.close()
    return settings


@pytest.fixture
def empty_urls(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    """Give the address of an empty database of each kind."""
    server = request.getfixturevalue("postgres")
    with server.database() as name:
        yield {"sqlite": f"sqlite:///{tmp_path / 'elsewhere' / 'new.db'}", "postgresql": server.url(name)}


@pytest.fixture
def backup(settings: Settings, tmp_path: Path) -> Path:
    """Give a back-up of `settings`."""
    return back_up(settings, tmp_path / "house.slotwise", NOW).path


# --- Back-up -----------------------------------------------------------------------------------------------------


def test_a_back_up_says_what_it_holds_and_is_private(settings: Settings, tmp_path: Path) -> None:
    report = back_up(settings, tmp_path / "a.slotwise", NOW)
    assert report.rows["workspaces"] == 2
    assert report.rows["content_schedule_items"] == 2
    assert report.revisions == {"acme": 1, "other": 1}
    assert report.schema == known_schema()
    assert report.bytes == report.path.stat().st_size
    assert stat.S_IMODE(report.path.stat().st_mode) == 0o600
    digest = subprocess.run(["sha256sum", report.path], capture_output=True, text=True, check=True).stdout  # noqa: S603, S607 - an independent reckoning
    assert digest.split()[0].removeprefix("\\") == report.sha256


def test_a_back_up_leaves_nothing_beside_itself(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "shelf").mkdir()
    back_up(settings, tmp_path / "shelf" / "a.slotwise", NOW)
    assert [file.name for file in (tmp_path / "shelf").iterdir()] == ["a.slotwise"]


def test_an_existing_file_is_never_overwritten(settings: Settings, tmp_path: Path) -> None:
    target = tmp_path / "a.slotwise"
    target.write_bytes(b"mine")
    with pytest.raises(Duplicate, match=r"a\.slotwise'\. Choose another name"):
        back_up(settings, target, NOW)
    assert target.read_bytes() == b"mine"


def test_there_is_no_back_up_of_no_database(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnavailable, match="there is no such file"):
        back_up(Settings(data_dir=tmp_path), tmp_path / "a.slotwise", NOW)
    assert not list(tmp_path.iterdir())


def test_a_damaged_database_gives_no_back_up(on_sqlite: Settings, tmp_path: Path) -> None:
    with on_sqlite.sqlite_path.open("r+b") as file:
        file.seek(3 * 4096)
        file.write(b"\xff" * 4096 * 3)
    with pytest.raises(DatabaseUnavailable, match="slotwise restore"):
        back_up(on_sqlite, tmp_path / "a.slotwise", NOW)
    assert not (tmp_path / "a.slotwise").exists()


def test_a_back_up_taken_under_writes_is_one_moment(settings: Settings, tmp_path: Path) -> None:
    """Each transaction of the writer adds a content and an audit line; no back-up may hold one without the other."""
    database = Database(settings.database_url)
    stop = threading.Event()
    written = threading.Event()

    def keep_writing() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            with database.write("acme") as session:
                key = f"c{number}"
                kind = ContentFormat.TEXT
                session.add(Content(id=key, title=key, content_format=kind, created_at=NOW, updated_at=NOW))
                session.flush()
                session.add(AuditEntry(at=NOW, actor="w", action="created", subject_kind="content", subject_id=key))
            written.set()

    writer = threading.Thread(target=keep_writing)
    writer.start()
    try:
        assert written.wait(60)
        reports = [back_up(settings, tmp_path / f"{n}.slotwise", NOW) for n in range(3)]
    finally:
        stop.set()
        writer.join()
        database.close()
    for report in reports:
        assert report.rows["contents"] - 2 == report.rows["audit_entries"] - 2 == report.revisions["acme"] - 1
    assert reports[0].revisions["acme"] < reports[2].revisions["acme"]


# --- Restore -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_back_up_restores_into_a_new_place_of_either_kind(
    settings: Settings, backup: Path, empty_urls: dict[str, str], kind: str, tmp_path: Path
) -> None:
    new = Settings(data_dir=tmp_path / "elsewhere", database_url=empty_urls[kind])
    report = restore(new, backup, NOW)
    assert (report.held, report.created_at) == (0, NOW)
    assert content(new) == content(settings)
    assert (new.data_dir / "outbox" / "acme" / "ch-acme" / "item_1.d1.json").read_text(encoding="utf-8") == "{}"


def test_rows_are_numbered_on_after_a_restore(
    settings: Settings, backup: Path, empty_urls: dict[str, str], tmp_path: Path
) -> None:
    new = Settings(data_dir=tmp_path / "elsewhere", database_url=empty_urls["postgresql"])
    restore(new, backup, NOW)
    database = Database(new.database_url)
    with database.write("acme") as session:
        line = AuditEntry(at=NOW, actor="a", action="x", subject_kind="y", subject_id="z")
        session.add(line)
        session.flush()
        assert line.pk == 3
    database.close()


def test_a_database_is_replaced_only_when_asked_for(settings: Settings, backup: Path) -> None:
    before = content(settings)
    database = Database(settings.database_url)
    fill(database, "later")
    database.close()
    with pytest.raises(Duplicate, match="--replace"):
        restore(settings, backup, NOW)
    assert ("later", "Açme 🚀") in [row[:2] for row in content(settings)["workspaces"]]
    restore(settings, backup, NOW, replace=True)
    assert content(settings) == before


def test_items_that_came_due_since_the_back_up_wait_for_a_person(settings: Settings, tmp_path: Path) -> None:
    database = Database(settings.database_url)
    with database.write("acme") as session:
        session.add(item("acme", "soon", NOW + timedelta(hours=1)))
        session.add(item("acme", "done", NOW - timedelta(hours=1), ItemState.PUBLISHED))
    database.close()
    backup = back_up(settings, tmp_path / "a.slotwise", NOW).path
    assert restore(settings, backup, NOW + timedelta(hours=2), replace=True).held == 1
    policy = [*ContentScheduleItem.model_fields].index("lateness_policy")
    policies = {row[1]: row[policy] for row in content(settings)["content_schedule_items"]}
    assert policies == {"done-acme": None, "future-acme": None, "future-other": None, "soon-acme": "ask"}


def test_an_older_database_is_backed_up_as_it_is_and_restored_as_todays(tmp_path: Path) -> None:
    scripts = ScriptDirectory("core/storage/migrations")
    older = scripts.get_revision("head").down_revision
    settings = Settings(data_dir=tmp_path)
    with open_engine(f"sqlite:///{settings.sqlite_path}").begin() as connection:
        config = Config()
        config.set_main_option("script_location", "core.storage:migrations")
        config.attributes["connection"] = connection
        command.upgrade(config, older)
        connection.exec_driver_sql(
            "INSERT INTO workspaces (id, name, timezone, lateness_policy, lateness_grace_minutes, max_attempts, "
            "created_at) VALUES ('w', 'W', 'UTC', 'skip', 1, 2, '2026-01-02 03:04:05.000000')"
        )
    made = back_up(settings, tmp_path / "older.slotwise", NOW)
    assert made.schema == older
    new = Settings(data_dir=tmp_path / "new")
    assert restore(new, made.path, NOW).schema == known_schema()
    moment = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert content(new)["workspaces"] == [("w", "W", "UTC", "skip", 1, 2, moment)]


# --- Refusals ----------------------------------------------------------------------------------------------------


def rewrite(source: Path, target: Path, manifest: dict[str, object], extra: dict[str, str] | None = None) -> Path:
    """Copy a back-up with other words in its manifest, or with members added."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, json.dumps(json.loads(data) | manifest) if name == MANIFEST else data)
        for name, data in (extra or {}).items():
            new.writestr(name, data)
    return target


@pytest.fixture
def sealed(on_sqlite: Settings, tmp_path: Path) -> Path:
    """Give a back-up of `on_sqlite`."""
    return back_up(on_sqlite, tmp_path / "sealed.slotwise", NOW).path


@pytest.mark.parametrize(("word", "found"), [({"schema": "9999"}, "schema 9999"), ({"format": 2}, "back-up format 2")])
def test_a_newer_back_up_is_refused(
    on_sqlite: Settings, sealed: Path, tmp_path: Path, word: dict[str, object], found: str
) -> None:
    newer = rewrite(sealed, tmp_path / "newer.slotwise", word)
    with pytest.raises(NewerSchema, match=f"{found}.*Update Slotwise"):
        restore(on_sqlite, newer, NOW, replace=True)


@pytest.mark.parametrize(
    "name", ["../evil.json", "/evil.json", "outbox/../../evil.json", "outbox\\..\\evil.json", "C:evil", "outbox/a b"]
)
def test_a_member_that_leads_out_is_refused(on_sqlite: Settings, sealed: Path, tmp_path: Path, name: str) -> None:
    with zipfile.ZipFile(sealed) as file:
        checksums = json.loads(file.read(MANIFEST))["checksums"] | {name: "0" * 64}
    hostile = rewrite(sealed, tmp_path / "hostile.slotwise", {"checksums": checksums}, {name: "x"})
    with pytest.raises(UnreadableFile, match="which no back-up contains"):
        restore(on_sqlite, hostile, NOW, replace=True)
    assert not list(tmp_path.rglob("evil*"))


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "cut off": lambda data: data[: len(data) // 2],
    "one bit changed": lambda data: data[:2000] + bytes([data[2000] ^ 1]) + data[2001:],
    "empty": lambda data: data[:0],
    "something else": lambda data: b"not a zip" + data[:0],
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_back_up_is_refused_and_changes_nothing(on_sqlite: Settings, sealed: Path, damage: str) -> None:
    before = content(on_sqlite)
    sealed.write_bytes(DAMAGES[damage](sealed.read_bytes()))
    with pytest.raises(UnreadableFile, match="not a whole Slotwise back-up"):
        restore(on_sqlite, sealed, NOW, replace=True)
    assert content(on_sqlite) == before


def test_a_member_nobody_listed_is_refused(on_sqlite: Settings, sealed: Path, tmp_path: Path) -> None:
    stuffed = rewrite(sealed, tmp_path / "stuffed.slotwise", {}, {"outbox/ws/ch/item.json": "x"})
    with pytest.raises(UnreadableFile, match="not those of its manifest"):
        restore(on_sqlite, stuffed, NOW, replace=True)


def test_a_database_somebody_has_open_is_not_replaced(on_sqlite: Settings, sealed: Path) -> None:
    database = Database(f"sqlite:///{on_sqlite.sqlite_path}")
    with database.read("acme") as session:
        session.get(Channel, "ch-acme")
    with pytest.raises(DatabaseUnavailable, match="locked"):
        restore(on_sqlite, sealed, NOW, replace=True)
    database.close()
    restore(on_sqlite, sealed, NOW, replace=True)


def test_a_server_with_a_running_engine_is_not_replaced(
    sealed: Path, empty_urls: dict[str, str], tmp_path: Path
) -> None:
    new = Settings(data_dir=tmp_path / "elsewhere", database_url=empty_urls["postgresql"])
    restore(new, sealed, NOW)
    database = Database(new.database_url)
    with database.system() as session:
        session.add(EngineHeartbeat(worker="w1", started_at=NOW, last_tick=NOW))
    with pytest.raises(DatabaseUnavailable, match="engine w1 is running"):
        restore(new, sealed, NOW + timedelta(seconds=50), replace=True)
    restore(new, sealed, NOW + timedelta(seconds=70), replace=True)
    database.close()


def test_a_server_keeps_the_tables_that_are_not_ours(sealed: Path, empty_urls: dict[str, str], tmp_path: Path) -> None:
    new = Settings(data_dir=tmp_path / "elsewhere", database_url=empty_urls["postgresql"])
    database = Database(new.database_url)
    with database.system() as session:
        session.execute(text("CREATE TABLE theirs AS SELECT 7 AS n"))
    restore(new, sealed, NOW)
    restore(new, sealed, NOW, replace=True)
    with database.system() as session:
        assert session.execute(text("SELECT n FROM theirs")).scalar_one() == 7
    database.close()


def test_a_restore_replaces_a_file_that_is_no_database(on_sqlite: Settings, sealed: Path) -> None:
    before = content(on_sqlite)
    on_sqlite.sqlite_path.write_bytes(b"garbage" * 5000)
    restore(on_sqlite, sealed, NOW, replace=True)
    assert content(on_sqlite) == before


def test_a_read_only_database_is_backed_up_but_not_restored_into(on_sqlite: Settings, tmp_path: Path) -> None:
    read_only = Settings(
        data_dir=on_sqlite.data_dir, database_url=f"sqlite:///file:{on_sqlite.sqlite_path}?mode=ro&uri=true"
    )
    assert back_up(read_only, tmp_path / "a.slotwise", NOW).rows["workspaces"] == 1


def test_a_locked_database_says_so(on_sqlite: Settings, sealed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "BUSY_TIMEOUT_MS", 50)
    holder = sqlite3.connect(on_sqlite.sqlite_path, isolation_level=None)
    holder.execute("PRAGMA journal_mode = DELETE")
    holder.execute("BEGIN EXCLUSIVE")
    with pytest.raises(DatabaseUnavailable, match="Another program holds it"):
        back_up(on_sqlite, sealed.with_name("b.slotwise"), NOW)
    with pytest.raises(DatabaseUnavailable, match="Another program holds it"):
        restore(on_sqlite, sealed, NOW, replace=True)
    holder.close()


# --- Sudden ends -------------------------------------------------------------------------------------------------


def in_subprocess(code: str, *arguments: Path) -> subprocess.CompletedProcess[str]:
    """Run a few lines in a Python of their own, with `settings`, `source` and NOW at hand."""
    head = (
        "import os, resource, signal, sys\nfrom datetime import UTC, datetime\nfrom pathlib import Path\n"
        "from core.services.backup import back_up\nfrom core.services.restore import restore\n"
        "from core.settings import Settings\n"
        f"NOW = {NOW!r}".replace("datetime.datetime", "datetime").replace("datetime.timezone.utc", "UTC")
        + "\n"
        "settings, source = Settings(data_dir=Path(sys.argv[1])), Path(sys.argv[2])\n"
    )
    command = [sys.executable, "-c", head + code, *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 - our own code


@pytest.mark.parametrize("step", ["core.services.restore._fill_all", "core.services.restore.Path.replace"])
def test_a_restore_killed_on_its_way_leaves_the_old_database_usable(
    on_sqlite: Settings, sealed: Path, step: str
) -> None:
    database = Database(f"sqlite:///{on_sqlite.sqlite_path}")
    fill(database, "later")
    database.close()
    before = content(on_sqlite)
    kill = (
        "from unittest import mock\n"
        f"with mock.patch({step!r}, lambda *_: os.kill(os.getpid(), signal.SIGKILL)):\n"
        "    restore(settings, source, NOW, replace=True)\n"
    )
    assert in_subprocess(kill, on_sqlite.data_dir, sealed).returncode == -signal.SIGKILL
    assert content(on_sqlite) == before
    restore(on_sqlite, sealed, NOW, replace=True)
    assert len(content(on_sqlite)["workspaces"]) == 1


LIMIT = "resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536))\n"  # room for SQLite's shared index, not for more


def test_a_full_disk_gives_a_sentence_and_no_half_back_up(on_sqlite: Settings, tmp_path: Path) -> None:
    letter = on_sqlite.data_dir / "outbox" / "acme" / "ch" / "large.json"
    letter.parent.mkdir(parents=True)
    letter.write_bytes(random.Random(1).randbytes(100_000))
    code = LIMIT + "back_up(settings, source, NOW)\n"
    done = in_subprocess(code, on_sqlite.data_dir, tmp_path / "full.slotwise")
    assert "full.slotwise cannot be written: File too large. Free some space" in done.stderr
    assert [file.name for file in tmp_path.iterdir()] == ["house"]


def test_a_full_disk_during_a_restore_leaves_the_old_database(on_sqlite: Settings, sealed: Path) -> None:
    before = content(on_sqlite)
    done = in_subprocess(LIMIT + "restore(settings, source, NOW, replace=True)\n", on_sqlite.data_dir, sealed)
    assert "DatabaseUnavailable: The database" in done.stderr
    assert "Check the disk" in done.stderr
    assert content(on_sqlite) == before


def test_a_folder_that_is_not_there_is_named(on_sqlite: Settings, tmp_path: Path) -> None:
    with pytest.raises(UnwritableFile, match=r"nowhere.*No such file or directory"):
        back_up(on_sqlite, tmp_path / "nowhere" / "a.slotwise", NOW)
