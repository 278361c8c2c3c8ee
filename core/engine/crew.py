"""The threads of one engine: they publish claimed items, and give back what they cannot finish."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import partial
from threading import Condition

from core.clock import stopwatch
from core.engine.runner import Runner
from core.services.attempts import Attempts, release
from core.services.claims import Claim
from core.services.publishing import publish_item
from core.services.workers import Worker

MAKING_WAY_SECONDS = 3.0
"""How long work that can be done again later may take to end by itself when the engine stops."""

QUEUED_PER_THREAD = 4
"""Claims taken ahead of each thread: enough to claim in batches, few enough that none waits out its lease."""


class PublishingCrew:
    """Publishes claims on a fixed number of threads and knows how many more it can take."""

    def __init__(self, worker: Worker, runner: Runner, threads: int) -> None:
        self._worker = worker
        self._runner = runner
        self._attempts = Attempts(worker)
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="publish")
        self._capacity = threads * QUEUED_PER_THREAD
        self._batch = threads * QUEUED_PER_THREAD // 2
        self._jobs: dict[Future[bool], Claim] = {}
        self._armed: list[Claim] = []
        self._changed = Condition()
        self._stopping = False

    def room(self) -> int:
        """Wait until half the queue is free, so that claims come in batches; 0 once the engine stops."""
        with self._changed:
            self._changed.wait_for(lambda: self._stopping or len(self._jobs) <= self._capacity - self._batch)
            return 0 if self._stopping else self._capacity - len(self._jobs)

    @property
    def is_stopping(self) -> bool:
        """Whether the engine ends and long work has to make way."""
        return self._stopping

    def take_on(self, claims: Sequence[Claim]) -> None:
        """Publish these as threads become free; once the engine stops they are given back instead."""
        with self._changed:
            turned_away = tuple(claims) if self._stopping else ()
            for claim in claims if not turned_away else ():
                job = self._pool.submit(
                    self._runner.run,
                    "publish item",
                    partial(publish_item, self._worker, claim, self._attempts),
                    claim.item_id,
                )
                self._jobs[job] = claim
                job.add_done_callback(self._done)
        self._release(turned_away)

    def attempt(self, name: str, subject: str, call: Callable[[], object]) -> bool:
        """Call, and answer whether it ended well."""
        return self._runner.run(name, call, subject)

    def stop(self, patience_seconds: float) -> None:
        """Take nothing new, give back what no thread has begun, and wait a while for what is on its way.

        What is not finished soon is given back unless it is armed: only an armed item is waited for to the end, because
        nobody would know its outcome; one that takes even longer is left to its result or to recovery.
        """
        until = stopwatch() + patience_seconds
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
            jobs = dict(self._jobs)
        self._pool.shutdown(wait=False)
        begun = {job: claim for job, claim in jobs.items() if not job.cancel()}
        self._release([claim for job, claim in jobs.items() if job not in begun])
        _, late = wait(begun, min(patience_seconds, MAKING_WAY_SECONDS))
        self._release([begun[job] for job in late])  # leaves those that are armed
        wait([job for job in late if begun[job] in self._armed], max(until - stopwatch(), 0))

    def _release(self, claims: Sequence[Claim]) -> None:
        for claim in claims:
            self._runner.run("release", partial(self._give_back, claim), claim.item_id)

    def _give_back(self, claim: Claim) -> None:
        if not release(self._worker, claim):
            self._armed.append(claim)

    def _done(self, job: Future[bool]) -> None:
        with self._changed:
            self._jobs.pop(job, None)
            self._changed.notify_all()
