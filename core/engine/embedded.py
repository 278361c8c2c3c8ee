"""The engine inside this process: APScheduler runs the jobs of the catalog."""

from datetime import UTC
from functools import partial
from threading import Event, Thread

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from core.bootstrap import Slotwise, open_bulk_worker, open_courier, open_sheet_desk
from core.clock import stopwatch
from core.engine.bulk_crew import BulkCrew
from core.engine.catalog import HEARTBEAT, JOBS, Duty
from core.engine.couriers import CourierCrew
from core.engine.crew import MAKING_WAY_SECONDS, PublishingCrew
from core.engine.runner import Runner
from core.engine.sheet_crew import SheetCrew
from core.services.heartbeat import beat
from core.services.run_queue import RunTaker
from core.services.workers import Worker

STOPPING_SECONDS = 20.0
"""How long items that are being sent may take when the engine stops: a webhook's wait, and the answer's."""

_log = structlog.get_logger(__name__)


class EmbeddedEngine:
    """Publishes from its start to its stop; as many as you like may work on one database."""

    def __init__(self, worker: Worker, slotwise: Slotwise) -> None:
        """Nothing runs yet."""
        runner = Runner(worker.clock)
        crew = PublishingCrew(worker, runner, slotwise.settings.engine_threads)
        self._settings, self._presence = slotwise.settings, slotwise.presence
        taker = RunTaker(
            worker.name, worker.db, worker.clock, self._settings.uploads, slotwise.context, lambda: crew.is_stopping
        )
        couriers = CourierCrew(open_courier(slotwise, worker.name), runner, self._settings.webhook_threads)
        stopping = Event()
        bulk = BulkCrew(open_bulk_worker(slotwise, worker.name, stopping), runner, self._settings.bulk_threads)
        desk = open_sheet_desk(slotwise, worker.name, stopping)
        sheets = SheetCrew(desk, stopping, runner, self._settings.sheet_threads)
        self._duty = Duty(worker, crew, couriers, bulk, sheets, runner, taker, worker.now())
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={"default": ThreadPoolExecutor(len(JOBS))},
            # However long the machine slept, each job runs once when it wakes, and never twice at a time.
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )

    def start(self) -> None:
        """Begin with a sign of life, then run every job at once and from then on at its interval."""
        self._presence.enter(self._duty.worker.name)
        self._beat()
        self._scheduler.start(paused=True)
        for name, job in JOBS.items():
            call = partial(self._duty.runner.run, name, partial(job.run, self._duty))
            self._scheduler.add_job(call, "interval", seconds=job.seconds(self._settings), id=name, name=name)
            self._scheduler.modify_job(name, next_run_time=self._duty.started_at)
        self._scheduler.resume()
        _log.info("engine_started", worker=self._duty.worker.name)

    def stop(self, patience_seconds: float = STOPPING_SECONDS) -> None:
        """Give back what can be done again later, finish what is being sent, and say that the engine has stopped.

        That takes a few seconds, and up to `patience_seconds` only while an item is being sent. All waits are measured
        by the stopwatch: a clock that is set meanwhile makes none of them longer.
        """
        until = stopwatch() + min(patience_seconds, MAKING_WAY_SECONDS)
        others = (self._duty.couriers, self._duty.bulk, self._duty.sheets)
        self._scheduler.pause()
        for crew in others:
            crew.stop_taking()
        self._duty.crew.stop(patience_seconds)
        for crew in others:
            crew.stop(max(until - stopwatch(), 0))
        self._end_jobs(max(until - stopwatch(), 0))
        self._beat(stopped=True)
        self._presence.leave(self._duty.worker.name)
        _log.info("engine_stopped", worker=self._duty.worker.name)

    def _end_jobs(self, patience_seconds: float) -> None:
        """Let jobs of the catalog make way; one that does not is left to end with the process."""
        ending = Thread(target=self._scheduler.shutdown, name="engine-stop", daemon=True)  # it waits without limit
        ending.start()
        ending.join(patience_seconds)

    def _beat(self, *, stopped: bool = False) -> None:
        worker = self._duty.worker
        pulse = self._duty.pulse(stopped_at=worker.now() if stopped else None)
        self._duty.runner.run(HEARTBEAT, partial(beat, worker.db, pulse))
