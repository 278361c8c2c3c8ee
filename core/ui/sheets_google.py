"""What the screens ask Google: once, until somebody asks again; what it refuses is said with the next step."""

from collections.abc import Callable
from typing import TypeVar

import streamlit as st

from core.errors import SlotwiseError
from core.ui.failures import breaks_page, say_refused

T = TypeVar("T")


def look(place: str, about: object, ask_google: Callable[[], T]) -> T | None:
    """Return Google's answer about something, from memory where this place has asked already.

    Where it refuses, why and what to do is said, with a button that asks again; then None is returned.
    """
    kept = st.session_state.get(place)
    if kept is None or kept[0] != about:
        with st.spinner("Asking Google"):
            kept = remember(place, about, _answer(ask_google))
    answer: T | SlotwiseError = kept[1]
    if isinstance(answer, SlotwiseError):
        say_refused(answer)
        ask_again(place)
        return None
    return answer


def remember(place: str, about: object, answer: T) -> tuple[object, T]:
    """Keep an answer of Google for the next time this place asks about something."""
    kept = st.session_state[place] = (about, answer)
    return kept


def ask_again(place: str) -> None:
    """Draw the button that asks Google anew."""
    st.button("Look again", icon=":material/refresh:", key=f"{place}_again", on_click=forget, args=(place,))


def forget(*places: str) -> None:
    """Ask anew at the next run."""
    for place in places:
        st.session_state.pop(place, None)


def _answer(ask_google: Callable[[], T]) -> T | SlotwiseError:
    try:
        return ask_google()
    except SlotwiseError as error:
        if breaks_page(error):
            raise
        return error
