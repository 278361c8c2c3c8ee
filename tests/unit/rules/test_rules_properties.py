"""What holds for whatever rules, rows, moments and loads."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st
from rule_draws import QUARTER, ZONES, is_inside, loads, moments, rows, rules

from core.rules.decide import Decision, Verdict, Wait, decide, precedence
from core.rules.effects import concerns
from core.rules.facts import LADDER, Load, RowFacts
from core.rules.rule import Rule
from core.vocabulary import RuleAction, RuleType

zones = st.sampled_from(ZONES)


def told(decision: Decision, action: Verdict) -> set[str]:
    return {reason.rule_id for reason in decision.reasons if reason.action is action}


@given(rules, rows, moments, zones, st.data())
def test_the_order_in_which_rules_are_evaluated_decides_nothing(
    given_rules: tuple[Rule, ...], row: RowFacts, at: datetime, zone: str, data: st.DataObject
) -> None:
    load = data.draw(loads(at))
    shuffled = data.draw(st.permutations(given_rules))
    assert decide(shuffled, row, at, zone, load) == decide(given_rules, row, at, zone, load)


@given(rules, rows, moments, zones, st.data())
def test_precedence_is_a_total_order_and_the_first_reason_decides(
    given_rules: tuple[Rule, ...], row: RowFacts, at: datetime, zone: str, data: st.DataObject
) -> None:
    decision = decide(given_rules, row, at, zone, data.draw(loads(at)))
    by_id = {rule.id: rule for rule in given_rules}
    ranks = [precedence(by_id[reason.rule_id], reason.action) for reason in decision.reasons]
    assert ranks == sorted(ranks)
    assert all((one < other) != (other < one) for one, other in combinations(ranks, 2))
    assert decision.action is (decision.reasons[0].action if decision.reasons else Verdict.RUN)


@given(rules, rows, moments, zones, st.data())
def test_disabling_a_rule_changes_nothing_for_a_row_it_did_not_touch(
    given_rules: tuple[Rule, ...], row: RowFacts, at: datetime, zone: str, data: st.DataObject
) -> None:
    load = data.draw(loads(at))
    decision = decide(given_rules, row, at, zone, load)
    touching = {reason.rule_id for reason in decision.reasons}
    for idle in (rule for rule in given_rules if rule.id not in touching):
        others = [replace(rule, enabled=rule.enabled and rule is not idle) for rule in given_rules]
        assert decide(others, row, at, zone, load) == decision


@given(rules, rows, moments, zones, st.data())
def test_a_rule_that_is_not_enabled_or_not_about_the_row_gives_no_reason(
    given_rules: tuple[Rule, ...], row: RowFacts, at: datetime, zone: str, data: st.DataObject
) -> None:
    decision = decide(given_rules, row, at, zone, data.draw(loads(at)))
    about = {rule.id for rule in given_rules if rule.enabled and concerns(rule, row)}
    assert {reason.rule_id for reason in decision.reasons} <= about


@given(rules, rows, moments, zones, st.data())
def test_the_same_question_has_the_same_answer(
    given_rules: tuple[Rule, ...], row: RowFacts, at: datetime, zone: str, data: st.DataObject
) -> None:
    load = data.draw(loads(at))
    assert decide(given_rules, row, at, zone, load) == decide(given_rules, row, at, zone, load)


@given(rules, rows, moments, zones, st.data())
def test_a_delay_moves_forward_and_is_over_when_it_says(
    given_rules: tuple[Rule, ...], row: RowFacts, at: datetime, zone: str, data: st.DataObject
) -> None:
    load = data.draw(loads(at))
    decision = decide(given_rules, row, at, zone, load)
    assert (decision.wait is None) == (decision.action is not Verdict.DELAY)
    assert (decision.not_before is None) == (decision.wait is not Wait.TIME)
    if decision.not_before is None:
        return
    assert decision.not_before > at
    nothing_runs = Load(last_started=load.last_started)
    assert decide(given_rules, row, decision.not_before, zone, nothing_runs).action is not Verdict.DELAY
    just_before = decide(given_rules, row, decision.not_before - timedelta(microseconds=1), zone, nothing_runs)
    assert told(just_before, Verdict.DELAY)
    for reason in decision.reasons:
        assert reason.until is None or at < reason.until <= decision.not_before


def lets_go(rule: Rule, row: RowFacts, at: datetime, zone: str) -> bool:
    """Say by the plainest means whether a rule lets a row go while nothing else runs or ran."""
    if not concerns(rule, row):
        return True
    if rule.action is None and rule.type is RuleType.TIME_BASED:
        return is_inside(rule, at, zone)
    return rule.has_limit or rule.action is not RuleAction.DELAY or not is_inside(rule, at, zone)


@given(rules, rows, moments.map(lambda at: at.replace(minute=at.minute // 15 * 15)), zones)
def test_not_before_is_the_first_quarter_of_an_hour_that_every_rule_allows(
    given_rules: tuple[Rule, ...], row: RowFacts, at: datetime, zone: str
) -> None:
    free = [rule for rule in given_rules if rule.action is not RuleAction.SKIP]
    moment = at
    while moment < at + timedelta(days=21) and not all(lets_go(rule, row, moment, zone) for rule in free):
        moment += QUARTER
    decision = decide(free, row, at, zone)
    if moment == at:
        assert decision.action is not Verdict.DELAY
    elif moment >= at + timedelta(days=21):
        assert decision.wait is Wait.NEVER
    else:
        assert decision.not_before == moment


@given(rules, rows, moments, zones)
def test_a_boost_lifts_by_one_step_and_nothing_lowers(
    given_rules: tuple[Rule, ...], row: RowFacts, at: datetime, zone: str
) -> None:
    decision = decide(given_rules, row, at, zone)
    step = LADDER.index(decision.priority) - LADDER.index(row.priority)
    is_top = row.priority is LADDER[-1]
    assert step == (1 if told(decision, Verdict.BOOST) and not is_top else 0)


@given(rules, rows, moments, zones)
def test_every_reason_names_its_rule_and_is_one_sentence(
    given_rules: tuple[Rule, ...], row: RowFacts, at: datetime, zone: str
) -> None:
    names = {rule.id: rule.name for rule in given_rules}
    for reason in decide(given_rules, row, at, zone).reasons:
        assert reason.rule_name == names[reason.rule_id]
        assert f"rule “{reason.rule_name}”" in reason.sentence
        assert reason.sentence.startswith(("Delayed ", "Held for good: ", "Skipped: ", "Boosted "))
        assert reason.sentence.endswith(".")
