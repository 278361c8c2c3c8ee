"""Choosing the spreadsheet of a connection: by search, by its address, or a new one from the template."""

import re
from datetime import datetime

import streamlit as st

from core.services.sheet_connections import spreadsheet_key
from core.services.sheet_finding import list_spreadsheets, make_template
from core.services.sheet_views import GoogleAccountView, SpreadsheetView
from core.ui.failures import refusals
from core.ui.sheets_actions import FOUND
from core.ui.sheets_google import ask_again, look
from core.ui.state import context, house, workspace
from core.ui.times import day
from core.ui.turning import cursor_of, turn_pages
from core.ui.wording import counted

_WANTED, _SEARCH, _PAGE = "sheet_wanted", "sheet_find", "sheet_list_page"
_ID = re.compile(r"[\w-]{30,}")
"""A text without a space as long as this is no name that somebody searches for."""
_TEMPLATE = "Content schedule"


def choose_spreadsheet(account: GoogleAccountView) -> str | None:
    """Draw the choice and return a spreadsheet's id, None while nothing is chosen."""
    if (made := st.session_state.pop(_WANTED, None)) is not None:
        st.session_state[_SEARCH] = made
    said: str | None = st.text_input(
        "Spreadsheet",
        key=_SEARCH,
        placeholder="Search by name, or paste the address of the sheet",
        help="Press Enter to search. The address is what the browser shows while the sheet is open.",
    )
    wanted = (said or "").strip()
    if "://" in wanted or _ID.fullmatch(wanted):
        with refusals():
            return spreadsheet_key(wanted)
        return None
    return _choose_listed(account, wanted)


def _choose_listed(account: GoogleAccountView, search: str) -> str | None:
    about = (account.id, search)
    page = cursor_of(_PAGE, about)
    found = look(FOUND, (*about, page), lambda: list_spreadsheets(context(), house().google, account.id, search, page))
    if found is None:
        return None
    if not found.spreadsheets:
        _say_none(account, search)
        return None
    names = {each.id: each for each in found.spreadsheets}
    choice: str | None = st.selectbox(
        "Found",
        list(names),
        None,
        format_func=lambda key: _named(names[key], house().now()),
        key=f"sheet_found_{page}",
        placeholder=f"Choose one of {counted(len(names), 'spreadsheet')}",
        label_visibility="collapsed",
    )
    turn_pages(_PAGE, "More spreadsheets", found.next_page)
    if choice is None:
        _offer_template(account)
    return choice


def _named(sheet: SpreadsheetView, now: datetime) -> str:
    changed = f" · changed {day(sheet.modified_at, workspace().timezone, now)}" if sheet.modified_at else ""
    return f"{sheet.name}{changed}"


def _say_none(account: GoogleAccountView, search: str) -> None:
    whom = "the person who signed in"
    if search:
        st.markdown(":material/filter_alt_off: No spreadsheet of this name is shared with this account.")
    else:
        st.markdown(":material/share: No spreadsheet is shared with this account yet.")
    st.caption(
        "Open the sheet in Google Sheets, press **Share**, and add this address as an editor; then look again."
        if account.email
        else f"Slotwise sees what {whom} sees in Drive."
    )
    if account.email:
        st.code(account.email, language=None, wrap_lines=True)
    with st.container(horizontal=True):
        ask_again(FOUND)
    _offer_template(account)


def _offer_template(account: GoogleAccountView) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        wants = st.button("Create a template sheet", icon=":material/note_add:", key="sheet_template")
        st.caption("A new spreadsheet with all columns, ready to be filled.", width="content")
    if wants:
        put_template(account, None)


def put_template(account: GoogleAccountView, spreadsheet_id: str | None) -> None:
    """Make a spreadsheet from the template, or a sheet in one that is there, and choose it."""
    with refusals():
        with st.spinner("Asking Google"):
            made = make_template(context(), house().google, account.id, _TEMPLATE, spreadsheet_id)
        st.session_state[_WANTED] = made.url
        st.session_state[f"sheet_tab_{made.spreadsheet_id}"] = made.sheet_name
        st.session_state.pop(FOUND, None)
        st.rerun()
