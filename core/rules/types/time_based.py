"""Rules that go by the hour and the day: all rows, or those below a priority."""

from core.rules.facts import RowFacts
from core.rules.rule import Rule, RuleKind, passes_threshold, threshold_words
from core.vocabulary import RuleAction


def _concerns(rule: Rule, row: RowFacts) -> bool:
    return passes_threshold(rule, row, boosts=rule.action is RuleAction.BOOST)


def _words(rule: Rule) -> str:
    return threshold_words(rule, boosts=rule.action is RuleAction.BOOST)


TIME_BASED = RuleKind(
    settings=("priority_threshold",),
    needs=("time_window", "days_of_week"),
    by_itself=None,
    concerns=_concerns,
    words=_words,
)
