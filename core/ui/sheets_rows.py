"""The rows of a connected sheet that Slotwise knows: where each stands, its posts, and what to mend in it."""

from collections.abc import Mapping, Sequence

import pandas as pd
import polars as pl
import streamlit as st

from core.services.sheet_lists import list_rows
from core.services.sheet_views import ConnectionView, SheetRowPage, SheetRowView
from core.sheets.rows import KnownState
from core.ui.analytics_tables import offer_download
from core.ui.blanks import nothing_found, nothing_yet
from core.ui.queries import ask
from core.ui.sheets_tables import AT_ONCE, ROW_SCHEMA, every_page, row_cells
from core.ui.sheets_words import ROW_LOOKS, TO_MEND, posts_words, sentence
from core.ui.state import context
from core.ui.turning import cursor_of, turn_pages
from core.ui.wording import plain, shortened

PER_PAGE = 25
_SHOW, _PAGE, _TITLE_LENGTH = "sheet_rows", "sheet_rows_page", 90
SHOWN: Mapping[str, KnownState | None] = {
    "All": None,
    TO_MEND.word: None,
    "In the sheet": KnownState.ACTIVE,
    "Removed": KnownState.MISSING,
}


def show_rows(connection: ConnectionView) -> None:
    """Draw a page of rows, those with something to mend alone where somebody wants so."""
    shown = st.segmented_control(
        "Rows", list(SHOWN), default="All", required=True, key=_SHOW, bind="query-params", label_visibility="collapsed"
    )
    about = (connection.id, shown)
    page = _read(connection, shown, cursor_of(_PAGE, about))
    if page.rows:
        _table(page.rows)
        turn_pages(_PAGE, f"{len(page.rows):,} of {page.total:,} rows", page.next_cursor)
        _download(connection, shown)
    elif shown != "All":
        nothing_found("rows", _clear, key="clear_sheet_rows")
    else:
        nothing_yet(
            ":material/table_rows:",
            "No rows yet",
            "Each row of the sheet with something to post stands here after the first sync, with its posts and with "
            "what has to be mended in it.",
        )


def _read(connection: ConnectionView, shown: str, cursor: str | None) -> SheetRowPage:
    return ask(list_rows, connection.id, SHOWN[shown], faulty=shown == TO_MEND.word, limit=PER_PAGE, cursor=cursor)


def _clear() -> None:
    st.session_state[_SHOW] = "All"


def _fault(row: SheetRowView) -> str:
    """Return what to mend."""
    return f":red[{plain(sentence(row.fault))}]" if row.fault else ""


def _table(rows: Sequence[SheetRowView]) -> None:
    table = pd.DataFrame(
        [
            {
                "Line": f"{row.position:,}" if row.position else "–",
                "State": _badge(row),
                "Row": plain(shortened(row.title, _TITLE_LENGTH)) or ":gray[without a title]",
                "Posts": posts_words(len(row.item_ids)),
                "What to mend": _fault(row),
            }
            for row in rows
        ]
    ).set_index("Line")
    if not any(row.fault for row in rows):
        table = table.drop(columns="What to mend")
    st.table(table, border="horizontal", alt="Rows of the sheet: line, state, title, posts, what to mend")


def _badge(row: SheetRowView) -> str:
    look = TO_MEND if row.fault else ROW_LOOKS[row.state]
    return f":{look.colour}-badge[{look.word}]"


def _download(connection: ConnectionView, shown: str) -> None:
    ctx = context()

    def table() -> pl.DataFrame:
        pages = every_page(
            lambda cursor: list_rows(
                ctx, connection.id, SHOWN[shown], faulty=shown == TO_MEND.word, limit=AT_ONCE, cursor=cursor
            )
        )
        rows = [row_cells(row) for page in pages for row in page.rows]
        return pl.DataFrame(rows, schema=dict(ROW_SCHEMA), orient="row")

    offer_download(table, "sheet-rows", "sheet_rows")
