"""`slotwise jobs`: a job from a file, checked first, followed and moved from the command line."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from core.bootstrap import assemble, open_bulk_worker
from core.cli.main import app
from core.services.bulk_work import do_next
from core.settings import Settings


@pytest.fixture(autouse=True)
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make an empty folder the data folder of the commands."""
    monkeypatch.setenv("SLOTWISE_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.delenv("SLOTWISE_DATABASE_URL", raising=False)
    return tmp_path / "data"


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    """Give a file of two posts, in a far year."""
    file = tmp_path / "spring.csv"
    file.write_text("Title,Platform,Scheduled Time\nOne,linkedin,2030-03-09 10:00\nTwo,linkedin,2030-03-10 10:00\n")
    return file


def jobs(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["jobs", *map(str, arguments)])


def test_a_file_becomes_a_job_that_can_be_followed_and_moved(sheet: Path, data_dir: Path) -> None:
    made = json.loads(jobs("create", sheet, "--json").stdout)
    assert (made["name"], made["state"], made["progress"]["total"]) == ("spring", "queued", 2)
    assert json.loads(jobs("pause", made["id"], "--json").stdout)["state"] == "paused"
    assert json.loads(jobs("resume", made["id"], "--json").stdout)["state"] == "queued"
    house = assemble(Settings(data_dir=data_dir))
    worker = open_bulk_worker(house, "one")
    while do_next(worker):
        pass
    house.close()
    assert "100 %  spring: 2 of 2 rows done" in jobs("show", made["id"]).stdout
    assert "done" in jobs("rows", made["id"]).stdout.splitlines()[0]
    assert made["id"] in jobs("list", "--state", "completed").stdout
    refused = jobs("retry", made["id"])
    assert (refused.exit_code, "cannot become tried again" in refused.stderr) == (1, True)


def test_a_dry_run_says_what_would_happen_and_writes_nothing(sheet: Path) -> None:
    text = jobs("create", sheet, "--dry-run").stdout
    assert ("2030-03-09  linkedin   1" in text, "Ready to start." in text) == (True, True)
    sheet.write_text("Title,Platform,Scheduled Time\nOne,friendster,2030-03-09 10:00\n")
    text = jobs("create", sheet, "--dry-run").stdout
    assert "row 1 (line 2), platforms[0]:" in text
    assert "There are no such bulk jobs" in jobs("list").stdout


def test_canceling_says_what_stays(sheet: Path) -> None:
    made = json.loads(jobs("create", sheet, "--json").stdout)
    assert "2 rows were not begun and are canceled; 0 rows were done and stay." in jobs("cancel", made["id"]).stdout
