"""The pace of a bulk job: how long its rows take, how fast they come and when the last one will be done."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import sqrt

from core.undefined import Undefined

FEWEST = 5
"""Rows that have to be done before a rate is told, and turns (one row, or some that end together) before an end is."""

MEMORY = 50
"""Newer turns count more: the weight of one halves after about 35 others."""

Z = 1.96
"""Two-sided quantile of the normal distribution for 95 %."""

DRIFT = 0.3
"""By how large a share the pace of the rows to come differs from that of the last turns, as a standard deviation: the
upper end of what median errors of 10 and 20 % imply, seen in two jobs of 10,000 rows on one machine that others used
(tests/integration/test_bulk_kill.py prints them)."""

LONGEST_GAP = timedelta(minutes=10)
"""A longer time between two turns is a pause or a rule's delay, and says nothing about the speed of the work."""

QUIET = timedelta(seconds=30)
SILENT_ROWS = 20
"""Longer than both QUIET and so many rows without a finished row: what was measured before says nothing of now."""

_NOTHING_YET = Undefined("Not measured yet.")
_QUIET_NOW = Undefined("No row done lately.")


@dataclass(frozen=True)
class Pace:
    """Running mean and variance (seconds, seconds²) of the time from one finished row to the next, over all turns."""

    rows: int = 0
    turns: int = 0
    mean: float = 0.0
    variance: float = 0.0
    last: datetime | None = None

    def after(self, now: datetime, rows: int = 1) -> "Pace":
        """Return the pace with one more turn over at `now`, of so many rows.

        With weight w = 1/min(turns, MEMORY) and d = seconds/rows - mean: mean += w·d,
        variance = (1 - w)·(variance + w·rows·d²), so that a turn's seconds vary by rows·variance.
        """
        if self.last is None or now - self.last > LONGEST_GAP:
            return replace(self, last=now)
        turns = self.turns + 1
        weight = 1 / min(turns, MEMORY)
        deviation = max((now - self.last).total_seconds(), 0.0) / rows - self.mean
        variance = (1 - weight) * (self.variance + weight * rows * deviation**2)
        return Pace(self.rows + rows, turns, self.mean + weight * deviation, variance, now)

    def interrupted(self) -> "Pace":
        """Return the pace for after a pause, whose length is not a row's."""
        return replace(self, last=None)

    def rate(self, now: datetime | None = None) -> float | Undefined:
        """Return rows per minute; with `now` of the present, which is not known while no row is finished."""
        if self.rows < FEWEST:
            return _NOTHING_YET
        if now is not None and self.is_quiet(now):
            return _QUIET_NOW
        return 60 / max(self.mean, 1e-6)

    def is_quiet(self, now: datetime) -> bool:
        """Say whether no row was finished for so long that the pace is not the present one."""
        return self.last is not None and now - self.last > max(QUIET, SILENT_ROWS * timedelta(seconds=self.mean))


@dataclass(frozen=True)
class Eta:
    """When the last row is expected to be done, with the 95 % interval of it."""

    at: datetime
    earliest: datetime
    latest: datetime


def eta(pace: Pace, left: int, now: datetime) -> Eta | Undefined:
    """Return when `left` rows will be done.

    Their sum has the mean left·m and the standard error sqrt(left·s² + left²·s²/n + (DRIFT·left·m)²): the rows to come
    vary by themselves, the mean they vary about is only known from the n rows of the last turns, and it moves with
    the load of the machine.
    """
    if pace.turns < FEWEST:
        return _NOTHING_YET
    if pace.is_quiet(now):
        return _QUIET_NOW
    known = min(pace.turns, MEMORY) * pace.rows / pace.turns
    seconds = left * pace.mean
    error = Z * sqrt(pace.variance * (left + left**2 / known) + (DRIFT * seconds) ** 2)
    early, late = max(seconds - error, 0.0), seconds + error
    return Eta(*(now + timedelta(seconds=each) for each in (seconds, early, late)))
