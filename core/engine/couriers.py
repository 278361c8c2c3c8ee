"""The threads of one engine that tell webhook receivers: each receiver is served by one, so none waits for another."""

from collections.abc import Callable, Collection
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import partial
from threading import Lock

from core.engine.runner import Runner
from core.services.courier import Courier
from core.services.webhook_sending import Receiver, deliver


class CourierCrew:
    """Serves receivers on a fixed number of threads and knows which are being served."""

    def __init__(self, courier: Courier, runner: Runner, threads: int) -> None:
        self._courier, self._runner, self._threads = courier, runner, threads
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="deliver")
        self._jobs: dict[Future[bool], Receiver] = {}
        self._lock = Lock()
        self._stopping = False

    @property
    def courier(self) -> Courier:
        """What the threads deliver with."""
        return self._courier

    def room(self) -> int:
        """Return how many more receivers can be served at present; 0 once the engine stops."""
        with self._lock:
            return 0 if self._stopping else self._threads - len(self._jobs)

    def busy(self) -> Collection[Receiver]:
        """Return the receivers that are being served."""
        with self._lock:
            return frozenset(self._jobs.values())

    def take_on(self, receiver: Receiver) -> None:
        """Serve a receiver; nothing once the engine stops."""
        call = partial(deliver, self._courier, receiver, lambda: not self._stopping)
        with self._lock:
            if self._stopping:
                return
            job = self._pool.submit(self._runner.run, "deliver", call, receiver.key)
            self._jobs[job] = receiver
        job.add_done_callback(self._done)

    def attempt(self, name: str, subject: str, call: Callable[[], object]) -> bool:
        """Call, and answer whether it ended well."""
        return self._runner.run(name, call, subject)

    def stop_taking(self) -> None:
        """Begin nothing new from now on."""
        with self._lock:
            self._stopping = True

    def stop(self, patience_seconds: float) -> None:
        """Begin nothing new and wait a while for what is on its way; the rest is sent again after its lease."""
        self.stop_taking()
        with self._lock:
            jobs = tuple(self._jobs)
        self._pool.shutdown(wait=False, cancel_futures=True)
        wait(jobs, patience_seconds)

    def _done(self, job: Future[bool]) -> None:
        with self._lock:
            self._jobs.pop(job, None)
