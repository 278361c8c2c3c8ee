"""The first step of a batch: its rows, from a file or pasted, checked and mended where they stand."""

from collections.abc import Sequence

import streamlit as st

from core.services.bulk_dry_run import RowFault
from core.services.bulk_sheets import COLUMNS, SheetLines, read_lines
from core.ui.batch_draft import change, draft
from core.ui.batch_faults import row_faults
from core.ui.batch_grid import show_grid
from core.ui.batch_words import fault_words
from core.ui.failures import refusals
from core.ui.state import house, workspace
from core.ui.wording import counted, plain

TYPES = ("csv", "tsv", "txt", "gz", "xlsx", "xls", "ods")
_READ, _TURN = "read_of_batch", "turn_of_batch_source"
_MOST_LISTED = 6
_SAMPLE = (
    "Title,Content,Platform,Scheduled Time,Format,Tags,Priority\n"
    'Spring launch,The new collection is here.,"linkedin, facebook",{year}-03-02 09:00,text,launch,high\n'
    'Behind the scenes,How the collection was made.,linkedin,,text,"behind, team",normal\n'
)


def show_connect() -> None:
    """Draw the step."""
    if draft().lines:
        _show_rows()
    else:
        _ask_source()


def _ask_source() -> None:
    st.markdown(
        "A row per post. **Title** and **Platform** are needed; content, scheduled time, format, tags and priority are "
        f"read where they are there. Times without an offset are on the clocks of {plain(workspace().timezone)}."
    )
    turn = st.session_state.setdefault(_TURN, 0)
    file, paste = st.tabs(["Upload a file", "Paste rows"])
    with file:
        upload = st.file_uploader("CSV, Excel or OpenDocument", type=TYPES, key=f"batch_file_{turn}")
        if upload is not None:
            _read(upload.getvalue(), upload.name)
    with paste:
        text = st.text_area(
            "Rows with a header line, copied from a spreadsheet or as CSV",
            key=f"batch_paste_{turn}",
            height=180,
            placeholder="Title,Platform,Scheduled Time\nSpring launch,linkedin,2027-03-02 09:00",
        )
        if st.button("Read these rows", icon=":material/table_rows:", key="batch_read") and text.strip():
            _read(text.encode(), "pasted rows")
    _say_refused()
    sample = _SAMPLE.format(year=house().now().year + 1)
    st.download_button(
        "Download a sample", sample, "batch-sample.csv", "text/csv", icon=":material/download:", type="tertiary"
    )


def _read(content: bytes, name: str) -> None:
    with refusals(), st.spinner("Reading the rows"):
        read = read_lines(content, name)
        st.session_state[_READ] = read
        if read.lines and not _missing(read):
            change(lines=read.lines, source=name, notes=_notes(read))
            st.session_state.pop(_READ)
            st.session_state[_TURN] += 1
            st.rerun()


def _missing(read: SheetLines) -> bool:
    """Say whether a column is missing without which no row means anything."""
    return "title" not in read.columns and "platforms" not in read.columns


def _notes(read: SheetLines) -> tuple[str, ...]:
    known = set(read.columns.values())
    left = [header for header in read.headers if header not in known]
    unread = (f"Not used: {', '.join(left)}.",) if left else ()
    wrong = tuple(f"{each.place}: {each.message}." for each in read.problems)
    return (*read.notes, *wrong, *unread)


def _say_refused() -> None:
    """Say why the rows given last were not taken."""
    read: SheetLines | None = st.session_state.pop(_READ, None)
    if read is None:
        return
    if not read.lines and not _missing(read):
        st.error("There is a header, and no row below it.", icon=":material/error:")
        return
    words = " · ".join(names[0] for names in COLUMNS.values())
    for problem in read.problems:
        st.error(plain(str(problem)), icon=":material/error:")
    st.caption(f"Columns that are known, in any order: {words}.")


def _show_rows() -> None:
    faults = row_faults()
    bad = len({fault.number for fault in faults})
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{counted(len(draft().lines), 'row')}** from {plain(draft().source)}", width="stretch")
        st.button("Take other rows", icon=":material/restart_alt:", key="batch_other", on_click=_take_others)
    if bad:
        st.warning(
            f"{counted(bad, 'row')} cannot go yet. Mend the cells in the grid, or leave the rows out.",
            icon=":material/rule:",
        )
        _list_faults(faults)
    else:
        st.markdown(":green[:material/check_circle:] Every row can go as it is.")
    show_grid(faults)
    for note in draft().notes:
        st.caption(f":material/info: {plain(note)}")


def _list_faults(faults: Sequence[RowFault]) -> None:
    """Write the first faults out: cells of the grid cut long sentences off."""
    lines = [f"- **Line {fault.line}** · {plain(fault_words(fault))}" for fault in faults[:_MOST_LISTED]]
    if len(faults) > _MOST_LISTED:
        lines.append(f"- {len(faults) - _MOST_LISTED:,} more, each in its row")
    st.markdown("\n".join(lines))


def _take_others() -> None:
    change(lines=(), source="", notes=())
