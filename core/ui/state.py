"""What a script run works on: the installation, the chosen workspace, and the words left for the next run."""

import streamlit as st

from core.bootstrap import Slotwise, running
from core.services.context import Context
from core.services.workspaces import WorkspaceView, list_workspaces, read_revision

WORKSPACE = "workspace"
"""Names the chosen workspace in the address and, because a change of page empties the address, in the session."""

_NOTICE = "notice"


def house() -> Slotwise:
    """Return this process's installation (DatabaseUnavailable, NewerSchema, BadReferenceData)."""
    return running()


def workspace_id() -> str:
    """Return the id of the workspace this visitor works in."""
    return str(st.session_state.get(WORKSPACE) or house().home)


def context() -> Context:
    """Return the context every service function wants, in the chosen workspace."""
    return house().context(workspace_id())


def revision() -> int:
    """Return how many writes the chosen workspace has seen; cached reads are keyed by it."""
    return read_revision(context())


def choose_workspace(workspace: str) -> None:
    """Work in this workspace from now on, and say so in the address (the home workspace needs no saying)."""
    st.session_state[WORKSPACE] = workspace
    if workspace == house().home:
        st.query_params.pop(WORKSPACE, None)
    elif st.query_params.get(WORKSPACE) != workspace:
        st.query_params[WORKSPACE] = workspace


def settle_workspace() -> tuple[WorkspaceView, ...]:
    """Take the workspace from the address, else from the session; return all there are.

    An address naming a workspace that is not here is answered with a warning, never with another one's data unsaid.
    """
    all_of_them = list_workspaces(house().db)
    known = {workspace.id for workspace in all_of_them}
    wanted = st.query_params.get(WORKSPACE) or workspace_id()
    if wanted not in known:
        st.warning("The workspace in this address is not in this installation; you see the first one instead.")
        wanted = house().home
    choose_workspace(wanted)
    return all_of_them


def say_next(message: str, icon: str = ":material/check:") -> None:
    """Say something after the next rerun; `message` is Markdown, so user text in it goes through `plain`."""
    st.session_state[_NOTICE] = (message, icon)


def speak() -> None:
    """Say what the run before left to say."""
    if notice := st.session_state.pop(_NOTICE, None):
        message, icon = notice
        st.toast(message, icon=icon)
