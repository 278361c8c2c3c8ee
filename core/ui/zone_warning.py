"""Warns where a history seems to be stamped in another zone than its channel's."""

import streamlit as st

from core.services.zone_checks import check_zone
from core.ui.queries import ask
from core.ui.wording import plain


def warn_of_zone(channel_id: str, name: str) -> None:
    """Draw the warning where the evidence is strong; nothing otherwise."""
    suspicion = ask(check_zone, channel_id)
    if suspicion is None:
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"zone_{channel_id}"):
        st.markdown(
            f":orange-badge[:material/schedule: Check the zone] **{plain(name)}** · {plain(suspicion.sentence)}"
        )
        st.page_link("channels.py", label="Channels", icon=":material/hub:", width="content")
