"""Making an API key or rotating one, and showing its secret this once."""

from collections.abc import Mapping
from datetime import timedelta

import streamlit as st

from core.services.api_keys import NAME_LIMIT, KeyDraft, NewKey, create_key, find_key, rotate_key
from core.services.scopes import ALL_SCOPES
from core.ui.dialogs import close_dialog, open_dialog
from core.ui.failures import refusals
from core.ui.state import context, house, workspace
from core.ui.times import moment
from core.ui.wording import plain
from core.vocabulary import Scope, Signing

NEW, ROTATE, SHOWN = "key_new", "key_rotate", "key_shown"
_SECRETS = "key_secrets"
"""Where the session holds a new key from its making until its dialog is closed."""

NOTHING, READ, WRITE = "No access", "Read", "Read and write"
LEVELS = (NOTHING, READ, WRITE)
CHOICES: Mapping[str, tuple[str, Scope, Scope]] = {
    "scheduling": ("Scheduling: calendars, posts, best times", Scope.SCHEDULING_READ, Scope.SCHEDULING_WRITE),
    "analytics": ("Analytics: results and measurements", Scope.ANALYTICS_READ, Scope.ANALYTICS_WRITE),
    "channels": ("Channels and their settings", Scope.CHANNELS_READ, Scope.CHANNELS_WRITE),
    "webhooks": ("Webhooks that tell other programs", Scope.WEBHOOKS_READ, Scope.WEBHOOKS_WRITE),
    "bulk": ("Bulk jobs: batches of many rows", Scope.BULK_READ, Scope.BULK_WRITE),
    "admin": ("Administration: keys, audit log, workspaces", Scope.ADMIN_READ, Scope.ADMIN_WRITE),
}
"""What can be granted: the question, and the scopes of reading and of writing."""

EXPIRIES: Mapping[str, timedelta | None] = {
    "In 30 days": timedelta(days=30),
    "In 90 days": timedelta(days=90),
    "In a year": timedelta(days=365),
    "Never": None,
}
SIGNING: Mapping[Signing, str] = {
    Signing.NONE: "Not signed",
    Signing.OPTIONAL: "May be signed",
    Signing.REQUIRED: "Must be signed",
}
OVERLAPS: Mapping[str, int] = {"At once": 0, "In an hour": 60, "In a day": 24 * 60, "In 7 days": 7 * 24 * 60}
"""When the old secret ends, in minutes."""


@st.dialog("Create API key", icon=":material/key:", on_dismiss=close_dialog)
def create_dialog() -> None:
    """Ask what the key is for and what it may do."""
    name = st.text_input("Name", max_chars=NAME_LIMIT, key="key_name", placeholder="The program that gets it")
    scopes = _ask_scopes()
    expiry = st.selectbox("Expires", list(EXPIRIES), index=2, key="key_expiry")
    signing = st.radio(
        "Calls",
        list(SIGNING),
        format_func=SIGNING.__getitem__,
        key="key_signing",
        horizontal=True,
        help="A signature proves that nobody changed or repeated a call on its way. Few programs need it.",
    )
    if st.button("Create key", type="primary", key="key_create"):
        with refusals():
            span = EXPIRIES[expiry]
            expires_at = house().now() + span if span else None
            _show_next(create_key(context(), KeyDraft(name, scopes, expires_at, signing), ALL_SCOPES))


def _ask_scopes() -> tuple[Scope, ...]:
    """Ask for each area what the key may do there."""
    chosen: list[Scope] = []
    for area, (question, read, write) in CHOICES.items():
        first = WRITE if area == "scheduling" else NOTHING
        level = st.segmented_control(question, LEVELS, default=first, required=True, key=f"key_scope_{area}")
        chosen += {READ: [read], WRITE: [write]}.get(level or NOTHING, [])
    return tuple(chosen)


@st.dialog("Rotate API key", icon=":material/autorenew:", on_dismiss=close_dialog)
def rotate_dialog(key_id: str) -> None:
    """Ask when the old secret ends."""
    key = find_key(context(), key_id)
    st.markdown(
        f"**{plain(key.name)}** (`{key.prefix}_…`) gets a new secret and keeps its name, scopes and expiry. Choose "
        "*At once* if somebody else may know the old secret; otherwise leave time to change it in the program."
    )
    end = st.radio("The old secret ends", list(OVERLAPS), key="key_overlap", horizontal=True)
    if st.button("Rotate key", type="primary", key="key_rotate_yes"):
        with refusals():
            _show_next(rotate_key(context(), key_id, ALL_SCOPES, OVERLAPS[end]))


def _show_next(made: NewKey) -> None:
    st.session_state[_SECRETS] = made
    open_dialog(SHOWN)
    st.rerun()


def _forget() -> None:
    """Close the dialog and let nothing of the secret stay in the session."""
    st.session_state.pop(_SECRETS, None)
    close_dialog()


@st.dialog("Your new API key", icon=":material/key:", on_dismiss=_forget, dismissible=False)
def shown_dialog() -> None:
    """Show the secrets, which are kept nowhere."""
    made: NewKey | None = st.session_state.get(_SECRETS)
    if made is None:  # the visit in which it was made is over
        _forget()
        st.rerun()
    st.warning("Copy it now. It is shown this once: Slotwise keeps only what it takes to recognize it.")
    st.markdown(f"The program **{plain(made.key.name)}** sends it with every call, as `Authorization: Bearer …`:")
    st.code(made.secret, language=None, wrap_lines=True)
    if made.signing_secret:
        st.markdown("With this it signs its calls (`X-Signature`, `X-Timestamp`); it never sends it:")
        st.code(made.signing_secret, language=None, wrap_lines=True)
    if made.key.previous_until:
        until = moment(made.key.previous_until, workspace().timezone, house().now())
        st.caption(f"The secret of before is good until {plain(until)}.")
    if st.button("I have copied it", type="primary", key="key_copied"):
        _forget()
        st.rerun()
