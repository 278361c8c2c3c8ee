"""The frame around every page: navigation, product mark, workspace switch, error boundary."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.errors import FragmentHandledException

from core.services.workspaces import NAME_LIMIT, create_workspace
from core.settings import ROOT
from core.ui import state
from core.ui.dialogs import close_dialog, open_dialog, opened
from core.ui.engine_pill import engine_pill
from core.ui.failures import refusals, show_failure
from core.ui.pages import PAGES, Section
from core.ui.wording import plain
from core.ui.zones import zone_select

_ASSETS = Path(__file__).parent / "assets"
_CHOICE, _NEW = "workspace_choice", "workspace_new"


def configure() -> None:
    """Name the browser tab and show the product mark."""
    st.set_page_config(page_title="Slotwise", page_icon=str(_ASSETS / "mark.svg"), layout="wide")
    st.logo(str(_ASSETS / "slotwise.svg"), icon_image=str(_ASSETS / "mark.svg"), size="large")


def navigation() -> Mapping[str, list[Any]]:
    """Return the pages by section, for `st.navigation`."""
    sections: dict[str, list[Any]] = {section: [] for section in Section}
    for number, entry in enumerate(PAGES):
        page = st.Page(
            ROOT / "pages" / entry.file,
            title=entry.title,
            icon=entry.icon,
            help=entry.help,
            url_path=entry.address,
            default=number == 0,
        )
        sections[entry.section].append(page)
    return {section: pages for section, pages in sections.items() if pages}


@contextmanager
def boundary() -> Iterator[None]:
    """Show the failing state for whatever goes wrong inside (Streamlit's own rerun and stop signals pass)."""
    try:
        yield
    except FragmentHandledException:
        # The fragment has said it where it stands; the rest of the page goes on.
        raise
    except Exception as error:  # noqa: BLE001 - the error boundary of the screens
        show_failure(error)


def page_head(title: str) -> DeltaGenerator:
    """Draw a page's title and return the row it stands in, for the page's main action at its right."""
    row = st.container(horizontal=True, vertical_alignment="center")
    row.title(title, anchor=False, width="stretch")
    return row


def sidebar() -> None:
    """Draw what stands below the navigation: whose data this is, and in which zone."""
    workspaces = state.settle_workspace()
    names = {workspace.id: workspace.name for workspace in workspaces}
    zones = {workspace.id: workspace.timezone for workspace in workspaces}
    st.session_state[_CHOICE] = state.workspace_id()
    with st.sidebar:
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            st.selectbox("Workspace", list(names), format_func=names.__getitem__, key=_CHOICE, on_change=_switch)
            st.button(
                "", icon=":material/add:", key="new_workspace", help="New workspace", on_click=open_dialog, args=(_NEW,)
            )
        engine_pill()
        st.caption(f":material/schedule: Times in {plain(zones[state.workspace_id()])}")
    if opened(_NEW):
        _new_workspace()


def _switch() -> None:
    state.choose_workspace(st.session_state[_CHOICE])


@st.dialog("New workspace", icon=":material/add:", on_dismiss=close_dialog)
def _new_workspace() -> None:
    st.caption("A workspace keeps its own channels, posts, history and settings; nothing is shared between two.")
    name = st.text_input("Name", max_chars=NAME_LIMIT, key="new_workspace_name")
    zone = zone_select("Time zone", state.house().settings.timezone, key="new_workspace_zone")
    if st.button("Create workspace", type="primary", key="new_workspace_save"):
        with refusals():
            made = create_workspace(state.house().db, name, zone, state.house().now())
            state.choose_workspace(made.id)
            state.say_next(f"You are now in {plain(made.name)}")
            close_dialog()
            st.rerun()
