"""The third way to the rows of a batch: a connected Google Sheet, read as a file is."""

import streamlit as st

from core.services.sheet_checks import sheet_as_file
from core.services.sheet_connections import list_connections
from core.services.sheet_views import ConnectionView, SheetFile
from core.ui.failures import refusals
from core.ui.queries import ask
from core.ui.state import context, house, workspace
from core.ui.wording import counted, plain


def ask_sheet(turn: int) -> SheetFile | None:
    """Draw the choice of a connection; return its sheet once somebody wants its rows."""
    connections = ask(list_connections)
    if not connections:
        st.markdown("No sheet is connected yet. Connect one, then its rows can be taken here.")
    else:
        st.caption(
            "Its rows are taken once, for this batch. Rows that its own syncs schedule are left out; those syncs go on."
        )
        chosen = st.selectbox(
            "Connected sheet", connections, format_func=_named, key=f"batch_sheet_{turn}", placeholder="Choose a sheet"
        )
        if st.button("Read this sheet", icon=":material/table_rows:", key="batch_read_sheet") and chosen:
            return _read(chosen)
    st.page_link("sheets_connection.py", label="Google Sheets", icon=":material/table_chart:", width="content")
    return None


def notes_on(file: SheetFile) -> tuple[str, ...]:
    """Return what somebody should know of a sheet's rows beside what stands in them."""
    left = f"{counted(file.left_out, 'row')} left out: the syncs of this sheet schedule them." if file.left_out else ""
    return (left,) if left else ()


def _named(connection: ConnectionView) -> str:
    where = connection.sheet_name or connection.spreadsheet_title
    return f"{connection.name} · {where}" if where else connection.name


def _read(connection: ConnectionView) -> SheetFile | None:
    """Return a sheet's rows; why they cannot be had is said here."""
    with refusals(), st.spinner("Reading the sheet"):
        file = sheet_as_file(context(), house().google, connection.id)
        if connection.timezone and connection.timezone != workspace().timezone:
            st.toast(
                f"Times of {plain(connection.name)} are on the clocks of {plain(connection.timezone)}.",
                icon=":material/schedule:",
            )
        return file
    return None
