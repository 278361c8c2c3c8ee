"""The stopwatch of a search: when to stop, and what to tell whoever waits."""

from collections.abc import Callable
from dataclasses import dataclass, field

from core.planning.grid_plan import Ending, Progress

Elapsed = Callable[[], float]
"""Seconds since the search began, or since any moment before: differences count."""
Report = Callable[[Progress], None]
Question = Callable[[], bool]


@dataclass
class Watch:
    """Asks the stopwatch and the user; `spare` seconds of the budget are kept for what comes after the search."""

    budget: float
    elapsed: Elapsed
    progress: Report
    canceled: Question
    spare: float = 0.0
    started: float = field(init=False)
    ending: Ending | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        """Note the moment."""
        self.started = self.elapsed()

    @property
    def seconds(self) -> float:
        """The seconds gone by."""
        return self.elapsed() - self.started

    @property
    def left(self) -> float:
        """The seconds left to search."""
        return self.budget - self.spare - self.seconds

    def is_over(self) -> bool:
        """Say whether to stop, for good: out of time or canceled."""
        if self.ending is None and self.canceled():
            self.ending = Ending.CANCELED
        if self.ending is None and self.left <= 0:
            self.ending = Ending.OUT_OF_TIME
        return self.ending is not None

    def report(self, value: float, bound: float) -> None:
        """Say how far the search is."""
        share = min(self.seconds / self.budget, 1.0) if self.budget > 0 else 1.0
        self.progress(Progress(share, value, bound))
