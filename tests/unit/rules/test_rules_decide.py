"""What becomes of a row: the documented rules, hours across midnight and changes of the clocks, limits, precedence."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from core.rules.decide import Decision, Verdict, Wait, decide, sentences
from core.rules.effects import load_of
from core.rules.facts import Load, RowFacts
from core.rules.parse import parse_rules
from core.rules.rule import Rule, TimeWindow
from core.vocabulary import Priority, RuleAction, RuleType

BERLIN, NEW_YORK = "Europe/Berlin", "America/New_York"
AVOID_PEAK, HIGH_FIRST = parse_rules(
    [
        {
            "id": "peak-hours-avoid",
            "name": "Peak hours",
            "type": "time_based",
            "enabled": True,
            "settings": {"time_window": "09:00-17:00", "action": "delay"},
        },
        {
            "id": "high-priority-first",
            "name": "High first",
            "type": "priority_based",
            "enabled": True,
            "settings": {"priority_threshold": "high"},
        },
    ]
)
ROW = RowFacts(1)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def window(text: str, action: RuleAction | None = RuleAction.DELAY, days: str = "", **settings: object) -> Rule:
    start, end = map(time.fromisoformat, text.split("-"))
    rule = Rule("w", "Window", RuleType.TIME_BASED, time_window=TimeWindow(start, end), action=action)
    return replace(rule, days_of_week=frozenset(map(int, days)), **settings)  # type: ignore[arg-type]


def tagged(*tags: str, **settings: object) -> Rule:
    rule = Rule("t", "Tags", RuleType.CONTENT_BASED, content_tags=tags)
    return replace(rule, **settings)  # type: ignore[arg-type]


# --- The documented rules ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "zone", "expected"),
    [
        ("2026-06-10T06:59", BERLIN, None),
        ("2026-06-10T07:00", BERLIN, "2026-06-10T15:00"),
        ("2026-06-10T14:59:59", BERLIN, "2026-06-10T15:00"),
        ("2026-06-10T15:00", BERLIN, None),
        ("2026-06-10T13:00", NEW_YORK, "2026-06-10T21:00"),
        ("2026-06-10T12:59", NEW_YORK, None),
    ],
)
def test_peak_hours_are_those_of_the_workspace(at: str, zone: str, expected: str | None) -> None:
    decision = decide([AVOID_PEAK, HIGH_FIRST], ROW, utc(at), zone)
    assert decision.not_before == (utc(expected) if expected else None)
    assert decision.action is (Verdict.DELAY if expected else Verdict.RUN)


@pytest.mark.parametrize(
    ("zone", "at", "expected"),
    [
        (BERLIN, "2026-03-28T12:00", "2026-03-28T16:00"),  # the day before: UTC+1
        (BERLIN, "2026-03-29T12:00", "2026-03-29T15:00"),  # the clocks went forward: UTC+2
        (BERLIN, "2026-10-24T12:00", "2026-10-24T15:00"),
        (BERLIN, "2026-10-25T12:00", "2026-10-25T16:00"),
        (NEW_YORK, "2026-03-07T18:00", "2026-03-07T22:00"),
        (NEW_YORK, "2026-03-08T18:00", "2026-03-08T21:00"),
        (NEW_YORK, "2026-10-31T18:00", "2026-10-31T21:00"),
        (NEW_YORK, "2026-11-01T18:00", "2026-11-01T22:00"),
    ],
)
def test_peak_hours_end_by_the_clock_on_the_wall_when_it_changes(zone: str, at: str, expected: str) -> None:
    assert decide([AVOID_PEAK], ROW, utc(at), zone).not_before == utc(expected)


def test_high_priority_goes_first_and_urgent_cannot_go_higher() -> None:
    night = utc("2026-06-10T20:00")
    found = {priority: decide([HIGH_FIRST], RowFacts(1, priority), night, BERLIN) for priority in Priority}
    assert {priority: (one.action, one.priority) for priority, one in found.items()} == {
        Priority.LOW: (Verdict.RUN, Priority.LOW),
        Priority.NORMAL: (Verdict.RUN, Priority.NORMAL),
        Priority.HIGH: (Verdict.BOOST, Priority.URGENT),
        Priority.URGENT: (Verdict.BOOST, Priority.URGENT),
    }


def test_high_priority_waits_for_the_end_of_peak_hours_too_and_keeps_its_boost() -> None:
    decision = decide([AVOID_PEAK, HIGH_FIRST], RowFacts(1, Priority.HIGH), utc("2026-06-10T08:00"), BERLIN)
    assert (decision.action, decision.priority, decision.wait) == (Verdict.DELAY, Priority.URGENT, Wait.TIME)
    assert list(sentences(decision)) == [
        "Delayed to 17:00 (Europe/Berlin): rule “Peak hours” keeps rows out of 09:00–17:00.",
        "Boosted from high to urgent: rule “High first” puts rows from high on first.",
    ]


def test_a_threshold_lets_urgent_rows_through_peak_hours() -> None:
    rule = replace(AVOID_PEAK, priority_threshold=Priority.URGENT, days_of_week=frozenset(range(5)))
    at = utc("2026-06-10T08:00")
    assert decide([rule], RowFacts(1, Priority.URGENT), at, BERLIN).action is Verdict.RUN
    assert list(sentences(decide([rule], RowFacts(1, Priority.HIGH), at, BERLIN))) == [
        "Delayed to 17:00 (Europe/Berlin): rule “Peak hours” keeps rows below urgent out of 09:00–17:00 on Mon–Fri."
    ]


# --- Hours -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-06-12T19:59", None),  # Friday 21:59
        ("2026-06-12T20:00", "2026-06-13T04:00"),
        ("2026-06-13T03:59", "2026-06-13T04:00"),  # Saturday morning still is Friday's night
        ("2026-06-13T04:00", None),
        ("2026-06-13T20:00", None),  # Saturday night
        ("2026-06-12T03:00", None),  # Friday morning is Thursday's night
    ],
)
def test_a_window_across_midnight_belongs_to_the_day_on_which_it_begins(at: str, expected: str | None) -> None:
    decision = decide([window("22:00-06:00", days="4")], ROW, utc(at), BERLIN)
    assert decision.not_before == (utc(expected) if expected else None)


@pytest.mark.parametrize(
    ("zone", "at", "expected"),
    [
        (BERLIN, "2026-06-12T21:59", None),  # Friday 23:59
        (BERLIN, "2026-06-12T22:00", "2026-06-14T22:00"),  # Saturday and Sunday, until Monday 00:00
        (NEW_YORK, "2026-06-13T03:59", None),
        (NEW_YORK, "2026-06-13T04:00", "2026-06-15T04:00"),
        (BERLIN, "2026-03-27T23:00", "2026-03-29T22:00"),  # 47 hours
        (BERLIN, "2026-10-23T22:00", "2026-10-25T23:00"),  # 49 hours
        ("America/Havana", "2026-03-07T05:00", "2026-03-09T04:00"),  # Sunday begins at 01:00
    ],
)
def test_days_change_at_the_midnight_of_the_zone(zone: str, at: str, expected: str | None) -> None:
    weekend = Rule("d", "Weekend", RuleType.TIME_BASED, days_of_week=frozenset({5, 6}), action=RuleAction.DELAY)
    assert decide([weekend], ROW, utc(at), zone).not_before == (utc(expected) if expected else None)


@pytest.mark.parametrize(
    ("zone", "hours", "at", "expected"),
    [
        # 02:30 to 03:30 begins in the gap: what is left of it is 03:00 to 03:30.
        (BERLIN, "02:30-03:30", "2026-03-29T00:59", None),
        (BERLIN, "02:30-03:30", "2026-03-29T01:00", "2026-03-29T01:30"),
        (NEW_YORK, "02:30-03:30", "2026-03-08T07:00", "2026-03-08T07:30"),
        # 01:30 to 02:30 ends in it: at its first missing minute.
        (BERLIN, "01:30-02:30", "2026-03-29T00:45", "2026-03-29T01:00"),
        (NEW_YORK, "01:30-02:30", "2026-03-08T06:45", "2026-03-08T07:00"),
        # The clocks show 02:00 to 02:30 twice, and the window comes twice.
        (BERLIN, "02:00-02:30", "2026-10-25T00:10", "2026-10-25T00:30"),
        (BERLIN, "02:00-02:30", "2026-10-25T00:45", None),
        (BERLIN, "02:00-02:30", "2026-10-25T01:10", "2026-10-25T01:30"),
        (NEW_YORK, "01:00-01:30", "2026-11-01T05:10", "2026-11-01T05:30"),
        (NEW_YORK, "01:00-01:30", "2026-11-01T06:10", "2026-11-01T06:30"),
        # A window that the change interrupts: 02:30 to 03:00, back to 02:00, and 02:30 to 03:30 again.
        (BERLIN, "02:30-03:30", "2026-10-25T00:45", "2026-10-25T01:00"),
        (BERLIN, "02:30-03:30", "2026-10-25T01:45", "2026-10-25T02:30"),
    ],
)
def test_hours_in_a_gap_or_shown_twice_are_what_the_clocks_show(
    zone: str, hours: str, at: str, expected: str | None
) -> None:
    assert decide([window(hours)], ROW, utc(at), zone).not_before == (utc(expected) if expected else None)


def test_a_time_that_the_clocks_show_twice_is_told_with_its_offset() -> None:
    first, second = (
        next(sentences(decide([window("02:00-02:30")], ROW, utc(f"2026-10-25T{clock}"), BERLIN)))
        for clock in ("00:10", "01:10")
    )
    assert first.startswith("Delayed to 02:30 (Europe/Berlin, UTC+02:00): ")
    assert second.startswith("Delayed to 02:30 (Europe/Berlin, UTC+01:00): ")


def test_without_an_action_rows_go_only_within_the_hours() -> None:
    rule = window("22:00-06:00", None)
    assert decide([rule], ROW, utc("2026-06-10T21:00"), BERLIN).action is Verdict.RUN
    decision = decide([rule], ROW, utc("2026-06-10T10:00"), BERLIN)
    assert decision.not_before == utc("2026-06-10T20:00")
    assert list(sentences(decision)) == [
        "Delayed to 22:00 (Europe/Berlin): rule “Window” lets rows go only in 22:00–06:00."
    ]


def test_hours_that_a_change_of_the_clocks_takes_away_come_next_week() -> None:
    decision = decide([window("02:15-02:45", None, "6")], ROW, utc("2026-03-24T12:00"), BERLIN)
    assert decision.not_before == utc("2026-04-05T00:15")


def test_one_rule_may_take_over_from_another() -> None:
    first, second = window("09:00-17:00"), replace(window("16:00-18:30"), id="x", name="Evening", position=1)
    decision = decide([first, second], ROW, utc("2026-06-10T08:00"), BERLIN)
    assert decision.not_before == utc("2026-06-10T16:30")
    assert [(reason.rule_id, reason.until) for reason in decision.reasons] == [
        ("w", utc("2026-06-10T15:00")),
        ("x", utc("2026-06-10T16:30")),
    ]


def test_a_row_that_can_never_go_is_told_so() -> None:
    always = Rule("d", "No day", RuleType.TIME_BASED, days_of_week=frozenset(range(7)), action=RuleAction.DELAY)
    decision = decide([always], ROW, utc("2026-06-10T08:00"), BERLIN)
    assert (decision.action, decision.wait, decision.not_before) == (Verdict.DELAY, Wait.NEVER, None)
    assert list(sentences(decision)) == ["Held for good: rule “No day” keeps rows out of Mon–Sun."]


def test_rules_that_leave_no_time_together_say_so_each() -> None:
    morning, evening = window("00:00-12:00"), replace(window("12:00-00:00"), id="x", name="Evening", position=1)
    decision = decide([morning, evening], ROW, utc("2026-06-10T08:00"), BERLIN)
    assert (decision.wait, decision.not_before) == (Wait.NEVER, None)
    assert list(sentences(decision)) == [
        "Held for good: rule “Window” keeps rows out of 00:00–12:00, and the rules beside it leave no other time.",
        "Held for good: rule “Evening” keeps rows out of 12:00–00:00, and the rules beside it leave no other time.",
    ]


# --- Limits ------------------------------------------------------------------------------------------------------

AT = utc("2026-06-10T08:00")
VIDEO = RowFacts(2, tags=frozenset({"Video"}))


def test_rows_beyond_the_number_at_once_wait_for_room() -> None:
    rule = tagged("video", max_concurrent=2)
    assert decide([rule], VIDEO, AT, BERLIN, Load({"t": 1})) == Decision(Verdict.RUN, Priority.NORMAL)
    decision = decide([rule], VIDEO, AT, BERLIN, Load({"t": 2}))
    assert (decision.action, decision.wait, decision.not_before) == (Verdict.DELAY, Wait.ROOM, None)
    assert list(sentences(decision)) == [
        "Delayed until a running row ends: rule “Tags” has rows tagged video go at most 2 at once (2 running)."
    ]
    assert decide([rule], ROW, AT, BERLIN, Load({"t": 2})).action is Verdict.RUN


def test_rows_start_no_less_than_the_interval_apart() -> None:
    rule, load = tagged("video", min_interval_ms=90_000), Load(last_started={"t": AT - timedelta(seconds=30)})
    decision = decide([rule], VIDEO, AT, BERLIN, load)
    assert (decision.wait, decision.not_before) == (Wait.TIME, AT + timedelta(seconds=60))
    assert list(sentences(decision)) == [
        "Delayed to 10:01 (Europe/Berlin): rule “Tags” has rows tagged video go 90 seconds apart."
    ]
    assert decide([rule], VIDEO, AT + timedelta(seconds=60), BERLIN, load).action is Verdict.RUN


def test_an_interval_with_hours_ends_with_them() -> None:
    rule = window("09:00-17:00", min_interval_ms=7_200_000)
    load = Load(last_started={"w": utc("2026-06-10T14:00")})
    assert decide([rule], ROW, utc("2026-06-10T14:30"), BERLIN, load).not_before == utc("2026-06-10T15:00")


def test_time_that_passes_is_waited_for_before_room() -> None:
    decision = decide([window("09:00-17:00"), tagged("video", max_concurrent=1)], VIDEO, AT, BERLIN, Load({"t": 1}))
    assert (decision.wait, decision.not_before) == (Wait.TIME, utc("2026-06-10T15:00"))
    assert [reason.rule_id for reason in decision.reasons] == ["t", "w"]


def test_skip_with_a_limit_skips_what_is_more() -> None:
    rule = tagged("video", max_concurrent=1, action=RuleAction.SKIP)
    assert decide([rule], VIDEO, AT, BERLIN).action is Verdict.RUN
    decision = decide([rule], VIDEO, AT, BERLIN, Load({"t": 1}))
    assert list(sentences(decision)) == [
        "Skipped: rule “Tags” has rows tagged video go at most 1 at once, and skips what is more."
    ]


def test_delay_with_a_limit_delays_only_what_is_more() -> None:
    rule = window("09:00-17:00", max_concurrent=1)
    assert decide([rule], ROW, AT, BERLIN).action is Verdict.RUN
    assert decide([rule], ROW, AT, BERLIN, Load({"w": 1})).wait is Wait.ROOM
    assert decide([rule], ROW, utc("2026-06-10T15:00"), BERLIN, Load({"w": 1})).action is Verdict.RUN


def test_zero_at_once_lets_nothing_go() -> None:
    decision = decide([tagged("video", max_concurrent=0)], VIDEO, AT, BERLIN)
    assert (decision.action, decision.wait) == (Verdict.DELAY, Wait.NEVER)


def test_the_load_counts_the_rows_each_rule_concerns() -> None:
    rules = [tagged("video"), HIGH_FIRST, replace(AVOID_PEAK, enabled=False)]
    load = load_of(rules, [VIDEO, ROW, RowFacts(3, Priority.HIGH)], [(VIDEO, AT), (VIDEO, AT - timedelta(hours=1))])
    assert load == Load({"t": 1, "high-priority-first": 1, "peak-hours-avoid": 0}, {"t": AT})


# --- Precedence --------------------------------------------------------------------------------------------------


def test_skip_comes_before_delay_before_boost_and_every_reason_is_kept() -> None:
    rules = [
        replace(tagged("video"), id="boost", position=0),
        replace(window("09:00-17:00"), id="delay", position=1),
        replace(tagged("video", action=RuleAction.SKIP), id="skip", position=2),
        replace(window("08:00-12:00"), id="delay too", position=3),
    ]
    decision = decide(rules, VIDEO, AT, BERLIN)
    assert [reason.rule_id for reason in decision.reasons] == ["skip", "delay", "delay too", "boost"]
    assert (decision.action, decision.wait, decision.not_before) == (Verdict.SKIP, None, None)
    assert next(sentences(decision)) == "Skipped: rule “Tags” skips rows tagged video."


def test_among_equals_the_position_decides() -> None:
    one = replace(tagged("video", action=RuleAction.SKIP), id="z", position=0)
    other = replace(one, id="a", position=1)
    assert [reason.rule_id for reason in decide([other, one], VIDEO, AT, BERLIN).reasons] == ["z", "a"]


def test_without_rules_a_row_runs() -> None:
    assert decide([], ROW, AT, BERLIN) == Decision(Verdict.RUN, Priority.NORMAL)


@pytest.mark.parametrize(
    ("complexity", "expected"), [(0.0, Verdict.RUN), (0.3, Verdict.BOOST), (0.6, Verdict.BOOST), (0.61, Verdict.RUN)]
)
def test_complexity_bounds_are_inclusive(complexity: float, expected: Verdict) -> None:
    rule = Rule("c", "Middling", RuleType.CONTENT_BASED, min_complexity=0.3, max_complexity=0.6)
    assert decide([rule], RowFacts(1, complexity=complexity), AT, BERLIN).action is expected
