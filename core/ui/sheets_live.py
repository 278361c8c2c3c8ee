"""The live parts of the Google Sheets page: drawn anew by themselves while a sync is under way, and only then."""

from collections.abc import Sequence

import streamlit as st

from core.errors import DatabaseUnavailable, NotFound
from core.services.heartbeat import EngineState, engine_status
from core.services.sheet_accounts import list_accounts
from core.services.sheet_connections import find_connection, list_connections
from core.services.sheet_views import ConnectionView
from core.sheets.words import ConnectionStatus
from core.ui.queries import ask
from core.ui.sheets_accounts import show_accounts
from core.ui.sheets_actions import OPEN, has_acted, show_all
from core.ui.sheets_blank import show_first_account, show_first_sheet, show_no_such_sheet
from core.ui.sheets_cards import show_alone, show_cards
from core.ui.sheets_detail import show_detail
from core.ui.sheets_filter import ask_wanted
from core.ui.sheets_words import is_due
from core.ui.shell import boundary
from core.ui.state import context, house

PER_PAGE = 10
AT_WORK_SECONDS, WAITING_SECONDS, LOOK_SECONDS = 1, 2, 3
_SEEN = "sheets_seen"


def show_sheets() -> None:
    """Draw the connected sheets or the one that the address names, and below them the Google accounts."""
    has_acted()  # the page is being drawn as a whole
    connections, accounts = ask(list_connections), ask(list_accounts)
    every = seconds_between(connections)
    if alone := st.query_params.get(OPEN):
        _show_one(alone, every)
    elif connections:
        st.fragment(_cards, run_every=every)(every)
    elif accounts:
        show_first_sheet(accounts)
    else:
        show_first_account()
    if accounts and not alone:
        show_accounts(accounts, connections)
    if every is None:
        st.session_state[_SEEN] = connections
        _look()


def seconds_between(connections: Sequence[ConnectionView]) -> int | None:
    """Return how often the page is drawn anew; None while nothing changes by itself."""
    if any(each.status is ConnectionStatus.SYNCING for each in connections):
        return AT_WORK_SECONDS
    now = house().now()
    return WAITING_SECONDS if any(is_due(each, now) for each in connections) else None


@st.fragment(run_every=LOOK_SECONDS)
def _look() -> None:
    """Draw the page anew once a sync has begun or somebody changed a connection; drawing nothing, it cannot flicker."""
    try:
        connections = ask(list_connections)
    except DatabaseUnavailable:
        return  # the pill says so; the page stays as it is
    if connections != st.session_state[_SEEN] or seconds_between(connections) is not None:
        st.rerun()


def _fresh(every: int | None) -> tuple[ConnectionView, ...]:
    """Return the connections as they are now; the whole page is drawn when a sync has begun or ended."""
    connections = list_connections(context())
    if has_acted() or seconds_between(connections) != every:
        st.rerun()
    return connections


@boundary()
def _cards(every: int | None) -> None:
    connections = _fresh(every)
    _say_engine(every)
    show_cards(ask_wanted(connections))


def _say_engine(every: int | None) -> None:
    if every and engine_status(context()).state in (EngineState.STOPPED, EngineState.NEVER):
        st.warning(
            "Syncs wait for the engine, which does not run at present. They go on by themselves once it does.",
            icon=":material/hourglass_empty:",
        )


def _show_one(connection_id: str, every: int | None) -> None:
    st.button("All sheets", icon=":material/arrow_back:", key="all_sheets", type="tertiary", on_click=show_all)
    try:
        connection = find_connection(context(), connection_id)
    except NotFound:
        show_no_such_sheet()
        return
    st.fragment(_alone, run_every=every)(connection_id, every)
    show_detail(connection)


@boundary()
def _alone(connection_id: str, every: int | None) -> None:
    _fresh(every)
    _say_engine(every)
    show_alone(find_connection(context(), connection_id))
