"""The form of one rule: what it goes by, which rows, when, and what it does with them."""

from collections.abc import Mapping
from datetime import time
from typing import Any

import streamlit as st

from core.calendar.recurrence import DAY_NAMES
from core.errors import Invalid
from core.rules.parse import LONGEST_TEXT, as_json, parse_rules
from core.rules.rule import Rule
from core.ui.batch_draft import change_settings, draft
from core.ui.batch_words import RULE_ACTIONS, RULE_TYPES
from core.ui.dialogs import close_dialog
from core.ui.wording import plain
from core.vocabulary import Priority, RuleAction, RuleType

DIALOG = "batch_rule"
_MS = 1000
_BY_ITSELF: Mapping[RuleType, str] = {
    RuleType.TIME_BASED: "Only then",
    RuleType.CONTENT_BASED: "Put first",
    RuleType.PRIORITY_BASED: "Put first",
}
_WORDS: Mapping[str, str] = {
    "a time_based rule": "a rule by time",
    "a content_based rule": "a rule by content",
    "a priority_based rule": "a rule by priority",
    "time_window": "hours",
    "days_of_week": "days",
    "max_concurrent": "a number at once",
    "min_interval_ms": "seconds between starts",
    "content_tags": "tags",
    "min_complexity": "a least complexity",
    "max_complexity": "a highest complexity",
    "priority_threshold": "a priority",
}
"""What the form calls the settings that sentences about rules name."""
_MEANS: Mapping[RuleAction | None, str] = {
    RuleAction.DELAY: "While the rule holds, its rows wait; they go as soon as it no longer does.",
    RuleAction.SKIP: "Its rows are left out for good.",
    RuleAction.BOOST: "Its rows go one step of priority higher.",
}


@st.dialog("Rule", icon=":material/rule:", on_dismiss=close_dialog)
def ask_rule(rule_id: str) -> None:
    """Draw the form for a rule of the draft, or for a new one where `rule_id` is empty."""
    known = {rule.id: rule for rule in parse_rules([dict(each) for each in draft().settings.rules])}
    old = known.get(rule_id)
    key = rule_id or f"new{len(known)}"
    name: str = st.text_input("Name", old.name if old else "", max_chars=LONGEST_TEXT, key=f"batch_rf_name_{key}")
    kind = _ask_type(old, key)
    settings = {**_ask_rows(kind, old, key), **_ask_hours(old, key), **_ask_action(kind, old, key)}
    settings |= _ask_limits(old, key)
    found = {
        "id": old.id if old else _free_id(known),
        "name": name.strip() or RULE_TYPES[kind],
        "type": str(kind),
        "enabled": old.enabled if old else True,
        "settings": {title: value for title, value in settings.items() if value not in (None, [], "")},
    }
    if st.button("Save rule", type="primary", key="batch_rule_save"):
        _keep(found)


def _ask_type(old: Rule | None, key: str) -> RuleType:
    start = old.type if old else RuleType.TIME_BASED
    chosen = st.segmented_control(
        "It goes by",
        list(RULE_TYPES),
        default=start,
        required=True,
        format_func=lambda each: RULE_TYPES[each].removeprefix("By ").capitalize(),
        key=f"batch_rf_type_{key}",
    )
    return RuleType(chosen or start)


def _ask_rows(kind: RuleType, old: Rule | None, key: str) -> dict[str, Any]:
    """Ask which rows it concerns."""
    if kind is RuleType.CONTENT_BASED:
        return _ask_content(old, key)
    label = "Rows from this priority on" if kind is RuleType.PRIORITY_BASED else "Leave rows alone from"
    kept = old.priority_threshold if old else None
    start = list(Priority).index(kept) if kept else (2 if kind is RuleType.PRIORITY_BASED else None)
    chosen: Priority | None = st.selectbox(
        label,
        list(Priority),
        start,
        format_func=str.capitalize,
        key=f"batch_rf_priority_{kind}_{key}",
        placeholder="No priority: every row",
        help="A rule that puts rows first concerns those from here on; one that delays or skips, those below.",
    )
    return {"priority_threshold": chosen and str(chosen)}


def _ask_content(old: Rule | None, key: str) -> dict[str, Any]:
    tags: str = st.text_input(
        "Rows with one of these tags",
        ", ".join(old.content_tags) if old else "",
        key=f"batch_rf_tags_{key}",
        placeholder="launch, sale",
    )
    least, most = st.columns(2)
    low: float | None = least.number_input(
        "Complexity at least", 0.0, 1.0, old.min_complexity if old else None, 0.1, key=f"batch_rf_low_{key}",
        help="0: one platform, a line of text; 1: long, on many platforms",
    )  # fmt: skip
    high: float | None = most.number_input(
        "Complexity at most", 0.0, 1.0, old.max_complexity if old else None, 0.1, key=f"batch_rf_high_{key}"
    )
    found = [tag for each in tags.split(",") if (tag := each.strip().lstrip("#"))]
    return {"content_tags": found, "min_complexity": low, "max_complexity": high}


def _ask_hours(old: Rule | None, key: str) -> dict[str, Any]:
    """Ask when it holds."""
    window = old.time_window if old else None
    first, last = st.columns(2)
    starts: time | None = first.time_input("From", window.start if window else None, key=f"batch_rf_from_{key}")
    ends: time | None = last.time_input(
        "Until", window.end if window else None, key=f"batch_rf_to_{key}", help="Before “From”: the next morning"
    )
    days = st.pills(
        "Days",
        range(len(DAY_NAMES)),
        selection_mode="multi",
        default=sorted(old.days_of_week) if old else [],
        format_func=DAY_NAMES.__getitem__,
        key=f"batch_rf_days_{key}",
        help="None: every day",
    )
    has_window = starts is not None or ends is not None
    asked = {"start": starts and f"{starts:%H:%M}", "end": ends and f"{ends:%H:%M}"} if has_window else None
    return {"time_window": asked, "days_of_week": sorted(days or ())}


def _ask_action(kind: RuleType, old: Rule | None, key: str) -> dict[str, Any]:
    options = [None, *(each for each in RuleAction if kind is RuleType.TIME_BASED or each is not RuleAction.BOOST)]
    start = old.action if old and old.action in options else (RuleAction.DELAY if kind is RuleType.TIME_BASED else None)
    if old:
        start = old.action if old.action in options else None
    chosen: RuleAction | None = st.segmented_control(
        "What it does",
        options,
        default=start,
        format_func=lambda each: RULE_ACTIONS[each] if each else _BY_ITSELF[kind],
        key=f"batch_rf_action_{kind}_{key}",
    )
    alone = (
        "Rows go only in these hours." if kind is RuleType.TIME_BASED else "Its rows go one step of priority higher."
    )
    st.caption(_MEANS.get(chosen, alone))
    return {"action": chosen and str(chosen)}


def _ask_limits(old: Rule | None, key: str) -> dict[str, Any]:
    with st.expander("Limit instead of stopping", icon=":material/speed:"):
        at_once: int | None = st.number_input(
            "At most at once", 0, None, old.max_concurrent if old else None, 1, key=f"batch_rf_most_{key}"
        )
        kept = old.min_interval_ms / _MS if old and old.min_interval_ms else None
        apart: float | None = st.number_input(
            "Seconds between two starts", 0.0, None, kept, 1.0, key=f"batch_rf_apart_{key}"
        )
        st.caption("While the rule holds, its rows go at this pace; “delay” and “skip” are for what is more.")
    return {"max_concurrent": at_once, "min_interval_ms": round(apart * _MS) if apart else None}


def _free_id(known: Mapping[str, Rule]) -> str:
    number = len(known) + 1
    while f"rule-{number}" in known:
        number += 1
    return f"rule-{number}"


def _keep(found: dict[str, Any]) -> None:
    try:
        (rule,) = parse_rules([found], "rule")
    except Invalid as error:
        for problem in error.problems:
            st.error(plain(_words(problem.place, problem.message)), icon=":material/error:")
        return
    rules = {str(each["id"]): each for each in draft().settings.rules} | {rule.id: as_json(rule)}
    change_settings(rules=tuple(rules.values()))
    close_dialog()
    st.rerun()


def _words(place: str, message: str) -> str:
    """Say what to do, with the setting as people read it."""
    setting = place.rpartition(".settings.")[2].rpartition("]")[2].strip(".").replace("_", " ")
    for name, word in _WORDS.items():
        message = message.replace(name, word)
    return f"{setting.capitalize()}: {message}." if setting and setting != "settings" else f"{message.capitalize()}."
