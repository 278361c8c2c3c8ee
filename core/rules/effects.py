"""What one rule does to one row at one moment."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from core.rules.facts import Load, RowFacts
from core.rules.hours import holds_at, moments_of_change
from core.rules.rule import Rule
from core.rules.types import RULES
from core.vocabulary import RuleAction


def concerns(rule: Rule, row: RowFacts) -> bool:
    """Say whether an enabled rule is about a row at all, whatever the time."""
    return rule.enabled and RULES[rule.type].concerns(rule, row)


def confines(rule: Rule) -> bool:
    """Say whether the rule's hours are those in which its rows may go, rather than those in which it does something."""
    return rule.action is None and RULES[rule.type].by_itself is None


def closes(rule: Rule) -> bool:
    """Say whether the rule, while it holds, takes none of the rows it concerns, rather than some at a time."""
    stops = rule.action in {RuleAction.DELAY, RuleAction.SKIP} and not rule.has_limit
    return stops or (rule.max_concurrent is not None and rule.max_concurrent < 1)


def boosts(rule: Rule, at: datetime, zone: str) -> bool:
    """Say whether the rule lifts the rows it concerns."""
    return rule.does(RULES[rule.type].by_itself) is RuleAction.BOOST and holds_at(rule, at, zone)


def is_full(rule: Rule, at: datetime, zone: str, load: Load) -> bool:
    """Say whether as many rows run as the rule allows."""
    most = rule.max_concurrent
    return most is not None and load.running.get(rule.id, 0) >= most and holds_at(rule, at, zone)


def ready_at(rule: Rule, load: Load) -> datetime | None:
    """Return when the least time since the last start is over; None where nothing was started or there is no such."""
    started = load.last_started.get(rule.id)
    if started is None or rule.min_interval_ms is None:
        return None
    return started.astimezone(UTC) + timedelta(milliseconds=rule.min_interval_ms)


def is_shut(rule: Rule, at: datetime, zone: str, load: Load) -> bool:
    """Say whether the rule stands against its rows for a reason that time alone can end."""
    holds = holds_at(rule, at, zone)
    return (confines(rule) and not holds) or (holds and (closes(rule) or _is_too_soon(rule, at, load)))


def _is_too_soon(rule: Rule, at: datetime, load: Load) -> bool:
    ready = ready_at(rule, load)
    return ready is not None and at < ready


def opens_at(rule: Rule, after: datetime, zone: str, load: Load) -> datetime | None:
    """Return the first instant after `after` at which `is_shut` ends; None if it never does (LOOK_AHEAD)."""
    ready = ready_at(rule, load)
    moments = moments_of_change(rule, after, zone, () if ready is None else (ready,))
    return next((moment for moment in moments if not is_shut(rule, moment, zone, load)), None)


def load_of(
    rules: Iterable[Rule], running: Iterable[RowFacts], started: Iterable[tuple[RowFacts, datetime]] = ()
) -> Load:
    """Return the load of rows that are running and of rows that were started, with when (aware)."""
    rules, rows, starts = list(rules), list(running), list(started)
    last = {rule.id: max((at for row, at in starts if concerns(rule, row)), default=None) for rule in rules}
    return Load(
        running={rule.id: sum(concerns(rule, row) for row in rows) for rule in rules},
        last_started={rule: at for rule, at in last.items() if at is not None},
    )
