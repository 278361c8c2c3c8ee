"""The workspace itself: its name, its zone, and what happens to a post that is late or fails."""

from collections.abc import Mapping

import streamlit as st

from core.services.workspaces import NAME_LIMIT, WorkspaceEdit, WorkspaceView, edit_workspace, find_workspace
from core.ui.failures import refusals
from core.ui.queries import ask
from core.ui.state import context, say_next
from core.ui.zones import zone_select
from core.vocabulary import LatenessPolicy

LATENESS: Mapping[LatenessPolicy, str] = {
    LatenessPolicy.PUBLISH_LATE: "Publish late, within the grace time",
    LatenessPolicy.SKIP: "Skip the post",
    LatenessPolicy.ASK: "Ask a person",
}


def show_workspace() -> None:
    """Draw the form of the workspace."""
    mine = ask(find_workspace)
    with st.form(f"workspace_{mine.id}"):
        edit = _fields(mine)
        if st.form_submit_button("Save workspace", type="primary"):
            with refusals():
                edit_workspace(context(), edit)
                say_next("Saved the workspace")
                st.rerun()


def _fields(mine: WorkspaceView) -> WorkspaceEdit:
    left, right = st.columns(2)
    name = left.text_input("Name", mine.name, max_chars=NAME_LIMIT, key="workspace_name")
    with right:
        zone = zone_select("Time zone", mine.timezone, key="workspace_zone")
    st.markdown("**When a post could not go out at its time**")
    st.caption("Because the machine slept, the network was away, or the platform asked to wait.")
    policy_place, grace_place, tries_place = st.columns([2, 1, 1], vertical_alignment="bottom")
    policies = list(LATENESS)
    policy = policy_place.selectbox(
        "Lateness policy",
        policies,
        policies.index(mine.lateness_policy),
        format_func=LATENESS.__getitem__,
        key="workspace_lateness",
    )
    grace = grace_place.number_input(
        "Grace time in minutes", 0, value=mine.lateness_grace_minutes, step=5, key="workspace_grace"
    )
    tries = tries_place.number_input(
        "Tries at most", 1, value=mine.max_attempts, key="workspace_tries", help="Only where trying again is safe."
    )
    return WorkspaceEdit(name, zone, policy, int(grace), int(tries))
