"""Asking for a moment on the clock of a zone, with DST explained where it bites."""

from datetime import datetime

import streamlit as st

from core.calendar.zones import to_utc
from core.errors import DstAmbiguous, SlotwiseError
from core.ui.wording import plain

_FIRST, _SECOND = 0, 1


def moment_input(label: str, zone: str, key: str, value: datetime | None = None) -> datetime | None:
    """Draw date and time on the clocks of `zone` (`value` is naive there); return the moment in UTC.

    None while nothing is chosen or the chosen time does not exist, which is said below the field. A time that happens
    twice asks which one is meant.
    """
    wall: datetime | None = st.datetime_input(label, value, key=key, help=f"On the clocks of {zone}")
    if wall is None:
        return None
    try:
        return to_utc(wall, zone)
    except DstAmbiguous as twice:
        return to_utc(wall, zone, _which(twice, key))
    except SlotwiseError as error:
        st.error(plain(str(error)), icon=":material/schedule:")
        return None


def _which(twice: DstAmbiguous, key: str) -> int:
    """Ask which of the two readings is meant; the first one until somebody says otherwise."""
    readings = {_FIRST: f"First, {twice.first}", _SECOND: f"Second, {twice.second}"}
    choice: int = st.radio(
        f"{twice.wall} happens twice: the clocks are set back. Which one?",
        list(readings),
        format_func=readings.__getitem__,
        key=f"{key}_fold",
    )
    return choice
