"""What a script run works on: the installation, the chosen workspace, and the words left for the next run."""

import streamlit as st

from core.bootstrap import Slotwise, running
from core.services.context import Context
from core.services.workspaces import WorkspaceView, find_workspace, list_workspaces, read_revision

WORKSPACE = "workspace"
"""Names the chosen workspace in the address and, because a change of page empties the address, in the session."""

_NOTICE, _REFUSAL = "notice", "refusal"


def house() -> Slotwise:
    """Return this process's installation (DatabaseUnavailable, NewerSchema, BadReferenceData)."""
    return running()


def workspace_id() -> str:
    """Return the id of the workspace this visitor works in."""
    return str(st.session_state.get(WORKSPACE) or house().home)


def context() -> Context:
    """Return the context every service function wants, in the chosen workspace."""
    return house().context(workspace_id())


def workspace() -> WorkspaceView:
    """Return the chosen workspace's name, zone and policy (NotFound)."""
    return find_workspace(context())


def revision() -> int:
    """Return how many writes the chosen workspace has seen; cached reads are keyed by it."""
    return read_revision(context())


def choose_workspace(chosen: str) -> None:
    """Work in this workspace from now on, and say so in the address (the home workspace needs no saying)."""
    st.session_state[WORKSPACE] = chosen
    if chosen == house().home:
        st.query_params.pop(WORKSPACE, None)
    elif st.query_params.get(WORKSPACE) != chosen:
        st.query_params[WORKSPACE] = chosen


def settle_workspace() -> tuple[WorkspaceView, ...]:
    """Take the workspace from the address, else from the session; return all there are.

    An address naming a workspace that is not here is answered with a warning, never with another one's data unsaid.
    """
    all_of_them = list_workspaces(house().db)
    known = {each.id for each in all_of_them}
    wanted = st.query_params.get(WORKSPACE) or workspace_id()
    if wanted not in known:
        st.warning("The workspace in this address is not in this installation; you see the first one instead.")
        wanted = house().home
    choose_workspace(wanted)
    return all_of_them


def say_next(message: str, icon: str = ":material/check:") -> None:
    """Say something after the next rerun; `message` is Markdown, so user text in it goes through `plain`."""
    st.session_state[_NOTICE] = (message, icon)


def refuse_next(message: str) -> None:
    """Say after the next rerun, where it stays readable, why something was not done; `message` is Markdown."""
    st.session_state[_REFUSAL] = message


def speak() -> None:
    """Say what the run before left to say."""
    if notice := st.session_state.pop(_NOTICE, None):
        message, icon = notice
        st.toast(message, icon=icon)
    if refusal := st.session_state.pop(_REFUSAL, None):
        st.error(refusal, icon=":material/block:")
