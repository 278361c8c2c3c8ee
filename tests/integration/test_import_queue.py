"""Imports in the background: queued with their file, carried out once, whoever dies on the way."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread

import pytest
from planned_posts import StandingClock
from publishing_stage import revision, worker_of
from sqlalchemy import func
from sqlmodel import select

from core.bootstrap import Slotwise, assemble
from core.engine.embedded import EmbeddedEngine
from core.errors import Invalid, NotFound
from core.history.columns import recognize
from core.history.reading import Reading
from core.services import import_queue
from core.services.channels import list_channels
from core.services.context import Context
from core.services.heartbeat import Pulse, beat
from core.services.history_files import open_history
from core.services.import_queue import import_queued, queue_import
from core.services.import_targets import ImportTarget
from core.services.imports import CHECKED_SHARE, JOB, ImportRequest, import_history
from core.services.job_runs import JobRunView, list_runs
from core.services.run_queue import RunTaker, find_waiting, take
from core.settings import Settings
from core.storage.tables import JobRun, PostOutcome
from core.vocabulary import JobState

HERE = Path(__file__).resolve()
GOOD = b"published_at,likes\n2026-01-05T10:00:00Z,3\n2026-01-06T11:00:00Z,4\n"
BAD = GOOD + b"not a time,5\n"
GONE = timedelta(minutes=3)
KILLED = -signal.SIGKILL
LONG = 60.0


def request_for(content: bytes, target: ImportTarget | None = None) -> ImportRequest:
    headers = open_history(content, "mine.csv").headers
    return ImportRequest(recognize(headers), Reading("Europe/Berlin"), target or ImportTarget(platform="linkedin"))


def queued(ctx: Context, content: bytes = GOOD, name: str = "mine.csv") -> str:
    return queue_import(ctx, content, name, request_for(content))


def engine(house: Slotwise, name: str = "one", is_stopping: Callable[[], bool] = lambda: False) -> RunTaker:
    """Give the importer of an engine that has just given a sign of life."""
    beat(house.db, Pulse(name, house.now(), house.now()))
    return RunTaker(name, house.db, house.clock, house.settings.uploads, house.context, is_stopping)


def only_run(ctx: Context) -> JobRunView:
    (run,) = list_runs(ctx, JOB)
    return run


def outcomes(ctx: Context) -> int:
    with ctx.read() as session:
        return session.scalars(select(func.count()).select_from(PostOutcome)).one()


def uploads(house: Slotwise) -> list[str]:
    return sorted(each.name for each in house.settings.uploads.iterdir())


# --- The way of an import ---


def test_a_queued_import_waits_and_is_there_after_one_tick(house: Slotwise, ctx: Context) -> None:
    run_id = queued(ctx)
    assert (only_run(ctx).id, only_run(ctx).state, only_run(ctx).subject) == (run_id, JobState.QUEUED, "mine.csv")
    assert (uploads(house), outcomes(ctx)) == ([run_id], 0)
    import_queued(engine(house))
    run = only_run(ctx)
    assert (run.state, run.done, run.total, run.result["created"]) == (JobState.COMPLETED, 100, 100, 2)
    assert (uploads(house), outcomes(ctx)) == ([], 2)
    (channel,) = list_channels(ctx)
    assert run.result["channel_ids"] == [channel.id]


def test_a_file_on_disk_is_copied_and_stays(house: Slotwise, ctx: Context, tmp_path: Path) -> None:
    source = tmp_path / "mine.csv"
    source.write_bytes(GOOD)
    run_id = queue_import(ctx, source, source.name, request_for(GOOD))
    kept = house.settings.uploads / run_id
    assert (kept.read_bytes(), kept.stat().st_mode & 0o777) == (GOOD, 0o600)
    import_queued(engine(house))
    assert (source.read_bytes(), outcomes(ctx)) == (GOOD, 2)


def test_the_oldest_import_of_all_workspaces_comes_first(
    house: Slotwise, ctx: Context, stranger: Context, clock: StandingClock
) -> None:
    queued(stranger)
    clock.move(timedelta(seconds=1))
    queued(ctx)
    import_queued(engine(house))
    assert (only_run(stranger).state, only_run(ctx).state) == (JobState.COMPLETED, JobState.QUEUED)
    assert (outcomes(stranger), outcomes(ctx)) == (2, 0)


def test_without_a_queued_import_nothing_is_written(house: Slotwise, ctx: Context) -> None:
    before = revision(house.db, house.home)
    import_queued(engine(house))
    assert revision(house.db, house.home) == before


def test_progress_is_written_without_moving_the_revision(house: Slotwise, ctx: Context) -> None:
    queued(ctx)
    seen: list[tuple[int, int]] = []

    def look() -> bool:
        seen.append((only_run(ctx).done, revision(house.db, house.home)))
        return False

    import_queued(engine(house, is_stopping=look))
    assert [done for done, _ in seen] == [0, 99, 100]
    assert len({moved for _, moved in seen}) == 1


# --- What is refused, and what fails ---


def test_an_unknown_channel_is_refused_before_anything_is_kept(house: Slotwise, ctx: Context) -> None:
    with pytest.raises(NotFound, match="channel"):
        queue_import(ctx, GOOD, "mine.csv", request_for(GOOD, ImportTarget("chan_nobody")))
    assert (list_runs(ctx, JOB), house.settings.uploads.exists()) == ((), False)


def test_columns_that_say_nothing_are_refused_at_once(house: Slotwise, ctx: Context) -> None:
    with pytest.raises(Invalid, match="date and time of publishing"):
        queue_import(ctx, GOOD, "mine.csv", replace(request_for(GOOD), mapping=recognize(("name", "colour"))))
    assert list_runs(ctx, JOB) == ()


def test_a_row_that_cannot_be_written_leaves_no_file(house: Slotwise, ctx: Context) -> None:
    nowhere = replace(ctx, db=_NoWriting(ctx))
    with pytest.raises(ConnectionError):
        queued(nowhere)
    assert (list_runs(ctx, JOB), uploads(house)) == ((), [])


class _NoWriting:
    """A database that can be read, and not written to."""

    def __init__(self, ctx: Context) -> None:
        self.read = ctx.db.read

    def write(self, workspace: str) -> None:
        raise ConnectionError(workspace)


def test_a_file_with_bad_rows_fails_with_the_reason_and_leaves_nothing(house: Slotwise, ctx: Context) -> None:
    queued(ctx, BAD)
    import_queued(engine(house))  # its owner's mistake, so not an error of the engine
    run = only_run(ctx)
    assert run.state is JobState.FAILED
    assert "line 4, published_at" in (run.error or "")
    assert (outcomes(ctx), list_channels(ctx), uploads(house)) == (0, (), [])


def test_a_failure_of_the_machine_is_the_engines_news_as_well(
    house: Slotwise, ctx: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    queued(ctx)
    monkeypatch.setattr("core.services.imports.store_posts", full)
    with pytest.raises(OSError, match="No space"):
        import_queued(engine(house))
    assert (only_run(ctx).state, outcomes(ctx)) == (JobState.FAILED, 0)
    import_queued(engine(house))
    assert uploads(house) == []


# --- Several engines, and those that die ---


def test_two_engines_carry_out_one_import_once(house: Slotwise, ctx: Context) -> None:
    queued(ctx)
    other, looked = engine(house, "two"), []

    def meanwhile() -> bool:
        if len(looked) < 2:  # the third time is in the storing transaction, which SQLite has everybody wait for
            looked.append(find_waiting(other, JOB))
        return False

    seen_before = find_waiting(other, JOB)
    import_queued(engine(house, "one", meanwhile))
    assert looked == [[], []]
    assert not take(other, seen_before[0])
    assert (only_run(ctx).state, only_run(ctx).result["created"], outcomes(ctx)) == (JobState.COMPLETED, 2, 2)


def test_engines_in_threads_share_a_queue(house: Slotwise, ctx: Context) -> None:
    for number in range(4):
        queued(ctx, GOOD, f"{number}.csv")
    engines = [engine(house, name) for name in ("one", "two")]
    threads = [Thread(target=lambda each=each: [import_queued(each) for _ in range(4)]) for each in engines]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LONG)
    assert [run.state for run in list_runs(ctx, JOB)] == [JobState.COMPLETED] * 4
    assert sum(run.result["created"] for run in list_runs(ctx, JOB)) == 2
    with ctx.read() as session:
        assert set(session.scalars(select(JobRun.tries))) == {1}


def test_an_engine_that_was_silent_too_long_stores_nothing_after_another_took_over(
    house: Slotwise, ctx: Context, clock: StandingClock
) -> None:
    queued(ctx)
    asleep = engine(house, "asleep")

    def overtaken() -> bool:
        if only_run(ctx).done == 0:
            clock.move(GONE)
            import_queued(engine(house, "awake"))
        return False

    import_queued(replace(asleep, is_stopping=overtaken))
    run = only_run(ctx)
    assert (run.state, run.result["created"], outcomes(ctx)) == (JobState.COMPLETED, 2, 2)


def test_a_stopping_engine_gives_its_import_back_uncounted(house: Slotwise, ctx: Context) -> None:
    queued(ctx)
    for _ in range(5):
        import_queued(engine(house, is_stopping=lambda: True))
    assert (only_run(ctx).state, outcomes(ctx)) == (JobState.QUEUED, 0)
    import_queued(engine(house))
    assert (only_run(ctx).state, outcomes(ctx)) == (JobState.COMPLETED, 2)


def test_an_import_whose_engines_keep_dying_is_given_up(
    house: Slotwise, ctx: Context, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    queued(ctx)
    with monkeypatch.context() as patched:
        patched.setattr(import_queue, "_import", lambda *_: None)  # taken up, and never heard of again
        for name in ("one", "two", "three"):
            import_queued(engine(house, name))
            assert only_run(ctx).state is JobState.RUNNING
            clock.move(GONE)
    import_queued(engine(house, "four"))
    run = only_run(ctx)
    assert (run.state, outcomes(ctx), uploads(house)) == (JobState.FAILED, 0, [])
    assert "stopped 3 times" in (run.error or "")


def test_an_import_of_the_command_line_is_nobody_elses(house: Slotwise, ctx: Context, clock: StandingClock) -> None:
    def meanwhile(share: float) -> None:
        if share <= CHECKED_SHARE:  # later SQLite has everybody wait
            assert find_waiting(engine(house), JOB) == []

    import_history(ctx, open_history(GOOD, "mine.csv"), request_for(GOOD), meanwhile)
    assert only_run(ctx).state is JobState.COMPLETED


@pytest.mark.parametrize("step", [1, 2, 3], ids=["checking", "checked", "storing"])
def test_after_a_kill_another_engine_finishes_the_import(tmp_path: Path, step: int) -> None:
    house = assemble(Settings(data_dir=tmp_path / "data"))
    ctx = house.context()
    queued(ctx)
    paths = {"PYTHONPATH": os.pathsep.join([str(HERE.parents[2]), str(HERE.parent)])}
    command = [sys.executable, str(HERE.parent / "import_victim.py"), str(tmp_path / "data"), str(step)]
    died = subprocess.run(command, env={**os.environ, **paths}, check=False)  # noqa: S603 - our own script
    assert died.returncode == KILLED
    assert (only_run(ctx).state, outcomes(ctx)) == (JobState.RUNNING, 0)
    import_queued(engine(house))  # the dead one may still be alive
    assert only_run(ctx).state is JobState.RUNNING
    later = replace(house, clock=lambda: datetime.now(UTC) + GONE)
    import_queued(engine(later, "fresh"))
    assert (only_run(ctx).state, only_run(ctx).result["created"], outcomes(ctx)) == (JobState.COMPLETED, 2, 2)
    assert uploads(house) == []
    house.close()


# --- Files ---


def test_an_engine_without_the_file_leaves_it_to_the_others_for_an_hour(
    house: Slotwise, ctx: Context, clock: StandingClock
) -> None:
    run_id = queued(ctx)
    (house.settings.uploads / run_id).unlink()
    import_queued(engine(house))
    assert only_run(ctx).state is JobState.QUEUED
    clock.move(timedelta(hours=1, seconds=1))
    import_queued(engine(house))
    assert (only_run(ctx).state, only_run(ctx).error) == (
        JobState.FAILED,
        "No engine has the uploaded file. Import it again.",
    )


def test_a_file_whose_row_was_never_written_is_removed_after_an_hour(house: Slotwise, ctx: Context) -> None:
    house.settings.uploads.mkdir()
    orphan = house.settings.uploads / "run_orphan"
    orphan.write_bytes(GOOD)
    for minutes, kept in ((59, ["run_orphan"]), (61, [])):
        written = (house.now() - timedelta(minutes=minutes)).timestamp()
        os.utime(orphan, (written, written))
        import_queued(engine(house))
        assert uploads(house) == kept


# --- The engine ---


@pytest.fixture
def live(house_url: str, tmp_path: Path) -> Iterator[Slotwise]:
    """Give an installation with the real clock."""
    slotwise = assemble(Settings(data_dir=tmp_path / "data", database_url=house_url))
    yield slotwise
    slotwise.close()


def test_the_engine_imports_what_is_queued_and_makes_way_when_it_stops(
    live: Slotwise, monkeypatch: pytest.MonkeyPatch
) -> None:
    reached, go = Event(), Event()
    original = import_queue.carry_out

    def held(*args: object) -> object:
        reached.set()
        assert go.wait(LONG)
        return original(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(import_queue, "carry_out", held)
    ctx = live.context()
    queued(ctx)
    embedded = EmbeddedEngine(worker_of(live), live)
    embedded.start()
    assert reached.wait(LONG)
    stopping = Thread(target=embedded.stop)
    stopping.start()
    while not embedded._duty.crew.is_stopping:
        stopping.join(0.01)
    go.set()
    stopping.join(LONG)
    assert (only_run(ctx).state, outcomes(ctx)) == (JobState.QUEUED, 0)
