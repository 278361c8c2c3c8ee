"""The queue of bulk jobs: whose row is next, so that urgent work overtakes and no work starves."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.bulk.words import Operation
from core.vocabulary import Priority

AGING = timedelta(seconds=30)
"""Waiting for so long is worth one step of priority: a low job gets a row within about two minutes of urgent work."""


@dataclass(frozen=True)
class Waiting:
    """A job that waits for its next turn: `since` it was queued, or since its last turn began."""

    id: str
    workspace: str
    priority: Priority
    since: datetime
    operation: Operation = Operation.SCHEDULE_CONTENT


def queue_order(waiting: Iterable[Waiting], now: datetime) -> tuple[Waiting, ...]:
    """Return the jobs in the order of their turns.

    A job's worth is its priority (0 to 3) + waiting time / AGING; the highest is first, among equals who waits longer.
    Every turn starts the waiting of its job anew: an aged job overtakes by one turn, and jobs of one priority take
    turns, whichever workspaces they are of.
    """
    return tuple(sorted(waiting, key=lambda job: (-worth(job, now), job.since, job.id)))


def worth(job: Waiting, now: datetime) -> float:
    """Return how much a job's next row is worth now, in steps of priority."""
    return rank(job.priority) + max(now - job.since, timedelta()) / AGING


def rank(priority: Priority) -> int:
    """Return 0 for low to 3 for urgent."""
    return tuple(Priority).index(priority)
