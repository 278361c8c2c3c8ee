"""The sentences of a decision."""

from dataclasses import replace
from datetime import UTC, datetime, time

import pytest

from core.rules.explain import day_names, demand, hours, shown, span
from core.rules.rule import Rule, RuleKind, TimeWindow
from core.rules.types import RULES
from core.vocabulary import Priority, RuleAction, RuleType

PLAIN = Rule("r", "R", RuleType.CONTENT_BASED)
NIGHT = TimeWindow(time(22), time(6))


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ("", ""),
        ("0", "Mon"),
        ("56", "Sat and Sun"),
        ("024", "Mon, Wed and Fri"),
        ("01234", "Mon–Fri"),
        ("0126", "Mon–Wed and Sun"),
        ("0123456", "Mon–Sun"),
    ],
)
def test_days_are_written_as_people_do(days: str, expected: str) -> None:
    assert day_names(frozenset(map(int, days))) == expected


@pytest.mark.parametrize(
    ("milliseconds", "expected"),
    [
        (1, "1 millisecond"),
        (1_500, "1500 milliseconds"),
        (1_000, "1 second"),
        (90_000, "90 seconds"),
        (120_000, "2 minutes"),
        (3_600_000, "1 hour"),
        (604_800_000, "7 days"),
    ],
)
def test_a_length_of_time_is_written_in_the_largest_unit_that_divides_it(milliseconds: int, expected: str) -> None:
    assert span(milliseconds) == expected


@pytest.mark.parametrize(
    ("instant", "expected"),
    [
        ("2026-06-10T15:00:00", "17:00 (Europe/Berlin)"),
        ("2026-06-10T15:00:30", "17:00:30 (Europe/Berlin)"),
        ("2026-06-10T22:00:00", "Thu 2026-06-11 00:00 (Europe/Berlin)"),
    ],
)
def test_a_time_is_told_with_its_zone_and_another_day_with_its_date(instant: str, expected: str) -> None:
    at = datetime(2026, 6, 10, 8, tzinfo=UTC)
    assert shown(datetime.fromisoformat(instant).replace(tzinfo=UTC), at, "Europe/Berlin") == expected


def test_the_offset_west_of_greenwich_is_told_too() -> None:
    first = datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    assert shown(first, first, "America/New_York") == "01:30 (America/New_York, UTC-04:00)"
    half = datetime(2026, 11, 1, 3, 45, tzinfo=UTC)
    assert shown(half, half, "America/St_Johns") == "01:15 (America/St_Johns, UTC-02:30)"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"time_window": NIGHT}, "22:00–06:00"),
        ({"days_of_week": frozenset({4})}, "Fri"),
        ({"time_window": NIGHT, "days_of_week": frozenset({4})}, "22:00–06:00 on Fri"),
        ({}, ""),
    ],
)
def test_the_hours_of_a_rule(changes: dict[str, object], expected: str) -> None:
    assert hours(replace(PLAIN, **changes)) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"content_tags": ("a", "b"), "max_concurrent": 2}, "has rows tagged a or b go at most 2 at once"),
        (
            {"min_complexity": 0.5, "max_concurrent": 2, "min_interval_ms": 30_000, "time_window": NIGHT},
            "has rows of complexity 0.5 or more in 22:00–06:00 go at most 2 at once and 30 seconds apart",
        ),
        (
            {"content_tags": ("a",), "min_complexity": 0.2, "max_complexity": 0.5, "max_concurrent": 1},
            "has rows tagged a of complexity 0.2 or more and 0.5 or less go at most 1 at once",
        ),
        ({"content_tags": ("a",), "action": RuleAction.DELAY}, "never lets rows tagged a go"),
        (
            {"type": RuleType.TIME_BASED, "time_window": NIGHT, "max_concurrent": 3},
            "lets rows go only in 22:00–06:00 and at most 3 at once",
        ),
        (
            {"type": RuleType.PRIORITY_BASED, "priority_threshold": Priority.HIGH, "max_concurrent": 3},
            "has rows below high go at most 3 at once",
        ),
        (
            {
                "type": RuleType.PRIORITY_BASED,
                "priority_threshold": Priority.URGENT,
                "max_concurrent": 3,
                "action": RuleAction.BOOST,
            },
            "has urgent rows go at most 3 at once",
        ),
    ],
)
def test_what_a_rule_asks_for(changes: dict[str, object], expected: str) -> None:
    assert demand(replace(PLAIN, **changes)) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", RuleType)
def test_every_type_of_rule_is_registered(kind: RuleType) -> None:
    assert isinstance(RULES[kind], RuleKind)
    assert set(RULES[kind].needs) <= {"time_window", "days_of_week", *RULES[kind].settings}
