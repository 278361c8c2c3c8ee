"""Adding, changing and removing a webhook, and its secret."""

import streamlit as st

from core.services.event_catalog import EVENTS, FOR_WEBHOOKS
from core.services.webhook_views import EndpointDraft
from core.services.webhooks import (
    LONGEST_DESCRIPTION,
    add_endpoint,
    edit_endpoint,
    find_endpoint,
    remove_endpoint,
    reveal_secret,
    rotate_secret,
)
from core.ui.dialogs import close_dialog, open_dialog
from core.ui.failures import attempt, refusals
from core.ui.state import context, say_next
from core.ui.wording import plain
from core.vocabulary import EventType

NEW, EDIT, SECRET, REMOVE = "hook_add", "hook_edit", "hook_secret", "hook_remove"


def _said(kind: EventType) -> str:
    return EVENTS[kind].says


@st.dialog("Webhook", icon=":material/webhook:", on_dismiss=close_dialog, width="medium")
def edit_dialog(endpoint_id: str, version: int | None) -> None:
    """Ask for the address and what it is told of; an empty id adds one."""
    known = find_endpoint(context(), endpoint_id) if endpoint_id else None
    url = st.text_input("Address", known.url if known else "", key="hook_url", placeholder="https://example.com/hooks")
    description = st.text_input(
        "What it is for", known.description if known else "", max_chars=LONGEST_DESCRIPTION, key="hook_description"
    )
    types = st.multiselect(
        "Tell it when",
        FOR_WEBHOOKS,
        list(known.types) if known else [],
        format_func=_said,
        key="hook_types",
        placeholder="Anything happens",
    )
    if st.button("Save webhook" if known else "Add webhook", type="primary", key="hook_save"):
        with refusals():
            draft = EndpointDraft(url.strip(), description.strip(), tuple(types), known.active if known else True)
            if known:
                edit_endpoint(context(), known.id, draft, version)
                close_dialog()
            else:
                open_dialog(SECRET, add_endpoint(context(), draft).id)
            say_next("The webhook is saved")
            st.rerun()


@st.dialog("Secret of the webhook", icon=":material/key:", on_dismiss=close_dialog)
def secret_dialog(endpoint_id: str) -> None:
    """Show the secret, and draw another."""
    endpoint = find_endpoint(context(), endpoint_id)
    st.markdown(
        f"The program at **{plain(endpoint.url)}** verifies with it that a message comes from you "
        "([Standard Webhooks](https://www.standardwebhooks.com))."
    )
    st.code(reveal_secret(context(), endpoint_id), language=None, wrap_lines=True)
    with st.container(horizontal=True):
        if st.button("Done", type="primary", key="hook_secret_done"):
            close_dialog()
            st.rerun()
        st.button(
            "Draw a new one",
            key="hook_rotate",
            on_click=attempt,
            args=(_rotate, endpoint_id, endpoint.version),
            help="What is sent from then on is signed with the new secret; the program needs it at once.",
        )


def _rotate(endpoint_id: str, version: int) -> None:
    rotate_secret(context(), endpoint_id, version)
    say_next("This is the new secret: give it to the program")


@st.dialog("Remove webhook", icon=":material/delete:", on_dismiss=close_dialog)
def remove_dialog(endpoint_id: str, version: int | None) -> None:
    """Ask before an endpoint goes with its log."""
    endpoint = find_endpoint(context(), endpoint_id)
    st.markdown(
        f"**{plain(endpoint.url)}** is told of nothing any more. What is on its way to it and the log of its "
        "deliveries go with it. To stop for a while, pause it instead."
    )
    with st.container(horizontal=True):
        if st.button("Remove webhook", type="primary", key="hook_remove_yes"):
            with refusals():
                remove_endpoint(context(), endpoint_id, version)
                close_dialog()
                say_next("The webhook is removed")
                st.rerun()
        if st.button("Keep it", key="hook_remove_no"):
            close_dialog()
            st.rerun()
