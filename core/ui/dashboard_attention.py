"""What waits for a person, each with what to do about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from core.services.dashboard import Need, Waiting, attention
from core.services.item_views import ItemView
from core.services.open_slots import soon_unwritten
from core.ui.calendar_actions import (
    APPROVING,
    CANCELING,
    EDITING,
    NOT_OUT,
    PUBLISHING,
    REJECTING,
    RETRYING,
    SKIPPING,
    VIEWING,
    WENT_OUT,
    WRITING,
    ItemAction,
    name_of,
    show_actions,
)
from core.ui.dashboard_reads import ask_at, this_minute
from core.ui.palette import OPEN_SLOT_LOOK, Colour, platform_name
from core.ui.state import house, workspace
from core.ui.times import duration, moment
from core.ui.wording import counted, plain, shortened

SHOWN_FIRST = 5
_ALL = "attention_all"


@dataclass(frozen=True)
class _Look:
    """How a need is shown: its badge, what it means where the item itself does not say, and what helps."""

    word: str
    colour: Colour
    icon: str
    meaning: str
    actions: tuple[ItemAction, ...]


NEEDS: Mapping[Need, _Look] = {
    Need.UNCONFIRMED: _Look(
        "Unconfirmed",
        "orange",
        ":material/help:",
        "It was sent, but nobody knows whether it arrived. Look at the platform and say what you find.",
        (WENT_OUT, NOT_OUT, VIEWING),
    ),
    Need.FAILED: _Look("Failed", "red", ":material/error:", "It could not be published.", (RETRYING, EDITING, VIEWING)),
    Need.AWAITING_APPROVAL: _Look(
        "Waiting for approval",
        "yellow",
        ":material/approval:",
        "It goes out once somebody approves it.",
        (APPROVING, REJECTING, VIEWING),
    ),
    Need.OVERDUE: _Look(
        "Overdue",
        "orange",
        ":material/alarm:",
        "Its time has passed and it is not out.",
        (PUBLISHING, SKIPPING, CANCELING),
    ),
}


def show_attention() -> None:
    """Draw the list, most urgent kind first; one green line when there is nothing."""
    waiting, slots = ask_at(this_minute(), attention), ask_at(this_minute(), soon_unwritten)
    st.subheader("Needs attention", anchor=False)
    if not waiting and not slots:
        st.success("Nothing needs you right now.", icon=":material/check_circle:")
        return
    _waiting(waiting)
    if slots:
        _unwritten(slots)


def _waiting(waiting: Sequence[Waiting]) -> None:
    more = len(waiting) - SHOWN_FIRST
    rows = st.container(gap="small")
    everything = more > 0 and st.toggle(f"Show {more} more", key=_ALL)
    with rows:
        for each in waiting if everything else waiting[:SHOWN_FIRST]:
            _row(each)


def _unwritten(slots: Sequence[ItemView]) -> None:
    """Say how many open slots come up, and offer to write the first."""
    first, now = slots[0], house().now()
    until = plain(moment(slots[-1].scheduled_at, workspace().timezone, now))
    when = plain(moment(first.scheduled_at, first.timezone, now))
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="unwritten"):
        with st.container(gap=None):
            what = f"{counted(len(slots), 'open slot')} until {until}: write {'it' if len(slots) == 1 else 'them'}"
            st.markdown(f":{OPEN_SLOT_LOOK.colour}-badge[{OPEN_SLOT_LOOK.icon} To write] **{what}**")
            st.caption(
                f"Next: {plain(platform_name(first.platform))} · {plain(shortened(first.channel_name))} · {when}"
            )
        with st.container(horizontal=True, width="content", gap="small"):
            show_actions(first, (WRITING, VIEWING), "unwritten")


def _row(waiting: Waiting) -> None:
    look, item = NEEDS[waiting.need], waiting.item
    with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"waiting_{item.id}"):
        with st.container(gap=None):
            st.markdown(f":{look.colour}-badge[{look.icon} {look.word}] **{name_of(item)}**")
            st.markdown(plain(shortened(item.error or look.meaning, 240)))
            st.caption(_about(waiting))
        with st.container(horizontal=True, width="content", gap="small"):
            show_actions(item, look.actions, "attention")


def _about(waiting: Waiting) -> str:
    item, now = waiting.item, house().now()
    late = f" · {duration(now - item.scheduled_at)} ago" if item.scheduled_at < now else ""
    when = plain(moment(item.scheduled_at, item.timezone, now))
    return f"{plain(platform_name(item.platform))} · {plain(shortened(item.channel_name))} · {when}{late}"
