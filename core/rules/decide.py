"""What becomes of a row at a moment by all rules of its job together, and why.

The order of precedence: skip before delay before boost; among rules that do the same, the one that stands first in the
job's list, then the id. No two rules are equal in it, so the order of evaluation decides nothing.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.rules.effects import boosts, concerns, is_full, is_shut, opens_at
from core.rules.explain import boosted_sentence, crowded_sentence, delayed_sentence, held_sentence, skipped_sentence
from core.rules.facts import Load, RowFacts, one_up
from core.rules.hours import LOOK_AHEAD
from core.rules.rule import Rule
from core.vocabulary import Priority, RuleAction


class Verdict(StrEnum):
    """What becomes of a row; the first that any rule asks for wins."""

    SKIP = "skip"
    DELAY = "delay"
    BOOST = "boost"
    RUN = "run"


class Wait(StrEnum):
    """What ends the wait of a delayed row: its time, the end of a running row, or nothing at all."""

    TIME = "time"
    ROOM = "room"
    NEVER = "never"


@dataclass(frozen=True)
class Reason:
    """What one rule asks for, as a sentence; a rule gives one reason of a kind at most."""

    rule_id: str
    rule_name: str
    action: Verdict
    sentence: str
    until: datetime | None = None
    """When this rule lets a delayed row go; None where time alone does not."""


@dataclass(frozen=True)
class Decision:
    """What becomes of a row, and every reason in order of precedence: the first one decided.

    `not_before` (UTC) is the first instant at which no rule delays the row for a reason of time; it is there where
    `wait` is `time`. `priority` is the one to queue by: one step up where a rule boosts, however many do, and never
    above urgent. Of rows that come out equal, the one that was more urgent by itself should go first.
    """

    action: Verdict
    priority: Priority
    reasons: tuple[Reason, ...] = ()
    not_before: datetime | None = None
    wait: Wait | None = None


def precedence(rule: Rule, action: Verdict) -> tuple[int, int, str]:
    """Return where what a rule asks for stands in the order of precedence, the smallest first."""
    return tuple(Verdict).index(action), rule.position, rule.id


def decide(rules: Iterable[Rule], row: RowFacts, at: datetime, zone: str, load: Load | None = None) -> Decision:
    """Decide on a row whose turn comes at `at` (aware), by the clocks of `zone` and what is running already.

    A rule that gives no reason has no part in the decision: without it, the decision would be the same.
    """
    concerned = [rule for rule in rules if concerns(rule, row)]
    moment = _Moment(at, zone, load or Load())
    skips = [(rule, _skip(rule)) for rule in concerned if rule.action is RuleAction.SKIP and moment.is_against(rule)]
    wait, not_before, delays = _delays([rule for rule in concerned if rule.action is not RuleAction.SKIP], moment)
    lifts = [(rule, _lift(rule, row.priority)) for rule in concerned if boosts(rule, at, zone)]
    told = sorted([*skips, *delays, *lifts], key=lambda pair: precedence(pair[0], pair[1].action))
    reasons = tuple(reason for _, reason in told)
    action = reasons[0].action if reasons else Verdict.RUN
    priority = one_up(row.priority) if lifts else row.priority
    if action is Verdict.DELAY:
        return Decision(action, priority, reasons, not_before, wait)
    return Decision(action, priority, reasons)


@dataclass(frozen=True)
class _Moment:
    """When, where and under which load rules are asked."""

    at: datetime
    zone: str
    load: Load

    def is_against(self, rule: Rule) -> bool:
        """Say whether the rule stands against its rows for whatever reason."""
        return is_shut(rule, self.at, self.zone, self.load) or is_full(rule, self.at, self.zone, self.load)


def _skip(rule: Rule) -> Reason:
    return Reason(rule.id, rule.name, Verdict.SKIP, skipped_sentence(rule))


def _lift(rule: Rule, priority: Priority) -> Reason:
    return Reason(rule.id, rule.name, Verdict.BOOST, boosted_sentence(rule, priority, one_up(priority)))


def _delays(rules: Sequence[Rule], moment: _Moment) -> tuple[Wait | None, datetime | None, list[tuple[Rule, Reason]]]:
    """Return what the row waits for, until when, and each rule that keeps it, with its reason."""
    until, opening = _release(rules, moment)
    late = [(rule, _delay(rule, until, opening, moment)) for rule in until]
    full = [rule for rule in rules if rule not in until and is_full(rule, moment.at, moment.zone, moment.load)]
    told = [*late, *((rule, _crowded(rule, moment.load)) for rule in full)]
    if opening is None:
        return Wait.NEVER, None, told
    if until:
        return Wait.TIME, opening, told
    return (Wait.ROOM if full else None), None, told


def _release(rules: Sequence[Rule], moment: _Moment) -> tuple[dict[Rule, datetime | None], datetime | None]:
    """Return the rules that keep a row waiting, with when each lets it go, and the first instant at which all do.

    One rule may begin to hold when another ends: the row is followed from each release to the next. None stands for
    never, which is also said of rules that within LOOK_AHEAD are never all open at once.
    """
    until: dict[Rule, datetime | None] = {}
    now = moment.at
    while shut := [rule for rule in rules if is_shut(rule, now, moment.zone, moment.load)]:
        openings = {rule: opens_at(rule, now, moment.zone, moment.load) for rule in shut}
        until |= openings
        known = [opening for opening in openings.values() if opening is not None]
        if len(known) < len(shut) or max(known) > moment.at + LOOK_AHEAD:
            return until, None
        now = max(known)
    return until, now


def _crowded(rule: Rule, load: Load) -> Reason:
    return Reason(rule.id, rule.name, Verdict.DELAY, crowded_sentence(rule, load.running.get(rule.id, 0)))


def _delay(rule: Rule, until: Mapping[Rule, datetime | None], opening: datetime | None, moment: _Moment) -> Reason:
    own = until[rule]
    if own is None:
        return Reason(rule.id, rule.name, Verdict.DELAY, held_sentence(rule, alone=True))
    if opening is None and None not in until.values():
        return Reason(rule.id, rule.name, Verdict.DELAY, held_sentence(rule, alone=False))
    sentence = delayed_sentence(rule, moment.at, own, moment.zone)
    return Reason(rule.id, rule.name, Verdict.DELAY, sentence, own)


def sentences(decision: Decision) -> Iterator[str]:
    """Yield why a row was delayed, skipped or boosted, the deciding sentence first."""
    return (reason.sentence for reason in decision.reasons)
