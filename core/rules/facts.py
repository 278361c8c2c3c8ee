"""What a rule may look at: the row, and what is running already."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from core.vocabulary import Priority

LADDER = tuple(Priority)
"""From the least to the most urgent."""


@dataclass(frozen=True)
class RowFacts:
    """One row of a bulk job as rules see it; `complexity` runs from 0 (simple) to 1."""

    number: int
    priority: Priority = Priority.NORMAL
    complexity: float = 0.0
    tags: frozenset[str] = frozenset()
    platforms: frozenset[str] = frozenset()
    created_at: datetime | None = None
    tries: int = 0


@dataclass(frozen=True)
class Load:
    """By a rule's id: how many of the rows it concerns are running, and when the last of them started (aware)."""

    running: Mapping[str, int] = field(default_factory=dict)
    last_started: Mapping[str, datetime] = field(default_factory=dict)


def is_below(one: Priority, other: Priority) -> bool:
    """Say whether `one` is less urgent than `other`."""
    return LADDER.index(one) < LADDER.index(other)


def one_up(priority: Priority) -> Priority:
    """Return the next more urgent priority; the highest stays."""
    return LADDER[min(LADDER.index(priority) + 1, len(LADDER) - 1)]
