"""The doctor: healthy houses are told so, ill ones hear what is wrong and how to mend it, dead ones too."""

import os
import shutil
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from core.bootstrap import Slotwise, assemble
from core.services.doctor import HEALTH_CHECKS, CheckResult, Finding, examine, has_errors
from core.settings import Settings
from core.storage import engines
from core.storage.tables import EngineHeartbeat
from core.vocabulary import Severity


def findings(results: tuple[CheckResult, ...]) -> dict[str, Finding]:
    return {result.name: result.finding for result in results if result.finding}


def skipped(results: tuple[CheckResult, ...]) -> list[str]:
    return [result.name for result in results if result.skipped]


def beat(house: Slotwise, ago: timedelta) -> None:
    with house.db.system() as session:
        at = house.now() - ago
        session.merge(EngineHeartbeat(worker="w", started_at=at, last_tick=at))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Give the settings of a new installation on SQLite that is not running."""
    settings = Settings(data_dir=tmp_path / "data")
    assemble(settings).close()
    return settings


NOW = datetime(2100, 1, 1, tzinfo=UTC)
NEEDS_DATABASE = ["schema", "integrity", "clock", "engine", "claims", "unconfirmed", "secrets"]


def test_a_healthy_house_has_nothing_to_report(house: Slotwise) -> None:
    house.settings.data_dir.mkdir(exist_ok=True)
    beat(house, timedelta(seconds=5))
    results = examine(house.settings, house.now())
    assert findings(results) == {}
    assert [result.name for result in results] == list(HEALTH_CHECKS)


def test_an_engine_that_fell_silent_is_noticed(house: Slotwise) -> None:
    beat(house, timedelta(minutes=3))
    found = findings(examine(house.settings, house.now()))["engine"]
    assert (found.severity, found.sentence) == (
        Severity.WARNING,
        "No engine is running since 2026-03-02 11:57 UTC: scheduled items do not go out.",
    )


def test_a_clock_that_runs_behind_is_an_error(house: Slotwise) -> None:
    beat(house, timedelta(hours=-2))
    found = findings(examine(house.settings, house.now()))["clock"]
    assert found.sentence == (
        "The clock says 2026-03-02 12:00 UTC, but the database holds something from 2026-03-02 14:00 UTC."
    )
    assert found.severity is Severity.ERROR


def test_no_database_is_said_and_none_is_made(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data")
    results = examine(settings, NOW)
    assert "Start Slotwise once" in findings(results)["database"].sentence
    assert skipped(results) == NEEDS_DATABASE
    assert not settings.data_dir.exists()
    assert has_errors(results)


@pytest.mark.parametrize("url", ["nonsense", "postgresql://nobody@127.0.0.1:1/none"])
def test_an_address_that_leads_nowhere_is_explained(tmp_path: Path, url: str) -> None:
    results = examine(Settings(data_dir=tmp_path, database_url=url), NOW)
    assert "SLOTWISE_DATABASE_URL" in findings(results)["database"].sentence
    assert skipped(results) == NEEDS_DATABASE


def test_a_file_that_is_no_database_is_explained(settings: Settings) -> None:
    settings.sqlite_path.write_bytes(b"garbage" * 1000)
    results = examine(settings, NOW)
    assert "Restore a back-up" in findings(results)["database"].sentence


def test_a_read_only_database_is_an_error(settings: Settings) -> None:
    read_only = Settings(
        data_dir=settings.data_dir, database_url=f"sqlite:///file:{settings.sqlite_path}?mode=ro&uri=true"
    )
    results = examine(read_only, NOW)
    assert "Give this user the right to write" in findings(results)["database"].sentence


def test_a_locked_database_is_an_error(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "BUSY_TIMEOUT_MS", 50)
    holder = sqlite3.connect(settings.sqlite_path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    results = examine(settings, NOW)
    holder.close()
    assert "Another program holds it" in findings(results)["database"].sentence


@pytest.mark.parametrize(
    ("schema", "said"), [("9999", "newer Slotwise"), ("0001", "start Slotwise once: it brings the tables up to date")]
)
def test_another_schema_is_an_error(settings: Settings, schema: str, said: str) -> None:
    with sqlite3.connect(settings.sqlite_path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (schema,))
    connection.close()
    results = examine(settings, NOW)
    found = findings(results)["schema"]
    assert said in f"{found.sentence} {found.fix}"
    assert skipped(results) == NEEDS_DATABASE[1:]


def test_a_row_that_points_to_nowhere_is_an_error(settings: Settings) -> None:
    with sqlite3.connect(settings.sqlite_path) as connection:
        connection.execute("DELETE FROM workspaces")
    connection.close()
    found = findings(examine(settings, NOW))["integrity"]
    assert found.sentence.endswith("of the table revisions points to a row of workspaces that is not there.")


def test_a_full_disk_is_told_before_it_is_full(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    class Usage(NamedTuple):
        free: int

    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(free=99_000_000))
    found = findings(examine(settings, NOW))["disk"]
    assert (found.severity, found.sentence.startswith("Only 99 MB are free")) == (Severity.ERROR, True)


@pytest.mark.skipif(os.name != "posix", reason="permission bits are a thing of POSIX systems")
def test_a_data_folder_others_may_write_to_is_noticed(settings: Settings) -> None:
    settings.data_dir.chmod(0o777)
    assert "chmod go-w" in findings(examine(settings, NOW))["data_dir"].fix
