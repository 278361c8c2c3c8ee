"""How many requests a minute Google grants one user, shared by all that work in that name."""

from collections import deque
from enum import StrEnum
from threading import Lock

from core.clock import Stopwatch

REQUESTS_A_MINUTE = 60
"""Google's limit for reads, and again for writes, per user and project."""
WINDOW_SECONDS = 61.0
"""A minute, and a second for requests that are on their way for different times."""


class Quota(StrEnum):
    """What Google counts apart."""

    READ = "read"
    WRITE = "write"


class QuotaBudget:
    """Gives each request the earliest moment at which no window of a minute has too many; threads share it."""

    def __init__(self, stopwatch: Stopwatch, most: int = REQUESTS_A_MINUTE, window: float = WINDOW_SECONDS) -> None:
        self._stopwatch, self._window = stopwatch, window
        self._taken: dict[Quota, deque[float]] = {quota: deque(maxlen=most) for quota in Quota}
        self._lock = Lock()

    def take(self, quota: Quota, patience: float) -> float:
        """Return the seconds until a request may leave; its place is taken unless they exceed `patience`."""
        with self._lock:
            taken, now = self._taken[quota], self._stopwatch()
            moment = max(now, taken[0] + self._window) if len(taken) == taken.maxlen else now
            if moment - now <= patience:
                taken.append(moment)
            return moment - now
