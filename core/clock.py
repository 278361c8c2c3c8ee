"""The one place where Slotwise reads the time."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Returns the present moment as an aware datetime in UTC."""


def system_clock() -> datetime:
    """Return the machine's present moment in UTC."""
    return datetime.now(UTC)


Stopwatch = Callable[[], float]
"""Returns seconds since some moment: differences count."""


def stopwatch() -> float:
    """Return seconds that never run backwards, for measuring how long something takes."""
    return time.perf_counter()
