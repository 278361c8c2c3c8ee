"""What stands where there is nothing to show: each says what will be here and the one next step."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import streamlit as st

_ARRIVED = "arrived"


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
        st.markdown(f":material/filter_alt_off: No {what} match this filter.", text_alignment="center")
        st.button("Clear filter", key=key, on_click=clear)


def arrive() -> None:
    """Say, in a run of the whole page, that its parts are drawn for the first time."""
    st.session_state[_ARRIVED] = True


@contextmanager
def loading(height: int) -> Iterator[None]:
    """Hold a place of so many pixels while the first answer is worked out.

    When a part that was `arrive`d at draws itself anew, what is seen stays until the new answer is there.
    """
    if st.session_state.pop(_ARRIVED, False):
        with st.skeleton(height=height):
            yield
    else:
        st.empty()  # what follows keeps its place, so that no chart is taken down and put up again
        yield
