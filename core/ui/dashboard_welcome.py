"""The first start: nothing is known yet, and three ways lead to a first recommendation."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.services.demo import load_sample
from core.ui.failures import refusals
from core.ui.state import context, say_next


def show_welcome() -> None:
    """Draw what Slotwise will do here, and the ways to begin."""
    st.markdown(
        "Slotwise learns when your own audience listens, plans your posts into those hours and publishes them at their "
        "minute. It needs to know what you posted so far.",
        width=640,
    )
    with st.grid(3, min_column_width=280):
        _sample()
        _choice(
            "Import my history",
            ":material/upload_file:",
            "Use the export of your platform, or any table with a time and a number per post. You see what would be "
            "imported before anything is.",
            "imports.py",
            "Choose a file",
        )
        _choice(
            "Start without a history",
            ":material/hub:",
            "Add a channel and plan at once: published research says when, until your own results do. An outbox "
            "channel keeps every post on this machine.",
            "channels.py",
            "Add a channel",
        )


def _sample() -> None:
    """Offer the synthetic history, named as what it is."""
    with st.container(border=True, height="stretch"):
        st.subheader("Load sample history", icon=":material/science:", anchor=False)
        st.markdown(
            "18 months of an invented coffee brand on Instagram, LinkedIn and YouTube. It is synthetic: made to look "
            "around with, good for no conclusion. Its channels are outboxes; nothing leaves this machine."
        )
        st.space("stretch")
        if st.button("Load sample history", icon=":material/science:", type="primary", key="load_sample"):
            with refusals():
                bar = st.progress(0.0, text="Importing the sample history")
                load_sample(context(), lambda share: _tell(bar, share))
                say_next("The sample history is loaded: synthetic, for looking around")
                st.rerun()


def _tell(bar: DeltaGenerator, share: float) -> None:
    bar.progress(share, text="Importing the sample history")


def _choice(title: str, icon: str, text: str, page: str, step: str) -> None:
    with st.container(border=True, height="stretch"):
        st.subheader(title, icon=icon, anchor=False)
        st.markdown(text)
        st.space("stretch")
        st.page_link(page, label=step, icon=":material/arrow_forward:")
