"""Rules as the API's JSON holds them, read and written; what is wrong comes with place, value and remedy."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import time
from enum import StrEnum
from typing import Any, TypeVar

from core.content.baseline import WEEKDAYS
from core.json_fields import Faults, Field, Wrong, anything, list_of, number, positive, text
from core.rules.rule import SHARED_SETTINGS, Rule, TimeWindow
from core.rules.types import RULES
from core.vocabulary import Priority, RuleAction, RuleType

MOST_RULES, MOST_TAGS, LONGEST_TEXT = 20, 20, 100
"""More rules than a person can oversee are a slip; so are more tags of one, and longer ids, names and tags."""
LONGEST_INTERVAL_MS = 7 * 24 * 3600 * 1000
"""A week: rules repeat by the week, and a longer pause would stop a job rather than pace it."""
_WINDOW = re.compile(r"\s*(\S+?)\s*[-–]\s*(\S+)\s*")
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)|24:00", flags=re.ASCII)
_CLOCK_FIX = "write a time of day such as 09:00"
_Word = TypeVar("_Word", bound=StrEnum)


def parse_rules(given: object, place: str = "rules") -> tuple[Rule, ...]:
    """Turn parsed JSON into rules, in their order. Raises Invalid with everything that is wrong (20 faults at most)."""
    faults = Faults()
    if not isinstance(given, list):
        faults.add(place, given, "give a list of rules in brackets")
        faults.refuse()
        return ()
    if len(given) > MOST_RULES:
        faults.add(place, f"{len(given)} rules", f"give {MOST_RULES} at most")
        faults.refuse()
    rules = [_rule(faults, f"{place}[{index}]", index, one) for index, one in enumerate(given)]
    faults.refuse()
    return tuple(rule for rule in rules if rule is not None)


def rules_as_json(rules: Iterable[Rule]) -> list[dict[str, Any]]:
    """Write rules in their order as `parse_rules` reads them."""
    return [as_json(rule) for rule in sorted(rules, key=lambda rule: rule.position)]


def as_json(rule: Rule) -> dict[str, Any]:
    """Write one rule; settings it does not have are left out."""
    values: dict[str, Any] = {name: getattr(rule, name) for name in SETTINGS}
    settings = {name: _written(value) for name, value in values.items() if value not in (None, (), frozenset())}
    return {"id": rule.id, "name": rule.name, "type": str(rule.type), "enabled": rule.enabled, "settings": settings}


def _written(value: object) -> object:
    match value:
        case TimeWindow(start, end):
            return f"{start:%H:%M}-{end:%H:%M}"
        case frozenset():
            return sorted(value)
        case tuple():
            return list(value)
        case StrEnum():
            return str(value)
    return value


# --- Kinds of values ---------------------------------------------------------------------------------------------


def _short_text(value: object) -> str:
    found = text(value).strip()
    if not 0 < len(found) <= LONGEST_TEXT:
        raise Wrong(value, f"give 1 to {LONGEST_TEXT} characters")
    return found


def _is_true(value: object) -> bool:
    if not isinstance(value, bool):
        raise Wrong(value, "give true or false")
    return value


def _word_of(words: type[_Word]) -> Callable[[object], _Word]:
    """Return the kind of one of some words."""

    def read(value: object) -> _Word:
        if not isinstance(value, str) or value not in {word.value for word in words}:
            raise Wrong(value, f"use one of {', '.join(words)}")
        return words(value)

    return read


def _window(value: object) -> TimeWindow:
    start, end = _ends(value)
    window = _clock(start, ".start"), _clock(end, ".end")
    if window[0] == window[1]:
        raise Wrong(end, "it ends when it starts; leave time_window out for the whole day", ".end")
    return TimeWindow(*window)


def _ends(value: object) -> tuple[object, object]:
    """Return both ends as they stand in "09:00-17:00" or {"start": "09:00", "end": "17:00"}."""
    if isinstance(value, dict):
        if unknown := [name for name in value if name not in {"start", "end"}]:
            raise Wrong(value[unknown[0]], "leave it out: the fields here are start, end", f".{unknown[0]}")
        return value.get("start"), value.get("end")
    shape = _WINDOW.fullmatch(value) if isinstance(value, str) else None
    if shape is None:
        raise Wrong(value, "write two times of day such as 09:00-17:00; 22:00-06:00 ends the next morning")
    return shape[1], shape[2]


def _clock(value: object, place: str) -> time:
    shape = _CLOCK.fullmatch(value) if isinstance(value, str) else None
    if shape is None:
        raise Wrong(value, _CLOCK_FIX, place)
    return time(int(shape[1]), int(shape[2])) if shape[1] else time()


def _day(value: object) -> int:
    if isinstance(value, str) and value.lower() in WEEKDAYS:
        return WEEKDAYS.index(value.lower())
    if isinstance(value, bool) or not isinstance(value, int) or value not in range(len(WEEKDAYS)):
        raise Wrong(value, "give a day by name (mon to sun), or 0 for Monday to 6 for Sunday")
    return value


def _days(value: object) -> frozenset[int]:
    return frozenset(_some(list_of(_day)(value), "leave days_of_week out for every day"))


def _tags(value: object) -> tuple[str, ...]:
    tags = tuple(dict.fromkeys(_some(list_of(_short_text)(value), "name one tag or more")))
    if len(tags) > MOST_TAGS:
        raise Wrong(f"{len(tags)} tags", f"give {MOST_TAGS} at most")
    return tags


def _some(found: list[Any], fix: str) -> list[Any]:
    if not found:
        raise Wrong("[]", fix)
    return found


def _share(value: object) -> float:
    if not 0 <= number(value) <= 1:
        raise Wrong(value, "give a number from 0 (simple) to 1 (complex)")
    return number(value)


def _interval(value: object) -> int:
    if positive(value) > LONGEST_INTERVAL_MS:
        raise Wrong(value, f"give {LONGEST_INTERVAL_MS} milliseconds (a week) at most")
    return positive(value)


# --- Rules -------------------------------------------------------------------------------------------------------

SETTINGS: Mapping[str, Field] = {
    "time_window": Field(_window, None),
    "days_of_week": Field(_days, frozenset()),
    "max_concurrent": Field(positive, None),
    "min_interval_ms": Field(_interval, None),
    "content_tags": Field(_tags, ()),
    "min_complexity": Field(_share, None),
    "max_complexity": Field(_share, None),
    "priority_threshold": Field(_word_of(Priority), None),
    "action": Field(_word_of(RuleAction), None),
}
"""Every setting of a rule, by its name in the JSON and in `Rule`."""
_RULE = {
    "id": Field(_short_text),
    "name": Field(_short_text, None),
    "type": Field(_word_of(RuleType)),
    "enabled": Field(_is_true, default=True),
    "settings": Field(anything),
}


def _rule(faults: Faults, place: str, position: int, given: object) -> Rule | None:
    """Read one rule; what is wrong goes to `faults`, and there is none where its type is not known."""
    found = faults.read(place, given, _RULE)
    if not isinstance(found["type"], RuleType):
        return None
    settings = _settings(faults, f"{place}.settings", found["type"], found["settings"])
    name = found["name"] or found["id"]
    return Rule(found["id"], name, found["type"], found["enabled"], position, **settings)


def _settings(faults: Faults, place: str, kind: RuleType, given: object) -> dict[str, Any]:
    own = (*SHARED_SETTINGS, *RULES[kind].settings)
    fields = {name: SETTINGS[name] for name in own}
    if not isinstance(given, dict):
        return faults.read(place, given, fields)
    foreign = [name for name in given if name in SETTINGS and name not in own]
    for name in foreign:
        takers = " and ".join(each for each in RuleType if name in RULES[each].settings)
        faults.add(f"{place}.{name}", given[name], f"leave it out: it belongs to {takers} rules, this one is {kind}")
    rest = {name: value for name, value in given.items() if name not in foreign}
    found = faults.read(place, rest, fields)
    _check_together(faults, place, kind, rest, found)
    return found


def _check_together(
    faults: Faults, place: str, kind: RuleType, given: Mapping[str, object], found: Mapping[str, Any]
) -> None:
    """Note what is right by itself and wrong beside the other settings."""
    needs = RULES[kind].needs
    if all(given.get(name) is None for name in needs):
        faults.add(place, dict(given), f"a {kind} rule needs {' or '.join(needs)}")
    bounds = ("time_window", "days_of_week", "max_concurrent", "min_interval_ms")
    if found["action"] is RuleAction.DELAY and all(given.get(name) is None for name in bounds):
        faults.add(f"{place}.action", "delay", f"nothing would end it: add {' or '.join(bounds)}, or say skip")
    least, most = found.get("min_complexity"), found.get("max_complexity")
    if least is not None and most is not None and least > most:
        faults.add(f"{place}.max_complexity", most, f"give {least:g} (min_complexity) or more")
