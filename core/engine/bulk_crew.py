"""The threads of one engine that do the rows of bulk jobs."""

from concurrent.futures import Future, ThreadPoolExecutor, wait
from threading import Lock

from core.engine.runner import Runner
from core.services.bulk_claims import jobs_in_turn
from core.services.bulk_returns import leave_rows
from core.services.bulk_work import do_next
from core.services.bulk_worker import BulkWorker

BULK_ROW = "bulk row"


class BulkCrew:
    """Does rows on a fixed number of threads while there are any; each thread asks for the next one by itself."""

    def __init__(self, worker: BulkWorker, runner: Runner, threads: int) -> None:
        self._worker, self._runner, self._threads = worker, runner, threads
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="bulk")
        self._busy: set[Future[None]] = set()
        self._lock = Lock()
        self._stopping = False

    def wake(self) -> None:
        """Set every idle thread to work, if any job waits."""
        if self._stopping or not jobs_in_turn(self._worker):
            return
        with self._lock:
            for _ in range(self._threads - len(self._busy)):
                if not self._stopping:
                    job = self._pool.submit(self._work)
                    self._busy.add(job)
                    job.add_done_callback(self._busy.discard)

    def stop_taking(self) -> None:
        """Begin no more rows."""
        self._stopping = True

    def stop(self, patience_seconds: float) -> None:
        """Begin no more rows and wait a while for those that are being done; the rest is given back."""
        with self._lock:
            self._stopping = True
            jobs = tuple(self._busy)
        self._pool.shutdown(wait=False, cancel_futures=True)
        if wait(jobs, patience_seconds).not_done:
            self._runner.run("leave rows", lambda: leave_rows(self._worker))

    def _work(self) -> None:
        """Do rows until there are none; one that breaks down leaves the next to the next call."""
        found = [True]

        def next_row() -> None:
            found[0] = do_next(self._worker)

        while not self._stopping and self._runner.run(BULK_ROW, next_row) and found[0]:
            pass
