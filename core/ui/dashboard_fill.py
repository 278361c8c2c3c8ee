"""Filling the week: write several posts, see where each would go and why, then schedule all of them at once."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial

import pandas as pd
import streamlit as st

from core.calendar.zones import hour_of_week
from core.services.channels import ChannelView
from core.services.fill_views import FillProposal, FillRequest
from core.services.filling import apply_fill, propose_fill
from core.services.item_views import ItemView
from core.services.moves import cancel_item
from core.services.week_scores import score_week
from core.ui.calendar_undo import done
from core.ui.compose_fields import active_channels
from core.ui.dashboard_fill_rows import DraftRows, ask_rows
from core.ui.dialogs import close_dialog, open_dialog, opened
from core.ui.failures import refusals
from core.ui.palette import platform_name
from core.ui.queries import ask
from core.ui.shell import boundary
from core.ui.state import context, house
from core.ui.times import clock, day
from core.ui.wording import plain, shortened
from core.vocabulary import ContentFormat

FILL = "fill"
_PROPOSAL, _SPAN = "fill_proposal", "fill_span"
SPANS: Mapping[str, timedelta] = {"Next 7 days": timedelta(days=7), "Next 14 days": timedelta(days=14)}


def fill_button() -> None:
    """Draw the button that opens the dialog."""
    st.button("Fill this week", icon=":material/auto_awesome:", key="fill_open", on_click=_open)


def _open() -> None:
    st.session_state.pop(_PROPOSAL, None)
    open_dialog(FILL)


def show_fill() -> None:
    """Draw the dialog if it is open."""
    if opened(FILL):
        _fill()


@st.dialog("Fill this week", width="large", icon=":material/auto_awesome:", on_dismiss=close_dialog)
@boundary()
def _fill() -> None:
    channels = {channel.id: channel for channel in active_channels()}
    proposal: FillProposal | None = st.session_state.get(_PROPOSAL)
    if proposal is None:
        _write(channels)
    else:
        _review(proposal, channels)


def _write(channels: Mapping[str, ChannelView]) -> None:
    """Ask for the posts; find a time for each."""
    st.caption(
        "One row is one post. Each goes into the best free slot of its channel: spacing, caps, quiet hours, blackouts "
        "and what is already planned are respected."
    )
    rows = ask_rows(channels)
    span = st.segmented_control("Until", list(SPANS), default=next(iter(SPANS)), required=True, key=_SPAN)
    for problem in rows.problems:
        st.caption(f":red[:material/error: {plain(problem)}]")
    is_ready = bool(rows.drafts) and not rows.problems
    if st.button("Find times", type="primary", key="fill_find", disabled=not is_ready):
        with refusals():
            st.session_state[_PROPOSAL] = _propose(rows, SPANS[span or next(iter(SPANS))], channels)
            st.rerun()


def _propose(rows: DraftRows, span: timedelta, channels: Mapping[str, ChannelView]) -> FillProposal:
    now = house().now()
    return propose_fill(context(), FillRequest(rows.drafts, now, now + span), partial(_score, channels))


def _score(
    channels: Mapping[str, ChannelView], channel_id: str, content_format: ContentFormat, start: datetime
) -> float:
    return ask(score_week, channel_id, content_format)[hour_of_week(start, channels[channel_id].timezone)]


def _review(proposal: FillProposal, channels: Mapping[str, ChannelView]) -> None:
    """Show what goes where and why, and what found no place; schedule it on demand."""
    count = len(proposal.placements)
    if proposal.placements:
        st.dataframe(_table(proposal, channels), hide_index=True, alt="Proposed times, with the reason for each")
    for left in proposal.unplaced:
        name = shortened(left.draft.title or left.draft.text, 50)
        st.warning(plain(f"{name}: {left.reason}"), icon=":material/event_busy:")
    with st.container(horizontal=True):
        word = f"Schedule {count} posts" if count > 1 else "Schedule 1 post"
        if st.button(word, type="primary", key="fill_apply", disabled=not count):
            _apply(proposal)
        st.button("Change the posts", key="fill_back", on_click=st.session_state.pop, args=(_PROPOSAL, None))


def _table(proposal: FillProposal, channels: Mapping[str, ChannelView]) -> pd.DataFrame:
    now = house().now()
    rows = [
        {
            "When": f"{day(each.scheduled_at, zone, now)}, {clock(each.scheduled_at, zone)} · {zone}",
            "Post": shortened(each.draft.title or each.draft.text, 60),
            "Channel": f"{platform_name(each.platform)} · {each.channel_name}",
            "Score": round(each.score, 2),
            "Why": each.reason,
        }
        for each in proposal.placements
        for zone in (channels[each.channel_id].timezone,)
    ]
    return pd.DataFrame(rows)


def _apply(proposal: FillProposal) -> None:
    with refusals():
        items = apply_fill(context(), proposal)
        close_dialog()
        st.session_state.pop(_PROPOSAL, None)
        done(f"Scheduled {len(items)} post{'' if len(items) == 1 else 's'}", partial(_cancel, items))
        st.rerun()


def _cancel(items: tuple[ItemView, ...]) -> None:
    for item in items:
        cancel_item(context(), item.id, item.version)
