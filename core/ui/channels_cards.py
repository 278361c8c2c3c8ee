"""The channels of a workspace as cards, and what can be done with each."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

import streamlit as st

from core.services.channels import ChannelView, edit_channel
from core.ui.blanks import nothing_found
from core.ui.channels_dialogs import EDIT, SECRET, draft_of
from core.ui.dialogs import open_dialog
from core.ui.failures import attempt
from core.ui.palette import platform_name
from core.ui.state import context, say_next
from core.ui.times import duration
from core.ui.wording import plain, shortened
from core.vocabulary import ChannelKind

PER_PAGE = 12
WORTH_FILTERING = 4
"""Fewer channels than this are seen at a glance."""

_PLATFORMS, _SEARCH = "channel_platforms", "channel_search"

KINDS: Mapping[ChannelKind, tuple[str, str]] = {
    ChannelKind.OUTBOX: ("Outbox · stays on this machine", ":material/inbox:"),
    ChannelKind.WEBHOOK: ("Signed webhook", ":material/webhook:"),
}


def show_channels(channels: Sequence[ChannelView]) -> None:
    """Draw the filter, where there is something to filter, and a page of cards."""
    passing = _filtered(channels) if len(channels) >= WORTH_FILTERING else channels
    if not passing:
        nothing_found("channels", _clear, key="clear_channels")
        return
    cards = st.container()
    pages = -(-len(passing) // PER_PAGE)
    first = (st.pagination(pages, key="channels_page") - 1) * PER_PAGE if pages > 1 else 0
    with cards.grid(3, min_column_width=300):
        for channel in passing[first : first + PER_PAGE]:
            _card(channel)


def _filtered(channels: Sequence[ChannelView]) -> list[ChannelView]:
    used = list(dict.fromkeys(channel.platform for channel in channels))
    with st.container(horizontal=True, vertical_alignment="center"):
        chosen = st.pills(
            "Platforms",
            used,
            selection_mode="multi",
            format_func=platform_name,
            key=_PLATFORMS,
            bind="query-params",
            label_visibility="collapsed",
        )
        wanted = st.text_input(
            "Search",
            type="search",
            key=_SEARCH,
            bind="query-params",
            placeholder="Search by name",
            label_visibility="collapsed",
            width=260,
        ).casefold()
    return [each for each in channels if each.platform in (chosen or used) and wanted in each.name.casefold()]


def _clear() -> None:
    st.session_state[_PLATFORMS], st.session_state[_SEARCH] = [], ""


def _card(channel: ChannelView) -> None:
    words, icon = KINDS[channel.kind]
    with st.container(border=True, height="stretch", key=f"card_{channel.id}"):
        st.markdown(f"**{plain(shortened(channel.name))}**  \n{plain(platform_name(channel.platform))}")
        with st.container(horizontal=True, gap="small"):
            st.badge(words, icon=icon, color="gray" if channel.kind is ChannelKind.OUTBOX else "blue")
            if not channel.active:
                st.badge("Switched off", icon=":material/pause:", color="orange")
        st.caption(f"{_pace(channel)}  \n:material/schedule: {plain(channel.timezone)}")
        st.space("stretch")
        _actions(channel)


def _pace(channel: ChannelView) -> str:
    """Say how often the channel may post."""
    spacing = timedelta(minutes=channel.min_gap_minutes)
    gap = f"{duration(spacing)} between posts" if spacing else "no minimum spacing"
    caps = [f"{n} a {span}" for n, span in ((channel.max_per_day, "day"), (channel.max_per_week, "week")) if n]
    return f":material/speed: {gap}, " + (f"at most {' and '.join(caps)}" if caps else "no caps")


def _actions(channel: ChannelView) -> None:
    edit, secret = (EDIT, channel.id, channel.version), (SECRET, channel.id)
    with st.container(horizontal=True, gap="small"):
        st.button("Edit", icon=":material/edit:", key=f"edit_{channel.id}", on_click=open_dialog, args=edit)
        if channel.kind is ChannelKind.WEBHOOK:
            st.button("Secret", icon=":material/key:", key=f"key_{channel.id}", on_click=open_dialog, args=secret)
        word, icon = ("Switch off", ":material/pause:") if channel.active else ("Switch on", ":material/play_arrow:")
        st.button(word, icon=icon, key=f"flip_{channel.id}", on_click=attempt, args=(_flip, channel))


def _flip(channel: ChannelView) -> None:
    """Switch a channel off, or on again."""
    edit_channel(context(), channel.id, replace(draft_of(channel), active=not channel.active), channel.version)
    say_next(f"{plain(shortened(channel.name))} is switched {'off' if channel.active else 'on'}")
