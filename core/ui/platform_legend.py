"""Names the colours of the platforms that a calendar or a board shows."""

from collections.abc import Iterable

import streamlit as st

from core.ui.palette import platform_colours, platform_name
from core.ui.wording import plain

_SWATCH = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="12" height="12">'
    '<rect width="12" height="12" rx="3" fill="{colour}"/></svg>'
)


def show_legend(platforms: Iterable[str], signs: str) -> None:
    """Draw a swatch with the name of each platform, and what the signs mean (plain text)."""
    colours = platform_colours()
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        for platform in sorted(set(platforms)):
            with st.container(horizontal=True, vertical_alignment="center", gap="xxsmall", width="content"):
                st.image(_SWATCH.format(colour=colours[platform]), width=12, alt="")
                st.caption(plain(platform_name(platform)), width="content")
        st.caption(plain(signs), width="content")
