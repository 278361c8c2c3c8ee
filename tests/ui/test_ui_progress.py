"""The progress page: what runs and waits, each job with its buttons, its rows with reasons, one job by address."""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from posts_on_screen import a_channel, in_days
from screens import Open, frame, words
from streamlit.testing.v1 import AppTest

from core.bootstrap import running
from core.bulk.words import BulkState, Mode, Operation, RowState
from core.errors import DatabaseUnavailable
from core.generation.templates import TemplateWriter
from core.services.bulk_jobs import create_job, find_job, page_rows
from core.services.bulk_moves import pause_job
from core.services.bulk_views import JobView, NewJob, RowDraft, Schedule
from core.services.bulk_work import do_next
from core.services.bulk_worker import BulkWorker
from core.services.context import Context
from core.services.workspaces import create_workspace
from core.vocabulary import Priority

PAGE = "progress_monitor.py"
LATER = Schedule(start_immediately=False)


@pytest.fixture
def page(open_page: Open, ctx: Context) -> AppTest:
    a_channel(ctx)
    return open_page(PAGE)


def a_job(ctx: Context, rows: int = 3, **fields: Any) -> JobView:
    """Create a job that schedules so many posts, an hour apart."""
    drafts = tuple(
        RowDraft(f"Post {number}", platforms=("linkedin",), scheduled_times={"linkedin": at.isoformat()})
        for number, at in ((each, in_days(2) + timedelta(hours=each)) for each in range(1, rows + 1))
    )
    return create_job(
        ctx, NewJob(**{"name": "Spring", "operation": Operation.SCHEDULE_CONTENT, "rows": drafts, **fields})
    )


def work(most: int = 1000) -> int:
    """Let an engine do some rows, and say how many it did."""
    house = running()
    worker = BulkWorker(
        "engine", house.db, house.clock, house.context, TemplateWriter(), most=4, most_of_platform=4, posts=1
    )
    return next((number for number in range(most) if not do_next(worker)), most)


def confuse_rows(ctx: Context) -> None:
    """Let a row not know any more on which of two channels it is to go out."""
    a_channel(ctx, "Another page")


def figures(page: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in page.metric}


def bars(page: AppTest) -> list[str]:
    return [f"{bar.proto.value} {bar.proto.text}" for bar in page.get("progress")]


def keys(page: AppTest) -> set[str]:
    found = (re.fullmatch("([a-z]+)_job_[0-9a-f]{20,}", str(button.key)) for button in page.button)
    return {match[1] for match in found if match}


def alone(job: JobView) -> AppTest:
    page = frame().run().switch_page(PAGE)
    page.query_params["job"] = job.id
    return page.run()


# --- What it shows ---


def test_without_a_job_the_page_says_what_will_be_here_and_how_to_begin(page: AppTest) -> None:
    assert page.subheader[0].value == "No bulk jobs yet"
    assert "/api/v1/bulk/jobs" in page.code[0].value
    assert not page.metric


def test_a_running_job_says_how_far_it_is_how_fast_and_until_when(page: AppTest, ctx: Context) -> None:
    a_job(ctx, 20, priority=Priority.HIGH, schedule=Schedule(mode=Mode.SMART, max_concurrent=4))
    work(10)
    page.run()
    assert not page.exception
    assert figures(page)["Running"] == "1"
    assert figures(page)["Success rate"] == "100 %"
    assert figures(page)["Rows per minute"]
    assert figures(page)["Running jobs done in"]
    assert bars(page) == ["50 10 of 20 rows · scheduling rows"]
    said = words(page)
    assert "Schedule content · Smart, balanced · high priority" in said.replace("\\", "")
    assert "rows/min · up to 4 rows at once" in said
    assert "95 % interval" in said.replace("\\", "")
    assert keys(page) == {"pause", "cancel", "open"}


def test_what_cannot_be_known_yet_says_why(page: AppTest, ctx: Context) -> None:
    a_job(ctx)
    page.run()
    assert "not measured yet" in words(page)
    assert "Place 1 of 1 in the queue" in words(page)
    assert figures(page)["Queued"] == "1"
    assert figures(page)["Rows per minute"] == "—"
    assert "does not run at present" in page.warning[0].value


def test_urgent_work_stands_before_the_rest_of_the_queue(page: AppTest, ctx: Context) -> None:
    a_job(ctx, name="First come")
    a_job(ctx, name="Urgent one", priority=Priority.URGENT)
    page.run()
    cards = [caption.value for caption in page.caption if "in the queue" in caption.value]
    assert ["Place 1 of 2" in card for card in cards] == [True, False]


def test_rows_are_paged_and_say_why_they_failed(page: AppTest, ctx: Context) -> None:
    job = a_job(ctx, 25)
    work(1)
    confuse_rows(ctx)
    work()
    page = alone(job)
    table = page.table[0].value
    assert len(table) == 20
    assert "Done" in table["State"].iloc[0]
    assert "Failed" in table["State"].iloc[1]
    assert "red[" in table["What happened, and why"].iloc[1]
    assert "1 done · 24 failed" in words(page)
    page.button(key=f"row_pages_{job.id}_on").click().run()
    assert list(page.table[0].value.index) == ["21", "22", "23", "24", "25"]
    page.button(key=f"row_pages_{job.id}_back").click().run()
    assert page.table[0].value.index[0] == "1"


def test_rows_of_one_state_are_picked_out(ctx: Context) -> None:
    a_channel(ctx)
    job = a_job(ctx, 5)
    work(2)
    page = alone(job)
    page.get("button_group")[0].set_value(RowState.DONE).run()
    assert list(page.table[0].value.index) == ["1", "2"]


def test_a_row_says_which_rule_keeps_it_waiting_or_puts_it_first(ctx: Context) -> None:
    a_channel(ctx)
    rules = (
        {"id": "never", "name": "All day", "type": "time_based", "enabled": True,
         "settings": {"time_window": f"{ctx.now() - timedelta(hours=1):%H:%M}-{ctx.now() + timedelta(hours=2):%H:%M}",
                      "action": "delay"}},
    )  # fmt: skip
    job = a_job(ctx, 2, schedule=Schedule(rules=rules))
    work()
    page = alone(job)
    story = page.table[0].value["What happened, and why"].iloc[0]
    assert "Delayed to" in story
    assert "All day" in story


def test_the_rows_of_a_card_are_read_only_once_it_is_opened(page: AppTest, ctx: Context) -> None:
    job = a_job(ctx)
    page.run()
    assert not page.table
    page.session_state[f"rows_{job.id}"] = True
    assert len(page.run().table[0].value) == 3


def test_a_hostile_name_is_shown_as_text(page: AppTest, ctx: Context) -> None:
    a_job(ctx, name="<b>Spring</b> :red[x]")
    assert r"\<b\>Spring" in words(page.run())


# --- What is wanted ---


def test_tabs_divide_jobs_by_how_they_stand(page: AppTest, ctx: Context) -> None:
    a_job(ctx, name="Over")
    work()
    a_job(ctx, name="Under way")
    assert [bar for bar in bars(page.run()) if "0 of 3" in bar]
    page.button_group(key="jobs").set_value("Completed").run()
    assert bars(page) == ["100 3 of 3 rows done"]
    page.button_group(key="jobs").set_value("Failed").run()
    assert "No job has failed" in words(page)
    page.button(key="show_all_jobs").click().run()
    assert len(bars(page)) == 2


def test_filter_search_and_order_decide_what_is_seen(page: AppTest, ctx: Context) -> None:
    a_job(ctx, name="Alpha", priority=Priority.LOW)
    a_job(ctx, name="Beta", priority=Priority.URGENT)
    page.run()
    page.selectbox(key="sort").select("priority").run()
    assert names(page) == ["Beta", "Alpha"]
    page.selectbox(key="sort").select("name").run()
    assert names(page) == ["Alpha", "Beta"]
    page.multiselect(key="job_priority").select("urgent").run()
    assert names(page) == ["Beta"]
    page.text_input(key="job_name").set_value("alp").run()
    assert names(page) == []
    page.button(key="clear_no_jobs").click().run()
    assert len(names(page)) == 2


def names(page: AppTest) -> list[str]:
    return [each.value.strip("*") for each in page.markdown if each.value.startswith("**")]


def test_many_jobs_are_paged_and_a_filter_that_leaves_fewer_pages_shows_the_last(page: AppTest, ctx: Context) -> None:
    for number in range(14):
        a_job(ctx, 1, name=f"Job {number:02}", schedule=LATER)
    page.run()
    assert len(names(page)) == 12
    page.session_state["jobs_page"] = 2
    assert names(page.run()) == ["Job 01", "Job 00"]
    page.text_input(key="job_name").set_value("Job 1").run()
    assert not page.exception
    assert names(page) == ["Job 13", "Job 12", "Job 11", "Job 10"]


@pytest.mark.parametrize(("asked", "first"), [("2", "Job 01"), ("0", "Job 13"), ("99", "Job 01"), ("x", "Job 13")])
def test_an_address_names_the_page_of_jobs(ctx: Context, asked: str, first: str) -> None:
    a_channel(ctx)
    for number in range(14):
        a_job(ctx, 1, name=f"Job {number:02}", schedule=LATER)
    page = frame().run().switch_page(PAGE)
    page.query_params["jobs_page"] = asked
    assert names(page.run())[0] == first
    assert not page.exception


# --- What can be done ---


def test_pausing_and_going_on_change_the_job(page: AppTest, ctx: Context) -> None:
    job = a_job(ctx)
    work(1)
    page.run().button(key=f"pause_{job.id}").click().run()
    assert find_job(ctx, job.id).state is BulkState.PAUSED
    assert "Paused" in words(page)
    assert keys(page) == {"resume", "cancel", "open"}
    page.button(key=f"resume_{job.id}").click().run()
    assert find_job(ctx, job.id).state is BulkState.RUNNING


def test_a_job_that_waits_for_a_person_is_started(page: AppTest, ctx: Context) -> None:
    job = a_job(ctx, schedule=LATER)
    page.run().button(key=f"start_{job.id}").click().run()
    assert find_job(ctx, job.id).state is BulkState.QUEUED


def test_canceling_asks_first_and_says_what_stays(page: AppTest, ctx: Context) -> None:
    job = a_job(ctx)
    work(1)
    page.run().button(key=f"cancel_{job.id}").click().run()
    assert find_job(ctx, job.id).state is BulkState.RUNNING
    assert "2 rows will not be begun" in words(page)
    assert "1 scheduled post" in words(page)
    page.button(key="job_cancel_sure").click().run()
    assert find_job(ctx, job.id).state is BulkState.CANCELED
    assert "1 row was done and stays" in page.toast[0].value.replace("\\", "")


def test_a_job_is_kept_when_somebody_thinks_better_of_it(page: AppTest, ctx: Context) -> None:
    job = a_job(ctx)
    page.run().button(key=f"cancel_{job.id}").click().run()
    page.button(key="job_keep").click().run()
    assert find_job(ctx, job.id).state is BulkState.QUEUED
    assert "job_keep" not in {button.key for button in page.button}


def test_failed_rows_are_tried_again(ctx: Context) -> None:
    a_channel(ctx)
    job = a_job(ctx)
    confuse_rows(ctx)
    work()
    page = alone(job)
    assert "None of the 3 rows succeeded" in page.error[0].value
    page.button(key=f"retry_{job.id}").click().run()
    assert find_job(ctx, job.id).state is BulkState.QUEUED
    assert {row.state for row in page_rows(ctx, job.id, 10)[0]} == {RowState.PENDING}


def test_a_click_that_comes_too_late_is_refused_with_the_reason(page: AppTest, ctx: Context) -> None:
    job = a_job(ctx)
    page.run()
    pause_job(ctx, job.id)
    page.button(key=f"pause_{job.id}").click().run()
    assert not page.exception
    assert "paused" in words(page)


# --- One job, and what goes wrong ---


def test_an_address_opens_one_job_and_leads_back_to_all(ctx: Context) -> None:
    job, _ = a_job(ctx, name="This one", schedule=LATER), a_job(ctx, name="Another", schedule=LATER)
    page = alone(job)
    assert names(page) == ["This one"]
    assert len(page.table[0].value) == 3
    page.button(key="all_jobs").click().run()
    assert names(page) == ["Another", "This one"]
    page.button(key=f"open_{job.id}").click().run()
    assert page.query_params["job"] == job.id
    assert names(page) == ["This one"]


def test_an_address_of_another_workspaces_job_tells_nothing_of_it(ctx: Context) -> None:
    strangers = ctx.within(create_workspace(ctx.db, "Strangers", "UTC", ctx.now()).id)
    a_channel(strangers)
    page = alone(a_job(strangers, name="Their secret"))
    assert not page.exception
    assert "This job is not here" in words(page)
    assert "Their secret" not in words(page)


def test_one_row_is_said_as_one(ctx: Context) -> None:
    a_channel(ctx)
    job = a_job(ctx, 1)
    confuse_rows(ctx)
    work()
    page = alone(job)
    said = f"{words(page)} {bars(page)}".replace("\\", "")
    assert "Its only row failed. Row 1: LinkedIn, channel: LinkedIn has several channels" in said
    assert "0 0 of 1 row done" in said
    assert not re.search(r"\b1 rows|\b1 posts|channel_id|\(got |chan_", said)


def test_an_address_of_a_job_that_is_not_here_says_so_and_leads_back(ctx: Context) -> None:
    job = a_job(ctx, schedule=LATER)
    page = alone(replace(job, id="job_of_somebody_else"))
    assert not page.exception
    assert "This job is not here" in words(page)
    page.button(key="all_jobs").click().run()
    assert names(page) == ["Spring"]


def test_data_that_cannot_be_read_leaves_the_page_with_the_reason(
    page: AppTest, ctx: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object) -> None:
        raise DatabaseUnavailable("sqlite:///x", "disk I/O error", "Check the disk.")

    a_job(ctx)
    monkeypatch.setattr("core.ui.progress_live.job_board", gone)
    page.run()
    assert not page.exception
    assert "disk I" in page.error[0].value
    assert figures(page)["Queued"] == "1"
