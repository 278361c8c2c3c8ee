"""Where the rules of a job contradict each other or the job's own times, found before it starts."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.rules.decide import Verdict, Wait, decide
from core.rules.effects import closes
from core.rules.explain import demand, hours, shown, span, words
from core.rules.facts import RowFacts
from core.rules.rule import Rule, TimeWindow
from core.rules.types import RULES
from core.rules.witnesses import Witnesses
from core.vocabulary import RuleAction, Severity

_MILLISECOND, _DAY = timedelta(milliseconds=1), timedelta(days=1)


@dataclass(frozen=True)
class Finding:
    """Something rules cannot mean together; an error has to be mended before the job starts."""

    severity: Severity
    rules: tuple[str, ...]
    """The ids of the rules it is about; empty where it is about the job's times alone."""
    message: str


@dataclass(frozen=True)
class Stretch:
    """From when until when a job may work on its rows, aware."""

    start: datetime
    end: datetime


def find_conflicts(rules: Iterable[Rule], zone: str, stretch: Stretch | None = None) -> tuple[Finding, ...]:
    """Return what rules contradict, errors first; `stretch` is the job's own time, where it has an end.

    Rules that are not enabled count for their ids alone. Hours are compared by the clock on the wall of an ordinary
    week; `zone` says when the stretch is.
    """
    every = sorted(rules, key=lambda rule: (rule.position, rule.id))
    known = Witnesses(every)
    found = [
        *_same_ids(every),
        *_without_room(known.rules),
        *_never_open(known),
        *_skips_everything(known),
        *_overruled(known),
        *_out_of_stretch(known, zone, stretch),
        *_without_rows(known),
        *_slower_than_window(known.rules),
    ]
    return tuple(sorted(found, key=lambda finding: finding.severity is not Severity.ERROR))


def _same_ids(rules: Sequence[Rule]) -> Iterator[Finding]:
    first: dict[str, Rule] = {}
    for rule in rules:
        other = first.setdefault(rule.id, rule)
        if other is not rule:
            message = f"{_named(other)} and {rule.label} have the same id {rule.id!r}: give one of them another."
            yield _error(message, other, rule)


def _without_room(rules: Sequence[Rule]) -> Iterator[Finding]:
    for rule in rules:
        if _has_no_room(rule):
            yield _error(f"{_named(rule)} has max_concurrent {rule.max_concurrent}: set it to 1 or more.", rule)


def _has_no_room(rule: Rule) -> bool:
    return rule.max_concurrent is not None and rule.max_concurrent < 1


def _never_open(known: Witnesses) -> Iterator[Finding]:
    """Yield the fewest rules that together leave some row no time of the week, once each."""
    holding = [rule for rule in known.rules if known.shut[rule] and not _has_no_room(rule)]
    told = set()
    for row in known.rows:
        group = tuple(rule for rule in holding if row in known.concerned[rule])
        if group in told or not _fills_week(group, known):
            continue
        culprits = _fewest(group, known)
        if culprits not in told:
            demands = ", and ".join(f"{rule.label} {demand(rule)}" for rule in culprits)
            rows = "these rows" if len(culprits) == 1 else "rows that all of them concern"
            yield _error(f"{_capital(demands)}: {rows} would never go. Change or disable one.", *culprits)
        told |= {group, culprits}


def _fills_week(rules: Sequence[Rule], known: Witnesses) -> bool:
    return frozenset[datetime]().union(*(known.shut[rule] for rule in rules)) == known.times


def _fewest(rules: tuple[Rule, ...], known: Witnesses) -> tuple[Rule, ...]:
    """Leave out every rule without which the others still fill the week."""
    for rule in rules:
        others = tuple(other for other in rules if other is not rule)
        rules = others if _fills_week(others, known) else rules
        if not others:
            break
    return rules


def _skips_everything(known: Witnesses) -> Iterator[Finding]:
    for rule in known.rules:
        is_about_all = len(known.concerned[rule]) == len(known.rows) and known.held[rule] == known.times
        if _skips_all_of_its(rule) and is_about_all:
            yield _error(f"{_named(rule)} skips every row at every time: nothing would be done.", rule)


def _skips_all_of_its(rule: Rule) -> bool:
    return rule.action is RuleAction.SKIP and closes(rule)


def _overruled(known: Witnesses) -> Iterator[Finding]:
    """Yield boosts that never take effect, because another rule always has the rows skipped or waiting."""
    for boost in (rule for rule in known.rules if rule.does(RULES[rule.type].by_itself) is RuleAction.BOOST):
        for other in known.rules:
            if not known.concerned[boost] or not known.concerned[boost] <= known.concerned[other]:
                continue
            if _skips_all_of_its(other) and known.held[boost] <= known.held[other]:
                message = f"{_named(other)} skips every row that {boost.label} boosts ({words(boost)})."
                yield _error(message, other, boost)
            elif known.held[boost] <= known.shut[other]:
                message = (
                    f"{_named(boost)} has no effect: whenever it boosts {words(boost)}, {other.label} delays them."
                )
                yield _warning(message, other, boost)


def _out_of_stretch(known: Witnesses, zone: str, stretch: Stretch | None) -> Iterator[Finding]:
    """Yield what leaves some rows no time between the job's start and its end."""
    if stretch is None:
        return
    since, until = shown(stretch.start, stretch.start, zone), shown(stretch.end, stretch.start, zone)
    if stretch.end <= stretch.start:
        yield _error(f"The job ends at {until}, not after its start at {since}: give a later end.")
        return
    late = {row: rules for row in known.rows if (rules := _late_by(known.rules, row, zone, stretch))}
    for rules in dict.fromkeys(late.values()):
        who = _capital(" and ".join(f"{rule.label} {demand(rule)}" for rule in rules))
        if len(late) == len(known.rows):
            yield _error(f"{who}: no row could go from {since} to {until}, the job's own time.", *rules)
        else:
            yield _warning(f"{who}: these rows could not go from {since} to {until}, the job's own time.", *rules)


def _late_by(rules: Sequence[Rule], row: RowFacts, zone: str, stretch: Stretch) -> tuple[Rule, ...]:
    """Return the rules that keep a row beyond the stretch; none where it may go, and what never may is told before."""
    decision = decide(rules, row, stretch.start, zone)
    if decision.wait is not Wait.TIME or decision.not_before is None or decision.not_before < stretch.end:
        return ()
    ids = {reason.rule_id for reason in decision.reasons if reason.action is Verdict.DELAY}
    return tuple(rule for rule in rules if rule.id in ids)


def _without_rows(known: Witnesses) -> Iterator[Finding]:
    for rule in known.rules:
        if not known.concerned[rule]:
            yield _warning(f"{_named(rule)} does nothing: there can be no {words(rule)}.", rule)


def _slower_than_window(rules: Sequence[Rule]) -> Iterator[Finding]:
    for rule in rules:
        if rule.time_window is None or rule.min_interval_ms is None:
            continue
        if rule.min_interval_ms * _MILLISECOND >= _length(rule.time_window):
            apart = f"its rows start {span(rule.min_interval_ms)} apart"
            message = f"{apart}, and {hours(rule)} is no longer than that: one row at most goes in each window."
            yield _warning(f"{_named(rule)}: {message}", rule)


def _length(window: TimeWindow) -> timedelta:
    """Return how long a window is on a day without a change of the clocks."""
    start, end = (timedelta(hours=clock.hour, minutes=clock.minute) for clock in (window.start, window.end))
    return (end - start) % _DAY


def _named(rule: Rule) -> str:
    return _capital(rule.label)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _error(message: str, *rules: Rule) -> Finding:
    return Finding(Severity.ERROR, tuple(rule.id for rule in rules), message)


def _warning(message: str, *rules: Rule) -> Finding:
    return Finding(Severity.WARNING, tuple(rule.id for rule in rules), message)
