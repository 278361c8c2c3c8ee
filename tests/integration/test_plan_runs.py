"""Plans in the background: queued, worked out once, stopped, and begun again when an engine dies."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import time, timedelta
from pathlib import Path
from threading import Event

import pytest
from dead_engines import die_here
from plan_stage import calendar, channel, piece, proposed, standing_still
from planned_posts import MONDAY_NOON, TUESDAY, StandingClock
from publishing_stage import InLine, revision, worker_of
from told_posts import evenings, tell

from core.bootstrap import Slotwise, assemble
from core.engine.embedded import EmbeddedEngine
from core.engine.runner import Runner
from core.errors import Invalid, NotFound, StateConflict
from core.planning.grid_plan import Ending
from core.services import plan_runs
from core.services.calendars import cancel_calendar, find_calendar
from core.services.context import Context
from core.services.heartbeat import Pulse, beat
from core.services.item_views import CalendarWithItems
from core.services.items import find_item
from core.services.job_runs import start_run
from core.services.plan_runs import OPTIMIZE, find_plan, list_plans, optimize_queued, queue_plan, stop_plan
from core.services.plan_views import PlanOptions, PlanRun
from core.services.pruning import prune
from core.services.publishing import publish_due
from core.services.run_queue import RunTaker, find_waiting, take
from core.settings import Settings
from core.vocabulary import CalendarState, ItemState, JobState, OptimizationLevel, Reach

HERE = Path(__file__).resolve()
MORNING = TUESDAY.replace(hour=9)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
GONE = timedelta(minutes=3)
KILLED = -signal.SIGKILL
LONG = 60.0
SPEED = OptimizationLevel.SPEED


@pytest.fixture
def spring(ctx: Context) -> CalendarWithItems:
    """Give a running calendar of two posts, one of them at a poor hour."""
    return spring_of(ctx)


def spring_of(ctx: Context) -> CalendarWithItems:
    page = channel(ctx)
    tell(ctx, page.id, evenings(20))
    soon = ctx.now() + HOUR
    return calendar(ctx, [piece(page, soon), piece(page, (soon + DAY).replace(hour=9, minute=0, second=0))])


def engine(house: Slotwise, name: str = "one", is_stopping: Callable[[], bool] = lambda: False) -> RunTaker:
    """Give an engine that has just given a sign of life."""
    beat(house.db, Pulse(name, house.now(), house.now()))
    return RunTaker(name, house.db, house.clock, house.settings.uploads, house.context, is_stopping)


def state(ctx: Context, made: CalendarWithItems) -> CalendarState:
    return find_calendar(ctx, made.calendar.id).state


def planned(house: Slotwise, ctx: Context, made: CalendarWithItems, name: str = "one") -> PlanRun:
    run_id = queue_plan(ctx, made.calendar.id, SPEED)
    optimize_queued(engine(house, name), standing_still)
    return find_plan(ctx, run_id)


# --- The way of a plan ---


def test_a_queued_plan_is_worked_out_by_an_engine_and_kept(
    house: Slotwise, ctx: Context, spring: CalendarWithItems
) -> None:
    run_id = queue_plan(ctx, spring.calendar.id, SPEED, PlanOptions(reach=Reach.DAY))
    queued = find_plan(ctx, run_id)
    assert (queued.state, queued.share, queued.proposal, queued.level) == (JobState.QUEUED, 0.0, None, SPEED)
    assert state(ctx, spring) is CalendarState.OPTIMIZING
    optimize_queued(engine(house), standing_still)
    run = find_plan(ctx, run_id)
    assert (run.state, run.share, run.error, run.applied) == (JobState.COMPLETED, 1.0, None, ())
    assert (run.calendar_title, run.options.reach, run.finished_at) == ("Spring", Reach.DAY, MONDAY_NOON)
    assert run.proposal == proposed(ctx, spring, PlanOptions(reach=Reach.DAY))
    assert run.proposal is not None
    assert (run.value, run.bound) == (run.proposal.value, run.proposal.bound)
    assert state(ctx, spring) is CalendarState.RUNNING
    assert list_plans(ctx, spring.calendar.id) == (run,)


def test_what_was_asked_for_is_kept_as_it_was(house: Slotwise, ctx: Context, spring: CalendarWithItems) -> None:
    options = PlanOptions(
        starts=MONDAY_NOON + HOUR, ends=MONDAY_NOON + 5 * DAY, reach=Reach.RANGE, caution=0.3, stability=0.1,
        min_gap=timedelta(minutes=90), max_per_day=3, max_per_week=9, max_at_once=2,
        allowed_weekdays=frozenset({0, 4}), allowed_from=time(8, 30), allowed_to=time(20),
        cross_platform_gap=timedelta(hours=2), leads="linkedin", spread=False,
    )  # fmt: skip
    run_id = queue_plan(ctx, spring.calendar.id, OptimizationLevel.QUALITY, options)
    assert find_plan(ctx, run_id).options == options


def test_a_post_that_is_due_during_a_plan_goes_out_on_time(
    house: Slotwise, ctx: Context, spring: CalendarWithItems, clock: StandingClock
) -> None:
    seen: list[tuple[ItemState, CalendarState]] = []
    worker = worker_of(house)

    def meanwhile() -> bool:
        if not seen:
            clock.move(HOUR)
            publish_due(worker, InLine(worker, 50, Runner(worker.clock)))
            seen.append((find_item(ctx, spring.items[0].id).item.state, state(ctx, spring)))
        return False

    run_id = queue_plan(ctx, spring.calendar.id, SPEED)
    optimize_queued(engine(house, is_stopping=meanwhile), standing_still)
    assert seen == [(ItemState.PUBLISHED, CalendarState.OPTIMIZING)]
    assert find_plan(ctx, run_id).state is JobState.COMPLETED
    assert state(ctx, spring) is CalendarState.RUNNING


def test_a_calendar_that_goes_out_whole_during_a_plan_is_completed(
    house: Slotwise, ctx: Context, spring: CalendarWithItems, clock: StandingClock
) -> None:
    worker = worker_of(house)
    queue_plan(ctx, spring.calendar.id, SPEED)
    clock.move(2 * DAY)
    publish_due(worker, InLine(worker, 50, Runner(worker.clock)))
    for item in spring.items:
        assert find_item(ctx, item.id).item.state in {ItemState.PUBLISHED, ItemState.FAILED, ItemState.SKIPPED}
    assert state(ctx, spring) is CalendarState.COMPLETED
    optimize_queued(engine(house), standing_still)
    (run,) = list_plans(ctx, spring.calendar.id)
    assert run.state is JobState.FAILED
    assert "nothing in this calendar can be moved" in (run.error or "")
    assert state(ctx, spring) is CalendarState.COMPLETED


def test_progress_is_told_without_moving_the_revision(
    house: Slotwise, ctx: Context, spring: CalendarWithItems, clock: StandingClock
) -> None:
    run_id = queue_plan(ctx, spring.calendar.id, SPEED)
    seen: list[PlanRun] = []
    revisions: list[int] = []

    def look() -> bool:
        seen.append(find_plan(ctx, run_id))
        revisions.append(revision(house.db, house.home))
        clock.move(timedelta(seconds=2))
        return False

    stopwatch = iter(number / 50 for number in range(10_000))
    optimize_queued(engine(house, is_stopping=look), lambda: next(stopwatch))
    assert {run.state for run in seen} == {JobState.RUNNING}
    assert len(set(revisions)) == 1
    shares = [run.share for run in seen]
    assert shares == sorted(shares)
    assert 0 < shares[-1] < 1
    assert any(run.value is not None and run.bound is not None and run.value <= run.bound for run in seen)


def test_without_a_queued_plan_nothing_is_written(house: Slotwise, ctx: Context, spring: CalendarWithItems) -> None:
    before = revision(house.db, house.home)
    optimize_queued(engine(house))
    assert revision(house.db, house.home) == before


# --- Stopping ---


def test_a_plan_that_waits_is_canceled_when_it_is_stopped(
    house: Slotwise, ctx: Context, spring: CalendarWithItems
) -> None:
    run_id = queue_plan(ctx, spring.calendar.id, SPEED)
    assert stop_plan(ctx, run_id).state is JobState.CANCELED
    assert state(ctx, spring) is CalendarState.RUNNING
    optimize_queued(engine(house), standing_still)
    assert find_plan(ctx, run_id).state is JobState.CANCELED
    with pytest.raises(StateConflict, match="This plan is canceled"):
        stop_plan(ctx, run_id)


def test_a_plan_that_is_stopped_ends_with_the_best_so_far(
    house: Slotwise, ctx: Context, spring: CalendarWithItems, clock: StandingClock
) -> None:
    run_id = queue_plan(ctx, spring.calendar.id, SPEED)
    asked: list[PlanRun] = []

    def stop_once() -> bool:
        clock.move(timedelta(seconds=2))
        if not asked:
            asked.append(stop_plan(ctx, run_id))
        return False

    optimize_queued(engine(house, is_stopping=stop_once), standing_still)
    run = find_plan(ctx, run_id)
    assert asked[0].state is JobState.RUNNING
    assert run.state is JobState.COMPLETED
    assert run.proposal is not None
    assert run.proposal.ending in {Ending.CANCELED, Ending.OPTIMAL}
    assert run.proposal.expected_after >= run.proposal.expected_before


# --- What is refused, and what fails ---


def test_a_calendar_is_planned_once_at_a_time(house: Slotwise, ctx: Context, spring: CalendarWithItems) -> None:
    run_id = queue_plan(ctx, spring.calendar.id)
    with pytest.raises(StateConflict, match="is being planned already"):
        queue_plan(ctx, spring.calendar.id)
    stop_plan(ctx, run_id)
    assert planned(house, ctx, spring).state is JobState.COMPLETED


def test_what_makes_no_sense_is_refused_before_anything_waits(ctx: Context, spring: CalendarWithItems) -> None:
    with pytest.raises(Invalid, match="caution"):
        queue_plan(ctx, spring.calendar.id, SPEED, PlanOptions(caution=2.0))
    with pytest.raises(NotFound):
        queue_plan(ctx, "cal_nobody")
    cancel_calendar(ctx, spring.calendar.id)
    with pytest.raises(StateConflict):
        queue_plan(ctx, spring.calendar.id)
    assert list_plans(ctx, spring.calendar.id) == ()


def test_a_run_of_another_job_is_no_plan(ctx: Context) -> None:
    with pytest.raises(NotFound):
        find_plan(ctx, start_run(ctx, "import_history", "mine.csv"))


def test_a_calendar_canceled_during_its_plan_stays_canceled(
    house: Slotwise, ctx: Context, spring: CalendarWithItems
) -> None:
    run_id = queue_plan(ctx, spring.calendar.id, SPEED)
    cancel_calendar(ctx, spring.calendar.id)
    optimize_queued(engine(house), standing_still)
    run = find_plan(ctx, run_id)
    assert (run.state, run.error) == (JobState.FAILED, "This calendar is canceled; it cannot become optimizing.")
    assert state(ctx, spring) is CalendarState.CANCELED


def test_a_failure_of_the_machine_is_the_engines_news_and_leaves_the_calendar_running(
    house: Slotwise, ctx: Context, spring: CalendarWithItems, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise MemoryError

    run_id = queue_plan(ctx, spring.calendar.id, SPEED)
    monkeypatch.setattr(plan_runs, "propose_plan", broken)
    with pytest.raises(MemoryError):
        optimize_queued(engine(house), standing_still)
    assert find_plan(ctx, run_id).state is JobState.FAILED
    assert state(ctx, spring) is CalendarState.RUNNING


# --- Engines that stop and die ---


def test_a_plan_whose_engine_died_on_this_machine_is_taken_up_at_once(
    house: Slotwise, ctx: Context, spring: CalendarWithItems
) -> None:
    run_id, died = queue_plan(ctx, spring.calendar.id, SPEED), engine(house, "died")
    beat(house.db, Pulse("died", house.now(), house.now()))
    assert take(died, find_waiting(died, OPTIMIZE)[0])
    survivor = replace(engine(house, "survivor"), is_gone=house.presence.is_gone)
    optimize_queued(survivor, standing_still)
    assert find_plan(ctx, run_id).state is JobState.RUNNING
    die_here(house, "died")
    optimize_queued(survivor, standing_still)
    assert find_plan(ctx, run_id).state is JobState.COMPLETED


def test_a_stopping_engine_gives_its_plan_back_uncounted(
    house: Slotwise, ctx: Context, spring: CalendarWithItems
) -> None:
    run_id = queue_plan(ctx, spring.calendar.id, SPEED)
    for _ in range(5):
        optimize_queued(engine(house, is_stopping=lambda: True), standing_still)
    assert find_plan(ctx, run_id).state is JobState.QUEUED
    assert state(ctx, spring) is CalendarState.OPTIMIZING
    optimize_queued(engine(house), standing_still)
    assert find_plan(ctx, run_id).state is JobState.COMPLETED


def test_a_plan_whose_engines_keep_dying_is_given_up(
    house: Slotwise, ctx: Context, spring: CalendarWithItems, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = queue_plan(ctx, spring.calendar.id, SPEED)
    with monkeypatch.context() as patched:
        patched.setattr(plan_runs, "_optimize", lambda *_: None)  # taken up, and never heard of again
        for name in ("one", "two", "three"):
            optimize_queued(engine(house, name))
            assert state(ctx, spring) is CalendarState.OPTIMIZING
            clock.move(GONE)
    optimize_queued(engine(house, "four"))
    run = find_plan(ctx, run_id)
    assert run.state is JobState.FAILED
    assert "stopped 3 times" in (run.error or "")
    assert state(ctx, spring) is CalendarState.RUNNING


def test_an_engine_that_was_silent_too_long_writes_nothing_after_another_took_over(
    house: Slotwise, ctx: Context, spring: CalendarWithItems, clock: StandingClock
) -> None:
    run_id = queue_plan(ctx, spring.calendar.id, SPEED)
    others: list[PlanRun] = []

    def overtaken() -> bool:
        if not others:
            others.append(find_plan(ctx, run_id))
            clock.move(GONE)
            optimize_queued(engine(house, "awake"), standing_still)
            others.append(find_plan(ctx, run_id))
        return False

    optimize_queued(replace(engine(house, "asleep"), is_stopping=overtaken), standing_still)
    assert [run.state for run in others] == [JobState.RUNNING, JobState.COMPLETED]
    assert find_plan(ctx, run_id) == others[1]


@pytest.mark.parametrize("step", [1, 30])
def test_after_a_kill_another_engine_finishes_the_plan(tmp_path: Path, step: int, clock: StandingClock) -> None:
    house = assemble(Settings(data_dir=tmp_path / "data"), clock)
    ctx = house.context()
    made = spring_of(ctx)
    run_id = queue_plan(ctx, made.calendar.id, SPEED)
    paths = {"PYTHONPATH": os.pathsep.join([str(HERE.parents[2]), str(HERE.parent)])}
    command = [sys.executable, str(HERE.parent / "plan_victim.py"), str(tmp_path / "data"), str(step)]
    died = subprocess.run(command, env={**os.environ, **paths}, check=False)  # noqa: S603 - our own script
    assert died.returncode == KILLED
    assert (find_plan(ctx, run_id).state, state(ctx, made)) == (JobState.RUNNING, CalendarState.OPTIMIZING)
    later = replace(house, clock=lambda: clock() + GONE)
    optimize_queued(engine(later, "fresh"))
    assert (find_plan(ctx, run_id).state, state(ctx, made)) == (JobState.COMPLETED, CalendarState.RUNNING)
    house.close()


@pytest.fixture
def live(house_url: str, tmp_path: Path) -> Iterator[Slotwise]:
    """Give an installation with the real clock."""
    slotwise = assemble(Settings(data_dir=tmp_path / "data", database_url=house_url))
    yield slotwise
    slotwise.close()


def test_the_engine_works_out_what_is_queued(live: Slotwise, monkeypatch: pytest.MonkeyPatch) -> None:
    done = Event()
    original = plan_runs.finish_run

    def finished(*args: object, **named: object) -> None:
        original(*args, **named)  # type: ignore[arg-type]
        done.set()

    monkeypatch.setattr(plan_runs, "finish_run", finished)
    ctx = live.context()
    made = spring_of(ctx)
    run_id = queue_plan(ctx, made.calendar.id, SPEED)
    embedded = EmbeddedEngine(worker_of(live), live)
    embedded.start()
    assert done.wait(LONG)
    embedded.stop()
    assert find_plan(ctx, run_id).state is JobState.COMPLETED


def test_plans_are_kept_for_a_month(house: Slotwise, ctx: Context, spring: CalendarWithItems) -> None:
    run = planned(house, ctx, spring)
    prune(house.db, MONDAY_NOON + timedelta(days=29))
    assert list_plans(ctx, spring.calendar.id) == (run,)
    prune(house.db, MONDAY_NOON + timedelta(days=30))
    assert list_plans(ctx, spring.calendar.id) == ()
