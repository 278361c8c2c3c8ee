"""Draws rules, rows, moments and loads, and reads rules once more by the plainest means."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from core.rules.facts import Load, RowFacts
from core.rules.parse import parse_rules
from core.rules.rule import Rule
from core.vocabulary import Priority

ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "UTC")
CHANGES = ("2026-03-08", "2026-03-29", "2026-04-05", "2026-09-06", "2026-10-04", "2026-10-25", "2026-11-01")
"""Days around which these zones change their clocks, some of them."""
TAGS = ("launch", "promo", "draft")
QUARTER = timedelta(minutes=15)

clocks = st.builds("{:02d}:{:02d}".format, st.integers(0, 23), st.sampled_from([0, 15, 30, 45]))
windows = st.tuples(clocks, clocks).filter(lambda ends: ends[0] != ends[1]).map("-".join)
days = st.lists(st.integers(0, 6), min_size=1, max_size=5, unique=True)
priorities = st.sampled_from([str(priority) for priority in Priority])
hours = {"time_window": windows, "days_of_week": days}
limits = {"max_concurrent": st.integers(1, 3), "min_interval_ms": st.sampled_from([1, 30_000, 900_000, 7_200_000])}
OWN: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "time_based": {"priority_threshold": priorities},
    "content_based": {
        "content_tags": st.lists(st.sampled_from(TAGS), min_size=1, max_size=2, unique=True),
        "min_complexity": st.sampled_from([0.2, 0.5]),
        "max_complexity": st.sampled_from([0.5, 0.9]),
    },
    "priority_based": {},
}
NEEDED = {
    "time_based": ("time_window", "days_of_week"),
    "content_based": ("content_tags", "min_complexity", "max_complexity"),
    "priority_based": ("priority_threshold",),
}


@st.composite
def rule_json(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a rule as the API holds it, without a fault."""
    kind = draw(st.sampled_from(sorted(OWN)))
    pool = hours | limits | {"priority_threshold": priorities, **OWN[kind]}
    needed = draw(st.sampled_from(NEEDED[kind]))
    optional = sorted(set(pool) & {*hours, *limits, *OWN[kind]} - {needed})
    names = draw(st.lists(st.sampled_from(optional), max_size=3, unique=True))
    settings = {name: draw(pool[name]) for name in (needed, *names)}
    actions = ["skip", "boost", *(["delay"] if settings.keys() & {*hours, *limits} else [])]
    if action := draw(st.sampled_from([None, *actions])):
        settings["action"] = action
    name = draw(st.text("abc –“", min_size=1, max_size=8).filter(str.strip)).strip()
    return {"id": "", "name": name, "type": kind, "enabled": draw(st.booleans()), "settings": settings}


@st.composite
def rule_lists(draw: st.DrawFn, most: int = 4) -> list[dict[str, Any]]:
    """Draw a job's rules, each with an id of its own."""
    rules = draw(st.lists(rule_json(), max_size=most))
    return [rule | {"id": f"r{number}"} for number, rule in enumerate(rules)]


rules = rule_lists().map(parse_rules)
rows = st.builds(
    RowFacts,
    number=st.integers(1, 10_000),
    priority=st.sampled_from(Priority),
    complexity=st.sampled_from([0.0, 0.2, 0.5, 0.7, 1.0]),
    tags=st.frozensets(st.sampled_from([*TAGS, "Launch", "other"])),
)
moments = st.builds(
    lambda day, minutes: datetime.fromisoformat(day).replace(tzinfo=UTC) + timedelta(minutes=minutes),
    st.sampled_from(CHANGES),
    st.integers(-2880, 2880),
)


@st.composite
def loads(draw: st.DrawFn, at: datetime) -> Load:
    """Draw what is running under rules r0 to r3, and what started in the two hours before `at`."""
    names = [f"r{number}" for number in range(4)]
    running = draw(st.dictionaries(st.sampled_from(names), st.integers(0, 4)))
    ago = draw(st.dictionaries(st.sampled_from(names), st.integers(0, 7_200)))
    return Load(running, {name: at - timedelta(seconds=seconds) for name, seconds in ago.items()})


def is_inside(rule: Rule, at: datetime, zone: str) -> bool:
    """Say whether a rule's hours and days hold an instant, by minutes since midnight."""
    local = at.astimezone(ZoneInfo(zone))
    clock, day = local.hour * 60 + local.minute, local.weekday()
    if rule.time_window is not None:
        start, end = (edge.hour * 60 + edge.minute for edge in (rule.time_window.start, rule.time_window.end))
        if start > end and clock < end:
            day, clock = (day - 1) % 7, clock + 1440
        if not start <= clock < (end if start < end else end + 1440):
            return False
    return not rule.days_of_week or day in rule.days_of_week
