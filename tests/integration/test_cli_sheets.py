"""`slotwise sheets`: an account, a connected sheet, its test, syncs and rows, and jobs of sheets."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from google_hand import Hand
from google_world import Google
from sheets_at_hand import ROBOT, hosts_of, key_of
from typer.testing import CliRunner, Result

from core.bootstrap import assemble, open_bulk_worker
from core.cli.main import app
from core.logs import set_up_logs
from core.services.bulk_work import do_next
from core.services.items import every_item
from core.services.moves import cancel_item
from core.services.sheet_connections import list_connections
from core.settings import Settings

ONE = ["One", "Hello", "linkedin", "2036-03-09 10:00"]
HEAD = ["Title", "Content", "Platform", "Scheduled Time", "Status"]


@pytest.fixture(autouse=True)
def _logs_as_in_a_new_process() -> Iterator[None]:
    """Let a command set up its log by itself, whatever tests before this one have heard."""
    structlog.reset_defaults()
    yield
    set_up_logs("ERROR", as_json=True)


@pytest.fixture
def cloud(data_dir: Path, google: Google, monkeypatch: pytest.MonkeyPatch) -> Iterator[Google]:
    """Lead the commands to the Google on this machine."""
    for name, address in hosts_of(google).items():
        monkeypatch.setenv(f"SLOTWISE_{name.upper()}", address)
    return google


@pytest.fixture
def key(cloud: Google, tmp_path: Path) -> Path:
    """Give the file of a service account's key."""
    file = tmp_path / "key.json"
    file.write_text(json.dumps(key_of(cloud)), encoding="utf-8")
    return file


@pytest.fixture
def hand(cloud: Google, key: Path) -> Hand:
    """Give a sheet with a post that is connected as `Spring plan`."""
    sheet = cloud.sheet("Plan", [HEAD, ONE], **{ROBOT: "writer"})
    assert sheets("add-account", key).exit_code == 0
    made = sheets("connect", sheet.id, "--name", "Spring plan", "--every-minutes", "0")
    assert made.exit_code == 0, made.output
    return sheet


def sheets(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["sheets", *map(str, arguments)])


def jobs(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["jobs", *map(str, arguments)])


def test_an_account_is_added_listed_and_removed(key: Path) -> None:
    assert "no Google account yet" in sheets("accounts").stdout
    added = sheets("add-account", key, "--name", "Robot")
    assert f"Share your sheets with {ROBOT}." in added.stdout
    assert f"Robot: {ROBOT}" in sheets("accounts").stdout
    assert json.loads(sheets("accounts", "--json").stdout)[0]["email"] == ROBOT
    assert sheets("remove-account", "Robot").exit_code == 0
    assert "no Google account yet" in sheets("accounts").stdout


def test_a_file_that_is_no_key_is_refused_in_words(cloud: Google, tmp_path: Path) -> None:
    file = tmp_path / "key.json"
    file.write_bytes(b"\xff\xfe hello")
    refused = sheets("add-account", file)
    assert refused.exit_code == 1
    assert "not a key that Google gives out" in refused.stderr


def test_without_an_account_the_way_to_one_is_said(cloud: Google) -> None:
    refused = sheets("connect", "1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74")
    assert refused.exit_code == 1
    assert "Add one first" in refused.stderr


def test_a_sheet_is_found_connected_tested_synced_and_looked_at(hand: Hand) -> None:
    assert f"{hand.id}  Plan" in sheets("find").stdout
    assert "no such spreadsheet" in sheets("find", "Summer").stdout
    listed = sheets("list").stdout
    assert "connected  Spring plan: Sheet1, never synced" in listed
    tested = sheets("test", "Spring plan")
    assert (tested.exit_code, "Ready to be synced." in tested.stdout) == (0, True)
    assert "One | Hello | linkedin" in sheets("preview", "Spring plan").stdout
    assert "not synced yet" in sheets("runs", "Spring plan").stdout
    synced = sheets("sync", "Spring plan", "--here")
    assert "1 rows read, 1 posts made" in synced.stdout
    assert hand.at("E2") == "Scheduled"
    assert "completed" in sheets("runs", "Spring plan").stdout
    assert "active     One" in sheets("rows", "Spring plan").stdout


def test_a_sync_may_be_left_to_the_engine(hand: Hand) -> None:
    asked = sheets("sync", "Spring plan", "--json")
    assert json.loads(asked.stdout)["next_sync"]


def test_a_sheet_that_cannot_be_synced_ends_the_test_with_1(hand: Hand) -> None:
    hand.type_rows("A1", [["Colour", "Size", "Shape", "Weight", "Smell"]])
    tested = sheets("test", "Spring plan")
    assert (tested.exit_code, "Not ready" in tested.stdout) == (1, True)
    hand.file.roles.pop(ROBOT)
    refused = sheets("test", "Spring plan")
    assert refused.exit_code == 1
    assert ROBOT in refused.stderr


def test_posts_of_removed_rows_are_canceled_when_somebody_says_so(hand: Hand) -> None:
    sheets("sync", "Spring plan", "--here")
    hand.delete_rows(2, 2)
    sheets("sync", "Spring plan", "--here")
    assert "missing    One" in sheets("rows", "Spring plan", "--state", "missing").stdout
    assert "1 posts canceled" in sheets("missing", "Spring plan", "cancel").stdout
    assert "0 rows kept" in sheets("missing", "Spring plan", "keep").stdout


def test_a_field_that_was_changed_on_both_sides_is_listed_with_both_values(
    hand: Hand, data_dir: Path, cloud: Google
) -> None:
    sheets("sync", "Spring plan", "--here")
    assert "No field was changed on both sides" in sheets("conflicts", "Spring plan").stdout
    house = assemble(Settings(data_dir=data_dir, **hosts_of(cloud)))
    ctx = house.context()
    (connection,) = list_connections(ctx)
    (post,) = every_item(ctx, connection.calendar_id or "")
    cancel_item(ctx, post.id)
    house.close()
    hand.type("A2", "Two")
    sheets("sync", "Spring plan", "--here")
    said = sheets("conflicts", "Spring plan").stdout
    assert "Title: the sheet said “Two”, Slotwise “One”; Slotwise stands: " in said
    (told,) = json.loads(sheets("conflicts", "Spring plan", "--json").stdout)
    assert (told["field"], told["sheet_value"], told["our_value"], told["winner"]) == (
        "title",
        "Two",
        "One",
        "slotwise",
    )


def test_a_connection_is_removed_and_its_name_is_unknown_then(hand: Hand) -> None:
    assert "Spring plan is removed" in sheets("remove", "Spring plan").stdout
    assert "No sheet is connected yet" in sheets("list").stdout
    assert sheets("test", "Spring plan").exit_code == 1


def test_a_template_is_made_in_a_sheet_that_was_shared(hand: Hand, cloud: Google) -> None:
    empty = cloud.sheet("Empty", [], **{ROBOT: "writer"})
    made = sheets("template", "--spreadsheet", empty.id)
    assert made.exit_code == 0, made.output
    assert "Title" in empty.rows()[0]


def test_the_rows_of_a_sheet_become_a_job(hand: Hand) -> None:
    assert "Ready to start." in jobs("create", "--sheet", "Spring plan", "--dry-run").stdout
    made = json.loads(jobs("create", "--sheet", "Spring plan", "--json").stdout)
    assert (made["name"], made["progress"]["total"], made["source"]["type"]) == ("Spring plan", 1, "google_sheets")
    assert jobs("create").exit_code == 2


def test_sheets_are_synced_as_a_job(hand: Hand, data_dir: Path, cloud: Google) -> None:
    made = json.loads(jobs("sync", "--json").stdout)
    house = assemble(Settings(data_dir=data_dir, **hosts_of(cloud)))
    while do_next(open_bulk_worker(house, "one")):
        pass
    house.close()
    assert "1 of 1 row done" in jobs("show", made["id"]).stdout
    assert hand.at("E2") == "Scheduled"
    refused = jobs("sync", "Autumn")
    assert refused.exit_code == 1
    assert "no such connection" in refused.stderr
