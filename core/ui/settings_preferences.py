"""Preferences per platform: how often and when a team wants to post there."""

from collections.abc import Sequence
from datetime import time

import pandas as pd
import streamlit as st

from core.content.platforms import Frequency
from core.services.preferences import PreferenceView, list_preferences, save_preference
from core.ui.compose_fields import format_name
from core.ui.failures import refusals
from core.ui.palette import platform_name
from core.ui.queries import ask
from core.ui.state import context, house, say_next, workspace
from core.ui.wording import plain
from core.ui.zones import zone_select

_PLATFORM = "preference_platform"


def show_preferences() -> None:
    """Draw one platform's form, and what is set for all of them."""
    st.caption("What you set here, Slotwise keeps when it recommends and plans. What is empty does not restrict.")
    platforms = list(house().reference.platforms)
    platform = st.pills(
        "Platform",
        platforms,
        default=platforms[0],
        required=True,
        format_func=platform_name,
        key=_PLATFORM,
        bind="query-params",
        label_visibility="collapsed",
    )
    saved = ask(list_preferences)
    mine = next((each for each in saved if each.platform == platform), PreferenceView(platform, workspace().timezone))
    _form(mine)
    _overview(saved)


def _form(mine: PreferenceView) -> None:
    with st.form(f"preference_{mine.platform}"):
        st.subheader(platform_name(mine.platform), anchor=False)
        if suggested := _guidelines(mine.platform):
            st.caption(f"Published research suggests {suggested}.")
        wanted = _fields(mine)
        if st.form_submit_button("Save preferences", type="primary"):
            with refusals():
                save_preference(context(), wanted)
                say_next(f"Saved the preferences for {plain(platform_name(mine.platform))}")
                st.rerun()


def _guidelines(platform: str) -> str:
    """Return how often research says to post, for the platform or for each of its formats."""
    known = house().reference.platforms[platform]
    if known.per_week:
        return f"{_range(known.per_week)} posts a week"
    each = {format_name(name): limits.per_week for name, limits in known.formats.items()}
    return ", ".join(f"{name.lower()}: {_range(often)} a week" for name, often in each.items() if often)


def _range(often: Frequency) -> str:
    return str(often.least) if often.least == often.most else f"{often.least} to {often.most}"


def _fields(mine: PreferenceView) -> PreferenceView:
    """Ask for everything in two rows; times are on the clocks of the chosen zone."""
    name = mine.platform
    zone_place, least_place, most_place = st.columns([2, 1, 1], vertical_alignment="bottom")
    with zone_place:
        zone = zone_select("Time zone", mine.timezone, key=f"{name}_zone")
    least = least_place.number_input(
        "Fewest posts a week", 0, value=mine.posting_frequency_min, key=f"{name}_min", placeholder="Any"
    )
    most = most_place.number_input(
        "Most posts a week", 1, value=mine.posting_frequency_max, key=f"{name}_max", placeholder="Any"
    )
    days_place, from_place, to_place = st.columns([2, 1, 1], vertical_alignment="bottom")
    working = days_place.checkbox("Working days only (Monday to Friday)", mine.working_days_only, key=f"{name}_days")
    quiet_from = from_place.time_input("Quiet from", mine.quiet_from, key=f"{name}_from")
    quiet_to = to_place.time_input(
        "Quiet until", mine.quiet_to, key=f"{name}_to", help="May be past midnight: 22:00 until 07:00 is a night."
    )
    return PreferenceView(name, zone, least, most, quiet_from, quiet_to, working)


def _overview(saved: Sequence[PreferenceView]) -> None:
    if not saved:
        st.caption("Nothing is set yet: every platform follows published research and your channels' own limits.")
        return
    st.subheader("What is set", anchor=False)
    st.dataframe(
        pd.DataFrame([_row(each) for each in saved]), hide_index=True, alt="Preferences that are set, by platform"
    )


def _row(each: PreferenceView) -> dict[str, str]:
    return {
        "Platform": platform_name(each.platform),
        "Posts a week": _between(each.posting_frequency_min, each.posting_frequency_max),
        "Quiet hours": _hours(each.quiet_from, each.quiet_to),
        "Days": "Monday to Friday" if each.working_days_only else "Every day",
        "Time zone": each.timezone,
    }


def _between(least: int | None, most: int | None) -> str:
    if least is None and most is None:
        return "Any number"
    return f"{least} to {most}" if least and most else f"at least {least}" if most is None else f"at most {most}"


def _hours(start: time | None, end: time | None) -> str:
    return f"{start:%H:%M} to {end:%H:%M}" if start and end else "None"
