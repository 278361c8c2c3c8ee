"""What a look at a sheet found: whether it can be synced, what goes where, its first rows."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from core.services.sheet_views import SheetCheck, SheetSample
from core.sheets.fields import OWN_FIELDS, USER_FIELDS
from core.sheets.words import SheetPermission
from core.ui.sheets_words import field_name, sentence
from core.ui.wording import counted, plain

MAY = {
    SheetPermission.READ: "may only read it",
    SheetPermission.WRITE: "may read and write",
    SheetPermission.ADMIN: "may read and write",
}


def show_check(check: SheetCheck, wanted: SheetPermission) -> None:
    """Draw everything a look at a sheet found, for a connection that wants these rights."""
    _show_verdict(check)
    _show_columns(check, wanted)
    _show_sample(check.sample)


def _show_verdict(check: SheetCheck) -> None:
    """Say whether the sheet can be synced as it is, and what keeps it from that."""
    place = f"**{plain(check.title)}** · {plain(check.sheet_name)}"
    st.markdown(f"{place} · {counted(check.rows, 'line')}, empty ones included · Slotwise {MAY[check.permission]}")
    if check.is_ready:
        st.markdown(":green[:material/check_circle:] The sheet can be synced as it is.")
    for problem in check.problems:
        st.error(plain(sentence(problem.message)), title=plain(sentence(problem.place)), icon=":material/rule:")
    for warning in check.warnings:
        st.warning(plain(warning), icon=":material/warning:")


def _show_columns(check: SheetCheck, wanted: SheetPermission) -> None:
    """Draw which column of the sheet is which field, and who changes it."""
    fields = [field for field in (*USER_FIELDS, *OWN_FIELDS) if field in check.found]
    if fields:
        rows = [
            {
                "Column of the sheet": plain(check.found[field]),
                "In Slotwise": field_name(field),
                "Changed by": _whose(field, wanted),
            }
            for field in fields
        ]
        frame = pd.DataFrame(rows).set_index("Column of the sheet")
        st.table(frame, border="horizontal", alt="Columns of the sheet, what they are in Slotwise, who changes them")
    if check.missing:
        st.caption(f":material/add_column_right: Not in the sheet: {plain(', '.join(check.missing))}.")
    if check.extra:
        st.caption(f":material/block: Your own columns, never touched: {plain(', '.join(check.extra))}.")
    if check.will_write:
        st.markdown("**What a sync writes into this sheet**")
        st.markdown("\n".join(f"- {plain(sentence)}" for sentence in check.will_write))


def _whose(field: str, wanted: SheetPermission) -> str:
    if wanted is SheetPermission.READ:
        return "You, in the sheet"
    return "Slotwise" if field in OWN_FIELDS else "You, here and in the sheet"


def _show_sample(rows: Sequence[SheetSample]) -> None:
    """Draw the first rows as they stand in the sheet, with what is wrong with each."""
    if not rows:
        st.caption(":material/table_rows: There is no row below the header yet.")
        return
    st.markdown("**First rows**")
    table = [
        {
            "Line": row.position,
            "To mend": "; ".join(f"{problem.place}: {problem.message}" for problem in row.problems),
            **row.cells,
        }
        for row in rows
    ]
    frame = pd.DataFrame(table)
    if not frame["To mend"].any():
        frame = frame.drop(columns="To mend")
    st.dataframe(frame, hide_index=True, height="content", alt="First rows of the sheet as they stand there")
