"""What can be done with a connected sheet: one table of buttons, and the question before it is disconnected."""

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from core.services.sheet_connections import disconnect, find_connection, list_connections, request_sync
from core.services.sheet_views import ConnectionView
from core.sheets.words import ConnectionStatus
from core.ui.dialogs import Opened, close_dialog, open_dialog
from core.ui.failures import attempt, refusals
from core.ui.queries import ask
from core.ui.sheets_google import forget
from core.ui.state import context, say_next
from core.ui.wording import plain, shortened

EDIT, TEST, DISCONNECT = "sheet_edit", "sheet_test", "sheet_disconnect"
"""The dialogs; the subject is the connection's id, for EDIT "" means a new one."""
OPEN = "connection"
"""Names the connection in the address that is shown alone."""
FOUND, LOOKED = "sheet_list", "sheet_check"
"""Where the dialogs keep what Google answered: its spreadsheets, and what one looks like."""
_ACTED = "sheet_acted"


def connect_button() -> None:
    """Draw the button for one more sheet; for the first one, the empty page has its own."""
    if ask(list_connections):
        new = Opened(EDIT)
        st.button("Connect a sheet", icon=":material/add_link:", key="new_sheet", on_click=open_asking, args=(new,))


def open_asking(asked: Opened) -> None:
    """Open a dialog that asks Google, and have it ask anew."""
    forget(TEST, FOUND, LOOKED)
    open_dialog(asked.name, asked.subject, asked.version)


@dataclass(frozen=True)
class SheetAction:
    """One button: its word, its icon, the connections it suits and what it does."""

    key: str
    word: str
    icon: str
    suits: Callable[[ConnectionView], bool]
    do: Callable[[ConnectionView], None]


def show_actions(connection: ConnectionView, *, is_alone: bool) -> None:
    """Draw the buttons of a connection."""
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        if not is_alone:
            _button(connection, _DETAILS)
        for action in ACTIONS:
            if action.suits(connection):
                _button(connection, action)
        if connection.url:
            st.link_button("Open", connection.url, icon=":material/open_in_new:", help="Open the sheet at Google")
        for action in CHANGES:
            _button(connection, action)


def _button(connection: ConnectionView, action: SheetAction) -> None:
    args = (action.do, connection)
    st.button(action.word, icon=action.icon, key=f"sheet_{action.key}_{connection.id}", on_click=act, args=args)


def act(action: Callable[..., None], *args: object) -> None:
    """Do what a button inside of a live part says, and have the whole page drawn: it says what came of it."""
    attempt(action, *args)
    st.session_state[_ACTED] = True


def has_acted() -> bool:
    """Say, once, whether a button was clicked."""
    return bool(st.session_state.pop(_ACTED, False))


def _sync(connection: ConnectionView) -> None:
    request_sync(context(), connection.id)
    say_next(f"{_name(connection)} is synced as soon as the engine comes to it", ":material/sync:")


def _resume(connection: ConnectionView) -> None:
    request_sync(context(), connection.id)
    say_next(f"{_name(connection)} goes on with a sync right now", ":material/play_arrow:")


def _test(connection: ConnectionView) -> None:
    open_asking(Opened(TEST, connection.id))


def _edit(connection: ConnectionView) -> None:
    open_asking(Opened(EDIT, connection.id, connection.version))


def _ask_disconnect(connection: ConnectionView) -> None:
    open_dialog(DISCONNECT, connection.id, connection.version)


def _open(connection: ConnectionView) -> None:
    st.query_params[OPEN] = connection.id


def show_all() -> None:
    """Go back to all connections."""
    st.query_params.pop(OPEN, None)


def _name(connection: ConnectionView) -> str:
    return plain(shortened(connection.name, 60))


def _may_sync(connection: ConnectionView) -> bool:
    return not connection.is_paused and connection.status is not ConnectionStatus.SYNCING


ACTIONS = (
    SheetAction("resume", "Resume", ":material/play_arrow:", lambda each: each.is_paused, _resume),
    SheetAction("sync", "Sync now", ":material/sync:", _may_sync, _sync),
    SheetAction("test", "Test", ":material/network_check:", lambda _: True, _test),
)
CHANGES = (
    SheetAction("edit", "Edit", ":material/edit:", lambda _: True, _edit),
    SheetAction("disconnect", "Disconnect", ":material/link_off:", lambda _: True, _ask_disconnect),
)
_DETAILS = SheetAction("open", "Details", ":material/open_in_full:", lambda _: True, _open)


@st.dialog("Disconnect this sheet?", icon=":material/link_off:", on_dismiss=close_dialog)
def disconnect_dialog(asked: Opened) -> None:
    """Ask whether Slotwise shall forget a sheet."""
    with refusals():
        connection = find_connection(context(), asked.subject)
        st.markdown(f"**{_name(connection)}** would no longer be read or written.")
        st.markdown(
            "- Its posts stay in the calendar as they are, and go out at their times.\n"
            "- The sheet at Google stays as it is, with all that was written into it.\n"
            "- Its lists of rows, conflicts and syncs are forgotten. Connected again, its rows find their posts by the "
            "hidden column of ids."
        )
        with st.container(horizontal=True, horizontal_alignment="right"):
            is_kept = st.button("Keep it", key="sheet_keep")
            is_gone = st.button("Disconnect", type="primary", key="sheet_disconnect_sure")
        if is_gone:
            disconnect(context(), connection.id, asked.version)
            show_all()
            say_next(f"{_name(connection)} is disconnected", ":material/link_off:")
        if is_kept or is_gone:
            close_dialog()
            st.rerun()
