"""The engine inside this process: APScheduler runs the jobs of the catalog."""

from datetime import UTC
from functools import partial
from threading import Event

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from core.bootstrap import Slotwise, open_bulk_worker, open_courier, open_sheet_desk
from core.engine.bulk_crew import BulkCrew
from core.engine.catalog import HEARTBEAT, JOBS, Duty
from core.engine.couriers import CourierCrew
from core.engine.crew import PublishingCrew
from core.engine.runner import Runner
from core.engine.sheet_crew import SheetCrew
from core.services.heartbeat import beat
from core.services.run_queue import RunTaker
from core.services.workers import Worker

STOPPING_SECONDS = 20.0
"""How long items on their way may take to finish when the engine stops: a webhook's wait, and the answer's."""

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
        bulk = BulkCrew(open_bulk_worker(slotwise, worker.name), runner, self._settings.bulk_threads)
        stopping = Event()
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
        """Finish what is on its way for up to this long, give the rest back, and say that the engine has stopped."""
        self._scheduler.pause()
        self._duty.couriers.stop_taking()
        self._duty.bulk.stop_taking()
        self._duty.sheets.stop_taking()
        self._duty.crew.stop(patience_seconds)
        self._duty.couriers.stop(patience_seconds)
        self._duty.bulk.stop(patience_seconds)
        self._duty.sheets.stop(patience_seconds)
        self._scheduler.shutdown()
        self._beat(stopped=True)
        self._presence.leave(self._duty.worker.name)
        _log.info("engine_stopped", worker=self._duty.worker.name)

    def _beat(self, *, stopped: bool = False) -> None:
        worker = self._duty.worker
        pulse = self._duty.pulse(stopped_at=worker.now() if stopped else None)
        self._duty.runner.run(HEARTBEAT, partial(beat, worker.db, pulse))
