"""Several engines on one bulk job: who is gone is missed at once, and a turn that breaks down is undone."""

from datetime import timedelta

import pytest
from bulk_stage import claim_next, content_row, lives, made, row_states, work_off, worker_of
from dead_engines import die_here
from planned_posts import StandingClock

from core.bootstrap import Slotwise
from core.bulk.words import BulkState, Operation, RowState
from core.services.bulk_jobs import create_job, find_job, page_rows
from core.services.bulk_moves import cancel_job
from core.services.bulk_views import NewJob
from core.services.bulk_work import do_next
from core.services.bulk_worker import LEASE, BulkWorker, RowPoint
from core.services.context import Context
from core.services.heartbeat import LATE_AFTER
from core.services.items import every_item

SLOW = Operation.GENERATE_CONTENT
"""Rows of it are claimed in one transaction and done in another."""


# --- Engines that are gone ---


def test_rows_of_an_engine_that_fell_silent_or_stopped_are_done_by_another_before_their_lease_ends(
    house: Slotwise, ctx: Context, clock: StandingClock
) -> None:
    job, other = made(ctx, 2, operation=SLOW), worker_of(house, "other")
    lives(house, "silent")
    assert claim_next(worker_of(house, "silent", most=1)) is not None
    assert not do_next(worker_of(house, "other", most=1))  # it fills all there is room for
    clock.move(LATE_AFTER)
    assert work_off(other) == 2
    again = made(ctx, 1, operation=SLOW)
    lives(house, "stopping")
    assert claim_next(worker_of(house, "stopping")) is not None
    lives(house, "stopping", stopped=True)
    assert work_off(other) == 1
    assert {find_job(ctx, each.id).state for each in (job, again)} == {BulkState.COMPLETED}


def test_an_engine_killed_on_this_machine_is_missed_at_once(house: Slotwise, ctx: Context) -> None:
    job = made(ctx, 1, operation=SLOW)
    lives(house, "killed")
    assert claim_next(worker_of(house, "killed")) is not None
    folder = house.settings.data_dir / "engines"
    die_here(house, "killed")
    survivor = BulkWorker(**{**vars(worker_of(house, "survivor")), "is_gone": house.presence.is_gone})
    assert work_off(survivor) == 1
    assert find_job(ctx, job.id).state is BulkState.COMPLETED
    house.presence.enter("survivor")
    assert not house.presence.is_gone("survivor")
    house.presence.leave("survivor")
    assert list(folder.iterdir()) == []


def test_a_canceled_job_ends_though_the_engine_that_did_its_row_is_gone(house: Slotwise, ctx: Context) -> None:
    job = made(ctx, 2, operation=SLOW)
    assert claim_next(worker_of(house, "dead")) is not None
    assert cancel_job(ctx, job.id).job.state is BulkState.CANCELING
    assert not do_next(worker_of(house, "other"))
    assert (find_job(ctx, job.id).state, row_states(ctx, job.id)) == (BulkState.CANCELED, {RowState.CANCELED: 2})


# --- Turns of several rows ---


def test_a_turn_does_several_rows_and_only_the_one_at_fault_fails(house: Slotwise, ctx: Context) -> None:
    rows = [content_row(number, "linkedin", "twitter") for number in range(20)]
    job = create_job(ctx, NewJob("Campaign", Operation.SCHEDULE_CONTENT, tuple(rows)))
    first = work_off(worker_of(house, posts=10), 1)
    assert (first, find_job(ctx, job.id).progress.done) == (1, 5)
    assert work_off(worker_of(house, posts=10)) == 3
    items = list(every_item(ctx, find_job(ctx, job.id).calendar_id or ""))
    made_by = {item for row in page_rows(ctx, job.id, 99)[0] for item in row.result["item_ids"]}
    assert ({item.id for item in items}, len(items)) == (made_by, 40)


def test_a_refused_row_fails_by_itself_and_the_others_of_its_turn_are_done(
    house: Slotwise, ctx: Context, clock: StandingClock
) -> None:
    job = made(ctx, 3)
    clock.move(timedelta(days=1, minutes=30))  # the time of the first row has passed
    assert work_off(worker_of(house, posts=10)) == 1
    job = find_job(ctx, job.id)
    assert (job.state, job.progress.done, job.progress.failed) == (BulkState.COMPLETED, 2, 1)
    assert page_rows(ctx, job.id, 9, states=(RowState.FAILED,))[0][0].number == 1


class Broken(RuntimeError):
    """Something nobody foresaw."""


def test_a_turn_that_breaks_down_is_undone_and_its_rows_are_taken_one_by_one(
    house: Slotwise, ctx: Context, clock: StandingClock
) -> None:
    job, breaks = made(ctx, 3), [True]

    def at(point: RowPoint) -> None:
        if point is RowPoint.DOING and breaks[0]:
            raise Broken

    worker = worker_of(house, at=at, posts=10)
    with pytest.raises(Broken):
        do_next(worker)
    assert row_states(ctx, job.id) == {RowState.PENDING: 3}
    with pytest.raises(Broken):
        do_next(worker)
    assert row_states(ctx, job.id) == {RowState.RUNNING: 1, RowState.PENDING: 2}
    assert not do_next(worker)  # the row at fault is known, and waits for its next try
    breaks[0] = False
    clock.move(LEASE)
    assert work_off(worker) == 2
    assert row_states(ctx, job.id) == {RowState.DONE: 3}
