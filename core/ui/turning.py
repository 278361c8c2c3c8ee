"""Turning the pages of a list in which each page names the next one by a cursor."""

from collections.abc import Hashable

import streamlit as st


def cursor_of(key: str, about: Hashable = None) -> str | None:
    """Return the cursor of the page somebody turned to, None for the first; another `about` begins anew."""
    if st.session_state.get(key, (None, []))[0] != about:
        st.session_state[key] = (about, [])
    cursors: list[str] = st.session_state.setdefault(key, (about, []))[1]
    return cursors[-1] if cursors else None


def turn_pages(key: str, words: str, following: str | None) -> None:
    """Draw the way back and on, where there is one; `words` say what this page holds."""
    about, cursors = st.session_state[key]
    if not cursors and following is None:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        back, on = (key, about, cursors[:-1]), (key, about, [*cursors, following])
        st.button(
            "", icon=":material/chevron_left:", key=f"{key}_back", help="Page before", disabled=not cursors,
            on_click=_turn, args=back,
        )  # fmt: skip
        st.caption(words, width="content")
        st.button(
            "", icon=":material/chevron_right:", key=f"{key}_on", help="Next page", disabled=following is None,
            on_click=_turn, args=on,
        )  # fmt: skip


def _turn(key: str, about: Hashable, cursors: list[str]) -> None:
    st.session_state[key] = (about, cursors)
