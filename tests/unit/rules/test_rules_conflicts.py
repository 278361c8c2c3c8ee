"""Rules that contradict each other or the job's own times, found before it starts."""

import random
from dataclasses import replace
from datetime import UTC, datetime, time

from hypothesis import given
from hypothesis import strategies as st
from rule_draws import ZONES, moments, rows, rules

from core.rules.conflicts import Finding, Stretch, find_conflicts
from core.rules.decide import Verdict, Wait, decide
from core.rules.effects import concerns
from core.rules.facts import RowFacts
from core.rules.parse import MOST_RULES, MOST_TAGS, parse_rules
from core.rules.rule import Rule, TimeWindow
from core.rules.witnesses import Witnesses
from core.vocabulary import Priority, RuleAction, RuleType, Severity

BERLIN = "Europe/Berlin"
PEAK = Rule("peak", "Peak", RuleType.TIME_BASED, time_window=TimeWindow(time(9), time(17)), action=RuleAction.DELAY)
FIRST = Rule("first", "First", RuleType.PRIORITY_BASED, position=1, priority_threshold=Priority.HIGH)
DRAFTS = Rule("drafts", "Drafts", RuleType.CONTENT_BASED, content_tags=("draft", "Test"), action=RuleAction.SKIP)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def between(start: int, end: int, **changes: object) -> Rule:
    return replace(PEAK, time_window=TimeWindow(time(start), time(end)), **changes)  # type: ignore[arg-type]


def error(message: str, *ids: str) -> Finding:
    return Finding(Severity.ERROR, ids, message)


def warning(message: str, *ids: str) -> Finding:
    return Finding(Severity.WARNING, ids, message)


def test_rules_that_go_together_have_no_finding() -> None:
    assert find_conflicts([], BERLIN) == ()
    assert find_conflicts([PEAK, FIRST, DRAFTS], BERLIN) == ()


def test_one_id_for_two_rules_is_an_error_even_where_one_is_disabled() -> None:
    other = replace(FIRST, id="peak", enabled=False)
    message = "Rule “Peak” and rule “First” have the same id 'peak': give one of them another."
    assert find_conflicts([PEAK, other], BERLIN) == (error(message, "peak", "peak"),)


def test_zero_at_once_is_an_error() -> None:
    assert find_conflicts([replace(PEAK, max_concurrent=0)], BERLIN) == (
        error("Rule “Peak” has max_concurrent 0: set it to 1 or more.", "peak"),
    )


def test_skipping_everything_that_another_rule_boosts_is_an_error_that_names_both() -> None:
    boost = Rule("b", "Tests first", RuleType.CONTENT_BASED, position=1, content_tags=("test",))
    message = "Rule “Drafts” skips every row that rule “Tests first” boosts (rows tagged test)."
    assert find_conflicts([DRAFTS, boost], BERLIN) == (error(message, "drafts", "b"),)
    assert find_conflicts([DRAFTS, replace(boost, content_tags=("test", "launch"))], BERLIN) == ()
    assert find_conflicts([replace(DRAFTS, time_window=TimeWindow(time(9), time(10))), boost], BERLIN) == ()
    assert find_conflicts([replace(DRAFTS, max_concurrent=2), boost], BERLIN) == ()
    assert find_conflicts([DRAFTS, replace(boost, enabled=False)], BERLIN) == ()


def test_the_sides_of_a_threshold_do_not_meet() -> None:
    low_out = Rule("l", "No low", RuleType.PRIORITY_BASED, priority_threshold=Priority.HIGH, action=RuleAction.SKIP)
    assert find_conflicts([low_out, FIRST], BERLIN) == ()
    lift_low = replace(DRAFTS, action=RuleAction.BOOST)
    assert find_conflicts([low_out, lift_low], BERLIN) == ()


def test_a_boost_within_hours_of_delay_is_a_warning() -> None:
    boost = replace(FIRST, time_window=TimeWindow(time(10), time(12)))
    message = "Rule “First” has no effect: whenever it boosts rows from high on, rule “Peak” delays them."
    assert find_conflicts([PEAK, boost], BERLIN) == (warning(message, "peak", "first"),)


def test_windows_that_are_never_open_together_are_an_error_that_names_both() -> None:
    morning = between(6, 12, action=None)
    evening = between(18, 22, action=None, id="evening", name="Evening", position=1)
    message = (
        "Rule “Peak” lets rows go only in 06:00–12:00, and rule “Evening” lets rows go only in 18:00–22:00: "
        "rows that all of them concern would never go. Change or disable one."
    )
    assert find_conflicts([morning, evening, FIRST], BERLIN) == (error(message, "peak", "evening"),)
    assert find_conflicts([morning, replace(evening, time_window=TimeWindow(time(11), time(13)))], BERLIN) == ()


def test_days_that_never_meet_are_an_error() -> None:
    weekdays = Rule("a", "Weekdays", RuleType.TIME_BASED, days_of_week=frozenset(range(5)))
    weekend = replace(weekdays, id="b", name="Weekend", days_of_week=frozenset({5, 6}), position=1)
    (finding,) = find_conflicts([weekdays, weekend], BERLIN)
    assert (finding.severity, finding.rules) == (Severity.ERROR, ("a", "b"))
    assert "lets rows go only on Sat and Sun" in finding.message


def test_only_the_rules_that_are_needed_for_a_contradiction_are_named() -> None:
    thirds = [between(start, (start + 8) % 24, id=f"r{start}", position=start) for start in (0, 8, 16)]
    (finding,) = find_conflicts([*thirds, between(3, 5, id="idle", position=30)], BERLIN)
    assert finding.rules == ("r0", "r8", "r16")


def test_rules_for_different_rows_do_not_contradict_each_other() -> None:
    boosted, other = (
        Rule(name, name, RuleType.CONTENT_BASED, content_tags=(name,), time_window=hours, action=RuleAction.DELAY)
        for name, hours in (("a", TimeWindow(time(0), time(12))), ("b", TimeWindow(time(12), time(0))))
    )
    (finding,) = find_conflicts([boosted, other], BERLIN)
    assert "rows that all of them concern" in finding.message  # a row may have both tags
    low = replace(other, content_tags=(), max_complexity=0.2)
    high = replace(boosted, content_tags=(), min_complexity=0.8)
    assert find_conflicts([low, high], BERLIN) == ()


def test_a_rule_that_lets_nothing_go_is_an_error() -> None:
    always = Rule("d", "Daily", RuleType.TIME_BASED, days_of_week=frozenset(range(7)), action=RuleAction.DELAY)
    message = "Rule “Daily” keeps rows out of Mon–Sun: these rows would never go. Change or disable one."
    assert find_conflicts([always], BERLIN) == (error(message, "d"),)


def test_skipping_every_row_is_an_error() -> None:
    always = Rule("d", "Daily", RuleType.TIME_BASED, days_of_week=frozenset(range(7)), action=RuleAction.SKIP)
    assert find_conflicts([always], BERLIN) == (
        error("Rule “Daily” skips every row at every time: nothing would be done.", "d"),
    )


def test_an_interval_longer_than_its_window_is_a_warning() -> None:
    slow = between(23, 1, min_interval_ms=3 * 3_600_000)
    message = (
        "Rule “Peak”: its rows start 3 hours apart, and 23:00–01:00 is no longer than that: "
        "one row at most goes in each window."
    )
    assert find_conflicts([slow], BERLIN) == (warning(message, "peak"),)
    assert find_conflicts([replace(slow, min_interval_ms=3_600_000)], BERLIN) == ()


def test_a_rule_without_rows_is_a_warning() -> None:
    nobody = replace(FIRST, priority_threshold=Priority.LOW, action=RuleAction.SKIP)
    assert find_conflicts([nobody], BERLIN) == (
        warning("Rule “First” does nothing: there can be no rows below low.", "first"),
    )


def test_errors_come_before_warnings() -> None:
    found = find_conflicts([between(23, 1, min_interval_ms=10**7), replace(FIRST, max_concurrent=0)], BERLIN)
    assert [finding.severity for finding in found] == [Severity.ERROR, Severity.WARNING]


# --- The job's own time ------------------------------------------------------------------------------------------


def test_an_end_before_the_start_is_an_error() -> None:
    stretch = Stretch(utc("2026-06-10T08:00"), utc("2026-06-09T08:00"))
    assert find_conflicts([PEAK], BERLIN, stretch) == (
        error(
            "The job ends at Tue 2026-06-09 10:00 (Europe/Berlin), not after its start at 10:00 (Europe/Berlin): "
            "give a later end."
        ),
    )


def test_a_job_that_ends_before_its_rules_let_anything_go_is_an_error() -> None:
    stretch = Stretch(utc("2026-06-10T08:00"), utc("2026-06-10T15:00"))
    assert find_conflicts([PEAK, FIRST], BERLIN, stretch) == (
        error(
            "Rule “Peak” keeps rows out of 09:00–17:00: no row could go from 10:00 (Europe/Berlin) to "
            "17:00 (Europe/Berlin), the job's own time.",
            "peak",
        ),
    )
    assert find_conflicts([PEAK, FIRST], BERLIN, replace(stretch, end=utc("2026-06-10T15:01"))) == ()
    assert find_conflicts([PEAK, FIRST], "Asia/Tokyo", stretch) == ()


def test_where_only_some_rows_are_late_it_is_a_warning() -> None:
    rule = replace(PEAK, priority_threshold=Priority.URGENT)
    (finding,) = find_conflicts([rule], BERLIN, Stretch(utc("2026-06-10T08:00"), utc("2026-06-10T10:00")))
    assert (finding.severity, finding.rules) == (Severity.WARNING, ("peak",))
    assert "keeps rows below urgent out of 09:00–17:00: these rows could not go" in finding.message


# --- Whatever the rules ------------------------------------------------------------------------------------------


@given(rules, rows, moments, st.sampled_from(ZONES))
def test_a_row_that_waits_for_good_was_announced(
    given_rules: tuple[Rule, ...], row: RowFacts, at: datetime, zone: str
) -> None:
    decision = decide(given_rules, row, at, zone)
    if decision.wait is Wait.NEVER:
        holding = {reason.rule_id for reason in decision.reasons if reason.action is Verdict.DELAY}
        errors = [finding for finding in find_conflicts(given_rules, zone) if finding.severity is Severity.ERROR]
        assert any(set(finding.rules) <= holding for finding in errors)


@given(rules, st.sampled_from(ZONES))
def test_findings_name_their_rules_and_do_not_depend_on_the_order_given(
    given_rules: tuple[Rule, ...], zone: str
) -> None:
    found = find_conflicts(given_rules, zone)
    assert find_conflicts(reversed(given_rules), zone) == found
    names = {rule.id: rule.name for rule in given_rules}
    for finding in found:
        assert finding.rules
        assert all(f"“{names[rule]}”" in finding.message for rule in finding.rules)


def test_as_many_rules_as_a_job_may_have_are_compared_by_a_few_thousand_rows() -> None:
    draw = random.Random(1)
    names = [f"tag {number}" for number in range(60)]
    given_rules = [
        {
            "id": f"r{number}",
            "type": "content_based",
            "settings": {
                "content_tags": draw.sample(names, MOST_TAGS),
                "min_complexity": number / 100,
                "max_complexity": 1 - number / 100,
                "time_window": f"{number:02d}:{number:02d}-{number + 3:02d}:30",
                "action": draw.choice(["delay", "skip", "boost"]),
            },
        }
        for number in range(MOST_RULES)
    ]
    assert len(Witnesses(parse_rules(given_rules)).rows) < 6_000
    assert find_conflicts(parse_rules(given_rules), BERLIN) == ()


@given(rules, rows)
def test_every_row_is_treated_as_one_of_the_witnesses_or_as_several_together(
    given_rules: tuple[Rule, ...], row: RowFacts
) -> None:
    known = Witnesses(given_rules)
    about = {rule for rule in known.rules if concerns(rule, row)}
    classes = [{rule for rule in known.rules if witness in known.concerned[rule]} for witness in known.rows]
    assert about in classes or any(about <= each for each in classes)
