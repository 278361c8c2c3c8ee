"""Rules that go by what a row holds: its tags and how complex it is."""

from collections.abc import Iterator

from core.rules.facts import RowFacts
from core.rules.rule import Rule, RuleKind
from core.vocabulary import RuleAction


def _concerns(rule: Rule, row: RowFacts) -> bool:
    wanted, own = ({tag.casefold() for tag in tags} for tags in (rule.content_tags, row.tags))
    if wanted and wanted.isdisjoint(own):
        return False
    least, most = rule.min_complexity, rule.max_complexity
    return (least is None or row.complexity >= least) and (most is None or row.complexity <= most)


def _words(rule: Rule) -> str:
    return " ".join(("rows", *_parts(rule)))


def _parts(rule: Rule) -> Iterator[str]:
    if rule.content_tags:
        yield f"tagged {' or '.join(rule.content_tags)}"
    bounds = [
        f"{bound:g} or {side}"
        for bound, side in ((rule.min_complexity, "more"), (rule.max_complexity, "less"))
        if bound is not None
    ]
    if bounds:
        yield f"of complexity {' and '.join(bounds)}"


CONTENT_BASED = RuleKind(
    settings=("content_tags", "min_complexity", "max_complexity"),
    needs=("content_tags", "min_complexity", "max_complexity"),
    by_itself=RuleAction.BOOST,
    concerns=_concerns,
    words=_words,
)
