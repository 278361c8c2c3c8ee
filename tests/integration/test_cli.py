"""The command line: what it prints, how it ends, and that nobody sees a traceback for what was to be expected."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from core.bootstrap import assemble
from core.cli.main import app
from core.services.channels import ChannelDraft, add_channel
from core.settings import ROOT, Settings
from core.vocabulary import ChannelKind

GROUPS = {
    "trial": (
        *("analyze", "list", "create", "show", "power", "start", "join", "results", "assignments"),
        *("report", "stop", "decide", "observed"),
    ),
    "keys": ("create", "list", "rotate", "revoke"),
    "jobs": ("list", "show", "rows", "create", "watch", "start", "pause", "resume", "cancel", "retry", "sync"),
    "sheets": (
        *("accounts", "add-account", "remove-account", "find", "template", "list", "connect", "test", "preview"),
        *("sync", "runs", "rows", "missing", "remove"),
    ),
}
COMMANDS = (
    *("serve", "import", "demo", "recommend", "backtest", "plan", "trial", "keys", "jobs"),
    *("sheets", "export", "backup", "restore", "doctor"),
)
TYPED = tuple(f"{name} {each}".strip() for name in COMMANDS for each in GROUPS.get(name, ("",)))


@pytest.fixture
def house_dir(data_dir: Path) -> Path:
    """Give the data folder of an installation with one channel."""
    house = assemble(Settings(data_dir=data_dir))
    add_channel(house.context(), ChannelDraft("linkedin", "Our page", ChannelKind.OUTBOX, "Europe/Berlin"))
    house.close()
    return data_dir


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(each) for each in arguments])


def run_process(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from core.cli.main import app; app()", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 - our own code


def test_the_version_is_the_packages() -> None:
    assert run("--version").stdout == "slotwise 0.1.0\n"


def test_the_commands_are_these() -> None:
    assert tuple(typer.main.get_command(app).commands) == COMMANDS  # type: ignore[attr-defined]


@pytest.mark.parametrize("command", TYPED)
def test_every_command_explains_itself_with_examples(command: str) -> None:
    shown = run(*command.split(), "--help").stdout
    assert "Examples:" in shown
    assert f"slotwise {command}" in shown


def test_back_up_then_restore_elsewhere_gives_the_same_house(
    house_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = run("backup", tmp_path / "a.slotwise", "--json")
    assert made.exit_code == 0
    assert json.loads(made.stdout)["rows"]["channels"] == 1
    monkeypatch.setenv("SLOTWISE_DATA_DIR", str(tmp_path / "new"))
    assert run("restore", tmp_path / "a.slotwise").exit_code == 0
    again = run("backup", tmp_path / "b.slotwise", "--json")
    assert json.loads(again.stdout)["rows"] == json.loads(made.stdout)["rows"]


def test_a_back_up_without_a_name_goes_to_the_data_folder(house_dir: Path) -> None:
    assert run("backup").exit_code == 0
    (file,) = (house_dir / "backups").iterdir()
    assert file.suffix == ".slotwise"


def test_restoring_over_a_database_needs_the_word(house_dir: Path, tmp_path: Path) -> None:
    run("backup", tmp_path / "a.slotwise")
    refused = run("restore", tmp_path / "a.slotwise")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "Add --replace" in refused.stderr
    assert run("restore", tmp_path / "a.slotwise", "--replace").exit_code == 0


def test_export_writes_files_and_says_what_is_left_out(house_dir: Path, tmp_path: Path) -> None:
    done = run("export", tmp_path / "out")
    assert done.exit_code == 0
    assert "channels.secret" in done.stdout
    assert (tmp_path / "out" / "channels.csv").is_file()


def test_a_workspace_that_does_not_exist_is_named(house_dir: Path, tmp_path: Path) -> None:
    refused = run("export", tmp_path / "out", "--workspace", "Nobody")
    assert refused.stderr == "Error: There is no workspace 'Nobody' in this workspace.\n"


def test_recommend_shows_slots_with_intervals_in_the_zone_asked_for(house_dir: Path) -> None:
    shown = run("recommend", "--channel", "Our page", "--timezone", "Asia/Tokyo", "--count", "2")
    assert shown.exit_code == 0
    assert shown.stdout.startswith("Our page (linkedin): 0 posts, times in Asia/Tokyo\n")
    assert shown.stdout.count("score") == 2


def test_recommend_speaks_json(house_dir: Path) -> None:
    slots = json.loads(run("recommend", "--platform", "linkedin", "--count", "3", "--json").stdout)
    assert [slot["basis"] for slot in slots] == ["baseline"] * 3
    assert {slot["platform"] for slot in slots} == {"linkedin"}
    assert all(slot["channel_id"].startswith("chan_") for slot in slots)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--channel", "Nobody"], "no channel 'Nobody'"),
        (["--platform", "myspace"], "myspace"),
        (["--count", "0"], "ask for 1 to 200 slots"),
        (["--timezone", "Mars/Base"], "Mars/Base"),
    ],
)
def test_recommend_refuses_in_a_sentence(house_dir: Path, arguments: list[str], said: str) -> None:
    refused = run("recommend", *arguments)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert said in refused.stderr


@pytest.fixture
def posts_file(tmp_path: Path) -> Path:
    """Give a small history with one row that cannot be."""
    file = tmp_path / "posts.csv"
    file.write_text(
        "posted at,title,hearts\n2026-01-05 09:00,One,10\n2026-01-06 10:00,Two,20\n2026-13-40 10:00,Three,30\n",
        encoding="utf-8",
    )
    return file


IMPORT = ("--channel", "Our page", "--map", "likes=hearts")


def test_a_dry_run_says_what_would_happen_and_stores_nothing(house_dir: Path, posts_file: Path) -> None:
    checked = json.loads(run("import", posts_file, *IMPORT, "--dry-run", "--json").stdout)
    assert (checked["rows_read"], checked["accepted"], checked["rejected"]) == (3, 2, 1)
    assert checked["columns"] == {"published_at": ["posted at"], "title": ["title"], "likes": ["hearts"]}
    assert checked["zone"] == "Europe/Berlin"
    assert checked["first"] == "2026-01-05T08:00:00+00:00"
    assert (checked["errors"][0]["line"], checked["errors"][0]["value"]) == (4, "2026-13-40 10:00")
    assert run("recommend", "--count", "1").stdout.startswith("Our page (linkedin): 0 posts")


def test_an_import_with_bad_rows_needs_the_word_and_can_be_repeated(house_dir: Path, posts_file: Path) -> None:
    refused = run("import", posts_file, *IMPORT, "--yes")
    assert refused.exit_code == 1
    assert "line 4, posted at" in refused.stderr
    done = json.loads(run("import", posts_file, *IMPORT, "--yes", "--skip-rejected", "--json").stdout)
    assert (done["created"], done["rejected"]) == (2, 1)
    again = json.loads(run("import", posts_file, *IMPORT, "--yes", "--skip-rejected", "--json").stdout)
    assert (again["created"], again["unchanged"]) == (0, 2)


def test_an_import_asks_before_it_stores(house_dir: Path, posts_file: Path) -> None:
    declined = CliRunner().invoke(app, ["import", str(posts_file), *IMPORT, "--skip-rejected"], input="n\n")
    assert declined.exit_code == 1
    assert "Import 2 posts?" in declined.stderr
    assert json.loads(run("export", posts_file.parent / "out", "--json").stdout)["rows"]["post_outcomes"] == 0


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ([], 2, "say either --channel or --platform"),
        (["--channel", "Our page", "--platform", "linkedin"], 2, "say either --channel or --platform"),
        (["--channel", "Our page", "--peer"], 2, "--peer goes with --platform"),
        (["--channel", "Our page", "--map", "hearts=likes"], 1, "write FIELD=COLUMN with one of the fields"),
        (["--channel", "Our page", "--map", "likes=thumbs"], 1, "the file has no such column"),
        (["--channel", "Our page", "--zone", "Mars/Base", "--map", "likes=hearts"], 1, "Mars/Base"),
    ],
)
def test_an_import_that_cannot_be_meant_is_refused(
    house_dir: Path, posts_file: Path, arguments: list[str], code: int, said: str
) -> None:
    refused = run("import", posts_file, *arguments, "--dry-run")
    assert refused.exit_code == code
    assert said in refused.stderr


def test_a_peers_history_is_imported_into_a_peer_which_has_no_advice(house_dir: Path, tmp_path: Path) -> None:
    file = tmp_path / "rivals.csv"
    file.write_text("account,published_at,likes\nRivals,2026-01-05T10:00:00Z,3\n", encoding="utf-8")
    done = run("import", file, "--platform", "linkedin", "--peer", "--zone", "Asia/Tokyo", "--yes", "--json")
    assert json.loads(done.stdout)["created"] == 1
    shown = run("recommend", "--count", "1").stdout
    assert "Our page (linkedin)" in shown
    assert "Rivals" not in shown
    refused = run("recommend", "--channel", "Rivals")
    assert (refused.exit_code, "this is a peer" in refused.stderr) == (1, True)


def test_a_question_names_the_option_that_answers_it(house_dir: Path, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("date,likes\n3/4/2024 10:00,1\n", encoding="utf-8")
    asked = run("import", file, "--channel", "Our page", "--dry-run")
    assert asked.exit_code == 1
    assert "Say it with --date-order" in asked.stderr
    answered = run("import", file, "--channel", "Our page", "--dry-run", "--date-order", "day_first", "--json")
    assert json.loads(answered.stdout)["first"] == "2024-04-03T08:00:00+00:00"


def test_the_demo_can_be_loaded_twice_and_gives_recommendations(data_dir: Path) -> None:
    first = json.loads(run("demo", "--json").stdout)
    assert [report["created"] for report in first] == [600, 250, 120]
    second = json.loads(run("demo", "--json").stdout)
    assert [report["created"] for report in second] == [0, 0, 0]
    best = {each["platform"]: each["reason"] for each in json.loads(run("recommend", "--json", "--count", "1").stdout)}
    assert {name: "no detectable effect" in reason for name, reason in best.items()} == {
        "instagram": False,
        "linkedin": True,
        "youtube": True,
    }
    assert run("recommend", "--count", "1").stdout.count("(synthetic)") == 3


def test_doctor_ends_with_1_where_something_is_broken(data_dir: Path) -> None:
    (data_dir / "slotwise.db").unlink()  # nothing was ever started here
    done = run("doctor", "--json")
    assert done.exit_code == 1
    found = {result["name"]: result["finding"] for result in json.loads(done.stdout)}
    assert found["database"]["severity"] == "error"


def test_doctor_ends_with_0_where_nothing_is(house_dir: Path) -> None:
    done = run("doctor")
    assert done.exit_code == 0
    assert "ok       database" in done.stdout


def test_a_wrong_setting_is_named(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLOTWISE_ENGINE_THREADS", "lots")
    refused = run("doctor")
    assert refused.exit_code == 1
    assert "SLOTWISE_ENGINE_THREADS: " in refused.stderr
    assert "(got 'lots')" in refused.stderr


# --- serve -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "::", "example.com", ""])  # noqa: S104 - what is refused
def test_serve_refuses_to_be_reached_from_other_machines(host: str) -> None:
    refused = run("serve", "--host", host)
    assert refused.exit_code == 1
    assert "only this machine may reach Slotwise" in refused.stderr


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_serve_becomes_streamlit_on_the_front_door(host: str, data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[tuple[list[str], dict[str, str]]] = []
    monkeypatch.setattr(os, "execve", lambda _, command, environment: started.append((command, environment)))
    monkeypatch.setattr(os, "chdir", lambda _: None)
    monkeypatch.setenv("SLOTWISE_DATA_DIR", "here")
    assert run("serve", "--host", host, "--port", "9000").exit_code == 0
    ((command, environment),) = started
    assert command[1:5] == ["-m", "streamlit", "run", str(ROOT / "Home.py")]
    assert command[5:] == ["--server.address", host, "--server.port", "9000"]
    assert environment["SLOTWISE_DATA_DIR"] == str(Path("here").absolute())


# --- Exit codes of a real process --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--version"], 0, "slotwise 0.1.0"),
        (["restore", "nowhere.slotwise"], 1, "Error: nowhere.slotwise cannot be read"),
        (["restore"], 2, "Missing argument"),
    ],
)
def test_a_process_ends_with_its_code_and_without_a_traceback(
    data_dir: Path, arguments: list[str], code: int, said: str
) -> None:
    done = run_process(*arguments)
    assert done.returncode == code
    assert said in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
