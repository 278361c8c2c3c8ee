"""The rule tester: what would become of a row with these tags and this priority at this time, and why."""

from collections.abc import Mapping
from datetime import datetime

import streamlit as st

from core.calendar.zones import to_wall
from core.rules.decide import Decision, Verdict, Wait, decide
from core.rules.facts import RowFacts
from core.ui.batch_draft import draft
from core.ui.batch_rules import known_rules
from core.ui.state import house, workspace
from core.ui.times import moment
from core.ui.wall_time import moment_input
from core.ui.wording import plain
from core.vocabulary import Priority

_ICONS: Mapping[Verdict, str] = {
    Verdict.RUN: ":green[:material/play_arrow:]",
    Verdict.BOOST: ":blue[:material/keyboard_double_arrow_up:]",
    Verdict.DELAY: ":orange[:material/hourglass_top:]",
    Verdict.SKIP: ":red[:material/skip_next:]",
}


def show_tester() -> None:
    """Draw the tester, where there are rules to test."""
    if not draft().settings.rules:
        return
    zone, now = workspace().timezone, house().now()
    with st.expander("Try the rules on a row", icon=":material/science:", key="batch_tester"):
        left, middle, right = st.columns(3)
        with left:
            tags: str = st.text_input("Tags of the row", key="batch_try_tags", placeholder="launch, sale")
        with middle:
            chosen: Priority | None = st.selectbox(
                "Priority of the row", list(Priority), 1, format_func=str.capitalize, key="batch_try_priority"
            )
        with right:
            wall = to_wall(now, zone).replace(tzinfo=None, second=0, microsecond=0)
            at = moment_input(f"Its turn comes at · {plain(zone)}", zone, "batch_try_at", wall)
        complexity: float = st.slider(
            "Complexity of the row", 0.0, 1.0, 0.3, 0.05, key="batch_try_complexity",
            help="0: one platform, a line of text; 1: long, on many platforms",
        )  # fmt: skip
        if at is not None:
            own = frozenset(tag for each in tags.split(",") if (tag := each.strip().lstrip("#")))
            row = RowFacts(1, chosen or Priority.NORMAL, complexity, own)
            _show(decide(known_rules(), row, at, zone), row, zone, now)


def _show(decision: Decision, row: RowFacts, zone: str, now: datetime) -> None:
    st.markdown(f"{_ICONS[decision.action]} **{plain(verdict_words(decision, row, zone, now))}**")
    for reason in decision.reasons:
        st.caption(plain(reason.sentence))
    if not decision.reasons:
        st.caption("No rule that is on concerns this row at this time.")


def verdict_words(decision: Decision, row: RowFacts, zone: str, now: datetime) -> str:
    """Say what would become of a row."""
    match decision.action:
        case Verdict.SKIP:
            return "It would be left out"
        case Verdict.BOOST:
            same = decision.priority is row.priority
            return f"It would go at once, {'first among' if same else 'with the priority'} {decision.priority}"
        case Verdict.RUN:
            return "It would go at once"
    if decision.wait is Wait.TIME and decision.not_before is not None:
        return f"It would wait until {moment(decision.not_before, zone, now)}"
    return "It would never go" if decision.wait is Wait.NEVER else "It would wait until a running row ends"
