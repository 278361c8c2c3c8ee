"""What stands where no sheet is connected: what will be here, and the one next step."""

from collections.abc import Sequence

import streamlit as st

from core.services.sheet_views import GoogleAccountView
from core.ui.blanks import nothing_yet
from core.ui.dialogs import Opened, open_dialog
from core.ui.sheets_accounts import ADD_ACCOUNT, how_to_get_a_key
from core.ui.sheets_actions import EDIT, open_asking

WHAT = (
    "A connected sheet feeds a calendar: each of its rows becomes a post, and status, time and address come back into "
    "the same row. Change it on either side; sorting, inserting and deleting rows confuses nothing."
)


def show_first_account() -> None:
    """Say what will be here, and that a Google account comes first."""
    nothing_yet(
        ":material/table_chart:",
        "No sheet connected yet",
        f"{WHAT} First, give Slotwise a Google account to sign in with.",
    )
    with st.container(horizontal=True, horizontal_alignment="center"):
        opening = (ADD_ACCOUNT,)
        st.button(
            "Connect a Google account", icon=":material/key:", key="first_account", on_click=open_dialog, args=opening
        )
    how_to_get_a_key()


def show_first_sheet(accounts: Sequence[GoogleAccountView]) -> None:
    """Say how the first sheet is connected, now that there is an account."""
    nothing_yet(
        ":material/table_chart:",
        "No sheet connected yet",
        f"{WHAT} Share a sheet with the address below as an editor, then connect it.",
    )
    with st.container(horizontal_alignment="center"):
        for email in dict.fromkeys(account.email for account in accounts if account.email):
            st.code(email, language=None, width=560)
        new = Opened(EDIT)
        st.button("Connect a sheet", icon=":material/add_link:", key="first_sheet", on_click=open_asking, args=(new,))


def show_no_such_sheet() -> None:
    """Say that the address names a connection that is not in this workspace."""
    nothing_yet(
        ":material/search_off:",
        "This sheet is not here",
        "No connection in the workspace you are in has the id in this address. If it belongs to another workspace, "
        "choose that one in the sidebar; else it was disconnected, or the address was cut short.",
    )
