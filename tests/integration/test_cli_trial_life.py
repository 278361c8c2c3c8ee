"""`slotwise trial`: planned, started, looked at, audited, written to a file, stopped and decided."""

import json
import re
from datetime import time, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from pypdf import PdfReader
from typer.testing import CliRunner, Result

from core.bootstrap import assemble
from core.cli.main import app
from core.cli.trial_arms import read_arms
from core.clock import system_clock
from core.errors import Invalid
from core.services.calendars import schedule_items
from core.services.channels import ChannelDraft, add_channel, list_channels
from core.services.new_items import NewItem
from core.services.trial_hours import windows_of
from core.services.trial_views import ArmDraft
from core.settings import Settings
from core.trials.registration import Window
from core.trials.words import Strategy
from core.vocabulary import ChannelKind

pytestmark = pytest.mark.usefixtures("data_dir")

ARMS = ("--arm", "as is=as_planned", "--arm", "any*2=mon-sun 00:00-00:00")


@pytest.fixture
def channel(data_dir: Path) -> str:
    """Give the name of a channel in the data folder of the commands."""
    house = assemble(Settings(data_dir=data_dir))
    add_channel(house.context(), ChannelDraft("linkedin", "Our page", ChannelKind.OUTBOX, "UTC"))
    house.close()
    return "Our page"


def three_planned(data_dir: Path) -> list[str]:
    """Give the ids of three posts of the days after next week."""
    house = assemble(Settings(data_dir=data_dir))
    ctx = house.context()
    (channel_id,) = (each.id for each in list_channels(ctx))
    times = [system_clock() + timedelta(days=8 + day) for day in range(3)]
    items = schedule_items(ctx, [NewItem(channel_id, at, f"Post {at:%d}", "Come and see.") for at in times])
    house.close()
    return [item.id for item in items]


def trial(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["trial", *map(str, arguments)])


def test_whole_days_are_planned_and_said(channel: str) -> None:
    answer = trial("create", "Day by day", "--channel", channel, *ARMS, "--unit", "days")
    assert answer.exit_code == 0, answer.output
    assert "  days, outcome, sequential stopping, 8 weeks, to find 20 %" in answer.stdout


def told(*arguments: object) -> Any:
    answer = trial(*arguments, "--json")
    assert answer.exit_code == 0, answer.output
    return json.loads(answer.stdout)


def test_a_trial_lives_on_the_command_line(channel: str, data_dir: Path, tmp_path: Path) -> None:
    made = told("create", "Any hour", "--channel", channel, *ARMS, "--weeks", 4, "--seed", "known")
    assert (made["state"], made["draft"]["control"], made["draft"]["arms"][1]["weight"]) == ("draft", "as is", 2)
    assert "nothing" in trial("power", made["id"]).stdout
    started = trial("start", made["id"]).stdout
    assert "seed kept until the trial is stopped; its fingerprint is public" in started
    assert "known" not in started
    first, *others = three_planned(data_dir)
    refused = trial("join", made["id"], first, "item_none")
    assert refused.exit_code == 1
    assert re.match(rf"{first}  (as is|any) +\d{{4}}-\d\d-\d\d \d\d:\d\d UTC", refused.stdout)
    assert "item_none  not drawn: there is no such item in this workspace" in refused.stdout
    assert "Drew 1 posts; 1 could not join and stay as they were." in refused.stdout
    joined = told("join", made["id"], "--all-planned")
    assert ([unit["item_id"] for unit in joined["assigned"]], joined["refused"]) == (others, [])
    assert trial("join", made["id"], "--all-planned").stdout == "No planned post can join at present.\n"
    assert "name the posts, or say --all-planned" in trial("join", made["id"]).stderr
    *ledger, total = trial("assignments", made["id"]).stdout.splitlines()
    assert total == "3 posts."
    assert all(re.search(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC  waiting", line) for line in ledger), ledger
    audited = trial("assignments", made["id"], "--audit")
    assert (audited.exit_code, audited.stdout) == (0, "All 3 posts have the arm that the registered seed gives.\n")
    file = tmp_path / "posts.parquet"
    assert trial("assignments", made["id"], "--output", file).exit_code == 0
    assert pl.read_parquet(file).height == 3
    assert trial("assignments", made["id"], "--output", tmp_path / "posts.txt").exit_code == 1
    page, pdf = tmp_path / "report.html", tmp_path / "report.pdf"
    assert trial("report", made["id"], "--html", page).exit_code == 0
    assert "3 posts have the arm that the registered seed gives" in page.read_text()
    assert trial("report", made["id"], "--pdf", pdf, "--html", page).exit_code == 1  # what is there stays
    assert not pdf.exists()  # all files or none
    written = trial("report", made["id"], "--pdf", pdf)
    assert (written.stdout, written.stderr, written.exception) == (f"{pdf} is written.\n", "", None)
    said = " ".join(sheet.extract_text() for sheet in PdfReader(pdf).pages)
    assert "3 posts have the arm that the registered seed gives" in said
    shown = trial("results", made["id"]).stdout
    assert shown.startswith("TOO LITTLE DATA: ")
    assert "0 of " in shown
    assert told("results", made["id"])["effects"][0]["by_draw"] == {"undefined": "There are no posts with an outcome."}
    assert told("stop", made["id"], "--reason", "Enough")["stop_reason"] == "Enough"
    assert "decided: no arm." in trial("decide", made["id"]).stdout
    assert "decided   Any hour: 3 posts" in trial("list", "--state", "decided").stdout
    assert "There are no such trials" in trial("list", "--state", "draft").stdout


def test_trials_are_listed_page_by_page(channel: str) -> None:
    made = [told("create", f"Trial {number}", "--channel", channel, *ARMS)["id"] for number in range(3)]
    first = trial("list", "--most", 2)
    assert first.stdout.endswith(f"Older trials follow: say --after {made[1]}.\n")
    assert [each["id"] for each in told("list", "--most", 2)] == made[:0:-1]
    assert [each["id"] for each in told("list", "--after", made[1])] == made[:1]
    assert "Older" not in trial("list", "--after", made[1]).stdout
    assert trial("list", "--after", "trial_none").exit_code == 1


def test_what_hours_happened_to_earn_is_told_as_an_observation(channel: str) -> None:
    asked = ("observed", "--channel", channel, "--hours", "mon-thu 18:00-21:00", "--from", "2026-01-01")
    shown = trial(*asked, "--to", "2026-07-01T09:00")
    assert shown.exit_code == 0
    assert shown.stdout.startswith("OBSERVED, NOT RANDOMIZED: This is an observation. Nobody drew these hours")
    assert "shows no cause and carries no verdict" in shown.stdout
    assert "posts published from 2026-01-01 00:00 to 2026-07-01 09:00 UTC" in shown.stdout
    found = told(*asked)
    assert (found["kind"], found["shows_cause"], found["verdict"], found["inside"]) == ("observation", False, None, 0)
    assert found["difference"] == {"undefined": "There are no posts with an outcome."}
    wrong = trial("observed", "--channel", channel, "--hours", "evenings")
    assert (wrong.exit_code, "--hours: write weekdays and hours" in wrong.stderr) == (1, True)
    assert "--from: " in trial(*asked[:-1], "yesterday").stderr


def test_an_expected_error_is_a_sentence(channel: str) -> None:
    unknown = trial("show", "trial_none")
    assert (unknown.exit_code, unknown.stderr) == (1, "Error: There is no trial 'trial_none' in this workspace.\n")
    odd = trial("create", "Odd", "--channel", channel, "--arm", "a=usual", "--arm", "b=whenever")
    assert odd.exit_code == 1
    assert "write NAME=usual" in odd.stderr


def test_a_report_needs_a_file_for_each_kind(tmp_path: Path) -> None:
    both = tmp_path / "report"
    for options in ((), ("--html", both, "--pdf", both)):
        refused = trial("report", "trial_none", *options)
        assert refused.exit_code == 2
        assert "say --html FILE, --pdf FILE, or both with a file each" in re.sub(r"[\s│]+", " ", refused.stderr)
    assert not both.exists()


def test_arms_are_read_as_they_are_typed() -> None:
    found = read_arms(["usual=usual", "evenings*3=mon-wed,fri 18:00-21:00; sun 10:00-00:00"])
    evenings = (Window((0, 1, 2, 4), time(18), time(21)), Window((6,), time(10), time(0)))
    assert found == (ArmDraft("usual", Strategy.USUAL), ArmDraft("evenings", Strategy.WINDOWS, 3, evenings))


@pytest.mark.parametrize(
    "typed", ["", "a", "a=", "=usual", "a=mon", "a=mon 9-10", "a=thu-mon 09:00-10:00", "a=mon 25:00-26:00"]
)
def test_an_arm_that_cannot_be_read_says_how_to_write_one(typed: str) -> None:
    with pytest.raises(Invalid, match="write NAME=usual"):
        read_arms([typed])


def test_windows_need_weekdays_that_exist() -> None:
    with pytest.raises(Invalid):
        windows_of("someday 09:00-10:00")
