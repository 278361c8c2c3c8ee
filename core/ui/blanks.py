"""What stands where there is nothing to show: each says what will be here and the one next step."""

from collections.abc import Callable

import streamlit as st


def nothing_yet(icon: str, title: str, text: str) -> None:
    """Draw the empty state of a region; put the button of the next step right after it."""
    with st.container(border=True, horizontal_alignment="center", gap="small"):
        st.space("small")
        st.subheader(title, icon=icon, anchor=False, text_alignment="center")
        st.markdown(text, text_alignment="center", width=560)
        st.space("small")


def nothing_found(what: str, clear: Callable[[], None], key: str) -> None:
    """Say that a filter hides everything and offer to clear it; `what` is plural, `key` the button's."""
    with st.container(border=True, horizontal_alignment="center"):
        st.markdown(f":material/filter_alt_off: No {what} match this filter.")
        st.button("Clear filter", key=key, on_click=clear)
