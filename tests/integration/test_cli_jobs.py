"""`slotwise jobs`: a job from a file, checked first, followed and moved from the command line."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from core.bootstrap import assemble, open_bulk_worker
from core.bulk.words import Operation
from core.cli.main import app
from core.services.bulk_jobs import create_job
from core.services.bulk_views import NewJob, RowDraft, Schedule
from core.services.bulk_work import do_next
from core.services.channels import ChannelDraft, add_channel
from core.settings import Settings
from core.vocabulary import ChannelKind

pytestmark = pytest.mark.usefixtures("data_dir")


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    """Give a file of two posts, in a far year."""
    file = tmp_path / "spring.csv"
    file.write_text("Title,Platform,Scheduled Time\nOne,linkedin,2030-03-09 10:00\nTwo,linkedin,2030-03-10 10:00\n")
    return file


def work_off(data_dir: Path) -> None:
    """Let an engine do every row there is to do."""
    house = assemble(Settings(data_dir=data_dir))
    worker = open_bulk_worker(house, "one")
    while do_next(worker):
        pass
    house.close()


def confuse_rows(data_dir: Path) -> None:
    """Let rows not know any more on which of two channels they are to go out."""
    house = assemble(Settings(data_dir=data_dir))
    for name in ("One page", "Another page"):
        add_channel(house.context(), ChannelDraft("linkedin", name, ChannelKind.OUTBOX, "UTC"))
    house.close()


def jobs(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["jobs", *map(str, arguments)])


def test_a_file_becomes_a_job_that_can_be_followed_and_moved(sheet: Path, data_dir: Path) -> None:
    made = json.loads(jobs("create", sheet, "--json").stdout)
    assert (made["name"], made["state"], made["progress"]["total"]) == ("spring", "queued", 2)
    assert json.loads(jobs("pause", made["id"], "--json").stdout)["state"] == "paused"
    assert json.loads(jobs("resume", made["id"], "--json").stdout)["state"] == "queued"
    work_off(data_dir)
    assert "100 %  spring: 2 of 2 rows done" in jobs("show", made["id"]).stdout
    assert "Done" in jobs("rows", made["id"]).stdout.splitlines()[0]
    assert made["id"] in jobs("list", "--state", "completed").stdout
    refused = jobs("retry", made["id"])
    assert (refused.exit_code, "cannot become tried again" in refused.stderr) == (1, True)


def test_a_dry_run_says_what_would_happen_and_writes_nothing(sheet: Path) -> None:
    text = jobs("create", sheet, "--dry-run").stdout
    assert ("2030-03-09  linkedin   1" in text, "Ready to start." in text) == (True, True)
    sheet.write_text("Title,Platform,Scheduled Time\nOne,friendster,2030-03-09 10:00\n")
    text = jobs("create", sheet, "--dry-run").stdout
    assert "row 1 (line 2), Platform:" in text
    assert "There are no such bulk jobs" in jobs("list").stdout


def test_canceling_says_what_stays(sheet: Path) -> None:
    made = json.loads(jobs("create", sheet, "--json").stdout)
    assert "2 rows were not begun and are canceled; 0 rows were done and stay." in jobs("cancel", made["id"]).stdout


def test_a_job_that_failed_says_why_in_sentences_and_is_tried_again(sheet: Path, data_dir: Path) -> None:
    made = json.loads(jobs("create", sheet, "--json").stdout)
    confuse_rows(data_dir)
    work_off(data_dir)
    shown = jobs("show", made["id"]).stdout
    assert "0 of 2 rows done, 2 failed" in shown
    assert "None of the 2 rows succeeded. Row 1: LinkedIn, channel: LinkedIn has several channels; name one of" in shown
    assert "0 % of the rows tried succeeded" in shown
    first = jobs("rows", made["id"], "--state", "failed").stdout.splitlines()[0]
    assert first.split("One: ")[1] in {f"{CONFUSED}{a}, {b}." for a, b in (PAGES, PAGES[::-1])}
    watched = jobs("watch", made["id"])
    assert (watched.exit_code, "failed" in watched.stdout) == (1, True)
    assert json.loads(jobs("retry", made["id"], "--json").stdout)["state"] == "queued"


CONFUSED, PAGES = "LinkedIn, channel: LinkedIn has several channels; name one of ", ("One page", "Another page")


def test_rows_go_on_after_a_number(sheet: Path) -> None:
    made = json.loads(jobs("create", sheet, "--json").stdout)
    first = jobs("rows", made["id"], "--most", 1).stdout.splitlines()
    assert (first[0].split(), first[1]) == (["1", "Waiting", "One"], "More rows follow: say --after 1.")
    assert jobs("rows", made["id"], "--after", 1).stdout.split() == ["2", "Waiting", "Two"]
    assert jobs("rows", made["id"], "--state", "failed").stdout.strip() == "There are no such rows in this job."


def test_the_list_is_sorted_filtered_and_paged_and_says_how_all_jobs_stand(sheet: Path) -> None:
    for name, priority in (("Beta", "low"), ("Alpha", "urgent"), ("Gamma", "low")):
        jobs("create", sheet, "--name", name, "--priority", priority)

    def names(*options: object) -> list[str]:
        return [job["name"] for job in json.loads(jobs("list", "--json", *options).stdout)]

    assert names("--sort", "name") == ["Alpha", "Beta", "Gamma"]
    assert names("--priority", "low", "--sort", "oldest") == ["Beta", "Gamma"]
    assert (
        names("--search", "ALP") == names("--priority", "urgent", "--state", "queued", "--state", "paused") == ["Alpha"]
    )
    assert names("--sort", "name", "--most", 2, "--page", 2) == ["Gamma"]
    text = jobs("list", "--most", 1).stdout
    assert "Page 1 of 3; 3 jobs in all." in text
    assert "All jobs: 3 queued." in text


def test_a_job_that_waits_for_somebody_is_started_shown_and_watched_to_its_end(data_dir: Path) -> None:
    house = assemble(Settings(data_dir=data_dir))
    row = RowDraft("One", platforms=("linkedin",), scheduled_times={"linkedin": "2030-03-09T10:00:00Z"})
    new = NewJob("By hand", Operation.SCHEDULE_CONTENT, (row,), schedule=Schedule(start_immediately=False))
    job = create_job(house.context(), new)
    house.close()
    assert "pending" in jobs("show", job.id).stdout
    assert "queued" in jobs("start", job.id).stdout
    assert "place 1 of 1 in the queue" in jobs("show", job.id).stdout
    work_off(data_dir)
    watched = jobs("watch", job.id)
    assert (watched.exit_code, "1 of 1 row done" in watched.stdout) == (0, True)
    assert "1 completed, 100 % of all rows tried succeeded" in jobs("watch").stdout
    assert "the engine does not run" in watched.stderr


@pytest.mark.parametrize("command", ["show", "rows", "watch", "start", "pause", "resume", "cancel", "retry"])
def test_a_job_that_is_not_there_is_an_error_with_a_sentence(command: str) -> None:
    refused = jobs(command, "job_unknown")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "There is no bulk job 'job_unknown' in this workspace." in refused.stderr
