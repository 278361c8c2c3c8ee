"""The board of bulk jobs: what it says of jobs whose rows went known ways, and what looking costs."""

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from bulk_stage import claim_next, content_row, made, new_job, row_states, work_off, worker_of
from planned_posts import StandingClock, linkedin_draft
from sqlalchemy import event

from core.bootstrap import Slotwise
from core.bulk.pace import QUIET, Eta
from core.bulk.words import BulkState, Mode, RowState
from core.services.bulk_board import (
    BoardJob,
    JobSort,
    QueuePlace,
    board_job,
    job_board,
    jobs_mark,
    summarize_jobs,
    what_canceling_leaves,
)
from core.services.bulk_jobs import create_job, page_rows, start_job
from core.services.bulk_moves import cancel_job, pause_job, resume_job, retry_job
from core.services.bulk_views import JobFilter, Schedule
from core.services.bulk_work import do_next, do_row
from core.services.calendars import NewCalendar, create_calendar
from core.services.channels import ChannelView, add_channel
from core.services.context import Context
from core.services.workspaces import read_revision
from core.storage.doors import Database
from core.undefined import Undefined
from core.vocabulary import Priority

EVERY_SECOND = timedelta(seconds=1)
LATER = Schedule(start_immediately=False)

STEP = 10
"""Instructions of SQLite's machine from one count to the next."""


def confuse_rows(ctx: Context) -> None:
    """Let rows not know any more on which of two channels they go out, so that they fail from now on."""
    add_channel(ctx, replace(linkedin_draft(), name="Another page"))


def do_rows(house: Slotwise, clock: StandingClock, rows: int, every: timedelta = EVERY_SECOND) -> None:
    """Do so many rows, each of which takes the same time."""
    worker = worker_of(house)
    for _ in range(rows):
        clock.move(every)
        assert do_next(worker)


def names(ctx: Context, sort: JobSort = JobSort.NEWEST, **wanted: Any) -> list[str]:
    return [entry.job.name for entry in job_board(ctx, JobFilter(**wanted), sort, 1, 50).jobs]


def rows_of(entry: BoardJob) -> Counter[RowState]:
    return Counter({state: number for state, number in entry.rows.items() if number})


# --- Figures ---


def test_the_summary_counts_jobs_and_the_rows_that_succeeded_of_those_tried(
    house: Slotwise, ctx: Context, linkedin: ChannelView, clock: StandingClock
) -> None:
    made(ctx, 3, name="All well")
    do_rows(house, clock, 3)
    made(ctx, 2, name="All failed")
    pause_job(ctx, made(ctx, 4, name="Paused").id)
    made(ctx, 5, name="Waits for its time", schedule=Schedule(starts_at=clock() + timedelta(days=1)))
    made(ctx, 5, name="Waits for somebody", schedule=LATER)
    confuse_rows(ctx)
    do_rows(house, clock, 2)
    found = summarize_jobs(ctx)
    assert found.states == {
        BulkState.COMPLETED: 1,
        BulkState.FAILED: 1,
        BulkState.PAUSED: 1,
        BulkState.QUEUED: 1,
        BulkState.PENDING: 1,
    }
    assert found.success_rate == 3 / 5
    assert found.underway == 0
    assert found.rows_per_minute == Undefined("Nothing runs now.")


def ends_in(seconds: float, now: datetime) -> Eta:
    """Give the end of rows that all took the same time: what is left may still go 1.96 times 30 % faster or slower."""
    drift = 1.96 * 0.3 * seconds
    return Eta(*(now + timedelta(seconds=each) for each in (seconds, seconds - drift, seconds + drift)))


def test_rate_and_end_are_those_of_rows_that_took_two_seconds_each(
    house: Slotwise, ctx: Context, linkedin: ChannelView, clock: StandingClock
) -> None:
    job = made(ctx, 20)
    assert isinstance(board_job(ctx, job.id).job.progress.eta, Undefined)
    do_rows(house, clock, 10, timedelta(seconds=2))
    progress, found = board_job(ctx, job.id).job.progress, summarize_jobs(ctx)
    assert progress.rate_per_minute == found.rows_per_minute == pytest.approx(30)
    assert progress.eta == found.eta == ends_in(20, clock())
    assert (progress.done, progress.total, progress.percent, progress.success_rate) == (10, 20, 50, 1.0)


def test_a_pace_of_before_is_not_told_as_the_present_one_when_no_row_is_finished(
    house: Slotwise, ctx: Context, linkedin: ChannelView, clock: StandingClock
) -> None:
    job = made(ctx, 20)
    do_rows(house, clock, 10)
    clock.move(QUIET + EVERY_SECOND)
    progress, found = board_job(ctx, job.id).job.progress, summarize_jobs(ctx)
    said = Undefined("No row done lately.")
    assert (progress.rate_per_minute, progress.eta, found.rows_per_minute, found.eta) == (said, said, said, said)


def test_the_whole_is_done_when_the_last_of_the_running_jobs_is(
    house: Slotwise, ctx: Context, linkedin: ChannelView, clock: StandingClock
) -> None:
    short, long = made(ctx, 10), made(ctx, 30)
    do_rows(house, clock, 16)
    ends = [board_job(ctx, job.id).job.progress.eta for job in (short, long)]
    assert [board_job(ctx, job.id).job.progress.done for job in (short, long)] == [8, 8]
    assert ends == [ends_in(2 * 2, clock()), ends_in(22 * 2, clock())]
    assert summarize_jobs(ctx).eta == ends[1]
    assert summarize_jobs(ctx).rows_per_minute == pytest.approx(60)


def test_places_in_the_queue_follow_priority_and_leave_out_who_starts_later(ctx: Context, clock: StandingClock) -> None:
    first, urgent = made(ctx, name="First come"), made(ctx, name="Urgent", priority=Priority.URGENT)
    later = made(ctx, name="Tomorrow", schedule=Schedule(starts_at=clock() + timedelta(days=1)))
    places = [board_job(ctx, job.id).place for job in (first, urgent, later)]
    assert places == [QueuePlace(2, 2), QueuePlace(1, 2), None]


def test_the_states_of_rows_are_counted_as_they_are_at_every_step_of_a_job(
    house: Slotwise, ctx: Context, linkedin: ChannelView, clock: StandingClock
) -> None:
    job, worker = made(ctx, 6), worker_of(house)

    def expect(**rows: int) -> None:
        entry = board_job(ctx, job.id)
        assert rows_of(entry) == row_states(ctx, job.id) == Counter({RowState(key): n for key, n in rows.items()})
        assert entry.underway == rows.get("running", 0)

    expect(pending=6)
    do_rows(house, clock, 2)
    expect(done=2, pending=4)
    confuse_rows(ctx)
    do_rows(house, clock, 1)
    expect(done=2, failed=1, pending=3)
    claim = claim_next(worker)
    assert claim
    expect(done=2, failed=1, running=1, pending=2)
    pause_job(ctx, job.id)
    expect(done=2, failed=1, running=1, pending=2)
    assert vars(what_canceling_leaves(ctx, job.id)) == {
        "given_up": 2, "kept": 2, "underway": 1, "published": 0, "scheduled": 2,
    }  # fmt: skip
    cancel_job(ctx, job.id)
    expect(done=2, failed=1, running=1, canceled=2)
    do_row(worker, claim)
    expect(done=2, failed=2, canceled=2)


def test_skipped_rows_are_counted_and_not_among_those_tried(ctx: Context, house: Slotwise) -> None:
    rule = {
        "id": "r", "name": "No drafts", "type": "content_based", "enabled": True,
        "settings": {"content_tags": ["draft"], "action": "skip"},
    }  # fmt: skip
    rows = (content_row(1, tags=("draft",)), content_row(2), content_row(3))
    job = create_job(ctx, replace(new_job(), rows=rows, schedule=Schedule(rules=(rule,)))).id
    work_off(worker_of(house))
    entry = board_job(ctx, job)
    assert rows_of(entry) == row_states(ctx, job) == Counter({RowState.DONE: 2, RowState.SKIPPED: 1})
    assert (entry.job.progress.success_rate, entry.job.progress.percent) == (1.0, 100)


def test_jobs_are_sorted_filtered_and_searched_by_the_database(
    house: Slotwise, ctx: Context, linkedin: ChannelView, clock: StandingClock
) -> None:
    for name, priority, mode in (
        ("beta", Priority.LOW, Mode.MANUAL),
        ("Alpha", Priority.URGENT, Mode.TIME_BASED),
        ("50 % off", Priority.NORMAL, Mode.MANUAL),
    ):
        made(ctx, 4, name=name, priority=priority, schedule=Schedule(mode=mode))
        clock.move(EVERY_SECOND)
    do_rows(house, clock, 3, timedelta())
    assert names(ctx) == ["50 % off", "Alpha", "beta"]
    assert names(ctx, JobSort.OLDEST) == ["beta", "Alpha", "50 % off"]
    assert names(ctx, JobSort.NAME) == ["50 % off", "Alpha", "beta"]
    assert names(ctx, JobSort.PRIORITY) == ["Alpha", "50 % off", "beta"]
    assert names(ctx, JobSort.PROGRESS) == ["Alpha", "50 % off", "beta"]
    assert names(ctx, priorities=(Priority.LOW, Priority.URGENT)) == ["Alpha", "beta"]
    assert names(ctx, modes=(Mode.TIME_BASED,)) == names(ctx, text="ALP") == ["Alpha"]
    assert names(ctx, text="0 %") == ["50 % off"]
    assert names(ctx, states=(BulkState.RUNNING,)) == ["Alpha"]


def test_a_page_beyond_the_last_is_the_last(ctx: Context, clock: StandingClock) -> None:
    for number in range(5):
        made(ctx, 1, name=f"Job {number}")
        clock.move(EVERY_SECOND)
    board = job_board(ctx, JobFilter(), JobSort.OLDEST, 9, 2)
    assert ([entry.job.name for entry in board.jobs], board.total, board.page) == (["Job 4"], 5, 3)


# --- News ---


def test_the_mark_moves_with_every_change_of_a_job_and_with_nothing_else(
    house: Slotwise, ctx: Context, linkedin: ChannelView, clock: StandingClock
) -> None:
    marks = [jobs_mark(ctx)]

    def expect(*, moved: bool) -> None:
        marks.append(jobs_mark(ctx))
        assert (marks[-1] != marks[-2]) is moved

    job = made(ctx, 4, schedule=LATER)
    expect(moved=True)
    before = read_revision(ctx)
    create_calendar(ctx, NewCalendar("Something else", "UTC"))
    assert read_revision(ctx) > before
    expect(moved=False)
    start_job(ctx, job.id)
    expect(moved=True)
    do_rows(house, clock, 1)
    expect(moved=True)
    do_rows(house, clock, 1)
    expect(moved=False)
    for move in (pause_job, resume_job):
        move(ctx, job.id)
        expect(moved=True)
    confuse_rows(ctx)
    expect(moved=False)
    do_rows(house, clock, 2)
    expect(moved=True)
    retry_job(ctx, job.id)
    expect(moved=True)
    cancel_job(ctx, job.id)
    expect(moved=True)


# --- What looking costs ---


@contextmanager
def effort(db: Database) -> Iterator[list[int]]:
    """Count the instructions that SQLite carries out meanwhile, in tens, and the statements it is sent."""
    spent = [0, 0]

    def step() -> int:
        spent[0] += 1
        return 0

    def begin(connection: sqlite3.Connection, *_: object) -> None:
        connection.set_progress_handler(step, STEP)

    def note(*_: object) -> None:
        spent[1] += 1

    event.listen(db.engine, "checkout", begin)
    event.listen(db.engine, "before_cursor_execute", note)
    yield spent
    event.remove(db.engine, "checkout", begin)
    event.remove(db.engine, "before_cursor_execute", note)


def refreshed(ctx: Context, job_id: str) -> tuple[int, int]:
    """Read what the page reads anew each second while a job runs, with its rows open, and give what it cost."""
    looks: tuple[Callable[[], object], ...] = (
        lambda: summarize_jobs(ctx),
        lambda: job_board(ctx, JobFilter(), JobSort.NEWEST, 1, 12),
        lambda: board_job(ctx, job_id).rows,
        lambda: page_rows(ctx, job_id, 20),
        lambda: page_rows(ctx, job_id, 20, None, (RowState.FAILED,)),
    )
    with effort(ctx.db) as spent:
        for look in looks:
            look()
    return spent[0], spent[1]


@pytest.mark.parametrize("house_url", ["sqlite"], indirect=True)
def test_a_refresh_costs_the_same_for_thirty_rows_and_for_six_hundred(house: Slotwise, ctx: Context) -> None:
    worker = worker_of(house)
    small = made(ctx, 30)
    work_off(worker, 5)
    little = refreshed(ctx, small.id)
    cancel_job(ctx, small.id)
    large = made(ctx, 600)
    work_off(worker, 5)
    much = refreshed(ctx, large.id)
    assert much[1] == little[1]
    assert much[0] <= little[0] * 1.5
