"""Rules that go by how much a row matters."""

from core.rules.facts import RowFacts
from core.rules.rule import Rule, RuleKind, passes_threshold, threshold_words
from core.vocabulary import RuleAction


def _boosts(rule: Rule) -> bool:
    return rule.does(PRIORITY_BASED.by_itself) is RuleAction.BOOST


def _concerns(rule: Rule, row: RowFacts) -> bool:
    return passes_threshold(rule, row, boosts=_boosts(rule))


def _words(rule: Rule) -> str:
    return threshold_words(rule, boosts=_boosts(rule))


PRIORITY_BASED = RuleKind(
    settings=("priority_threshold",),
    needs=("priority_threshold",),
    by_itself=RuleAction.BOOST,
    concerns=_concerns,
    words=_words,
)
