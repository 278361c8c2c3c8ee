"""A rule of a batch, with every setting it can have, and what a type of rule brings."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import time

from core.errors import Invalid, Problem
from core.rules.facts import RowFacts, is_below
from core.vocabulary import Priority, RuleAction, RuleType

SHARED_SETTINGS = ("time_window", "days_of_week", "max_concurrent", "min_interval_ms", "action")
"""The settings that rules of every type take."""


@dataclass(frozen=True)
class TimeWindow:
    """Hours [start, end) by the clock of the workspace; an end before the start means the next morning."""

    start: time
    end: time

    def __post_init__(self) -> None:
        """Refuse hours that could mean a whole day as well as none."""
        if self.start == self.end:
            message = "it ends when it starts; leave time_window out for the whole day"
            raise Invalid((Problem("time_window.end", f"{self.end:%H:%M}", message),))

    @property
    def crosses_midnight(self) -> bool:
        """Whether a part of it belongs to the day after the one on which it begins."""
        return self.end < self.start


@dataclass(frozen=True)
class Rule:
    """A rule and its settings; it catches a row that every setting it has fits, at the times it has.

    `position` is its place in the job's list (0 is the first), by which rules that do the same come in order.
    """

    id: str
    name: str
    type: RuleType
    enabled: bool = True
    """A rule that is not enabled does nothing, and is kept."""
    position: int = 0
    time_window: TimeWindow | None = None
    """When the rule holds, by the clock on the wall of the workspace; None: at every hour."""
    days_of_week: frozenset[int] = frozenset()
    """On which days, 0 = Monday to 6 = Sunday, none: on every day. A window across midnight belongs to the day on
    which it begins."""
    max_concurrent: int | None = None
    """How many of the rows it concerns may run at once while it holds; what is more waits, or is skipped by `skip`."""
    min_interval_ms: int | None = None
    """The least time between the starts of two of the rows it concerns, in milliseconds, while it holds."""
    content_tags: tuple[str, ...] = ()
    """It concerns rows that have one or more of these tags, in upper or lower case; none: any row."""
    min_complexity: float | None = None
    """It concerns rows that are at least this complex, 0 to 1."""
    max_complexity: float | None = None
    """It concerns rows that are at most this complex, 0 to 1."""
    priority_threshold: Priority | None = None
    """What a boost lifts starts here; what delays, skips, limits or confines rows leaves those from here on alone."""
    action: RuleAction | None = None
    """delay: the rows wait until the rule no longer holds; skip: they are left out for good; boost: they go before
    others. With a limit, delay and skip are what happens to the rows beyond it. None: see `RuleKind.by_itself`."""

    @property
    def has_limit(self) -> bool:
        """Whether it paces rows rather than stopping them."""
        return self.max_concurrent is not None or self.min_interval_ms is not None

    @property
    def has_hours(self) -> bool:
        """Whether there are times at which it does not hold."""
        return self.time_window is not None or bool(self.days_of_week)

    def does(self, by_itself: RuleAction | None) -> RuleAction | None:
        """Return its action; `by_itself` is what its type does without one, unless the rule is there for a limit."""
        return self.action if self.action or self.has_limit else by_itself

    @property
    def label(self) -> str:
        """What a sentence calls it."""
        return f"rule “{self.name}”"


@dataclass(frozen=True)
class RuleKind:
    """What a type of rule brings: its settings, which rows a rule of it concerns, and the words for them."""

    settings: tuple[str, ...]
    """What it takes beside SHARED_SETTINGS."""
    needs: tuple[str, ...]
    """One of these has to be set."""
    by_itself: RuleAction | None
    """What a rule does that has neither action nor limit; None: it lets its rows go only while it holds."""
    concerns: Callable[[Rule, RowFacts], bool]
    words: Callable[[Rule], str]
    """Its rows as they stand in a sentence: "rows below urgent"."""


def passes_threshold(rule: Rule, row: RowFacts, *, boosts: bool) -> bool:
    """Say whether a row lies on the side of the threshold that the rule is for; always without one."""
    if rule.priority_threshold is None:
        return True
    return is_below(row.priority, rule.priority_threshold) != boosts


def threshold_words(rule: Rule, *, boosts: bool) -> str:
    """Name the rows on the threshold's side."""
    if rule.priority_threshold is None:
        return "rows"
    if boosts and rule.priority_threshold is Priority.URGENT:
        return "urgent rows"
    return f"rows from {rule.priority_threshold} on" if boosts else f"rows below {rule.priority_threshold}"
