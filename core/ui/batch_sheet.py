"""The rows of a connected Google sheet, taken once for a batch."""

import streamlit as st

from core.services.sheet_connections import list_connections
from core.services.sheet_files import sheet_as_file
from core.services.sheet_views import SheetFile
from core.settings import ROOT
from core.ui.failures import refusals
from core.ui.queries import ask
from core.ui.sheets_words import place_words
from core.ui.state import context, house, say_next
from core.ui.wording import counted, plain

_PAGE = "sheets_connection.py"


def choose_sheet() -> SheetFile | None:
    """Draw the choice, and return the sheet once somebody wants its rows."""
    connections = {each.id: each for each in ask(list_connections)}
    if not connections:
        st.markdown("No sheet is connected yet. Connect one, and its rows can be taken here.")
        st.page_link(ROOT / "pages" / _PAGE, label="Google Sheets", icon=":material/table_chart:", width="content")
        return None
    chosen: str = st.selectbox(
        "Connected sheet",
        list(connections),
        format_func=lambda key: f"{connections[key].name} · {place_words(connections[key])}",
        key="batch_sheet",
    )
    st.caption("Its rows are taken once, as they are now. Rows that its own syncs have scheduled are left out.")
    if not st.button("Read its rows", icon=":material/table_rows:", key="batch_sheet_read"):
        return None
    with refusals():
        with st.spinner("Asking Google"):
            file = sheet_as_file(context(), house().google, chosen)
        if file.left_out:
            say_next(f"{counted(file.left_out, 'row')} of {plain(file.name)} left out: a sync has scheduled them")
        return file
    return None
