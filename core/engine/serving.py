"""The threads of one engine that serve whatever is due: each is served by one, so none waits for another."""

from collections.abc import Callable, Collection
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import partial
from threading import Lock
from typing import Generic, TypeVar

from core.engine.runner import Runner

Served = TypeVar("Served")


class ServingCrew(Generic[Served]):
    """Serves on a fixed number of threads and knows who is being served."""

    def __init__(
        self,
        name: str,
        serve: Callable[[Served], object],
        subject: Callable[[Served], str],
        runner: Runner,
        threads: int,
    ) -> None:
        """`name` and `subject` are what the log calls a service and whom it is for."""
        self._name, self._serve, self._subject = name, serve, subject
        self._runner, self._threads = runner, threads
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._jobs: dict[Future[bool], Served] = {}
        self._lock = Lock()
        self._stopping = False

    @property
    def is_stopping(self) -> bool:
        """Whether nothing new is begun."""
        return self._stopping

    def room(self) -> int:
        """Return how many more can be served at present; 0 once the engine stops."""
        with self._lock:
            return 0 if self._stopping else self._threads - len(self._jobs)

    def busy(self) -> Collection[Served]:
        """Return who is being served."""
        with self._lock:
            return frozenset(self._jobs.values())

    def take_on(self, served: Served) -> None:
        """Serve one more; nothing once the engine stops."""
        with self._lock:
            if self._stopping:
                return
            job = self._pool.submit(self._runner.run, self._name, partial(self._serve, served), self._subject(served))
            self._jobs[job] = served
        job.add_done_callback(self._done)

    def attempt(self, name: str, subject: str, call: Callable[[], object]) -> bool:
        """Call, and answer whether it ended well."""
        return self._runner.run(name, call, subject)

    def stop_taking(self) -> None:
        """Begin nothing new from now on."""
        with self._lock:
            self._stopping = True

    def stop(self, patience_seconds: float) -> None:
        """Begin nothing new and wait a while for what is on its way; the rest is begun again after its lease."""
        self.stop_taking()
        with self._lock:
            jobs = tuple(self._jobs)
        self._pool.shutdown(wait=False, cancel_futures=True)
        wait(jobs, patience_seconds)

    def _done(self, job: Future[bool]) -> None:
        with self._lock:
            self._jobs.pop(job, None)
