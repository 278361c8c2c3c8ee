"""The two rules of the brief on real jobs: peak hours by the workspace's clocks, across their changes, and priority."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bulk_stage import claim_next, content_row, work_off, worker_of
from planned_posts import StandingClock

from core.bootstrap import Slotwise
from core.bulk.words import BulkState, Operation, RowState
from core.services.bulk_jobs import create_job, find_job, page_rows
from core.services.bulk_views import JobRowView, NewJob, Schedule
from core.services.bulk_work import do_next, do_row
from core.services.context import Context
from core.services.workspaces import create_workspace
from core.vocabulary import Priority

PEAK_HOURS_AVOID: dict[str, Any] = {
    "id": "peak-hours-avoid",
    "type": "time_based",
    "enabled": True,
    "settings": {"time_window": "09:00-17:00", "action": "delay"},
}
HIGH_PRIORITY_FIRST: dict[str, Any] = {
    "id": "high-priority-first",
    "type": "priority_based",
    "enabled": True,
    "settings": {"priority_threshold": "high"},
}
BOTH = (PEAK_HOURS_AVOID, HIGH_PRIORITY_FIRST)
MINUTE = timedelta(minutes=1)


def ruled_job(ctx: Context, *priorities: Priority, rules: tuple[dict[str, Any], ...] = BOTH, **fields: Any) -> str:
    """Create a job with a row of each priority, due in a week."""
    times = {"linkedin": (ctx.now() + timedelta(days=7)).isoformat()}
    rows = tuple(content_row(n, priority=priority, scheduled_times=times) for n, priority in enumerate(priorities))
    schedule = Schedule(rules=rules, **fields)
    return create_job(ctx, NewJob("Campaign", Operation.SCHEDULE_CONTENT, rows, schedule=schedule)).id


def rows_of(ctx: Context, job_id: str) -> tuple[JobRowView, ...]:
    return page_rows(ctx, job_id, 100)[0]


@pytest.mark.parametrize(
    ("zone", "begins", "ends"),
    [
        ("Europe/Berlin", "2026-03-28T08:00", "2026-03-28T16:00"),
        ("Europe/Berlin", "2026-03-29T07:00", "2026-03-29T15:00"),  # clocks went forward that night
        ("Europe/Berlin", "2026-10-24T07:00", "2026-10-24T15:00"),
        ("Europe/Berlin", "2026-10-25T08:00", "2026-10-25T16:00"),  # clocks went back that night
        ("America/New_York", "2026-03-07T14:00", "2026-03-07T22:00"),
        ("America/New_York", "2026-03-08T13:00", "2026-03-08T21:00"),
        ("America/New_York", "2026-11-01T14:00", "2026-11-01T22:00"),
    ],
)
def test_peak_hours_are_nine_to_five_on_the_clocks_of_the_workspace(
    house: Slotwise, clock: StandingClock, zone: str, begins: str, ends: str
) -> None:
    first, last = (datetime.fromisoformat(each).replace(tzinfo=UTC) for each in (begins, ends))
    clock.moment = first - MINUTE
    ctx = house.context(create_workspace(house.db, "Team", zone, clock()).id)
    worker = worker_of(house, posts=1)
    job_id = ruled_job(ctx, *[Priority.NORMAL] * 3)
    assert work_off(worker, 1) == 1
    clock.moment = first
    assert work_off(worker) == 0
    assert [row.not_before for row in rows_of(ctx, job_id)] == [None, last, last]
    assert all("17:00" in row.reasons[0].sentence for row in rows_of(ctx, job_id)[1:])
    clock.moment = last - MINUTE
    assert work_off(worker) == 0
    clock.moment = last
    assert work_off(worker) == 2
    assert find_job(ctx, job_id).state is BulkState.COMPLETED


def test_high_priority_goes_first_once_peak_hours_are_over_and_says_why(
    house: Slotwise, ctx: Context, clock: StandingClock
) -> None:
    job_id, worker = ruled_job(ctx, Priority.NORMAL, Priority.LOW, Priority.HIGH, Priority.URGENT), worker_of(house)
    assert work_off(worker) == 0  # it is noon
    asked = {row.number: [(reason.rule, reason.action) for reason in row.reasons] for row in rows_of(ctx, job_id)}
    delayed, boosted = ("peak-hours-avoid", "delay"), ("high-priority-first", "boost")
    assert asked == {1: [delayed], 2: [delayed], 3: [delayed, boosted], 4: [delayed, boosted]}
    clock.move(timedelta(hours=5))
    order = []
    while claim := claim_next(worker):
        order.append(claim.number)
        do_row(worker, claim)
    assert sorted(order[:2]) == [3, 4]
    assert order[2:] == [1, 2]


def test_a_rule_that_is_switched_off_delays_nothing(house: Slotwise, ctx: Context) -> None:
    job_id = ruled_job(ctx, Priority.NORMAL, rules=(PEAK_HOURS_AVOID | {"enabled": False},))
    assert work_off(worker_of(house)) == 1
    assert rows_of(ctx, job_id)[0].reasons == ()


def test_rows_that_still_wait_when_the_window_of_their_job_ends_are_skipped_and_say_so(
    house: Slotwise, ctx: Context, clock: StandingClock
) -> None:
    job_id = ruled_job(ctx, Priority.NORMAL, Priority.HIGH, ends_at=ctx.now() + timedelta(hours=6))
    worker = worker_of(house)
    assert not do_next(worker)
    clock.move(timedelta(hours=6))
    assert not do_next(worker)
    assert {(row.state, row.error) for row in rows_of(ctx, job_id)} == {
        (RowState.SKIPPED, "The job's window ended before its turn.")
    }


def test_thousands_of_delayed_rows_are_written_down_a_part_at_a_time(
    house: Slotwise, ctx: Context, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.services.bulk_claims.MOST_OUT", 50)
    job_id, worker = ruled_job(ctx, *[Priority.NORMAL] * 120), worker_of(house, posts=25)
    assert work_off(worker) == 2
    assert all(row.not_before is not None for row in rows_of(ctx, job_id))
    clock.move(timedelta(hours=5))
    assert work_off(worker) == 5
    assert find_job(ctx, job_id).state is BulkState.COMPLETED


def test_rows_that_a_rule_lets_go_one_at_a_time_wait_for_each_other_only(house: Slotwise, ctx: Context) -> None:
    settings = {"time_window": "09:00-17:00", "max_concurrent": 1}
    rules = ({"id": "one", "type": "time_based", "enabled": True, "settings": settings},)
    rows, schedule = tuple(map(content_row, range(3))), Schedule(max_concurrent=3, rules=rules)
    job_id = create_job(ctx, NewJob("Texts", Operation.GENERATE_CONTENT, rows, schedule=schedule)).id
    worker = worker_of(house)
    for _ in range(3):
        claim = claim_next(worker)
        assert claim is not None
        assert claim_next(worker) is None
        do_row(worker, claim)
    assert find_job(ctx, job_id).progress.done == 3
