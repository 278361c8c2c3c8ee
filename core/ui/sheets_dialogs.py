"""The dialogs of the Google Sheets page: whichever is open is drawn."""

import streamlit as st

from core.services.sheet_checks import check_connection
from core.services.sheet_connections import find_connection
from core.ui.dialogs import Opened, close_dialog, opened
from core.ui.sheets_accounts import ADD_ACCOUNT, REMOVE_ACCOUNT, account_dialog, remove_account_dialog
from core.ui.sheets_actions import DISCONNECT, EDIT, TEST, disconnect_dialog
from core.ui.sheets_check import show_check
from core.ui.sheets_connect import connect_dialog
from core.ui.sheets_google import look
from core.ui.sheets_removed import CANCEL, cancel_dialog
from core.ui.shell import boundary
from core.ui.state import context, house
from core.ui.wording import plain, shortened


def show_dialogs() -> None:
    """Draw the dialog that was asked for, if it is one of this page."""
    if opened(ADD_ACCOUNT):
        account_dialog()
    for name, dialog in _DIALOGS.items():
        if asked := opened(name):
            dialog(asked)


@st.dialog("Test of the connection", icon=":material/network_check:", width="large", on_dismiss=close_dialog)
@boundary()
def _test_dialog(asked: Opened) -> None:
    """Ask Google now what Slotwise may do there and what it finds."""
    connection = find_connection(context(), asked.subject)
    st.markdown(f"**{plain(shortened(connection.name))}**")
    check = look(TEST, connection.id, lambda: check_connection(context(), house().google, connection.id))
    if check is not None:
        show_check(check, connection.permissions)
    if st.button("Close", key="sheet_test_close"):
        close_dialog()
        st.rerun()


_DIALOGS = {
    REMOVE_ACCOUNT: remove_account_dialog,
    EDIT: connect_dialog,
    TEST: _test_dialog,
    DISCONNECT: disconnect_dialog,
    CANCEL: cancel_dialog,
}
