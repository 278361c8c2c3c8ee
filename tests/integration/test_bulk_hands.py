"""A bulk job in the hands of several workers: paused, overtaken, canceled, held back when it goes badly."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Semaphore, Thread

from bulk_stage import claim_next, content_row, made, new_job, row_states, work_off, worker_of
from planned_posts import StandingClock

from core.bootstrap import Slotwise
from core.bulk.words import BulkState, Mode, Operation, RowState
from core.errors import Invalid, Problem
from core.generation.contract import Brief, Written
from core.services.bulk_jobs import create_job, find_job, page_rows
from core.services.bulk_moves import cancel_job, pause_job, resume_job, retry_job
from core.services.bulk_returns import leave_rows
from core.services.bulk_views import NewJob, Schedule
from core.services.bulk_work import do_next, do_row
from core.services.bulk_worker import LEASE, BulkWorker, RowPoint
from core.services.context import Context
from core.vocabulary import Priority

SLOW = Operation.GENERATE_CONTENT
"""Rows of it are claimed in one transaction and done in another."""


@contextmanager
def at_work(*workers: BulkWorker) -> Iterator[None]:
    """Let workers do rows until there are none, each on a thread of its own."""
    threads = [Thread(target=work_off, args=(worker,)) for worker in workers]
    for thread in threads:
        thread.start()
    yield
    for thread in threads:
        thread.join()


@dataclass
class HeldWriter:
    """Writes only while it is let: `began` counts texts begun, `may_end` those that may be finished."""

    began: Semaphore = field(default_factory=lambda: Semaphore(0))
    may_end: Semaphore = field(default_factory=lambda: Semaphore(0))

    def write(self, brief: Brief) -> Written:
        self.began.release()
        self.may_end.acquire()
        return Written(brief.title, "held", "")


# --- Pause, overtake, cancel ---


def test_after_a_pause_each_worker_ends_the_row_it_is_at_and_begins_none(house: Slotwise, ctx: Context) -> None:
    job, writer = made(ctx, 9, operation=SLOW, schedule=Schedule(max_concurrent=3)), HeldWriter()
    with at_work(*(worker_of(house, "one", writer=writer) for _ in range(3))):
        for _ in range(3):
            writer.began.acquire()
        pause_job(ctx, job.id)
        writer.may_end.release(9)
    assert row_states(ctx, job.id) == {RowState.DONE: 3, RowState.PENDING: 6}
    assert find_job(ctx, job.id).state is BulkState.PAUSED
    resume_job(ctx, job.id)
    assert work_off(worker_of(house)) == 6


def test_rows_done_in_turns_stop_with_the_pause(house: Slotwise, ctx: Context) -> None:
    job, began = made(ctx, 60), Semaphore(0)

    def at(point: RowPoint) -> None:
        if point is RowPoint.FINISHED:
            began.release()

    with at_work(*(worker_of(house, name, at, posts=5) for name in ("one", "two", "three"))):
        began.acquire()
        pause_job(ctx, job.id)
        done = find_job(ctx, job.id).progress.done
    assert find_job(ctx, job.id).progress.done == done >= 5
    assert row_states(ctx, job.id)[RowState.DONE] == done


def test_urgent_work_that_comes_while_others_are_busy_has_the_next_turn(
    house: Slotwise, ctx: Context, stranger: Context
) -> None:
    made(ctx, 30, priority=Priority.HIGH)
    urgent: list[str] = []

    def at(point: RowPoint) -> None:
        if point is RowPoint.FINISHED and not urgent:
            urgent.append(made(stranger, 1, priority=Priority.URGENT).id)

    assert work_off(worker_of(house, at=at, posts=5), 2) == 2
    assert find_job(stranger, urgent[0]).state is BulkState.COMPLETED


def test_threads_of_one_engine_do_not_queue_for_the_turns_of_one_job(house: Slotwise, ctx: Context) -> None:
    made(ctx, 4)
    idle: list[bool] = []
    worker = worker_of(house, at=lambda point: (point is RowPoint.DOING and idle.append(do_next(worker))) or None)
    assert work_off(worker) == 4
    assert idle == [False] * 4


def test_canceling_names_what_is_still_being_finished(house: Slotwise, ctx: Context) -> None:
    job = made(ctx, 3, operation=SLOW)
    worker = worker_of(house)
    claim = claim_next(worker)
    assert claim is not None
    canceled = cancel_job(ctx, job.id)
    assert canceled.job.state is BulkState.CANCELING
    assert "1 is being finished" in canceled.sentence
    do_row(worker, claim)
    assert find_job(ctx, job.id).state is BulkState.CANCELED
    assert row_states(ctx, job.id) == {RowState.DONE: 1, RowState.CANCELED: 2}


# --- Smart jobs ---


@dataclass
class Weather:
    """How long a text takes and whether it can be written; seconds pass on its stopwatch only."""

    seconds: float = 1.0
    fails: bool = False
    passed: float = 0.0

    def write(self, brief: Brief) -> Written:
        self.passed += self.seconds
        if self.fails:
            raise Invalid((Problem("title", brief.title, "no text comes to mind"),))
        return Written(brief.title, "weather", "")

    def worker(self, house: Slotwise) -> BulkWorker:
        """Give a worker that writes in this weather."""
        opened = worker_of(house, most=50, most_of_platform=50, writer=self)
        return BulkWorker(**{**vars(opened), "elapsed": lambda: self.passed})


def smart_job(ctx: Context, rows: int) -> str:
    return create_job(ctx, new_job(rows, operation=SLOW, schedule=Schedule(mode=Mode.SMART, max_concurrent=6))).id


def test_a_smart_job_has_fewer_rows_at_once_while_they_are_slow_and_more_again_afterwards(
    house: Slotwise, ctx: Context
) -> None:
    job_id, weather = smart_job(ctx, 120), Weather()
    worker, seen = weather.worker(house), []
    for weather.seconds, rows in ((1.0, 25), (10.0, 5), (1.0, 25)):
        assert work_off(worker, rows) == rows
        seen.append(find_job(ctx, job_id).concurrency)
    assert seen[1] <= seen[0] // 2 < seen[0] == seen[2] == 6
    assert sum(claim_next(worker) is not None for _ in range(9)) == 6


def test_a_smart_job_that_fails_goes_down_to_one_row_at_once_and_comes_back(house: Slotwise, ctx: Context) -> None:
    job_id, weather = smart_job(ctx, 60), Weather()
    worker = weather.worker(house)
    work_off(worker, 25)
    weather.fails = True
    work_off(worker, 4)
    assert find_job(ctx, job_id).concurrency == 1
    weather.fails = False
    work_off(worker, 12)
    assert find_job(ctx, job_id).concurrency > 1


def test_a_job_that_is_not_smart_keeps_its_number(house: Slotwise, ctx: Context) -> None:
    job, weather = made(ctx, 9, operation=SLOW, schedule=Schedule(max_concurrent=3)), Weather(fails=True)
    work_off(weather.worker(house), 5)
    assert find_job(ctx, job.id).concurrency == 3


def test_failed_rows_are_tried_again_and_no_other(house: Slotwise, ctx: Context, clock: StandingClock) -> None:
    rows = tuple(content_row(number) for number in range(6))
    job_id, weather = create_job(ctx, NewJob("Texts", SLOW, rows)).id, Weather()
    worker = weather.worker(house)
    for number in range(6):
        weather.fails = number % 2 == 0
        do_next(worker)
    assert row_states(ctx, job_id) == {RowState.DONE: 3, RowState.FAILED: 3}
    texts = {row.number: row.result for row in page_rows(ctx, job_id, 9, states=(RowState.DONE,))[0]}
    weather.fails = False
    retry_job(ctx, job_id)
    assert work_off(worker) == 3
    again = {row.number: row for row in page_rows(ctx, job_id, 9)[0]}
    assert {number: again[number].result for number in texts} == texts
    assert find_job(ctx, job_id).progress.done == 6


# --- Stopping, and rows that engines died of ---


def test_rows_of_an_engine_that_stops_wait_for_another_and_their_try_does_not_count(
    house: Slotwise, ctx: Context
) -> None:
    job, writer = made(ctx, 1, operation=SLOW), HeldWriter()
    stopping = worker_of(house, writer=writer)
    with at_work(stopping):
        writer.began.acquire()
        leave_rows(stopping)
        (row,) = page_rows(ctx, job.id, 9)[0]
        assert (row.state, row.tries) == (RowState.PENDING, 0)
        assert work_off(worker_of(house, "other")) == 1
        writer.may_end.release()
    assert row_states(ctx, job.id) == {RowState.DONE: 1}


def test_a_row_that_engines_died_of_twice_is_done_alone(house: Slotwise, ctx: Context, clock: StandingClock) -> None:
    job = made(ctx, 3, operation=SLOW, schedule=Schedule(max_concurrent=3))
    for name in ("dead", "dead too"):
        dead = worker_of(house, name)
        assert [claim_next(dead) is not None for _ in range(2)] == [True, True]
        clock.move(LEASE)
    worker = worker_of(house)
    first = claim_next(worker)
    assert first is not None
    assert (first.number, first.tries) == (1, 3)
    assert claim_next(worker) is None
    do_row(worker, first)
    assert work_off(worker) == 2
    assert row_states(ctx, job.id) == {RowState.DONE: 3}
