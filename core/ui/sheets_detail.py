"""Everything about one connected sheet: what goes where, its rows, removed rows, conflicts, syncs."""

from collections.abc import Callable, Mapping

import streamlit as st

from core.services.sheet_checks import check_draft
from core.services.sheet_connections import draft_of_connection
from core.services.sheet_views import ConnectionView
from core.ui.sheets_check import show_check
from core.ui.sheets_conflicts import show_conflicts
from core.ui.sheets_google import ask_again, look
from core.ui.sheets_removed import show_removed
from core.ui.sheets_rows import show_rows
from core.ui.sheets_runs import show_runs
from core.ui.state import context, house

_PLACE = "sheet_columns"


def show_detail(connection: ConnectionView) -> None:
    """Draw the tabs; only the one that is open is read."""
    tabs = st.tabs(list(TABS), key="sheet", on_change="rerun", bind="query-params")
    for tab, show in zip(tabs, TABS.values(), strict=True):
        if tab.open:
            with tab:
                show(connection)


def _show_columns(connection: ConnectionView) -> None:
    """Draw what goes where as the sheet is now; looking changes nothing."""
    draft = draft_of_connection(connection)
    about = (connection.id, connection.version, connection.last_sync)
    check = look(_PLACE, about, lambda: check_draft(context(), house().google, draft))
    if check is not None:
        show_check(check, connection.permissions)
        ask_again(_PLACE)


TABS: Mapping[str, Callable[[ConnectionView], None]] = {
    "Rows": show_rows,
    "What goes where": _show_columns,
    "Removed rows": show_removed,
    "Conflicts": show_conflicts,
    "Syncs": show_runs,
}
