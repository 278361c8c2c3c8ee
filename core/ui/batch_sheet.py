"""The rows of a connected Google Sheet, taken once for a batch."""

import streamlit as st

from core.services.sheet_connections import list_connections
from core.services.sheet_files import sheet_as_file
from core.services.sheet_views import SheetFile
from core.settings import ROOT
from core.ui.failures import refusals
from core.ui.queries import ask
from core.ui.sheets_words import place_words
from core.ui.state import context, house
from core.ui.wording import counted

_PAGE = "sheets_connection.py"


def choose_sheet(most: int) -> SheetFile | None:
    """Draw the choice, and return the sheet, with up to so many rows, once somebody wants them."""
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
    with refusals(), st.spinner("Asking Google"):
        return sheet_as_file(context(), house().google, chosen, most)
    return None


def notes_on(sheet: SheetFile) -> tuple[str, ...]:
    """Return what somebody should know of a sheet's rows beside what stands in them."""
    if not sheet.left_out:
        return ()
    return (f"{counted(sheet.left_out, 'row')} left out: syncs of this sheet have scheduled them.",)
