"""Asking for times that repeat every week by the clock on the wall."""

from datetime import date, time, timedelta

import streamlit as st

from core.calendar.recurrence import DAY_NAMES, Recurrence

FOUR_WEEKS = timedelta(days=27)
"""How far the last day lies from the first until somebody says otherwise."""

_TEN = time(10)
_TEN_MINUTES = timedelta(minutes=10)


def ask_rule(key: str, first: date, usual: time = _TEN) -> Recurrence | None:
    """Ask for weekdays, a local time and the days from `first` on; None while something is missing, which is said."""
    chosen: list[int] = st.pills(
        "On",
        list(range(len(DAY_NAMES))),
        selection_mode="multi",
        default=[first.weekday()],
        format_func=DAY_NAMES.__getitem__,
        key=f"{key}_weekdays",
    )
    at_place, first_place, last_place = st.columns(3)
    with at_place:
        at: time | None = st.time_input("Local time", usual, key=f"{key}_at", step=_TEN_MINUTES)
    with first_place:
        begin = day_input("First day", first, f"{key}_first")
    with last_place:
        end = day_input("Last day", first + FOUR_WEEKS, f"{key}_last")
    if missing := _missing(chosen, at, begin, end):
        st.caption(f":red[:material/error: {missing}]")
        return None
    return Recurrence(frozenset(chosen), at or usual, begin or first, until=end)


def day_input(label: str, value: date, key: str) -> date | None:
    """Draw a date as the calendar writes it."""
    chosen: date | None = st.date_input(label, value, key=key, format="DD/MM/YYYY")
    return chosen


def _missing(weekdays: list[int], at: time | None, first: date | None, last: date | None) -> str:
    if not weekdays:
        return "Choose one or more weekdays."
    if at is None or first is None or last is None:
        return "Choose a time, a first and a last day."
    return "The last day is before the first." if last < first else ""
