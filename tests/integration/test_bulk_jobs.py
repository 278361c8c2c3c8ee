"""Bulk jobs from their rows to their items, and everything a person does with one on the way."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from bulk_stage import claim_next, content_row, lives, made, new_job, row_states, told, work_off, worker_of
from planned_posts import TUESDAY, StandingClock, put_in_state

from core.bootstrap import Slotwise
from core.bulk.pace import Eta
from core.bulk.words import BulkState, Mode, Operation, RowOrder, RowState
from core.errors import Invalid, NotFound, StateConflict
from core.services.bulk_jobs import create_job, find_job, page_jobs, page_rows, start_job
from core.services.bulk_moves import cancel_job, pause_job, resume_job, retry_job
from core.services.bulk_views import JobFilter, NewJob, RowDraft, Schedule
from core.services.bulk_work import do_next, do_row
from core.services.bulk_worker import LEASE, MOST_TRIES, RowPoint
from core.services.calendars import find_calendar
from core.services.context import Context
from core.services.items import every_item
from core.undefined import Undefined
from core.vocabulary import EventType, ItemState, Priority

# --- The way of a job ---


def test_every_row_becomes_items_of_one_calendar(house: Slotwise, ctx: Context) -> None:
    rows = (content_row(0, "linkedin", "twitter"), content_row(1))
    job = create_job(ctx, NewJob("Campaign", Operation.SCHEDULE_CONTENT, rows))
    assert (job.state, job.progress.step) == (BulkState.QUEUED, "queued")
    assert work_off(worker_of(house)) == 2
    job = find_job(ctx, job.id)
    assert (job.state, job.progress.done, job.progress.percent) == (BulkState.COMPLETED, 2, 100)
    assert job.calendar_id is not None
    calendar = find_calendar(ctx, job.calendar_id)
    assert (calendar.title, calendar.bulk_job_id) == ("Campaign", job.id)
    items = list(every_item(ctx, calendar.id))
    assert [item.state for item in items] == [ItemState.SCHEDULED] * 3
    first = page_rows(ctx, job.id, 10)[0][0]
    assert (first.state, len(first.result["item_ids"])) == (RowState.DONE, 2)


def test_a_row_without_a_text_says_its_title_where_the_platform_needs_words(house: Slotwise, ctx: Context) -> None:
    job = made(ctx, 1)
    work_off(worker_of(house))
    (item,) = every_item(ctx, find_job(ctx, job.id).calendar_id or "")
    assert item.text == "Post 0"


def test_a_job_that_is_not_started_waits_for_a_person(house: Slotwise, ctx: Context) -> None:
    job = made(ctx, schedule=Schedule(start_immediately=False))
    assert (job.state, work_off(worker_of(house))) == (BulkState.PENDING, 0)
    assert start_job(ctx, job.id).state is BulkState.QUEUED
    assert work_off(worker_of(house)) == 3
    with pytest.raises(StateConflict):
        start_job(ctx, job.id)


def test_a_job_waits_for_its_start_and_ends_with_its_window(
    house: Slotwise, ctx: Context, clock: StandingClock
) -> None:
    now = ctx.now()
    job = made(ctx, schedule=Schedule(starts_at=now + timedelta(hours=1), ends_at=now + timedelta(hours=2)))
    worker = worker_of(house)
    assert (job.state, work_off(worker)) == (BulkState.QUEUED, 0)
    clock.move(timedelta(hours=1))
    assert work_off(worker, 2) == 2
    clock.move(timedelta(hours=1))
    assert work_off(worker) == 0
    job = find_job(ctx, job.id)
    assert (job.state, job.progress.done, job.progress.skipped) == (BulkState.COMPLETED, 2, 1)
    (row,) = page_rows(ctx, job.id, 10, states=(RowState.SKIPPED,))[0]
    assert row.error == "The job's window ended before its turn."


def test_rows_past_the_deadline_fail_and_can_be_tried_again(
    house: Slotwise, ctx: Context, clock: StandingClock
) -> None:
    job, worker = made(ctx, deadline_ms=60_000), worker_of(house)
    do_next(worker)
    clock.move(timedelta(minutes=1))
    assert not do_next(worker)
    job = find_job(ctx, job.id)
    assert (job.state, job.progress.done, job.progress.failed) == (BulkState.COMPLETED, 1, 2)
    assert retry_job(ctx, job.id).state is BulkState.QUEUED
    assert work_off(worker) == 2
    assert find_job(ctx, job.id).progress.done == 3


# --- Pause, cancel, retry ---


def test_a_pause_takes_effect_with_the_next_row(house: Slotwise, ctx: Context) -> None:
    job, worker = made(ctx), worker_of(house)
    do_next(worker)
    assert pause_job(ctx, job.id).state is BulkState.PAUSED
    assert work_off(worker) == 0
    assert isinstance(find_job(ctx, job.id).progress.eta, Undefined)
    assert resume_job(ctx, job.id).state is BulkState.RUNNING
    assert work_off(worker) == 2
    assert find_job(ctx, job.id).state is BulkState.COMPLETED


def test_a_row_that_is_being_done_is_finished_though_its_job_is_paused_or_canceled(
    house: Slotwise, ctx: Context
) -> None:
    job = made(ctx, operation=Operation.GENERATE_CONTENT)
    worker = worker_of(house, at=lambda point: point is RowPoint.PREPARED and cancel_job(ctx, job.id) and None)
    assert do_next(worker)
    job = find_job(ctx, job.id)
    assert (job.state, row_states(ctx, job.id)) == (
        BulkState.CANCELED,
        {RowState.DONE: 1, RowState.CANCELED: 2},
    )


def test_canceling_leaves_what_was_done_and_says_so(house: Slotwise, ctx: Context) -> None:
    job, worker = made(ctx, 4), worker_of(house)
    work_off(worker, 2)
    calendar = find_job(ctx, job.id).calendar_id or ""
    first = next(iter(every_item(ctx, calendar)))
    put_in_state(ctx, first.id, ItemState.PUBLISHED)
    canceled = cancel_job(ctx, job.id)
    assert canceled.sentence == (
        "2 rows were not begun and are canceled; 2 rows were done and stay; 1 published post stays published; "
        "1 post stays scheduled; cancel the calendar to take back what has not gone out."
    )
    assert (canceled.job.state, canceled.job.error) == (BulkState.CANCELED, canceled.sentence)
    assert sorted(item.state for item in every_item(ctx, calendar)) == [ItemState.PUBLISHED, ItemState.SCHEDULED]
    assert work_off(worker) == 0
    for act in (pause_job, resume_job, cancel_job, retry_job, start_job):
        with pytest.raises(StateConflict):
            act(ctx, job.id)  # type: ignore[operator]


def test_only_failed_rows_are_tried_again(house: Slotwise, ctx: Context, clock: StandingClock) -> None:
    job, worker = made(ctx, 3), worker_of(house)
    do_next(worker)
    clock.move(timedelta(days=1, minutes=90))  # the time of the second row has passed, that of the third has not
    work_off(worker)
    job = find_job(ctx, job.id)
    assert (job.state, job.progress.done, job.progress.failed) == (BulkState.COMPLETED, 2, 1)
    (failed,) = page_rows(ctx, job.id, 10, states=(RowState.FAILED,))[0]
    assert (failed.number, "already passed" in (failed.error or "")) == (2, True)
    retry_job(ctx, job.id)
    assert row_states(ctx, job.id) == {RowState.DONE: 2, RowState.PENDING: 1}
    work_off(worker)
    assert find_job(ctx, job.id).progress.failed == 1


@pytest.mark.parametrize(("rows", "said"), [(1, "Its only row failed."), (2, "None of the 2 rows succeeded.")])
def test_a_job_of_which_no_row_succeeded_has_failed_and_says_why(
    rows: int, said: str, house: Slotwise, ctx: Context, clock: StandingClock
) -> None:
    job = made(ctx, rows)
    clock.move(timedelta(days=3))
    work_off(worker_of(house))
    job = find_job(ctx, job.id)
    assert job.state is BulkState.FAILED
    assert (job.error or "").startswith(f"{said} Row 1: LinkedIn, time:")


# --- Turns and limits ---


def test_urgent_work_overtakes_within_one_row(house: Slotwise, ctx: Context, stranger: Context) -> None:
    low, worker = made(ctx, 3, priority=Priority.LOW), worker_of(house)
    do_next(worker)
    urgent = made(stranger, 2, priority=Priority.URGENT)
    work_off(worker, 2)
    assert find_job(stranger, urgent.id).state is BulkState.COMPLETED
    assert find_job(ctx, low.id).progress.done == 1
    work_off(worker)
    assert find_job(ctx, low.id).state is BulkState.COMPLETED


def test_a_low_job_gets_a_row_in_time_though_urgent_work_never_ends(
    house: Slotwise, ctx: Context, clock: StandingClock
) -> None:
    low = made(ctx, 2, priority=Priority.LOW)
    made(ctx, 50, priority=Priority.URGENT)
    worker, waited = worker_of(house), 0
    while not find_job(ctx, low.id).progress.done:
        do_next(worker)
        clock.move(timedelta(seconds=10))
        waited += 10
    assert 90 <= waited <= 120


def test_rows_of_higher_priority_come_first_then_as_the_job_orders_them(house: Slotwise, ctx: Context) -> None:
    rows = (
        content_row(0, text="x" * 2000),
        content_row(1),
        content_row(2, text="x" * 3000, priority=Priority.HIGH),
        content_row(3, text="x" * 1000),
    )
    schedule = Schedule(mode=Mode.CONTENT_BASED, row_order=RowOrder.SIMPLE_FIRST)
    job = create_job(ctx, NewJob("Campaign", Operation.SCHEDULE_CONTENT, rows, schedule=schedule))
    order, worker = [], worker_of(house)
    while claim := claim_next(worker):
        order.append(claim.number)
        do_row(worker, claim)
    assert (order, find_job(ctx, job.id).state) == ([3, 2, 4, 1], BulkState.COMPLETED)


@pytest.mark.parametrize(
    ("limits", "most", "claimed"),
    [({"most": 2}, 9, 2), ({}, 3, 3), ({"most_of_platform": 1}, 9, 1), ({"most": 9, "most_of_platform": 9}, 9, 5)],
)
def test_no_limit_is_exceeded(house: Slotwise, ctx: Context, limits: dict[str, int], most: int, claimed: int) -> None:
    made(ctx, 5, schedule=Schedule(max_concurrent=most))
    worker = worker_of(house, **limits)
    assert sum(claim_next(worker) is not None for _ in range(9)) == claimed


def test_a_row_whose_worker_died_is_done_by_another_after_its_lease(
    house: Slotwise, ctx: Context, clock: StandingClock
) -> None:
    job = made(ctx, 1)
    claim = claim_next(worker_of(house, "dead"))
    assert claim is not None
    lives(house, "dead")
    other = worker_of(house, "other")
    assert not do_next(other)
    clock.move(LEASE)
    lives(house, "dead")
    assert do_next(other)
    do_row(worker_of(house, "dead"), claim)  # it was only slow
    job = find_job(ctx, job.id)
    assert (job.state, job.progress.done) == (BulkState.COMPLETED, 1)
    assert len(list(every_item(ctx, job.calendar_id or ""))) == 1


def test_a_row_that_engines_die_of_is_given_up(house: Slotwise, ctx: Context, clock: StandingClock) -> None:
    job, worker = made(ctx, 2), worker_of(house)
    for _ in range(MOST_TRIES):
        assert claim_next(worker) is not None
        clock.move(LEASE)
    assert work_off(worker) == 1
    job = find_job(ctx, job.id)
    assert (job.state, job.progress.done, job.progress.failed) == (BulkState.COMPLETED, 1, 1)


# --- What is told ---


def test_progress_is_told_once_a_second_and_never_backwards(
    house: Slotwise, ctx: Context, clock: StandingClock
) -> None:
    job, worker = made(ctx, 20), worker_of(house)
    while do_next(worker):
        clock.move(timedelta(milliseconds=250))
    events = told(ctx, job.id)
    assert [kind for kind, _ in events[-2:]] == [EventType.JOB_PROGRESS, EventType.JOB_COMPLETED]
    shares = [share for _, share in events]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0, 100)
    assert len(events) <= 2 + 20 / 4 + 1


def test_the_pace_is_unknown_until_rows_were_done_then_comes_with_an_interval(
    house: Slotwise, ctx: Context, clock: StandingClock
) -> None:
    job, worker = made(ctx, 20), worker_of(house)
    do_next(worker)
    assert isinstance(find_job(ctx, job.id).progress.rate_per_minute, Undefined)
    for number in range(9):
        clock.move(timedelta(seconds=2 + number % 3))
        do_next(worker)
    progress = find_job(ctx, job.id).progress
    assert progress.rate_per_minute == pytest.approx(20, rel=0.01)
    assert isinstance(progress.eta, Eta)
    assert progress.eta.earliest < progress.eta.at < progress.eta.latest
    assert progress.eta.at - ctx.now() == pytest.approx(timedelta(seconds=30), abs=timedelta(seconds=1))


# --- What is refused ---


def faults(ctx: Context, new: NewJob) -> dict[str, str]:
    """Give what is wrong with a job, by place."""
    with pytest.raises(Invalid) as refused:
        create_job(ctx, new)
    return {problem.place: problem.message for problem in refused.value.problems}


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"name": "ab"}, "name"),
        ({"rows": ()}, "rows"),
        ({"timezone": "Europe/Nowhere"}, "timezone"),
        ({"deadline_ms": 0}, "deadline_ms"),
        ({"schedule": Schedule(max_concurrent=0)}, "schedule.max_concurrent"),
        ({"schedule": Schedule(ends_at=TUESDAY - timedelta(days=9))}, "schedule.ends_at"),
        ({"schedule": Schedule(starts_at=TUESDAY, ends_at=TUESDAY)}, "schedule.ends_at"),
        ({"operation": Operation.SYNC_SHEET}, "rows[0].connection_id"),
        ({"callbacks": {"on_done": "https://example.com"}}, "callbacks.on_done"),
        ({"callbacks": {"on_failed": "ftp://example.com"}}, "callbacks.on_failed"),
    ],
)
def test_a_job_that_makes_no_sense_is_refused_by_place(ctx: Context, fields: dict[str, Any], place: str) -> None:
    assert place in faults(ctx, replace(new_job(1), **fields))
    assert page_jobs(ctx, JobFilter(), 10) == ((), None)


@pytest.mark.parametrize(
    ("row", "place"),
    [
        (RowDraft("Post"), "platforms"),
        (content_row(0, "friendster"), "platforms[0]"),
        (
            content_row(0, scheduled_times={"linkedin": "2026-04-01T10:00", "x": "2026-04-01T10:00"}),
            "scheduled_times.twitter",
        ),
        (content_row(0, scheduled_times={}), "scheduled_times.linkedin"),
        (content_row(0, scheduled_times={"linkedin": "1.4.26 10 Uhr"}), "scheduled_times.linkedin"),
        (content_row(0, scheduled_times={"linkedin": "2026-03-29T02:30"}), "scheduled_times.linkedin"),
        (content_row(0, scheduled_times={"linkedin": "2026-10-25T02:30"}), "scheduled_times.linkedin"),
        (content_row(0, scheduled_times={"linkedin": "2026-03-01T10:00"}), "scheduled_times.linkedin"),
        (content_row(0, channel_ids={"linkedin": "chan_other"}), "channel_ids.linkedin"),
        (content_row(0, text="x" * 3001), "text"),
    ],
)
def test_a_row_that_cannot_be_scheduled_is_named_with_its_column(ctx: Context, row: RowDraft, place: str) -> None:
    rows = (content_row(0), row)
    new = NewJob("Campaign", Operation.SCHEDULE_CONTENT, rows, timezone="Europe/Berlin")
    assert [each for each in faults(ctx, new) if each.startswith("rows[1]")] == [f"rows[1].{place}"]


def test_jobs_of_another_workspace_are_not_there(ctx: Context, stranger: Context) -> None:
    job = made(ctx)
    for act in (
        find_job,
        start_job,
        pause_job,
        resume_job,
        cancel_job,
        retry_job,
        lambda ctx, key: page_rows(ctx, key, 9),
    ):
        with pytest.raises(NotFound):
            act(stranger, job.id)  # type: ignore[operator]
    assert page_jobs(stranger, JobFilter(), 10) == ((), None)


def test_jobs_are_listed_newest_first_and_filtered(ctx: Context, clock: StandingClock) -> None:
    ids = []
    for number in range(5):
        clock.move(timedelta(seconds=1))
        ids.append(made(ctx, 1, name=f"Job {number}").id)
    cancel_job(ctx, ids[0])
    page, cursor = page_jobs(ctx, JobFilter(), 3)
    rest, end = page_jobs(ctx, JobFilter(), 3, cursor)
    assert ([job.id for job in (*page, *rest)], end) == (ids[::-1], None)
    assert [job.id for job in page_jobs(ctx, JobFilter(states=(BulkState.CANCELED,)), 9)[0]] == ids[:1]
    assert [job.id for job in page_jobs(ctx, JobFilter(text="job 3"), 9)[0]] == ids[3:4]
