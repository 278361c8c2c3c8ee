"""The webhooks of a workspace: which addresses are told of what, whether it arrives, and the secret of callbacks."""

import streamlit as st

from core.services.webhook_outlets import reveal_callback_secret, rotate_callback_secret
from core.services.webhook_views import EndpointDraft, EndpointView
from core.services.webhooks import edit_endpoint, list_endpoints, ping_endpoint
from core.ui.blanks import nothing_yet
from core.ui.dialogs import open_dialog, opened
from core.ui.failures import attempt
from core.ui.settings_webhooks_edit import EDIT, NEW, REMOVE, SECRET, edit_dialog, remove_dialog, secret_dialog
from core.ui.settings_webhooks_log import LOG, log_dialog
from core.ui.state import context, say_next
from core.ui.wording import counted, plain

ON = ":green-badge[:material/check: On]"
OFF = ":gray-badge[:material/pause: Paused]"
BROKEN = ":red-badge[:material/error: Switched off]"
_SHOWN = "callbacks_secret_shown"


def show_webhooks() -> None:
    """Draw the endpoints, oldest first, and below them what callbacks of items are signed with."""
    endpoints = list_endpoints(context())  # not from the cache: deliveries move no revision
    with st.container(horizontal=True, horizontal_alignment="right"):
        st.button("Add webhook", icon=":material/webhook:", key="hook_new", on_click=open_dialog, args=(NEW,))
    if endpoints:
        with st.container(gap="small"):
            for endpoint in endpoints:
                _row(endpoint)
    else:
        nothing_yet(
            ":material/webhook:",
            "No webhooks yet",
            "A webhook tells another program at once what happens here: a post is out, a post failed, a calendar is "
            "done. Add the address of that program; it verifies with a secret that the message comes from you.",
        )
    _show_callbacks()
    _dialogs()


def _row(endpoint: EndpointView) -> None:
    with st.container(border=True, key=f"hook_{endpoint.id}"):
        said, actions = st.columns([2, 3], vertical_alignment="center")
        with said.container(gap=None):
            st.markdown(f"**{plain(endpoint.url)}** {_state(endpoint)}")
            st.caption(_words(endpoint))
            if endpoint.disabled_reason:
                st.markdown(f":red[{plain(endpoint.disabled_reason)}]")
        with actions.container(horizontal=True, horizontal_alignment="right", gap="small"):
            _actions(endpoint)


def _state(endpoint: EndpointView) -> str:
    if endpoint.active:
        return ON
    return BROKEN if endpoint.disabled_reason else OFF


def _words(endpoint: EndpointView) -> str:
    """Say what it is told of, what it is for, and what is on its way to it."""
    told = ", ".join(endpoint.types) or "everything"
    waiting = f"{counted(endpoint.waiting, 'message')} on the way" if endpoint.waiting else ""
    parts = (plain(endpoint.description), f"Told of {told}", waiting)
    return " · ".join(part for part in parts if part)


def _actions(endpoint: EndpointView) -> None:
    key, version = endpoint.id, endpoint.version
    if endpoint.active:
        st.button("Test", icon=":material/send:", key=f"hook_test_{key}", on_click=attempt, args=(_test, key))
    word, icon = ("Pause", "pause") if endpoint.active else ("Switch on", "play_arrow")
    st.button(word, icon=f":material/{icon}:", key=f"hook_switch_{key}", on_click=attempt, args=(_switch, endpoint))
    for text, mark, name in (("Log", "history", LOG), ("Secret", "key", SECRET), ("Edit", "edit", EDIT)):
        opening = (name, key, version)
        st.button(text, icon=f":material/{mark}:", key=f"{name}_{key}", on_click=open_dialog, args=opening)
    st.button(
        "Remove", icon=":material/delete:", key=f"{REMOVE}_{key}", on_click=open_dialog, args=(REMOVE, key, version)
    )


def _test(endpoint_id: str) -> None:
    ping_endpoint(context(), endpoint_id)
    say_next("A test is on its way; the log shows how it went", ":material/send:")
    open_dialog(LOG, endpoint_id)


def _switch(endpoint: EndpointView) -> None:
    draft = EndpointDraft(endpoint.url, endpoint.description, endpoint.types, not endpoint.active)
    edit_endpoint(context(), endpoint.id, draft, endpoint.version)
    say_next("Paused: nothing is sent there" if endpoint.active else "Switched on: it is told of what happens from now")


def _show_callbacks() -> None:
    with st.expander("Callbacks of single posts", icon=":material/reply:"):
        st.markdown(
            "A post that comes in over the API can bring addresses of its own, which are told when it is out, has "
            "failed, or was skipped. They are all signed with this secret; the receivers verify it."
        )
        if st.session_state.get(_SHOWN):
            st.code(reveal_callback_secret(context()), language=None, wrap_lines=True)
        with st.container(horizontal=True):
            word = "Hide secret" if st.session_state.get(_SHOWN) else "Show secret"
            st.button(word, key="callbacks_show", on_click=_flip)
            st.button("Draw a new one", key="callbacks_rotate", on_click=attempt, args=(_rotate,))
            st.button("Log of all deliveries", key="callbacks_log", on_click=open_dialog, args=(LOG,))


def _flip() -> None:
    st.session_state[_SHOWN] = not st.session_state.get(_SHOWN)


def _rotate() -> None:
    rotate_callback_secret(context())
    st.session_state[_SHOWN] = True
    say_next("Callbacks are signed with a new secret from now on: give it to their receivers")


def _dialogs() -> None:
    if opened(NEW):
        edit_dialog("", None)
    elif asked := opened(EDIT):
        edit_dialog(asked.subject, asked.version)
    elif asked := opened(SECRET):
        secret_dialog(asked.subject)
    elif asked := opened(REMOVE):
        remove_dialog(asked.subject, asked.version)
    elif asked := opened(LOG):
        log_dialog(asked.subject)
