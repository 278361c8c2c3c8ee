"""The engine pill: whether posts go out at present, kept fresh without reloading the page."""

from collections.abc import Mapping

import streamlit as st

from core.errors import DatabaseUnavailable
from core.services.heartbeat import EngineState, engine_status
from core.ui.palette import Colour
from core.ui.state import context
from core.ui.wording import plain

REFRESH_SECONDS = 5

LOOKS: Mapping[EngineState, tuple[Colour, str]] = {
    EngineState.RUNNING: ("green", ":material/check_circle:"),
    EngineState.LATE: ("orange", ":material/warning:"),
    EngineState.STOPPED: ("red", ":material/error:"),
    EngineState.NEVER: ("gray", ":material/power_off:"),
}


@st.fragment(run_every=REFRESH_SECONDS)
def engine_pill() -> None:
    """Draw the pill; the sentence is the service's, so that every screen and log says the same."""
    try:
        status = engine_status(context())
    except DatabaseUnavailable:
        st.markdown(":red-badge[:material/error: Unknown] :small[The database cannot be reached]")
        return
    colour, icon = LOOKS[status.state]
    word, _, rest = status.sentence.partition(" · ")
    st.markdown(f":{colour}-badge[{icon} {plain(word)}] :small[{plain(rest)}]")
