"""Events: every change leaves exactly one, in the order of the commits; a change that is taken back leaves none."""

import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from plan_stage import calendar, channel, piece, standing_still
from planned_posts import MONDAY_NOON, TUESDAY, StandingClock, linkedin_draft, post, put_in_state
from publishing_stage import NOON, Dies, DiesAt, InLine, revision, run, worker_of
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy.exc import DBAPIError
from sqlmodel import col, delete, insert, select, update
from told_events import told, words
from told_posts import evenings, tell

from core.bootstrap import Slotwise
from core.errors import SlotwiseError, StateConflict, UntoldChange
from core.publishing.contract import Absent, CannotTell, Found, Published, Refused
from core.publishing.recorder import Recorder
from core.services.calendars import (
    CalendarEdit,
    NewCalendar,
    add_to_calendar,
    cancel_calendar,
    create_calendar,
    edit_calendar,
    schedule_item,
    schedule_items,
)
from core.services.channels import ChannelView, add_channel
from core.services.context import Context
from core.services.events import calendar_standing, is_known, job_standing, newest_event_id, read_events
from core.services.heartbeat import Pulse, beat
from core.services.item_edits import edit_item
from core.services.item_views import ItemView, edit_of
from core.services.items import find_item, list_items
from core.services.moves import (
    cancel_item,
    duplicate_item,
    move_item,
    publish_now,
    resolve_item,
    retry_item,
    skip_item,
)
from core.services.open_slots import remove_slots
from core.services.plan_apply import apply_plan, undo_plan
from core.services.plan_runs import optimize_queued, queue_plan, stop_plan
from core.services.pruning import prune
from core.services.recovery import recover
from core.services.run_queue import RunTaker, Teller, find_waiting, give_up, take
from core.services.slot_passing import skip_passed
from core.services.workers import LedgerPoint
from core.storage.tables import ContentCalendar, ContentScheduleItem, Event, JobRun
from core.vocabulary import ItemState, JobState, LatenessPolicy, OptimizationLevel, Refusal

HOUR = timedelta(hours=1)
WEDNESDAY = TUESDAY + timedelta(days=1)


@pytest.fixture
def item(ctx: Context, linkedin: ChannelView) -> ItemView:
    return schedule_item(ctx, post(linkedin, TUESDAY))


def taker(house: Slotwise) -> RunTaker:
    beat(house.db, Pulse("one", house.now(), house.now()))
    return RunTaker("one", house.db, house.clock, house.settings.uploads, house.context, lambda: False)


def as_told(item: ItemView) -> dict[str, Any]:
    """Write an item as its newest event must show it."""

    def wire(moment: Any) -> Any:
        return moment and moment.isoformat().replace("+00:00", "Z")

    return {
        "item_id": item.id,
        "calendar_id": item.calendar_id,
        "schedule_id": item.calendar_id,
        "content_id": item.content_id,
        "platform": item.platform,
        "channel_id": item.channel_id,
        "status": item.state.value,
        "scheduled_time": wire(item.scheduled_at),
        "published_at": wire(item.published_at),
        "url": item.url,
        "error": item.error,
        "revision": item.version,
    }


def shown(ctx: Context) -> dict[str, ItemView]:
    """Give every item by its id, without what it shows of its calendar."""
    return {each.id: replace(each, calendar_title="") for each in list_items(ctx, limit=200).items}


# --- What a person does ---


def test_scheduling_an_item_tells_of_the_item_as_it_is_and_of_its_calendar(ctx: Context, item: ItemView) -> None:
    first, second = sorted(told(ctx), key=lambda event: event.type)
    assert (first.type, second.type) == ("item.scheduled", "schedule_updated")
    assert first.data == as_told(item)
    assert (first.subject_id, first.calendar_id) == (item.id, item.calendar_id)
    wanted = {"schedule_id": item.calendar_id, "status": "running", "title": "Posts", "timezone": "UTC", "revision": 1}
    assert second.data == wanted
    assert first.at == MONDAY_NOON


Move = Callable[[Context, ItemView], object]
MOVES: list[tuple[str, ItemState | None, Move, list[str]]] = [
    ("moved", None, lambda c, i: move_item(c, i.id, WEDNESDAY), ["item_updated: scheduled"]),
    ("edited", None, lambda c, i: edit_item(c, i.id, replace(edit_of(i), title="New")), ["item_updated: scheduled"]),
    ("canceled", None, lambda c, i: cancel_item(c, i.id), ["item.canceled: canceled", "calendar.completed: completed"]),
    ("skipped", None, lambda c, i: skip_item(c, i.id), ["item.skipped: skipped", "calendar.completed: completed"]),
    ("published now", None, lambda c, i: publish_now(c, i.id), ["item_updated: scheduled"]),
    ("duplicated", None, lambda c, i: duplicate_item(c, i.id, WEDNESDAY), ["item.scheduled: scheduled"]),
    ("retried", ItemState.FAILED, lambda c, i: retry_item(c, i.id), ["item.scheduled: scheduled"]),
    (
        "found at the platform",
        ItemState.UNCONFIRMED,
        lambda c, i: resolve_item(c, i.id, published=True),
        ["item.published: published", "calendar.completed: completed"],
    ),
    (
        "not found at the platform",
        ItemState.UNCONFIRMED,
        lambda c, i: resolve_item(c, i.id, published=False),
        ["item.failed: failed", "calendar.completed: completed"],
    ),
    (
        "canceled with its calendar",
        None,
        lambda c, i: cancel_calendar(c, i.calendar_id),
        ["item.canceled: canceled", "calendar.canceled: canceled"],
    ),
    (
        "in an edited calendar",
        None,
        lambda c, i: edit_calendar(c, i.calendar_id, CalendarEdit("Other", "UTC")),
        ["schedule_updated: running"],
    ),
]


@pytest.mark.parametrize(("state", "move", "wanted"), [row[1:] for row in MOVES], ids=[row[0] for row in MOVES])
def test_every_move_leaves_exactly_its_events(
    ctx: Context, item: ItemView, state: ItemState | None, move: Move, wanted: list[str]
) -> None:
    if state is not None:
        put_in_state(ctx, item.id, state)
    before = newest_event_id(ctx)
    move(ctx, item)
    assert sorted(words(ctx, before)) == sorted(wanted)


def test_a_refused_move_leaves_no_event(ctx: Context, item: ItemView) -> None:
    before = newest_event_id(ctx)
    with pytest.raises(StateConflict):
        resolve_item(ctx, item.id, published=True)
    assert words(ctx, before) == []


def test_any_series_of_moves_leaves_every_item_told_as_it_is(ctx: Context, linkedin: ChannelView) -> None:
    rng, goes_on = Random(5), [row for row in MOVES if row[0] != "canceled with its calendar"]
    schedule_items(ctx, [post(linkedin, TUESDAY + HOUR * n, f"Post {n}") for n in range(4)])
    versions = 0
    for _ in range(100):
        one = rng.choice(list_items(ctx, limit=200).items)
        move = rng.choice(goes_on)[2]
        before, known = newest_event_id(ctx), shown(ctx)
        try:
            move(ctx, one)
        except SlotwiseError:
            assert told(ctx, before) == []
            continue
        changed = {key for key, each in shown(ctx).items() if known.get(key) != each}
        assert {event.subject_id for event in told(ctx, before) if "item_id" in event.data} == changed
        versions += 1
    newest = {event.subject_id: event.data for event in told(ctx)}
    for one in list_items(ctx, limit=200).items:
        assert newest[one.id] == as_told(one)
    assert versions > 20


def test_a_removed_slot_is_told_of(ctx: Context, linkedin: ChannelView) -> None:

    with ctx.write() as session:
        (slot,) = add_to_calendar(
            session, ctx, [replace(post(linkedin, TUESDAY), title="", text="")], None, ItemState.PENDING
        )
    before = newest_event_id(ctx)
    remove_slots(ctx, [slot])
    (gone,) = [event for event in told(ctx, before) if event.subject_id == slot]
    assert (gone.type, gone.data["status"], gone.data["item_id"]) == ("item.removed", "removed", slot)


def test_an_open_slot_that_passes_is_skipped_with_an_event(
    house: Slotwise, ctx: Context, linkedin: ChannelView, clock: StandingClock
) -> None:

    with ctx.write() as session:
        add_to_calendar(session, ctx, [replace(post(linkedin, TUESDAY), title="", text="")], None, ItemState.PENDING)
    before = newest_event_id(ctx)
    clock.move(timedelta(days=2))
    worker = worker_of(house)
    skip_passed(worker, InLine(worker).attempt)
    assert "item.skipped: skipped" in words(ctx, before)


# --- What the engine does ---


@pytest.mark.parametrize(
    ("firing", "wanted"),
    [
        (Published(NOON, "https://example.com/1", "1"), ["item.published: published", "calendar.completed: completed"]),
        (Refused(Refusal.INVALID, "Too long."), ["item.failed: failed", "calendar.completed: completed"]),
        (Refused(Refusal.TRANSIENT, "Later."), ["item_updated: scheduled"]),
        (Refused(Refusal.UNKNOWN_OUTCOME, "Who knows."), ["item.unconfirmed: unconfirmed"]),
    ],
)
def test_publishing_tells_of_the_claim_and_of_the_outcome(
    house: Slotwise, ctx: Context, item: ItemView, clock: StandingClock, firing: Any, wanted: list[str]
) -> None:
    publisher = Recorder()
    publisher.fire = lambda *_: firing  # type: ignore[method-assign]
    before = newest_event_id(ctx)
    clock.move(TUESDAY - MONDAY_NOON)
    worker = worker_of(house, publisher)
    run(worker)
    assert sorted(words(ctx, before)) == sorted(["item_updated: publishing", *wanted])
    assert [e for e in told(ctx, before) if e.subject_id == item.id][-1].data == as_told(find_item(ctx, item.id).item)


@pytest.mark.parametrize(
    ("look_up", "wanted"),
    [
        (Found(Published(NOON, None, None)), ["item.published: published", "calendar.completed: completed"]),
        (Absent(), ["item_updated: scheduled"]),
        (CannotTell("Look there."), ["item_updated: unconfirmed"]),
    ],
)
def test_recovery_tells_of_what_it_finds(
    house: Slotwise, ctx: Context, item: ItemView, clock: StandingClock, look_up: Any, wanted: list[str]
) -> None:
    clock.move(TUESDAY - MONDAY_NOON)
    dying = worker_of(house, at=DiesAt(LedgerPoint.FIRED))
    with pytest.raises(Dies):
        run(dying)
    before = newest_event_id(ctx)
    clock.move(timedelta(minutes=10))
    publisher = Recorder()
    publisher.look_up = lambda *_: look_up  # type: ignore[method-assign]
    worker = worker_of(house, publisher)

    recover(worker, InLine(worker).attempt)
    assert sorted(words(ctx, before)) == sorted(["item.unconfirmed: unconfirmed", *wanted])


def test_a_late_item_that_is_skipped_tells_one_event(
    house: Slotwise, ctx: Context, linkedin: ChannelView, clock: StandingClock
) -> None:

    schedule_item(ctx, replace(post(linkedin, TUESDAY), lateness_policy=LatenessPolicy.SKIP))
    before = newest_event_id(ctx)
    clock.move(timedelta(days=3))
    run(worker_of(house))
    assert sorted(words(ctx, before)) == ["calendar.completed: completed", "item.skipped: skipped"]


# --- Jobs ---


@pytest.fixture
def page(ctx: Context) -> ChannelView:
    made = channel(ctx)
    tell(ctx, made.id, evenings(20))
    return made


def test_a_plan_tells_of_its_way_and_its_end_without_its_whole_result(
    house: Slotwise, ctx: Context, page: ChannelView
) -> None:
    made = calendar(ctx, [piece(page, TUESDAY.replace(hour=9)), piece(page, WEDNESDAY)])
    before = newest_event_id(ctx)
    run_id = queue_plan(ctx, made.calendar.id, OptimizationLevel.SPEED)
    optimize_queued(taker(house), standing_still)
    events = [event for event in told(ctx, before) if event.subject_id == run_id]
    assert [event.type for event in events][-1] == "optimization_completed"
    assert {event.type.value for event in events[:-1]} == {"job_progress"}
    assert events[0].data == {"job_id": run_id, "progress": 0, "step": "queued"}
    end = events[-1].data
    assert (end["id"], end["job_id"], end["schedule_id"], end["progress"]) == (run_id, run_id, made.calendar.id, 100)
    assert set(end["result"]) <= {"value", "bound", "applied", "applied_at", "proposal"}
    assert "items" not in end["result"]
    assert [w for w in words(ctx, before) if w.startswith("schedule")] == [
        "schedule_updated: optimizing",
        "schedule_updated: running",
    ]
    after = newest_event_id(ctx)
    apply_plan(ctx, run_id)
    undo_plan(ctx, run_id)
    assert {event.type.value for event in told(ctx, after)} == {"item_updated"}
    assert job_standing(ctx, run_id).type == "optimization_completed"


def test_a_run_that_is_stopped_or_given_up_is_told_of(house: Slotwise, ctx: Context, page: ChannelView) -> None:
    made = calendar(ctx, [piece(page, TUESDAY)])
    stopped = queue_plan(ctx, made.calendar.id, OptimizationLevel.SPEED)
    stop_plan(ctx, stopped)
    hopeless = queue_plan(ctx, made.calendar.id, OptimizationLevel.SPEED)
    (waiting,) = find_waiting(taker(house), "optimize")
    give_up(taker(house), waiting, "No engine can.")
    ends = {event.subject_id: event.data for event in told(ctx) if event.type == "job_failed"}
    assert ends == {
        stopped: {"job_id": stopped, "error": "It was canceled."},
        hopeless: {"job_id": hopeless, "error": "No engine can."},
    }


def test_progress_is_told_without_moving_the_revision(house: Slotwise, ctx: Context) -> None:
    with ctx.write() as session:
        session.add(JobRun(id="run_1", job="import_history", state=JobState.QUEUED, total=100, started_at=ctx.now()))
    one = taker(house)
    (waiting,) = find_waiting(one, "import_history")
    assert take(one, waiting)

    before = revision(house.db, ctx.workspace)
    Teller(one, waiting).write(done=42)
    assert revision(house.db, ctx.workspace) == before
    assert told(ctx)[-1].data == {"job_id": "run_1", "progress": 42, "step": "import history"}


def test_importing_outcomes_tells_of_the_run_alone(ctx: Context, page: ChannelView) -> None:
    assert {event.type.value for event in told(ctx)} <= {"job_progress", "job_completed"}


# --- The door ---


def test_a_thousand_items_are_a_thousand_rows_in_one_statement(
    house: Slotwise, ctx: Context, linkedin: ChannelView
) -> None:
    wanted = tuple(post(linkedin, TUESDAY + HOUR * 2 * n, f"Post {n}") for n in range(1000))
    statements: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("INSERT INTO events"):
            statements.append(statement)

    sqlalchemy_event.listen(house.db.engine, "before_cursor_execute", note)
    create_calendar(ctx, NewCalendar("Spring", "UTC", wanted))
    assert len(statements) <= 2
    assert len([event for event in told(ctx) if event.type == "item.scheduled"]) == 1000
    assert len(told(ctx)) == 1001


def test_what_is_rolled_back_is_not_told(ctx: Context, item: ItemView) -> None:
    before = newest_event_id(ctx)
    with pytest.raises(ZeroDivisionError), ctx.write() as session:  # noqa: PT012 - the block is what is tested
        session.get_one(ContentScheduleItem, item.id).priority = 9
        session.flush()
        _ = 1 / 0
    assert told(ctx, before) == []


def test_what_is_rolled_back_to_a_savepoint_is_not_told_and_the_rest_is(
    ctx: Context, item: ItemView, linkedin: ChannelView
) -> None:
    other = schedule_item(ctx, post(linkedin, WEDNESDAY, "Other"))
    before = newest_event_id(ctx)
    with ctx.write() as session:
        session.get_one(ContentScheduleItem, item.id).priority = 9
        session.flush()
        savepoint = session.begin_nested()
        session.get_one(ContentScheduleItem, other.id).priority = 9
        session.flush()
        savepoint.rollback()
        with session.begin_nested():
            session.get_one(ContentCalendar, item.calendar_id).title = "Kept"
    assert {event.subject_id for event in told(ctx, before)} == {item.id, item.calendar_id}


def test_many_changes_of_one_row_in_one_transaction_are_one_event_of_its_end(ctx: Context, item: ItemView) -> None:
    before = newest_event_id(ctx)
    with ctx.write() as session:
        row = session.get_one(ContentScheduleItem, item.id)
        for state in (ItemState.PUBLISHING, ItemState.UNCONFIRMED, ItemState.PUBLISHED):
            row.state = state
            session.flush()
    assert words(ctx, before) == ["item.published: published"]


def test_an_untouched_row_is_not_told_of(ctx: Context, item: ItemView) -> None:
    before = newest_event_id(ctx)
    with ctx.write() as session:
        row = session.get_one(ContentScheduleItem, item.id)
        row.priority = row.priority
    assert told(ctx, before) == []


@pytest.mark.parametrize(
    "change",
    [
        update(ContentScheduleItem).values(priority=3),
        update(ContentCalendar).values(title="x"),
        update(JobRun).values(done=1),
        delete(ContentScheduleItem),
        insert(JobRun).values(id="r", job="j", started_at=MONDAY_NOON),
    ],
)
def test_a_bulk_change_of_watched_rows_is_refused(house: Slotwise, ctx: Context, item: ItemView, change: Any) -> None:
    with pytest.raises(UntoldChange, match="without its events"), ctx.write() as session:
        session.execute(change)
    if not change.is_delete:
        with pytest.raises(UntoldChange), house.db.system() as session:
            session.execute(change)


def test_the_system_door_changes_no_watched_row(house: Slotwise, item: ItemView) -> None:
    with pytest.raises(UntoldChange, match="ContentScheduleItem"), house.db.system() as session:
        session.get_one(ContentScheduleItem, item.id).priority = 9


def test_readers_see_events_in_the_order_of_the_commits(house: Slotwise, ctx: Context, linkedin: ChannelView) -> None:
    calendars = [
        create_calendar(ctx, NewCalendar(f"Number {n}", "UTC", (post(linkedin, TUESDAY + HOUR * 2 * n),))).calendar.id
        for n in range(4)
    ]
    start = newest_event_id(ctx)

    def write(calendar_id: str) -> None:
        for n in range(25):
            edit_calendar(ctx, calendar_id, CalendarEdit(f"Title {n}", "UTC"))

    seen: list[int] = []
    with ThreadPoolExecutor(4) as pool:
        writers = [pool.submit(write, calendar_id) for calendar_id in calendars]
        last = start
        while not all(writer.done() for writer in writers) or read_events(ctx, last):
            page = read_events(ctx, last)
            seen.extend(event.id for event in page)
            last = seen[-1] if seen else last
        for writer in writers:
            writer.result()
    assert seen == [event.id for event in told(ctx, start)], "a reader that goes on from the last misses nothing"
    assert len(seen) == 100
    versions: dict[str, int] = {}
    for event in told(ctx, start):
        assert event.data["revision"] > versions.get(event.subject_id, 0)
        versions[event.subject_id] = event.data["revision"]


def test_a_workspace_sees_only_its_own_events(ctx: Context, stranger: Context, item: ItemView) -> None:
    assert told(stranger) == []
    assert not is_known(stranger, newest_event_id(ctx))
    assert is_known(ctx, newest_event_id(ctx))
    assert calendar_standing(ctx, item.calendar_id).data["title"] == "Posts"


def test_events_of_a_week_ago_are_pruned_and_their_numbers_never_used_again(
    house: Slotwise, ctx: Context, item: ItemView, clock: StandingClock
) -> None:
    newest = newest_event_id(ctx)
    prune(house.db, MONDAY_NOON + timedelta(days=6, hours=23))
    assert newest_event_id(ctx) == newest
    prune(house.db, MONDAY_NOON + timedelta(days=7))
    assert told(ctx) == []
    assert not is_known(ctx, newest)
    move_item(ctx, item.id, WEDNESDAY)
    assert newest_event_id(ctx) > newest


def test_events_are_never_edited(ctx: Context, item: ItemView) -> None:

    with pytest.raises(DBAPIError, match=r"never edited|permission denied"), ctx.write() as session:
        session.execute(update(Event).values(subject_id="x"))


# --- Killed ---


@pytest.mark.parametrize("nth", [1, 7, 30])
def test_a_process_killed_in_the_middle_of_writing_leaves_no_change_without_its_event(
    house: Slotwise, house_url: str, ctx: Context, linkedin: ChannelView, nth: int
) -> None:
    ids = [one.id for one in schedule_items(ctx, [post(linkedin, TUESDAY + HOUR * 2 * n) for n in range(3)])]
    before = newest_event_id(ctx)
    victim = Path(__file__).with_name("event_victim.py")
    command = [sys.executable, str(victim), house_url, ctx.workspace, str(nth), *ids]
    assert subprocess.run(command, check=False).returncode == -9  # noqa: S603 - our own script
    newest = {event.subject_id: event.data for event in told(ctx, before)}
    for one in list_items(ctx).items:
        assert one.version == newest.get(one.id, {"revision": 1})["revision"]
    with ctx.read() as session:
        rows = session.scalars(select(ContentScheduleItem).where(col(ContentScheduleItem.id).in_(ids))).all()
    assert sum(row.version - 1 for row in rows) == len(told(ctx, before)) == (nth - 1) // 2


def test_a_channel_of_a_stranger_is_no_news(ctx: Context) -> None:
    before = newest_event_id(ctx)
    add_channel(ctx, replace(linkedin_draft(), name="Quiet"))
    assert told(ctx, before) == []
