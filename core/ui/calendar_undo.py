"""Taking back what was done last, for as long as nothing else was done."""

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from core.ui.failures import attempt
from core.ui.state import say_next

_UNDO = "last_done"


@dataclass(frozen=True)
class Undo:
    """What was done, in words (Markdown), and how to take it back."""

    words: str
    take_back: Callable[[], None]


def done(words: str, take_back: Callable[[], None]) -> None:
    """Say after the next rerun what was done, and offer to take it back."""
    say_next(words)
    st.session_state[_UNDO] = Undo(words, take_back)


def offer_undo() -> None:
    """Draw the offer, until it is taken, put away, or something else is done."""
    last: Undo | None = st.session_state.get(_UNDO)
    if last is None:
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(f":material/check: {last.words}", width="content")
        st.button("Undo", icon=":material/undo:", key="undo", on_click=attempt, args=(_take_back,))
        st.button("", icon=":material/close:", type="tertiary", key="undo_dismiss", help="Keep it", on_click=_forget)


def _take_back() -> None:
    last: Undo = st.session_state.pop(_UNDO)
    last.take_back()
    say_next("Taken back", ":material/undo:")


def _forget() -> None:
    st.session_state.pop(_UNDO, None)
