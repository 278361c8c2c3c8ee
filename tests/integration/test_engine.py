"""The engine as it runs: threads, scheduler, heartbeat, start and stop, two of them on one database."""

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Lock, Thread

import pytest
from publishing_stage import InLine, add_items, revision, tell, worker_of
from receivers import Receiver, refuse, running_receiver, take_then_drop
from sqlmodel import select

from core.bootstrap import Slotwise, assemble, open_worker
from core.clock import system_clock
from core.engine.catalog import JOBS, PUBLISH
from core.engine.crew import PublishingCrew
from core.engine.embedded import EmbeddedEngine
from core.engine.lifespan import Keeper, engine_lifespan
from core.engine.runner import Runner
from core.errors import DatabaseUnavailable
from core.publishing.contract import ChannelAccess, Firing, Post, StepState
from core.publishing.recorder import Recorder
from core.services.claims import claim_items
from core.services.context import Context
from core.services.heartbeat import EngineState, Pulse, beat, engine_status
from core.services.pruning import prune
from core.services.publishing import publish_due
from core.services.recovery import recover
from core.settings import Settings, load_settings
from core.storage.tables import EngineHeartbeat, IdempotencyKey
from core.vocabulary import ChannelKind, ItemState

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
LONG = 60.0


@pytest.fixture
def live(house_url: str, tmp_path: Path) -> Iterator[Slotwise]:
    """Give an installation with the real clock and a quick tick."""
    settings = Settings(
        data_dir=tmp_path / "data",
        database_url=house_url,
        engine_tick_seconds=0.05,
        engine_threads=4,
        webhook_allow_private=True,
        webhook_timeout_seconds=2,
    )
    slotwise = assemble(settings)
    yield slotwise
    slotwise.close()


class Counting(Recorder):
    """Counts every sending, and says when as many items as were wanted are out."""

    def __init__(self, wanted: int) -> None:
        super().__init__()
        self.sent: Counter[str] = Counter()
        self.wanted, self.all_out, self.counting = wanted, Event(), Lock()

    def fire(self, post: Post, access: ChannelAccess, state: StepState, now: datetime) -> Firing:
        answer = super().fire(post, access, state, now)
        with self.counting:
            self.sent[post.item_id] += 1
            if len(self.sent) == self.wanted:
                self.all_out.set()
        return answer


class Held(Recorder):
    """Holds every post until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.reached, self.go = Event(), Event()

    def fire(self, post: Post, access: ChannelAccess, state: StepState, now: datetime) -> Firing:
        self.reached.set()
        assert self.go.wait(LONG)
        return super().fire(post, access, state, now)


def states(slotwise: Slotwise, items: list[str]) -> Counter[ItemState]:
    return Counter(tell(slotwise.db, slotwise.home, item).item.state for item in items)


def engine_of(slotwise: Slotwise, publisher: Recorder, name: str = "engine_1") -> EmbeddedEngine:
    return EmbeddedEngine(worker_of(slotwise, publisher, name=name), slotwise)


# --- Two engines, one database ---


def test_two_engines_publish_two_hundred_items_each_exactly_once(live: Slotwise) -> None:
    now = live.now()
    items = add_items(live.db, live.home, [now] * 200)
    counting = Counting(200)
    engines = [engine_of(live, counting, name) for name in ("one", "two")]
    for engine in engines:
        engine.start()
    assert counting.all_out.wait(60)
    for engine in engines:
        engine.stop()
    assert counting.sent == Counter(dict.fromkeys(items, 1))
    assert states(live, items) == {ItemState.PUBLISHED: 200}


# --- Stopping ---


def test_a_stopping_engine_finishes_what_is_on_its_way_and_gives_the_rest_back(live: Slotwise) -> None:
    items = add_items(live.db, live.home, [live.now()] * 12)
    held = Held()
    engine = engine_of(live, held)
    engine.start()
    assert held.reached.wait(LONG)
    stopping = Thread(target=engine.stop)
    stopping.start()
    held.go.set()
    stopping.join(LONG)
    told = [tell(live.db, live.home, item) for item in items]
    assert {one.item.state for one in told} <= {ItemState.PUBLISHED, ItemState.SCHEDULED}
    assert [one.claims for one in told] == [0] * 12
    assert len(held.posts) == sum(one.item.state is ItemState.PUBLISHED for one in told)


def test_an_armed_item_that_does_not_finish_in_time_is_left_to_its_result(live: Slotwise) -> None:
    (item,) = add_items(live.db, live.home, [live.now()])
    held = Held()
    engine = engine_of(live, held)
    engine.start()
    assert held.reached.wait(LONG)
    engine.stop(patience_seconds=0)
    told = tell(live.db, live.home, item)
    assert (told.item.state, told.steps, told.claims) == (ItemState.PUBLISHING, ["claimed", "armed"], 1)
    held.go.set()
    engine._duty.crew._pool.shutdown()  # wait for the thread that was left behind
    assert states(live, [item]) == {ItemState.PUBLISHED: 1}


def test_what_is_claimed_while_the_engine_stops_is_given_back(house: Slotwise) -> None:
    (item,) = add_items(house.db, house.home, [NOON])
    worker = worker_of(house)
    crew = PublishingCrew(worker, Runner(house.clock), 1)
    crew.stop(0)
    assert crew.room() == 0
    crew.take_on(claim_items(worker, house.home, [item]))
    told = tell(house.db, house.home, item)
    assert (told.item.state, told.steps, told.claims) == (ItemState.SCHEDULED, ["claimed", "abandoned"], 0)


# --- Real ways out ---


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with running_receiver() as made:
        yield made


def publish_to(live: Slotwise, receiver: Receiver, times: int = 1) -> list[str]:
    """Schedule items to the receiver and let a worker with the real publishers do what is due."""
    items = add_items(live.db, live.home, [live.now()] * times, ChannelKind.WEBHOOK, url=receiver.url)
    work(live)
    return items


def work(live: Slotwise) -> None:
    worker = open_worker(live)
    crew = InLine(worker)
    recover(worker, crew.attempt)
    publish_due(worker, crew)
    assert crew.runner.last_error() is None


def test_a_due_item_reaches_a_real_receiver_with_its_delivery_id(live: Slotwise, receiver: Receiver) -> None:
    (item,) = publish_to(live, receiver)
    told = tell(live.db, live.home, item)
    assert list(receiver.visible) == [item]
    assert (told.item.state, told.item.url) == (ItemState.PUBLISHED, "https://example.com/posts/1")


def test_a_server_error_is_unconfirmed_and_never_sent_again(live: Slotwise, receiver: Receiver) -> None:
    receiver.faults.append(refuse(500, b"out of memory"))
    (item,) = publish_to(live, receiver)
    later = replace(live, clock=lambda: system_clock() + timedelta(minutes=10))
    work(later)
    told = tell(live.db, live.home, item)
    assert receiver.calls == 1
    assert told.item.state is ItemState.UNCONFIRMED
    assert f"Look there for webhook-id {item}" in (told.item.error or "")


def test_a_receiver_that_takes_a_post_and_drops_the_line_shows_it_once(live: Slotwise, receiver: Receiver) -> None:
    receiver.faults.append(take_then_drop)
    (item,) = publish_to(live, receiver)
    later = replace(live, clock=lambda: system_clock() + timedelta(minutes=10))
    work(later)
    assert (receiver.calls, list(receiver.visible)) == (1, [item])
    assert tell(live.db, live.home, item).item.state is ItemState.UNCONFIRMED


def test_a_busy_receiver_gets_the_item_again_when_it_asked_to(live: Slotwise, receiver: Receiver) -> None:
    receiver.faults.append(refuse(429, Retry_After="120"))
    (item,) = publish_to(live, receiver)
    work(replace(live, clock=lambda: system_clock() + timedelta(seconds=110)))
    assert receiver.calls == 1
    work(replace(live, clock=lambda: system_clock() + timedelta(seconds=160)))
    assert list(receiver.visible) == [item]
    assert tell(live.db, live.home, item).item.state is ItemState.PUBLISHED


def test_the_default_outbox_writes_a_file_and_says_that_nothing_left(live: Slotwise) -> None:
    (item,) = add_items(live.db, live.home, [live.now()])
    work(live)
    (file,) = (live.settings.data_dir / "outbox").rglob("*.json")
    assert json.loads(file.read_bytes())["data"]["item_id"] == item
    reason = tell(live.db, live.home, item).details[-1]["reason"]
    assert reason == "Written to the outbox on this machine. Nothing was sent to linkedin."


# --- The lifespan ---


def in_lifespan(check: Callable[[], None]) -> None:
    async def go() -> None:
        async with engine_lifespan(None):
            await asyncio.to_thread(check)

    asyncio.run(go())


@pytest.fixture
def own_settings(live: Slotwise, monkeypatch: pytest.MonkeyPatch) -> Settings:
    load_settings.cache_clear()
    monkeypatch.setattr("core.engine.lifespan.load_settings", lambda: live.settings)
    return live.settings


def test_the_engine_runs_as_long_as_the_application(
    live: Slotwise, own_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.engine.lifespan.running", lambda: live)
    counting = Counting(1)
    monkeypatch.setattr("core.engine.lifespan.open_worker", lambda house: worker_of(house, counting))
    (item,) = add_items(live.db, live.home, [live.now()])
    in_lifespan(lambda: counting.all_out.wait(LONG))
    assert states(live, [item]) == {ItemState.PUBLISHED: 1}
    assert engine_status(live.context()).state is EngineState.STOPPED


def test_an_engine_that_is_switched_off_does_not_start(
    live: Slotwise, own_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    off = own_settings.model_copy(update={"engine": False})
    monkeypatch.setattr("core.engine.lifespan.load_settings", lambda: off)
    in_lifespan(lambda: None)
    assert engine_status(live.context()).state is EngineState.NEVER


def test_a_database_that_cannot_be_opened_is_tried_again_until_it_can(
    live: Slotwise, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.engine.lifespan.FIRST_WAIT_SECONDS", 0.01)
    counting, tries = Counting(1), iter(range(2))
    monkeypatch.setattr("core.engine.lifespan.open_worker", lambda house: worker_of(house, counting))
    add_items(live.db, live.home, [live.now()])

    def assembled() -> Slotwise:
        if next(tries, None) is not None:
            raise DatabaseUnavailable(where="here", reason="database is locked", fix="Wait.")
        return live

    keeper = Keeper(assembled)
    keeper.start()
    assert counting.all_out.wait(LONG)
    keeper.stop()


def test_a_database_that_never_opens_does_not_hold_up_the_end() -> None:
    def assembled() -> Slotwise:
        raise DatabaseUnavailable(where="here", reason="database is locked", fix="Wait.")

    keeper = Keeper(assembled)
    keeper.start()
    keeper.stop()


# --- The pill ---


def pulse(**changes: object) -> Pulse:
    return replace(Pulse("worker_1", NOON - timedelta(hours=1), NOON - timedelta(seconds=1)), **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "state", "sentence"),
    [
        ({}, EngineState.RUNNING, "Running · 2 due in the next hour · last tick 1 s ago"),
        (
            {"last_tick": NOON - timedelta(seconds=31), "last_error": "publish: the disk is full"},
            EngineState.LATE,
            "Late · 2 due in the next hour · last tick 31 s ago · publish: the disk is full",
        ),
        (
            {"last_tick": NOON - timedelta(minutes=3)},
            EngineState.STOPPED,
            "Stopped · 2 due in the next hour · last tick 3 min ago",
        ),
        ({"stopped_at": NOON}, EngineState.STOPPED, "Stopped · 2 due in the next hour · last tick 1 s ago"),
    ],
)
def test_the_pill_says_how_the_engine_is(
    house: Slotwise, ctx: Context, changes: dict[str, object], state: EngineState, sentence: str
) -> None:
    add_items(house.db, house.home, [NOON + timedelta(minutes=minutes) for minutes in (1, 60, 61)])
    beat(house.db, pulse(**changes))
    status = engine_status(ctx)
    assert (status.state, status.sentence, status.due_next_hour, status.overdue) == (state, sentence, 2, 0)


def test_items_that_stay_due_make_the_engine_late(house: Slotwise, ctx: Context) -> None:
    add_items(house.db, house.home, [NOON - timedelta(minutes=2)])
    beat(house.db, pulse())
    status = engine_status(ctx)
    assert (status.state, status.overdue) == (EngineState.LATE, 1)
    assert status.sentence == "Late · 1 due in the next hour · 1 overdue · last tick 1 s ago"


def test_before_the_first_start_the_pill_says_so(house: Slotwise, ctx: Context) -> None:
    status = engine_status(ctx)
    assert (status.state, status.sentence) == (EngineState.NEVER, "Never started · 0 due in the next hour")


def test_a_living_engine_counts_more_than_one_that_has_stopped(house: Slotwise, ctx: Context) -> None:
    beat(house.db, pulse(worker="old", last_tick=NOON, stopped_at=NOON))
    beat(house.db, pulse(worker="new"))
    assert engine_status(ctx).state is EngineState.RUNNING


def test_a_heartbeat_moves_no_revision(house: Slotwise) -> None:
    before = revision(house.db, house.home)
    beat(house.db, pulse())
    beat(house.db, pulse(last_tick=NOON))
    assert revision(house.db, house.home) == before
    with house.db.system() as session:
        assert [row.last_tick for row in session.scalars(select(EngineHeartbeat))] == [NOON]


# --- Housekeeping and failures ---


def test_only_what_is_past_its_time_is_pruned(house: Slotwise, ctx: Context) -> None:
    with ctx.write() as session:
        for key, hours in (("old", 24), ("new", 23)):
            at = NOON - timedelta(hours=hours)
            session.add(IdempotencyKey(endpoint="calendars", key=key, request_hash="hash", created_at=at))
    beat(house.db, pulse(worker="old", last_tick=NOON - timedelta(days=8)))
    beat(house.db, pulse(worker="new"))
    before = revision(house.db, house.home)
    prune(house.db, NOON)
    with house.db.system() as session:
        assert [row.key for row in session.scalars(select(IdempotencyKey))] == ["new"]
        assert [row.worker for row in session.scalars(select(EngineHeartbeat))] == ["new"]
    assert revision(house.db, house.home) == before


def fails() -> None:
    raise ZeroDivisionError("nobody expected this")


def test_a_failing_job_is_remembered_until_it_succeeds() -> None:
    runner = Runner(lambda: NOON)
    assert not runner.run("publish", fails)
    assert runner.last_error() == "publish: nobody expected this"
    assert runner.last_success("publish") is None
    assert runner.run("publish", lambda: None)
    assert (runner.last_error(), runner.last_success("publish")) == (None, NOON)


def test_a_success_elsewhere_does_not_hide_a_failure_that_lasts() -> None:
    runner = Runner(lambda: NOON)
    runner.run("claim", fails, "workspace 1")
    runner.run("claim", lambda: None, "workspace 2")
    assert runner.last_error() == "claim: nobody expected this"
    runner.run("claim", lambda: None, "workspace 1")
    assert runner.last_error() is None


def test_a_failure_that_nobody_repeats_is_forgotten_after_a_while() -> None:
    moments = iter([NOON, NOON + timedelta(minutes=9), NOON + timedelta(minutes=10)])
    runner = Runner(lambda: next(moments))
    runner.run("look up", fails, "item_1")
    assert runner.last_error() == "look up: nobody expected this"
    assert runner.last_error() is None


def test_the_tick_comes_from_the_settings() -> None:
    assert JOBS[PUBLISH].seconds(Settings(engine_tick_seconds=0.25)) == 0.25
