"""Rows and times that stand for all others: what holds for each of them holds for every row and every time."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise, product

from core.rules.effects import closes, concerns, confines
from core.rules.facts import LADDER, RowFacts
from core.rules.hours import clocks_of, holds_by_clock
from core.rules.rule import Rule
from core.vocabulary import Priority, RuleAction

_MONDAY = datetime(2024, 1, 1)  # noqa: DTZ001 - a time on the wall of no zone
_DAYS = 7


class Witnesses:
    """The rows and the parts of the week that some rules tell apart, and what each rule does in them."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.rules = tuple(rule for rule in rules if rule.enabled)
        self.rows = tuple(_rows(self.rules))
        self.times = frozenset(_times(self.rules))
        self.concerned = {rule: frozenset(row for row in self.rows if concerns(rule, row)) for rule in self.rules}
        self.held = {rule: frozenset(time for time in self.times if holds_by_clock(rule, time)) for rule in self.rules}
        self.shut = {rule: self._shut(rule) for rule in self.rules}

    def _shut(self, rule: Rule) -> frozenset[datetime]:
        """Return when a rule lets none of its rows go, without skipping them."""
        if confines(rule):
            return self.times - self.held[rule]
        return self.held[rule] if closes(rule) and rule.action is not RuleAction.SKIP else frozenset()


def _rows(rules: Sequence[Rule]) -> Iterator[RowFacts]:
    """Yield a row for each combination of what rules tell apart; rules ask for one tag of several, never for all."""
    tags = _tags(rules)
    sets = dict.fromkeys((frozenset[str](), *(frozenset({tag}) for tag in tags), frozenset(tags)))
    for number, (priority, complexity, own) in enumerate(product(_priorities(rules), _complexities(rules), sets)):
        yield RowFacts(number, priority, complexity, own)


def _priorities(rules: Sequence[Rule]) -> list[Priority]:
    """Return the lowest priority and every threshold: those between are treated as the one below them."""
    return list(dict.fromkeys((LADDER[0], *(rule.priority_threshold for rule in rules if rule.priority_threshold))))


def _tags(rules: Sequence[Rule]) -> list[str]:
    """Return a tag for each set of rules that ask for the same."""
    wanted = [{tag.casefold() for tag in rule.content_tags} for rule in rules]
    every = sorted(set().union(*wanted))
    return list({tuple(tag in tags for tags in wanted): tag for tag in every}.values())


def _complexities(rules: Sequence[Rule]) -> list[float]:
    """Return every bound, and a complexity between each two."""
    bounds = {bound for rule in rules for bound in (rule.min_complexity, rule.max_complexity) if bound is not None}
    marks = sorted({0.0, 1.0, *bounds})
    return sorted({*marks, *((low + high) / 2 for low, high in pairwise(marks))}) if bounds else [0.0]


def _times(rules: Sequence[Rule]) -> Iterator[datetime]:
    """Yield the times of a week from each of which to the next no rule begins or ends."""
    clocks = {_MONDAY.time(), *(clock for rule in rules for clock in clocks_of(rule))}
    for day, clock in product(range(_DAYS), clocks):
        yield datetime.combine(_MONDAY + timedelta(days=day), clock)
