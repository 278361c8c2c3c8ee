"""Rows that were removed from a sheet: their posts are kept or canceled, by somebody, never by themselves."""

import streamlit as st

from core.services.sheet_connections import find_connection
from core.services.sheet_lists import list_rows
from core.services.sheet_missing import cancel_missing, keep_missing
from core.services.sheet_views import ConnectionView, SheetRowView
from core.sheets.rows import KnownState
from core.ui.blanks import nothing_yet
from core.ui.dialogs import Opened, close_dialog, open_dialog
from core.ui.failures import attempt, refusals
from core.ui.queries import ask
from core.ui.sheets_actions import OPEN
from core.ui.sheets_words import posts_words
from core.ui.state import context, say_next
from core.ui.turning import cursor_of, turn_pages
from core.ui.wording import counted, plain, shortened

CANCEL = "sheet_cancel_removed"
"""The dialog; the subject is the row's id, "" for all of the connection that the address names."""
PER_PAGE = 20
_PAGE = "sheet_removed_page"


def show_removed(connection: ConnectionView) -> None:
    """Draw a page of removed rows, each with both answers, and both for all of them at once."""
    page = ask(list_rows, connection.id, KnownState.MISSING, limit=PER_PAGE, cursor=cursor_of(_PAGE, connection.id))
    if not page.total:
        nothing_yet(
            ":material/delete:",
            "No removed rows",
            "When a row is deleted from the sheet, its posts stay until somebody decides here to cancel or to keep "
            "them.",
        )
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            f"**{counted(page.total, 'row')}** no longer in the sheet. The posts go out unless you cancel them.",
            width="stretch",
        )
        _buttons(connection, None, page.total)
    for row in page.rows:
        _row(connection, row)
    turn_pages(_PAGE, f"{len(page.rows):,} of {page.total:,} rows", page.next_cursor)


def _row(connection: ConnectionView, row: SheetRowView) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"sheet_removed_{row.id}"):
        title = plain(shortened(row.title, 90)) or ":gray[without a title]"
        st.markdown(f"{title} :gray[· {posts_words(len(row.item_ids))}]", width="stretch")
        _buttons(connection, row.id, 1)


def _buttons(connection: ConnectionView, row_id: str | None, rows: int) -> None:
    of = " all" if row_id is None and rows > 1 else ""
    key = row_id or "all"
    st.button(
        f"Cancel{of}", icon=":material/event_busy:", key=f"sheet_cancel_{key}", help="Cancel the posts",
        on_click=open_dialog, args=(CANCEL, row_id or ""),
    )  # fmt: skip
    st.button(
        f"Keep{of}", icon=":material/check:", key=f"sheet_keep_{key}", help="Keep the posts, without a row",
        on_click=attempt, args=(_keep, connection, row_id),
    )  # fmt: skip


def _keep(connection: ConnectionView, row_id: str | None) -> None:
    kept = keep_missing(context(), connection.id, None if row_id is None else (row_id,))
    say_next(f"The posts of {counted(kept, 'removed row')} go out as planned")


@st.dialog("Cancel the posts of removed rows?", icon=":material/event_busy:", on_dismiss=close_dialog)
def cancel_dialog(asked: Opened) -> None:
    """Ask whether the posts of one removed row, or of all, shall be canceled."""
    with refusals():
        connection = find_connection(context(), st.query_params.get(OPEN, ""))
        rows = "this row" if asked.subject else counted(connection.rows_missing, "removed row")
        st.markdown(f"The posts of **{rows}** of {plain(shortened(connection.name))} would not go out any more.")
        st.caption("What is published already stays published. Canceled posts cannot be taken back.")
        with st.container(horizontal=True, horizontal_alignment="right"):
            is_left = st.button("Not now", key="sheet_cancel_not")
            is_sure = st.button("Cancel the posts", type="primary", key="sheet_cancel_sure")
        if is_sure:
            gone = cancel_missing(context(), connection.id, (asked.subject,) if asked.subject else None)
            say_next(f"{counted(gone, 'post')} canceled", ":material/event_busy:")
        if is_left or is_sure:
            close_dialog()
            st.rerun()
