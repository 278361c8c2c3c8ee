"""Choosing a time zone."""

from zoneinfo import available_timezones

import streamlit as st

_PLACES = ("Africa/", "America/", "Antarctica/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/", "Pacific/")
"""Zones of a place; the rest of the tz database are old names and fixed offsets."""

UTC = "UTC"


def zone_names() -> tuple[str, ...]:
    """Return UTC and every zone of a place, by name."""
    return (UTC, *sorted(name for name in available_timezones() if name.startswith(_PLACES)))


def zone_select(label: str, chosen: str, key: str, help_text: str | None = None) -> str:
    """Draw a searchable list of zones with `chosen` in it, even where that is an old name; return the choice."""
    names = zone_names()
    options = names if chosen in names else (chosen, *names)
    choice: str | None = st.selectbox(
        label, options, index=options.index(chosen), key=key, help=help_text, filter_mode="contains"
    )
    return choice or chosen
