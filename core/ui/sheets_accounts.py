"""Google accounts: connecting one by its key, whom to share sheets with, and parting with one."""

from collections import Counter
from collections.abc import Sequence

import streamlit as st

from core.services.sheet_accounts import add_account, list_accounts, remove_account
from core.services.sheet_views import ConnectionView, GoogleAccountView
from core.ui.dialogs import Opened, close_dialog, open_dialog
from core.ui.failures import refusals
from core.ui.queries import ask
from core.ui.sheets_actions import EDIT
from core.ui.sheets_words import ACCOUNT_KINDS
from core.ui.state import context, house, say_next
from core.ui.wording import counted, plain, shortened

ADD_ACCOUNT, REMOVE_ACCOUNT = "google_account", "google_account_remove"
"""The dialogs; the subject of the second one is the account's id."""
_NAME_LIMIT = 100

HOW = """\
1. Open the [Google Cloud console](https://console.cloud.google.com/) and choose a project, or make one.
2. Under **APIs & Services, Library**, enable the **Google Sheets API** and the **Google Drive API**.
3. Under **IAM & Admin, Service Accounts**, create a service account. It needs no role.
4. Open it, go to **Keys, Add key, Create new key**, choose **JSON**. The browser saves a file: that is the key.
5. In Google Sheets press **Share** and add the service account's address (it ends in `gserviceaccount.com`) as an
   **editor**, for every sheet that Slotwise shall work with. It sees no others.
"""


def how_to_get_a_key() -> None:
    """Draw the way to a key, folded."""
    with st.expander("How to get the key of a service account", icon=":material/help:"):
        st.markdown(HOW)


def show_accounts(accounts: Sequence[GoogleAccountView], connections: Sequence[ConnectionView]) -> None:
    """Draw the accounts with the address to share sheets with."""
    used = Counter(connection.account_id for connection in connections)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader("Google accounts", anchor=False, width="stretch")
        opening = (ADD_ACCOUNT,)
        st.button("Add account", icon=":material/key:", key="add_account", on_click=open_dialog, args=opening)
    st.caption("Slotwise sees the sheets that are shared with these addresses, and no others.")
    for account in accounts:
        _row(account, used[account.id])


def _row(account: GoogleAccountView, sheets: int) -> None:
    with st.container(border=True, key=f"account_{account.id}"):
        said, actions = st.columns([4, 1], vertical_alignment="center")
        with said.container(gap="small"):
            kind = ACCOUNT_KINDS[account.kind]
            used = counted(sheets, "sheet") if sheets else "no sheet yet"
            st.markdown(f"**{plain(shortened(account.name))}** :gray[· {kind} · {used}]")
            if account.email:
                st.code(account.email, language=None, wrap_lines=True)
        with actions.container(horizontal=True, horizontal_alignment="right"):
            opening = (REMOVE_ACCOUNT, account.id)
            st.button(
                "Remove", icon=":material/delete:", key=f"account_gone_{account.id}", on_click=open_dialog, args=opening
            )


@st.dialog("Connect a Google account", icon=":material/key:", width="medium", on_dismiss=close_dialog)
def account_dialog() -> None:
    """Take the key of a service account, or what a signed-in user's client keeps."""
    st.markdown("Slotwise signs in at Google with a key of its own. It is stored encrypted and never shown again.")
    how_to_get_a_key()
    file, paste = st.tabs(["Upload the file", "Paste its text"])
    upload = file.file_uploader("Key file", type="json", key="account_file", max_upload_size=1)
    pasted = paste.text_area(
        "Text of the key file", key="account_text", height=160, placeholder='{"type": "service_account", …}'
    )
    name = st.text_input(
        "Name", key="account_name", max_chars=_NAME_LIMIT, placeholder="Optional: as your team calls it"
    )
    secret = upload.getvalue() if upload else (pasted or "").strip()
    if st.button("Connect account", type="primary", key="account_save", disabled=not secret):
        with refusals():
            with st.spinner("Asking Google"):
                account = add_account(context(), house().google, name or "", secret)
            open_dialog(EDIT)
            say_next(f"{plain(shortened(account.name))} is connected; share a sheet with it", ":material/key:")
            st.rerun()


@st.dialog("Remove this Google account?", icon=":material/delete:", on_dismiss=close_dialog)
def remove_account_dialog(asked: Opened) -> None:
    """Ask whether the key of an account shall be forgotten."""
    account = next((each for each in ask(list_accounts) if each.id == asked.subject), None)
    if account is None:
        st.markdown("This account is removed already.")
        return
    st.markdown(f"Slotwise forgets the key of **{plain(shortened(account.name))}**. At Google nothing changes.")
    with st.container(horizontal=True, horizontal_alignment="right"):
        is_kept = st.button("Keep it", key="account_keep")
        is_gone = st.button("Remove account", type="primary", key="account_remove_sure")
    with refusals():
        if is_gone:
            remove_account(context(), account.id)
            say_next(f"{plain(shortened(account.name))} is removed", ":material/delete:")
        if is_kept or is_gone:
            close_dialog()
            st.rerun()
