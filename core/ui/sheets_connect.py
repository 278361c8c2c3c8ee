"""Connecting a sheet, or changing a connection: what shall be done with it, beside what Slotwise makes of it."""

from dataclasses import replace

import streamlit as st

from core.services.sheet_accounts import list_accounts
from core.services.sheet_checks import check_draft
from core.services.sheet_connections import connect, draft_of_connection, edit_connection, find_connection
from core.services.sheet_views import ConnectionDraft, ConnectionView, GoogleAccountView, SheetCheck
from core.ui.dialogs import Opened, close_dialog, open_dialog
from core.ui.failures import refusals
from core.ui.queries import ask
from core.ui.sheets_accounts import ADD_ACCOUNT
from core.ui.sheets_actions import LOOKED, OPEN
from core.ui.sheets_check import show_check
from core.ui.sheets_fields import ask_place, ask_rest, placed
from core.ui.sheets_find import choose_spreadsheet, put_template
from core.ui.sheets_google import ask_again, forget, look, remember
from core.ui.sheets_words import place_words
from core.ui.shell import boundary
from core.ui.state import context, house, say_next
from core.ui.wording import plain, shortened


@st.dialog("Google sheet", icon=":material/add_link:", width="large", on_dismiss=close_dialog)
@boundary()
def connect_dialog(asked: Opened) -> None:
    """Ask for a connection, or for what shall change of one."""
    old = find_connection(context(), asked.subject) if asked.subject else None
    accounts = ask(list_accounts)
    if not accounts:
        st.markdown("Slotwise opens sheets in the name of a Google account. Connect one first.")
        if st.button("Connect a Google account", icon=":material/key:", key="sheet_needs_account"):
            open_dialog(ADD_ACCOUNT)
            st.rerun()
        return
    left, right = st.columns([2, 3], gap="large")
    draft = draft_of_connection(old) if old else ConnectionDraft("", accounts[0].id, "")
    with left:
        account = _account(accounts, draft)
        spreadsheet = _spreadsheet_of(old) if old else choose_spreadsheet(account)
    if spreadsheet is None:
        right.caption(":material/visibility: Choose a spreadsheet, and see here what Slotwise makes of it.")
        return
    draft = placed(replace(draft, account_id=account.id), spreadsheet)
    with right:
        check = _look(account, draft)
    with left:
        draft = ask_rest(ask_place(draft, check, is_fixed=old is not None), check)
        _save(draft, check, old, asked.version)


def _account(accounts: tuple[GoogleAccountView, ...], draft: ConnectionDraft) -> GoogleAccountView:
    by_id = {account.id: account for account in accounts}
    ids = list(by_id)
    if len(ids) == 1:
        return accounts[0]
    chosen: str = st.selectbox(
        "Google account",
        ids,
        ids.index(draft.account_id),
        format_func=lambda key: by_id[key].name,
        key="sheet_account",
    )
    return by_id[chosen]


def _spreadsheet_of(old: ConnectionView) -> str:
    """Say which spreadsheet it is: another one would be another connection, with other rows."""
    st.caption(f":material/table_chart: {plain(place_words(old))}  \nFor another sheet, connect that one.")
    return old.spreadsheet_id


def _look(account: GoogleAccountView, draft: ConnectionDraft) -> SheetCheck | None:
    """Draw what Slotwise makes of the sheet as it is now."""
    check = look(LOOKED, _about(draft), lambda: check_draft(context(), house().google, draft))
    if check is None:
        return None
    remember(LOOKED, _about(replace(draft, sheet_name=check.sheet_name)), check)
    show_check(check, draft.permissions)
    with st.container(horizontal=True):
        ask_again(LOOKED)
        if not check.is_ready and st.button("Add a sheet from the template", key="sheet_add_template"):
            put_template(account, draft.spreadsheet_id)
    return check


def _about(draft: ConnectionDraft) -> tuple[object, ...]:
    place = (draft.account_id, draft.spreadsheet_id, draft.sheet_name, draft.range)
    return *place, draft.permissions, draft.timezone, draft.mirrors


def _save(draft: ConnectionDraft, check: SheetCheck | None, old: ConnectionView | None, version: int | None) -> None:
    is_ready = check is not None and check.is_ready
    if not is_ready:
        st.caption("It can be kept as it is: it is synced once what is said beside is put right.")
    word = "Save" if old else "Connect this sheet" if is_ready else "Connect it anyway"
    if not st.button(word, type="primary", key="sheet_save"):
        return
    with refusals():
        with st.spinner("Asking Google"):
            ctx, google = context(), house().google
            kept = edit_connection(ctx, google, old.id, draft, version) if old else connect(ctx, google, draft)
        forget(LOOKED)
        close_dialog()
        st.query_params[OPEN] = kept.id
        say_next(f"{plain(shortened(kept.name))} is {'saved' if old else 'connected'}", ":material/add_link:")
        st.rerun()
