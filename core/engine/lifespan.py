"""Starts and stops the engine with the web application, which comes up even when the database does not."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from threading import Event, Thread

import structlog

from core.bootstrap import Slotwise, open_worker, running
from core.clock import stopwatch, system_clock
from core.engine.embedded import STOPPING_SECONDS, EmbeddedEngine
from core.engine.runner import Runner
from core.logs import set_up_logs
from core.settings import load_settings

FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 1.0, 60.0
"""Between attempts to open a database that is locked, unreachable or too new; each wait doubles the one before."""

_log = structlog.get_logger(__name__)


class Keeper:
    """Starts an engine in the background as soon as the installation can be assembled, and stops it."""

    def __init__(self, assembled: Callable[[], Slotwise]) -> None:
        """`assembled` returns the installation or raises; it is asked again until it returns."""
        self._assembled = assembled
        self._engine: EmbeddedEngine | None = None
        self._stopping = Event()
        self._thread = Thread(target=self._start, name="engine-start", daemon=True)

    def start(self) -> None:
        """Return at once; the engine follows."""
        self._thread.start()

    def stop(self, patience_seconds: float = STOPPING_SECONDS) -> None:
        """Stop the engine, or stop trying to start one."""
        until = stopwatch() + patience_seconds
        self._stopping.set()
        self._thread.join(patience_seconds)
        if self._engine is not None:
            self._engine.stop(max(until - stopwatch(), 0))

    def _start(self) -> None:
        runner, wait = Runner(system_clock), FIRST_WAIT_SECONDS
        while not runner.run("start engine", self._attempt):
            if self._stopping.wait(wait):
                return
            wait = min(wait * 2, LONGEST_WAIT_SECONDS)

    def _attempt(self) -> None:
        slotwise = self._assembled()
        if not self._stopping.is_set():
            engine = EmbeddedEngine(open_worker(slotwise), slotwise)
            engine.start()
            self._engine = engine


@asynccontextmanager
async def engine_lifespan(app: object) -> AsyncIterator[None]:  # noqa: ARG001 - the signature of a lifespan
    """Run the engine while the application runs, unless SLOTWISE_ENGINE is 0."""
    settings = load_settings()
    set_up_logs(settings.log_level, as_json=settings.log_json)
    if not settings.engine:
        _log.info("engine_switched_off")
        yield
        return
    keeper = Keeper(running)
    keeper.start()
    try:
        yield
    finally:
        await asyncio.to_thread(keeper.stop)
