"""Why a slot is recommended: every reason, the interval, the posts behind it and what it rests on."""

from collections.abc import Mapping

import streamlit as st

from core.services.recommendations import RecommendationView
from core.ui.dashboard_bar import interval_bar
from core.ui.dashboard_words import posts, signed, where
from core.ui.dialogs import close_dialog, open_dialog, opened
from core.ui.shell import boundary
from core.ui.state import house
from core.ui.times import moment
from core.ui.wording import plain
from core.vocabulary import Basis

WHY = "why"
_SLOT = "why_slot"

RESTS_ON: Mapping[Basis, str] = {
    Basis.HISTORY: "Your own posts decide here; what was expected before them no longer shows in the result.",
    Basis.BLEND: "Your own posts, drawn towards what like channels or published research expect while they are few.",
    Basis.BASELINE: "What like channels expect, or published research: not your audience, for there is no history "
    "of yours here yet. "
    "Import it, or post and let the results come in.",
}


def open_why(slot: RecommendationView) -> None:
    """Open the dialog about a slot; give it to a button as `on_click`."""
    st.session_state[_SLOT] = slot
    open_dialog(WHY, slot.id)


def show_why() -> None:
    """Draw the dialog if it is open."""
    if opened(WHY):
        _why(st.session_state[_SLOT])


@st.dialog("Why this time?", icon=":material/lightbulb:", on_dismiss=close_dialog)
@boundary()
def _why(slot: RecommendationView) -> None:
    st.markdown(f"**{plain(moment(slot.window_start, slot.timezone, house().now()))}**  \n{plain(where(slot))}")
    for reason in slot.reasons:
        st.markdown(f"- {plain(reason)}")
    with st.container(border=True, gap="small"):
        st.markdown(f"Expected **{signed(slot.expected_lift)}** against this channel's average")
        interval_bar(slot.expected_lift, slot.low, slot.high, key="why_bar")
        st.caption(
            f"With {slot.level * 100:.0f} % probability it lies between {signed(slot.low)} and {signed(slot.high)}. "
            f"The dotted line is no effect. Score {slot.score:.2f}, confidence {slot.confidence:.2f}, both from 0 to 1."
        )
    st.markdown(f"**What it rests on.** {RESTS_ON[slot.basis]}")
    st.caption(
        f"{posts(slot.own_posts)} of yours in exactly this hour, {posts(slot.sample_size)} with the hours beside it."
    )
