"""The third step of a batch: its name, how urgent it is, until when, who is told, and templates of all settings."""

from datetime import timedelta

import streamlit as st

from core.ui.batch_choice import choose
from core.ui.batch_draft import change_settings, draft, seeded
from core.ui.batch_templates import show_templates
from core.ui.batch_words import PRIORITY_MEANS
from core.ui.times import duration
from core.vocabulary import Priority

_PRIORITIES = {priority: priority.capitalize() for priority in Priority}
_NAME_LIMIT = 100
_MOST_HOURS = 31 * 24


def show_details() -> None:
    """Draw the step."""
    left, right = st.columns(2, gap="large")
    with left:
        _ask_name()
        _ask_priority()
        _ask_deadline()
    with right:
        _ask_callbacks()
        show_templates()


def _ask_name() -> None:
    name: str = st.text_input(
        "Name of the job",
        key=seeded("name", draft().settings.name),
        max_chars=_NAME_LIMIT,
        placeholder="Spring campaign",
    )
    change_settings(name=name)
    st.caption("Its posts stand in a calendar of this name." if name.strip() else "Give 3 to 100 characters.")


def _ask_priority() -> None:
    priority = choose("Priority", _PRIORITIES, "priority", draft().settings.priority)
    change_settings(priority=priority)
    st.caption(f"{PRIORITY_MEANS[priority]} Rows with a priority of their own keep it.")


def _ask_deadline() -> None:
    kept = draft().settings.deadline_minutes
    hours: float | None = st.number_input(
        "Deadline in hours after the start",
        0.1,
        float(_MOST_HOURS),
        step=1.0,
        key=seeded("deadline", None if kept is None else kept / 60),
        placeholder="None",
        width=280,
    )
    minutes = None if hours is None else max(round(hours * 60), 1)
    change_settings(deadline_minutes=minutes)
    if minutes is None:
        st.caption("Without a deadline the job goes on until its last row.")
    else:
        span = duration(timedelta(minutes=minutes))
        st.caption(f"Rows not done {span} after the job was queued are given up and named.")


def _ask_callbacks() -> None:
    st.markdown("**Notifications**")
    asked = {"on_completed": "Tell this address when it is done", "on_failed": "Tell this address when it fails"}
    for name, label in asked.items():
        address: str = st.text_input(
            label,
            key=seeded(name, getattr(draft().settings, name)),
            placeholder="https://example.com/hooks/batch",
        )
        change_settings(**{name: address})
    st.caption("A signed request is sent there, and sent again until it is answered. Empty: nobody outside is told.")
