"""The keys of the API: which there are, what each may do, and ending one."""

from datetime import datetime

import streamlit as st

from core.services.api_keys import KeyView, find_key, list_keys, revoke_key
from core.ui.blanks import nothing_yet
from core.ui.dialogs import close_dialog, open_dialog, opened
from core.ui.failures import refusals
from core.ui.settings_keys_new import NEW, ROTATE, SHOWN, create_dialog, rotate_dialog, shown_dialog
from core.ui.state import context, house, say_next, workspace
from core.ui.times import moment, relative
from core.ui.wording import plain
from core.vocabulary import KeyState, Scope, Signing

PER_PAGE = 20
_REVOKE, _ENDED = "key_revoke", "keys_ended"
_READ, _WRITE = ":read", ":write"
AREAS = {
    "scheduling": "scheduling",
    "analytics": "analytics",
    "channels": "channels",
    "webhooks": "webhooks",
    "admin": "administration",
}
"""What the first word of a scope is called in a sentence."""

STATES = {
    KeyState.ACTIVE: ":green-badge[:material/check: Active]",
    KeyState.EXPIRED: ":orange-badge[:material/timer_off: Expired]",
    KeyState.REVOKED: ":gray-badge[:material/block: Revoked]",
}


def show_keys() -> None:
    """Draw the keys, newest first, with the ways to make, rotate and revoke one."""
    keys, now = list_keys(context()), house().now()  # not from the cache: a use is noted without a revision
    ended = [key for key in keys if key.state is not KeyState.ACTIVE]
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        with_ended = bool(ended) and st.toggle(f"Show ended keys ({len(ended)})", key=_ENDED, bind="query-params")
        st.button("Create API key", icon=":material/key:", key="key_new", on_click=open_dialog, args=(NEW,))
    shown = keys if with_ended else tuple(key for key in keys if key.state is KeyState.ACTIVE)
    if shown:
        _show_page(shown, now)
    elif keys:
        nothing_yet(":material/key_off:", "No active keys", "All keys have ended; programs need a new one to call.")
    else:
        _show_purpose()
    _dialogs()


def _show_purpose() -> None:
    nothing_yet(
        ":material/key:",
        "No API keys yet",
        "A program that plans or reads posts over the API shows a key, which says what it may do. Until you create the "
        "first one, programs on this machine may call without a key and do everything. **Creating the first key ends "
        "that for good**: from then on every call needs one.",
    )


def _show_page(keys: tuple[KeyView, ...], now: datetime) -> None:
    rows = st.container(gap="small")
    pages = -(-len(keys) // PER_PAGE)
    first = (st.pagination(pages, key="keys_page") - 1) * PER_PAGE if pages > 1 else 0
    with rows:
        for key in keys[first : first + PER_PAGE]:
            _row(key, now)


def _row(key: KeyView, now: datetime) -> None:
    with st.container(border=True, key=f"key_{key.id}"):
        said, actions = st.columns([5, 2], vertical_alignment="center")
        with said.container(gap=None):
            st.markdown(f"**{plain(key.name)}** {STATES[key.state]}{_signing(key)}")
            st.markdown(f"`{key.prefix}_…` · {scope_words(key.scopes)}")
            st.caption(_times(key, now))
        if key.state is KeyState.ACTIVE:
            with actions.container(horizontal=True, horizontal_alignment="right", gap="small"):
                _actions(key)


def _actions(key: KeyView) -> None:
    for word, icon, name in (("Rotate", "autorenew", ROTATE), ("Revoke", "block", _REVOKE)):
        mark, opening = f":material/{icon}:", (name, key.id)
        st.button(word, icon=mark, key=f"{name}_{key.id}", on_click=open_dialog, args=opening)


def scope_words(scopes: tuple[Scope, ...]) -> str:
    """Return `reads and writes scheduling; reads analytics, channels`, each area once."""
    writes = [AREAS[scope.removesuffix(_WRITE)] for scope in scopes if scope.endswith(_WRITE)]
    reads = [AREAS[scope.removesuffix(_READ)] for scope in scopes if scope.endswith(_READ)]
    only_read = [area for area in reads if area not in writes]
    parts = (("reads and writes", writes), ("reads", only_read))
    return "; ".join(f"{verb} {', '.join(areas)}" for verb, areas in parts if areas)


def _signing(key: KeyView) -> str:
    words = {Signing.NONE: "", Signing.OPTIONAL: "May sign", Signing.REQUIRED: "Must sign"}[key.signing]
    return f" :blue-badge[:material/signature: {words}]" if words else ""


def _times(key: KeyView, now: datetime) -> str:
    """Say when a key was made, used, and ends."""
    zone = workspace().timezone
    said = [f"Created {moment(key.created_at, zone, now)} by {plain(key.created_by)}"]
    said.append(f"last used {relative(key.last_used_at, now)}" if key.last_used_at else "never used")
    if key.revoked_at:
        said.append(f"revoked {moment(key.revoked_at, zone, now)}")
    elif key.expires_at:
        ends = "expired" if key.state is KeyState.EXPIRED else "expires"
        said.append(f"{ends} {moment(key.expires_at, zone, now)}")
    else:
        said.append("never expires")
    if key.previous_until:
        said.append(f"the secret of before is good until {moment(key.previous_until, zone, now)}")
    return " · ".join(said)


def _dialogs() -> None:
    if opened(NEW):
        create_dialog()
    elif opened(SHOWN):
        shown_dialog()
    elif asked := opened(ROTATE):
        rotate_dialog(asked.subject)
    elif asked := opened(_REVOKE):
        _revoke(asked.subject)


@st.dialog("Revoke API key", icon=":material/block:", on_dismiss=close_dialog)
def _revoke(key_id: str) -> None:
    key = find_key(context(), key_id)
    st.markdown(
        f"From then on every call with **{plain(key.name)}** (`{key.prefix}_…`), and with the tokens it was exchanged "
        "for, is refused. This cannot be undone; a program that still needs access gets a new key."
    )
    used = f"Last used {relative(key.last_used_at, house().now())}." if key.last_used_at else "It was never used."
    st.caption(used)
    with st.container(horizontal=True):
        if st.button("Revoke key", type="primary", key="key_revoke_yes"):
            with refusals():
                revoke_key(context(), key_id)
                close_dialog()
                say_next(f"{plain(key.name)} is revoked")
                st.rerun()
        if st.button("Keep it", key="key_revoke_no"):
            close_dialog()
            st.rerun()
