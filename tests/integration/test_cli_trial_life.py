"""`slotwise trial`: planned, started, looked at, audited, written to a file, stopped and decided."""

import json
from datetime import time, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from typer.testing import CliRunner, Result

from core.bootstrap import assemble
from core.cli.main import app
from core.cli.trial_arms import read_arms, windows_of
from core.clock import system_clock
from core.errors import Invalid
from core.services.calendars import schedule_items
from core.services.channels import ChannelDraft, add_channel, list_channels
from core.services.new_items import NewItem
from core.services.trial_assigning import assign_items
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


def join(data_dir: Path, trial_id: str) -> None:
    """Let three posts of the days after next week join a trial."""
    house = assemble(Settings(data_dir=data_dir))
    ctx = house.context()
    (channel_id,) = (each.id for each in list_channels(ctx))
    times = [system_clock() + timedelta(days=8 + day) for day in range(3)]
    items = schedule_items(ctx, [NewItem(channel_id, at, f"Post {at:%d}", "Come and see.") for at in times])
    assert not assign_items(ctx, trial_id, [item.id for item in items]).refused
    house.close()


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
    join(data_dir, made["id"])
    assert trial("assignments", made["id"]).stdout.splitlines()[-1] == "3 posts."
    audited = trial("assignments", made["id"], "--audit")
    assert (audited.exit_code, audited.stdout) == (0, "All 3 posts have the arm that the registered seed gives.\n")
    file = tmp_path / "posts.parquet"
    assert trial("assignments", made["id"], "--output", file).exit_code == 0
    assert pl.read_parquet(file).height == 3
    assert trial("assignments", made["id"], "--output", tmp_path / "posts.txt").exit_code == 1
    report = tmp_path / "report.html"
    assert trial("report", made["id"], "--html", report).exit_code == 0
    assert "3 posts have the arm that the registered seed gives" in report.read_text()
    assert trial("report", made["id"], "--html", report).exit_code == 1  # what is there stays
    shown = trial("results", made["id"]).stdout
    assert shown.startswith("TOO LITTLE DATA: ")
    assert "0 of " in shown
    assert told("results", made["id"])["effects"][0]["by_draw"] == {"undefined": "There are no posts."}
    assert told("stop", made["id"], "--reason", "Enough")["stop_reason"] == "Enough"
    assert "decided: no arm." in trial("decide", made["id"]).stdout
    assert "decided   Any hour: 3 posts" in trial("list", "--state", "decided").stdout
    assert "There are no such trials" in trial("list", "--state", "draft").stdout


def test_an_expected_error_is_a_sentence(channel: str) -> None:
    unknown = trial("show", "trial_none")
    assert (unknown.exit_code, unknown.stderr) == (1, "Error: There is no trial 'trial_none' in this workspace.\n")
    odd = trial("create", "Odd", "--channel", channel, "--arm", "a=usual", "--arm", "b=whenever")
    assert odd.exit_code == 1
    assert "write NAME=usual" in odd.stderr


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
