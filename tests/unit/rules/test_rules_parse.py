"""Rules as JSON: read, refused with place, value and remedy, and written back."""

from datetime import time
from typing import Any

import pytest
from hypothesis import given
from rule_draws import rule_lists

from core.errors import Invalid
from core.rules.parse import MOST_RULES, as_json, parse_rules, rules_as_json
from core.rules.rule import Rule, TimeWindow
from core.vocabulary import Priority, RuleAction, RuleType

BRIEF: list[dict[str, Any]] = [
    {
        "id": "peak-hours-avoid",
        "type": "time_based",
        "enabled": True,
        "settings": {"time_window": "09:00-17:00", "action": "delay"},
    },
    {
        "id": "high-priority-first",
        "type": "priority_based",
        "enabled": True,
        "settings": {"priority_threshold": "high"},
    },
]


def settings(kind: str, /, **given: object) -> list[dict[str, Any]]:
    return [{"id": "a", "type": kind, "settings": given}]


def faults(given: object) -> list[tuple[str, str, str]]:
    with pytest.raises(Invalid) as refused:
        parse_rules(given)
    return [(problem.place, problem.value, problem.message) for problem in refused.value.problems]


def test_the_documented_examples_are_read_and_take_their_id_for_a_name() -> None:
    assert parse_rules(BRIEF) == (
        Rule(
            "peak-hours-avoid",
            "peak-hours-avoid",
            RuleType.TIME_BASED,
            time_window=TimeWindow(time(9), time(17)),
            action=RuleAction.DELAY,
        ),
        Rule(
            "high-priority-first",
            "high-priority-first",
            RuleType.PRIORITY_BASED,
            position=1,
            priority_threshold=Priority.HIGH,
        ),
    )


def test_every_setting_is_read() -> None:
    (rule,) = parse_rules(
        settings(
            "content_based",
            time_window="22:00-06:00",
            days_of_week=["Fri", 5, 6, "sun"],
            max_concurrent=2,
            min_interval_ms=30_000,
            content_tags=["video", " long form ", "video"],
            min_complexity=0.25,
            max_complexity=1,
            action="skip",
        )
    )
    assert rule.time_window == TimeWindow(time(22), time(6))
    assert rule.days_of_week == {4, 5, 6}
    assert (rule.max_concurrent, rule.min_interval_ms) == (2, 30_000)
    assert rule.content_tags == ("video", "long form")
    assert (rule.min_complexity, rule.max_complexity, rule.action) == (0.25, 1.0, RuleAction.SKIP)


@pytest.mark.parametrize(
    ("written", "start", "end"),
    [
        ("9:00-17:30", time(9), time(17, 30)),
        ("09:00 – 17:30", time(9), time(17, 30)),
        ({"start": "09:00", "end": "17:30"}, time(9), time(17, 30)),
        ("18:00-24:00", time(18), time(0)),
        ("22:00-06:00", time(22), time(6)),
    ],
)
def test_a_window_may_be_written_in_several_ways(written: object, start: time, end: time) -> None:
    (rule,) = parse_rules(settings("time_based", time_window=written))
    assert rule.time_window == TimeWindow(start, end)


@given(rule_lists())
def test_written_rules_read_the_same(given_rules: list[dict[str, Any]]) -> None:
    rules = parse_rules(given_rules)
    assert parse_rules(rules_as_json(rules)) == rules
    assert rules_as_json(reversed(rules)) == [as_json(rule) for rule in rules]


@given(rule_lists())
def test_what_is_read_is_written_again(given_rules: list[dict[str, Any]]) -> None:
    def in_order(rule: dict[str, Any]) -> dict[str, Any]:
        days = (
            {"days_of_week": sorted(rule["settings"].get("days_of_week", []))}
            if "days_of_week" in rule["settings"]
            else {}
        )
        return rule | {"settings": rule["settings"] | days}

    assert rules_as_json(parse_rules(given_rules)) == [in_order(rule) for rule in given_rules]


HOURS = {"time_window": "09:00-17:00"}


@pytest.mark.parametrize(
    ("kind", "given_settings", "place", "value", "fix"),
    [
        ("time_based", {"time_window": "09:00-25:00"}, "time_window.end", "25:00", "write a time of day such as 09:00"),
        ("time_based", {"time_window": "9-17:00"}, "time_window.start", "9", "write a time of day such as 09:00"),
        ("time_based", {"time_window": "mornings"}, "time_window", "mornings", "write two times of day"),
        ("time_based", {"time_window": 9}, "time_window", "9", "write two times of day"),
        ("time_based", {"time_window": "09:00-09:00"}, "time_window.end", "09:00", "it ends when it starts"),
        ("time_based", {"time_window": "00:00-24:00"}, "time_window.end", "24:00", "it ends when it starts"),
        ("time_based", {"time_window": {"start": "09:00"}}, "time_window.end", "None", "write a time of day"),
        (
            "time_based",
            {"time_window": {"from": "09:00"}},
            "time_window.from",
            "09:00",
            "the fields here are start, end",
        ),
        ("time_based", {"days_of_week": [0, 7]}, "days_of_week[1]", "7", "0 for Monday to 6 for Sunday"),
        ("time_based", {"days_of_week": [True]}, "days_of_week[0]", "True", "0 for Monday to 6 for Sunday"),
        ("time_based", {"days_of_week": []}, "days_of_week", "[]", "leave days_of_week out for every day"),
        ("time_based", HOURS | {"max_concurrent": 0}, "max_concurrent", "0", "give a whole number from 1 on"),
        ("time_based", HOURS | {"max_concurrent": -1}, "max_concurrent", "-1", "give a whole number from 1 on"),
        ("time_based", HOURS | {"max_concurrent": 1.5}, "max_concurrent", "1.5", "give a whole number"),
        ("time_based", HOURS | {"min_interval_ms": 0}, "min_interval_ms", "0", "give a whole number from 1 on"),
        ("time_based", HOURS | {"min_interval_ms": 10**10}, "min_interval_ms", "10000000000", "(a week) at most"),
        ("time_based", HOURS | {"action": "stop"}, "action", "stop", "use one of delay, skip, boost"),
        (
            "time_based",
            HOURS | {"tempo": 1},
            "tempo",
            "1",
            "leave it out: the fields here are time_window, days_of_week",
        ),
        (
            "time_based",
            HOURS | {"content_tags": ["a"]},
            "content_tags",
            "['a']",
            "leave it out: it belongs to content_based rules, this one is time_based",
        ),
        (
            "content_based",
            {"content_tags": ["a"], "priority_threshold": "high"},
            "priority_threshold",
            "high",
            "leave it out: it belongs to time_based and priority_based rules, this one is content_based",
        ),
        ("content_based", {"content_tags": []}, "content_tags", "[]", "name one tag or more"),
        ("content_based", {"content_tags": ["a", " "]}, "content_tags[1]", " ", "give 1 to 100 characters"),
        ("content_based", {"min_complexity": 3}, "min_complexity", "3", "give a number from 0 (simple) to 1 (complex)"),
        (
            "content_based",
            {"min_complexity": 0.8, "max_complexity": 0.2},
            "max_complexity",
            "0.2",
            "give 0.8 (min_complexity) or more",
        ),
        (
            "content_based",
            {"content_tags": ["a"], "action": "delay"},
            "action",
            "delay",
            "nothing would end it: add time_window or days_of_week or max_concurrent or min_interval_ms, or say skip",
        ),
        (
            "priority_based",
            {"priority_threshold": "top"},
            "priority_threshold",
            "top",
            "use one of low, normal, high, urgent",
        ),
    ],
)
def test_a_wrong_setting_is_refused_with_its_place(
    kind: str, given_settings: dict[str, object], place: str, value: str, fix: str
) -> None:
    ((found_place, found_value, message),) = faults(settings(kind, **given_settings))
    assert (found_place, found_value) == (f"rules[0].settings.{place}", value)
    assert fix in message


@pytest.mark.parametrize("kind", RuleType)
def test_a_rule_without_what_its_type_goes_by_is_refused(kind: str) -> None:
    ((place, value, message),) = faults(settings(kind))
    assert (place, value) == ("rules[0].settings", "{}")
    assert message.startswith(f"a {kind} rule needs ")


def test_every_fault_of_every_rule_is_told_at_once() -> None:
    second = {"id": "", "type": "daily", "enabled": "yes", "note": "x"}
    found = faults([*settings("time_based", time_window="09:00-99:00", max_concurrent=0), second, "third"])
    assert [place for place, _, _ in found] == [
        "rules[0].settings.time_window.end",
        "rules[0].settings.max_concurrent",
        "rules[1].note",
        "rules[1].id",
        "rules[1].type",
        "rules[1].enabled",
        "rules[1].settings",
        "rules[2]",
    ]


@pytest.mark.parametrize(
    ("given_rules", "place", "value"),
    [
        ({}, "rules", "{}"),
        (None, "rules", "None"),
        ([BRIEF[0]] * (MOST_RULES + 1), "rules", "21 rules"),
        ([BRIEF[0] | {"settings": ["delay"]}], "rules[0].settings", "a list"),
    ],
)
def test_what_is_no_list_of_rules_is_refused(given_rules: object, place: str, value: str) -> None:
    ((found_place, found_value, _),) = faults(given_rules)
    assert (found_place, found_value) == (place, value)


def test_the_place_can_be_that_of_a_larger_body() -> None:
    with pytest.raises(Invalid, match=r"^scheduling.scheduling_rules\[0\].settings.time_window.end: "):
        parse_rules(settings("time_based", time_window="09:00-9"), "scheduling.scheduling_rules")


def test_a_window_without_length_is_no_window() -> None:
    with pytest.raises(Invalid, match="it ends when it starts"):
        TimeWindow(time(9), time(9))
