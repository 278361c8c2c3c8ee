"""The sentences of a decision: why a row was delayed, skipped or boosted, by which rule."""

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby

from core.calendar.recurrence import DAY_NAMES
from core.calendar.zones import load_zone, to_utc, to_wall
from core.errors import DstAmbiguous
from core.rules.effects import closes, confines
from core.rules.rule import Rule
from core.rules.types import RULES
from core.vocabulary import Priority

_LONG_RUN = 3
"""From so many days in a row on, "Mon–Fri" reads better than their list."""
_SECOND, _MINUTE, _HOUR, _DAY = 1000, 60_000, 3_600_000, 86_400_000
_UNITS = ((_DAY, "day"), (_HOUR, "hour"), (_MINUTE, "minute"), (_SECOND, "second"), (1, "millisecond"))


def delayed_sentence(rule: Rule, at: datetime, until: datetime, zone: str) -> str:
    """Say until when a rule keeps a row waiting, and what it asks for."""
    return f"Delayed to {shown(until, at, zone)}: {rule.label} {demand(rule)}."


def held_sentence(rule: Rule, *, alone: bool) -> str:
    """Say that a row will never go: by this rule alone, or because others take the times it leaves."""
    others = "" if alone else ", and the rules beside it leave no other time"
    return f"Held for good: {rule.label} {demand(rule)}{others}."


def crowded_sentence(rule: Rule, running: int) -> str:
    """Say that a row waits until another one ends."""
    return f"Delayed until a running row ends: {rule.label} {demand(rule)} ({running} running)."


def skipped_sentence(rule: Rule) -> str:
    """Say why a row is left out."""
    if closes(rule):
        return f"Skipped: {rule.label} skips {words(rule)}{_inside(rule)}."
    return f"Skipped: {rule.label} {demand(rule)}, and skips what is more."


def boosted_sentence(rule: Rule, before: Priority, after: Priority) -> str:
    """Say why a row goes before others, and from which priority to which."""
    change = f"from {before} to {after}" if before is not after else f"but {before} is the highest already"
    return f"Boosted {change}: {rule.label} puts {words(rule)} first{_inside(rule)}."


def words(rule: Rule) -> str:
    """Name the rows a rule concerns: "rows below urgent"."""
    return RULES[rule.type].words(rule)


def demand(rule: Rule) -> str:
    """Say what a rule asks of the rows it concerns, without its name: "keeps rows out of 09:00–17:00"."""
    if confines(rule):
        return " and ".join((f"lets {words(rule)} go only{_inside(rule)}", *_limits(rule)))
    if closes(rule):
        return f"keeps {words(rule)} out of {hours(rule)}" if rule.has_hours else f"never lets {words(rule)} go"
    return f"has {words(rule)}{_inside(rule)} go {' and '.join(_limits(rule))}"


def _limits(rule: Rule) -> Iterator[str]:
    if rule.max_concurrent is not None:
        yield f"at most {rule.max_concurrent} at once"
    if rule.min_interval_ms is not None:
        yield f"{span(rule.min_interval_ms)} apart"


def hours(rule: Rule) -> str:
    """Write when a rule holds: "09:00–17:00 on Mon–Fri"; empty when it always does."""
    window = rule.time_window
    clock = f"{window.start:%H:%M}–{window.end:%H:%M}" if window else ""
    return " on ".join(part for part in (clock, day_names(rule.days_of_week)) if part)


def _inside(rule: Rule) -> str:
    if not rule.has_hours:
        return ""
    return f" {'in' if rule.time_window else 'on'} {hours(rule)}"


def day_names(days: frozenset[int]) -> str:
    """Write days of the week (0 = Monday) as people do: "Mon–Fri", "Sat and Sun"."""
    runs = [[day for _, day in run] for _, run in groupby(enumerate(sorted(days)), lambda pair: pair[1] - pair[0])]
    parts = [part for run in runs for part in _run_names(run)]
    return " and ".join(part for part in (", ".join(parts[:-1]), *parts[-1:]) if part)


def _run_names(run: list[int]) -> list[str]:
    names = [DAY_NAMES[day] for day in run]
    return [f"{names[0]}–{names[-1]}"] if len(names) >= _LONG_RUN else names


def span(milliseconds: int) -> str:
    """Write a length of time in the largest unit that divides it: "90 seconds"."""
    size, unit = next((size, unit) for size, unit in _UNITS if milliseconds % size == 0 and milliseconds >= size)
    return f"{milliseconds // size} {unit}{'' if milliseconds == size else 's'}"


def shown(instant: datetime, at: datetime, zone: str) -> str:
    """Write an instant by the clocks of `zone`, with its day where that is not the one of `at`."""
    wall = to_wall(instant, zone)
    day = "" if wall.date() == to_wall(at, zone).date() else f"{wall:%a %Y-%m-%d} "
    clock = f"{wall:%H:%M:%S}" if wall.replace(second=0, microsecond=0) != wall else f"{wall:%H:%M}"
    return f"{day}{clock} ({zone}{_which_reading(wall, instant, zone)})"


def _which_reading(wall: datetime, instant: datetime, zone: str) -> str:
    """Say which reading of a time is meant that the clocks show twice."""
    try:
        to_utc(wall.replace(fold=0), zone)
    except DstAmbiguous:
        offset = f"{instant.astimezone(load_zone(zone)):%z}"
        return f", UTC{offset[:3]}:{offset[3:5]}"
    return ""
