"""The conflicts of a connected sheet: both values, whose stands, when and why."""

from collections.abc import Sequence
from datetime import datetime

import pandas as pd
import polars as pl
import streamlit as st

from core.services.sheet_lists import list_conflicts
from core.services.sheet_views import ConflictView, ConnectionView
from core.sheets.words import ConflictWinner
from core.ui.analytics_tables import offer_download
from core.ui.blanks import nothing_yet
from core.ui.queries import ask
from core.ui.sheets_tables import AT_ONCE, CONFLICT_SCHEMA, conflict_cells, every_page
from core.ui.sheets_words import field_name, when
from core.ui.sheets_zone import zone_of
from core.ui.state import context, house
from core.ui.turning import cursor_of, turn_pages
from core.ui.wording import counted, plain, shortened

PER_PAGE = 25
_PAGE, _LONGEST = "sheet_conflicts_page", 120


def show_conflicts(connection: ConnectionView) -> None:
    """Draw a page of conflicts, newest first."""
    page = ask(list_conflicts, connection.id, PER_PAGE, cursor_of(_PAGE, connection.id))
    if not page.conflicts:
        nothing_yet(
            ":material/handshake:",
            "No conflicts",
            "When a field was changed in the sheet and in Slotwise between two syncs, the later change stands. Both "
            "values are kept here, so that nothing is lost.",
        )
        return
    st.caption("The later change stands; the other value is kept here. Newest first.")
    _table(connection, page.conflicts)
    turn_pages(_PAGE, counted(len(page.conflicts), "conflict"), page.next_cursor)
    _download(connection)


def _table(connection: ConnectionView, conflicts: Sequence[ConflictView]) -> None:
    now = house().now()
    table = pd.DataFrame([_cells(each, zone_of(connection), now) for each in conflicts]).set_index("When")
    st.table(table, border="horizontal", alt="Conflicts: when, row, field, both values and whose stands")


def _cells(each: ConflictView, zone: str, now: datetime) -> dict[str, str]:
    theirs, ours = _value(each.sheet_value), _value(each.our_value)
    if each.winner is ConflictWinner.SHEET:
        theirs = f":green[:material/check:] {theirs}"
    else:
        ours = f":green[:material/check:] {ours}"
    return {
        "When": plain(when(each.at, zone, now)),
        "Row": plain(shortened(each.title, 60)) or ":gray[without a title]",
        "Field": field_name(each.field),
        "In the sheet": theirs,
        "In Slotwise": ours,
        "Why it stands": plain(each.reason),
    }


def _value(value: str) -> str:
    return plain(shortened(value, _LONGEST)) or ":gray[empty]"


def _download(connection: ConnectionView) -> None:
    ctx = context()

    def table() -> pl.DataFrame:
        pages = every_page(lambda cursor: list_conflicts(ctx, connection.id, limit=AT_ONCE, cursor=cursor))
        rows = [conflict_cells(each, zone_of(connection)) for page in pages for each in page.conflicts]
        return pl.DataFrame(rows, schema=dict(CONFLICT_SCHEMA), orient="row")

    offer_download(table, "sheet-conflicts", "sheet_conflicts")
