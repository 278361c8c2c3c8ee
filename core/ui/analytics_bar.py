"""The filter bar of the Analytics page, kept in the address, and what stands there while there is nothing to show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import streamlit as st

from core.services.analytics import ChannelHistory
from core.services.demo import load_sample
from core.ui.blanks import nothing_yet
from core.ui.compose_fields import format_name
from core.ui.dashboard_words import posts
from core.ui.failures import refusals
from core.ui.palette import platform_name
from core.ui.progress import progress_bar
from core.ui.state import context, house, say_next
from core.ui.times import day
from core.ui.wording import plain
from core.vocabulary import ContentFormat

PEER_ICON = ":material/groups:"
PEER_HELP = (
    "Another account: what is called yours on this page is theirs. Its history sharpens the advice for your own."
)
CHANNEL, FORMAT, VIEW = "analytics_channel", "analytics_format", "analytics_view"


class View(StrEnum):
    """The questions the page answers, one at a time: nobody scrolls past five to reach the sixth."""

    WHEN = "When to post"
    WHAT = "What works"
    TRUST = "Does it hold"


@dataclass(frozen=True)
class Choice:
    """Whose outcomes are looked at: a channel, and one content format or all (None)."""

    history: ChannelHistory
    content_format: ContentFormat | None

    @property
    def zone(self) -> str:
        """The zone of the channel's audience."""
        return self.history.timezone

    @property
    def slug(self) -> str:
        """The beginning of the names of downloaded files."""
        return f"slotwise-{self.history.platform}-{self.content_format or 'all'}"


def choose(histories: Sequence[ChannelHistory]) -> Choice:
    """Draw the bar and return what is chosen; a channel with history comes first where nothing is chosen."""
    known = {history.channel_id: history for history in histories}
    usual = max(histories, key=lambda history: (not history.is_peer, history.posts)).channel_id
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            "Channel",
            list(known),
            list(known).index(usual),
            format_func=lambda key: _name(known[key]),
            key=CHANNEL,
            bind="query-params",
            width=340,
        )
        history = known[chosen]
        content_format: ContentFormat | None = st.selectbox(
            "Content format",
            house().reference.platforms[history.platform].formats,
            None,
            format_func=format_name,
            key=FORMAT,
            bind="query-params",
            placeholder="All formats",
            width=220,
        )
    if history.is_peer:
        st.badge("Peer", icon=PEER_ICON, color="violet", help=PEER_HELP)
    st.caption(_extent(history))
    return Choice(history, content_format)


def _name(history: ChannelHistory) -> str:
    name = f"{platform_name(history.platform)} · {history.channel_name}"
    return f"{name} (peer)" if history.is_peer else name


def choose_view() -> View:
    """Draw the questions and return the chosen one."""
    chosen = st.segmented_control(
        "Question",
        list(View),
        default=View.WHEN,
        required=True,
        key=VIEW,
        bind="query-params",
        label_visibility="collapsed",
    )
    return View(chosen)


def clear_format() -> None:
    """Look at all formats again."""
    st.session_state[FORMAT] = None


def no_channels() -> None:
    """Say that there is nothing to learn from yet."""
    nothing_yet(
        ":material/monitoring:",
        "Nothing to learn from yet",
        "Here you will see which hours and weekdays your audience listens at, how your posts do over time, and which "
        "did best. It starts with what you posted so far.",
    )
    _first_steps()


def no_history(history: ChannelHistory) -> None:
    """Say that this channel has no posts with results."""
    nothing_yet(
        ":material/monitoring:",
        f"No history of {plain(history.channel_name)} yet",
        "Import what this channel posted so far. Without a history, times are recommended by published research, "
        "which is not your audience.",
    )
    _first_steps()


def _first_steps() -> None:
    with st.container(horizontal=True, horizontal_alignment="center", vertical_alignment="center"):
        st.page_link("imports.py", label="Import history", icon=":material/upload_file:", width="content")
        wanted = st.button(
            "Load the sample history",
            icon=":material/science:",
            key="load_sample",
            help="18 months of three invented channels, marked as synthetic; nothing of yours is touched.",
        )
    if wanted:
        with refusals(), progress_bar("Importing the sample history") as tell:
            load_sample(context(), tell)
            say_next("Loaded the sample history: three invented channels, marked as synthetic")
            st.rerun()


def _extent(history: ChannelHistory) -> str:
    """Say how much is known, from when to when, and on which clock."""
    known = [posts(history.posts)]
    if history.first and history.last:
        known.append(f"{_day(history.first, history)} to {_day(history.last, history)}")
    if history.undated:
        known.append(f"{history.undated:,} without a date")
    return " · ".join([*known, f"times in {plain(history.timezone)}"])


def _day(at: datetime, history: ChannelHistory) -> str:
    return day(at, history.timezone)
