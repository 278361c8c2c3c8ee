"""The first start: nothing is known yet, and two ways lead to a first recommendation."""

import streamlit as st


def show_welcome() -> None:
    """Draw what Slotwise will do here, and the ways to begin."""
    st.markdown(
        "Slotwise learns when your own audience listens, plans your posts into those hours and publishes them at their "
        "minute. It needs to know what you posted so far.",
        width=640,
    )
    with st.grid(2, min_column_width=300):
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


def _choice(title: str, icon: str, text: str, page: str, step: str) -> None:
    with st.container(border=True, height="stretch"):
        st.subheader(title, icon=icon, anchor=False)
        st.markdown(text)
        st.space("stretch")
        st.page_link(page, label=step, icon=":material/arrow_forward:")
