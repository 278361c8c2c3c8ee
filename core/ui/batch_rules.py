"""The rules of a batch: add, change, switch, order, remove; what they contradict is said at once."""

from collections.abc import Sequence

import streamlit as st

from core.errors import Invalid
from core.rules.conflicts import Stretch, find_conflicts
from core.rules.explain import demand, hours, words
from core.rules.parse import MOST_RULES, parse_rules
from core.rules.rule import Rule
from core.rules.types import RULES
from core.ui.batch_draft import change_settings, draft
from core.ui.batch_rule_form import DIALOG, ask_rule
from core.ui.batch_words import RULE_TYPES, Start
from core.ui.dialogs import open_dialog, opened
from core.ui.state import house, workspace
from core.ui.wording import plain
from core.vocabulary import RuleAction, Severity

_UP, _DOWN = -1, 1


def show_rules() -> None:
    """Draw the rules with everything that can be done to them."""
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.subheader("Rules", anchor=False)
        st.button(
            "Add rule",
            icon=":material/add:",
            key="batch_rule_add",
            on_click=open_dialog,
            args=(DIALOG,),
            disabled=len(draft().settings.rules) >= MOST_RULES,
        )
    rules = known_rules()
    if not rules:
        st.caption("No rules: every row goes as soon as its turn comes. A rule delays, skips or favours some of them.")
    else:
        st.caption("Skip comes before delay, delay before putting first; among equals the upper rule decides.")
    for rule in rules:
        _show(rule, len(rules))
    _show_conflicts(rules)
    if found := opened(DIALOG):
        ask_rule(found.subject)


def known_rules() -> tuple[Rule, ...]:
    """Return the rules of the draft; what cannot be read is said and left out."""
    try:
        return parse_rules([dict(rule) for rule in draft().settings.rules])
    except Invalid as error:
        for problem in error.problems:
            st.error(plain(str(problem)), icon=":material/error:")
        return ()


def _show(rule: Rule, total: int) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        with st.container(gap=None):
            st.markdown(f"**{plain(rule.name)}** :gray-badge[{RULE_TYPES[rule.type]}]")
            st.caption(plain(says(rule)))
        st.toggle(
            "On",
            value=rule.enabled,
            key=f"batch_rule_on_{rule.id}",
            on_change=_switch,
            args=(rule.id,),
        )
        with st.container(horizontal=True, width="content", gap="small"):
            _button("arrow_upward", "Decide earlier", rule, _move, _UP, disabled=rule.position == 0)
            _button("arrow_downward", "Decide later", rule, _move, _DOWN, disabled=rule.position == total - 1)
            _button("edit", "Change", rule, _edit)
            _button("delete", "Remove", rule, _remove)


def _button(icon: str, label: str, rule: Rule, action: object, *args: object, disabled: bool = False) -> None:
    st.button(
        "",
        icon=f":material/{icon}:",
        help=f"{label}: {plain(rule.name)}",
        key=f"batch_rule_{icon}_{rule.id}",
        on_click=action,  # type: ignore[arg-type]
        args=(rule.id, *args),
        disabled=disabled,
    )


def says(rule: Rule) -> str:
    """Say in one sentence what a rule does."""
    action = rule.does(RULES[rule.type].by_itself)
    when = f" {'in' if rule.time_window else 'on'} {hours(rule)}" if rule.has_hours else ""
    if action is RuleAction.BOOST:
        return f"Puts {words(rule)} first{when}."
    if action is RuleAction.SKIP and not rule.has_limit:
        return f"Skips {words(rule)}{when}."
    sentence = demand(rule)
    return f"{sentence[:1].upper()}{sentence[1:]}{', and skips what is more' if action is RuleAction.SKIP else ''}."


def _show_conflicts(rules: Sequence[Rule]) -> None:
    for finding in find_conflicts(rules, workspace().timezone, _stretch()):
        if finding.severity is Severity.ERROR:
            st.error(plain(finding.message), icon=":material/error:")
        else:
            st.warning(plain(finding.message), icon=":material/warning:")


def _stretch() -> Stretch | None:
    chosen = draft().settings
    starts = chosen.starts_at if chosen.start is Start.LATER and chosen.starts_at else house().now()
    return Stretch(starts, chosen.ends_at) if chosen.ends_at and starts < chosen.ends_at else None


def _switch(rule_id: str) -> None:
    change_settings(
        rules=tuple(
            {**rule, "enabled": not rule["enabled"]} if rule["id"] == rule_id else rule
            for rule in draft().settings.rules
        )
    )


def _move(rule_id: str, by: int) -> None:
    rules = list(draft().settings.rules)
    place = next(number for number, rule in enumerate(rules) if rule["id"] == rule_id)
    rules.insert(max(place + by, 0), rules.pop(place))
    change_settings(rules=tuple(rules))


def _edit(rule_id: str) -> None:
    open_dialog(DIALOG, rule_id)


def _remove(rule_id: str) -> None:
    change_settings(rules=tuple(rule for rule in draft().settings.rules if rule["id"] != rule_id))
