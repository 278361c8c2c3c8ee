"""The command that plans a problem file: what it prints, how it ends, that it repeats itself and can be interrupted."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from core.cli import planning
from core.cli.main import app
from core.settings import ROOT


def problem(items: int = 6, **changes: Any) -> dict[str, Any]:
    """A channel of a day of eight slots with room for four posts, and items of rising priority."""
    scores = [0.1, 0.9, 0.3, 0.8, 0.2, 0.7, 0.4, 0.6]
    return {
        "slots": {"start": "2027-01-04T00:00:00Z", "minutes": 180, "count": 8},
        "channels": [{"id": "page", "min_gap_slots": 2, "scores": scores}],
        "items": [{"id": f"i{number}", "channels": ["page"], "priority": number + 1} for number in range(items)],
    } | changes


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "problem.json"
    path.write_text(json.dumps(problem()), encoding="utf-8")
    return path


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["plan", *map(str, arguments)])


def test_json_is_the_plan_alone(file: Path) -> None:
    done = run(file, "--json")
    found = json.loads(done.stdout)
    assert done.exit_code == 0
    assert {name: place["slot"] for name, place in found["placements"].items()} == {"i5": 1, "i4": 3, "i3": 5, "i2": 7}
    assert [left["item"] for left in found["unplaced"]] == ["i0", "i1"]
    assert found["unplaced"][0]["relaxation"] == (
        "Fits at Mon 2027-01-04 18:00 UTC on page if the spacing becomes 1 slot."
    )
    assert found["value"] == pytest.approx(6 * 1.9 + 5 * 1.8 + 4 * 1.7 + 3 * 1.6)
    assert (found["gap"], found["optimal"]) == (0, True)
    assert found.keys() == {"placements", "unplaced", "value", "bound", "gap", "seconds", "optimal"}


def test_the_example_of_the_readme_gives_the_answer_it_shows(tmp_path: Path) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    example, shown = re.findall(r"```json\n(.*?)```", readme, re.DOTALL)
    path = tmp_path / "problem.json"
    path.write_text(example, encoding="utf-8")
    assert json.loads(run(path, "--json").stdout) | {"seconds": 0.03} == json.loads(shown)


def test_the_report_is_short_and_says_what_was_left_over_and_why(tmp_path: Path) -> None:
    many = tmp_path / "many.json"
    many.write_text(json.dumps(problem(items=40)), encoding="utf-8")
    lines = run(many).stdout.splitlines()
    assert lines[0].startswith("4 of 40 items placed in ")
    assert lines[0].endswith(", the best there is.")
    assert lines[1].split() == ["Mon", "2027-01-04", "03:00", "UTC", "page", "i39"]
    assert lines[5] == "Left over:"
    assert "too near another post of the channel" in lines[6]
    assert lines[-1] == "  and 16 more items; --json prints all."


def test_two_processes_give_the_same_plan_for_a_seed(file: Path) -> None:
    command = [sys.executable, "-c", "from core.cli.main import app; app()", "plan", str(file), "--seed", "7", "--json"]
    found = []
    for hashing in ("1", "2"):
        environment = os.environ | {"PYTHONHASHSEED": hashing}
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)  # noqa: S603 - our own code
        found.append({name: value for name, value in json.loads(done.stdout).items() if name != "seconds"})
    assert found[0] == found[1]
    assert len(found[0]["placements"]) == 4


def test_no_time_at_all_gives_the_quick_plan(file: Path) -> None:
    found = json.loads(run(file, "--budget", "0", "--json").stdout)
    assert len(found["placements"]) + len(found["unplaced"]) == 6
    assert found["placements"]["i5"]["slot"] == 1
    assert found["bound"] >= found["value"] > 0


def test_contradicting_fixed_items_end_with_1_and_name_both(tmp_path: Path) -> None:
    items = [{"id": name, "channels": ["page"], "fixed": slot} for name, slot in (("i", 2), ("j", 3))]
    path = tmp_path / "problem.json"
    path.write_text(json.dumps(problem(items=0) | {"items": items}), encoding="utf-8")
    done = run(path, "--json")
    assert done.exit_code == 1
    assert json.loads(done.stdout) == {
        "error": "j is fixed at Mon 2027-01-04 09:00 UTC of page, which i does not allow (spacing); "
        "move one of them, or lift the limit.",
        "item": "j",
        "against": "i",
        "constraint": "spacing",
    }
    assert done.stderr.startswith("Error: j is fixed at")
    assert run(path).stdout == ""


def test_what_is_wrong_in_a_file_ends_with_1_and_its_place(tmp_path: Path) -> None:
    path = tmp_path / "problem.json"
    path.write_text(json.dumps(problem(slots={"start": "2027-01-04T00:00:00Z", "count": -1})), encoding="utf-8")
    done = run(path, "--json")
    assert done.exit_code == 1
    assert json.loads(done.stdout) == {"error": "slots.count: give a number from 0 on (got '-1')"}
    assert "slots.count" in done.stderr


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe\x00", b"[" * 100_000, b'{"slots": 1' + b"0" * 5000])
def test_what_is_no_json_is_refused_with_a_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "nonsense.json"
    path.write_bytes(content)
    done = run(path)
    assert done.exit_code == 1
    assert done.stderr.startswith("Error: file: give JSON as the README shows it")


def test_a_file_far_too_large_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "large.json"
    with path.open("wb") as large:
        large.truncate(1_000_000_000)
    done = run(path)
    assert done.exit_code == 1
    assert "200,000,000 bytes at most (got '1,000,000,000 bytes')" in done.stderr


@pytest.mark.parametrize("arguments", [["--budget", "nan"], ["--budget", "-1"], ["--budget", "inf"], ["--seed", "-1"]])
def test_senseless_options_are_wrong_usage(file: Path, arguments: list[str]) -> None:
    assert run(file, *arguments).exit_code == 2


def test_a_missing_file_is_wrong_usage(tmp_path: Path) -> None:
    done = run(tmp_path / "nowhere.json")
    assert done.exit_code == 2
    assert "does not exist" in " ".join(done.stderr.split())


def test_the_first_interruption_is_noted_and_the_second_ends_everything() -> None:
    before = signal.getsignal(signal.SIGINT)
    with planning.interruption() as is_interrupted:
        assert not is_interrupted()
        signal.raise_signal(signal.SIGINT)
        assert is_interrupted()
        assert signal.getsignal(signal.SIGINT) is signal.SIG_DFL
    assert signal.getsignal(signal.SIGINT) is before
