"""Which dialog is open: kept in the session, so that a rerun of the whole page does not lose it."""

from dataclasses import dataclass

import streamlit as st

_OPEN = "open_dialog"


@dataclass(frozen=True)
class Opened:
    """What an open dialog is about: an id ("" for something new), and its version when somebody opened it."""

    name: str
    subject: str = ""
    version: int | None = None


def open_dialog(name: str, subject: str = "", version: int | None = None) -> None:
    """Open a dialog at the next run; give it to a button as `on_click`."""
    st.session_state[_OPEN] = Opened(name, subject, version)


def close_dialog() -> None:
    """Close whatever is open; give it to `st.dialog` as `on_dismiss` as well."""
    st.session_state.pop(_OPEN, None)


def opened(name: str) -> Opened | None:
    """Return what the dialog of this name was opened for, or None when it is not open."""
    found: Opened | None = st.session_state.get(_OPEN)
    return found if found and found.name == name else None
