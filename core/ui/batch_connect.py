"""The first step of a batch: its rows, from a file, pasted or of a Google Sheet, checked and mended as they stand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import streamlit as st

from core.errors import Problem
from core.services.bulk_dry_run import RowFault
from core.services.bulk_sheets import SheetLines, read_lines
from core.ui.batch_columns import ask_columns, ask_dates
from core.ui.batch_draft import change, change_settings, draft
from core.ui.batch_faults import row_faults
from core.ui.batch_grid import show_grid
from core.ui.batch_sheet import choose_sheet, notes_on
from core.ui.batch_words import fault_words
from core.ui.failures import refusals
from core.ui.state import house, workspace
from core.ui.wording import counted, plain

TYPES = ("csv", "tsv", "txt", "gz", "xlsx", "xls", "ods")
_READ, _TURN = "read_of_batch", "turn_of_batch_source"
_MOST_LISTED = 6
_SHORTEST_NAME, _LONGEST_NAME = 3, 100
_MOST_MEGABYTES = 50
_MOST_ROWS = 20_000
"""More would make every visitor wait: each row is checked again whenever something is mended."""
_SAMPLE = (
    "Title,Content,Platform,Scheduled Time,Format,Tags,Priority\n"
    'Spring launch,The new collection is here.,"linkedin, facebook",{year}-03-02 09:00,text,launch,high\n'
    'Behind the scenes,How the collection was made.,linkedin,,text,"behind, team",normal\n'
)


@dataclass(frozen=True)
class Reading:
    """The file or text given last, kept as long as something about it is asked; `id` is the upload's.

    `title` is what the job is called at first, `notes` are what is known of it beside what stands there.
    """

    id: str
    content: bytes
    name: str
    title: str = ""
    notes: tuple[str, ...] = ()
    read: SheetLines | None = None


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
    file, paste, sheet = st.tabs(["Upload a file", "Paste rows", "Google Sheet"])
    with file:
        upload = st.file_uploader(
            "CSV, Excel or OpenDocument", type=TYPES, key=f"batch_file_{turn}", max_upload_size=_MOST_MEGABYTES
        )
        last: Reading | None = st.session_state.get(_READ)
        if upload is None and last is not None and last.id:
            st.session_state.pop(_READ)
        elif upload is not None and (last is None or last.id != upload.file_id):
            _read(Reading(upload.file_id, upload.getvalue(), upload.name, _named_after(upload.name)))
    with paste:
        text = st.text_area(
            "Rows with a header line, copied from a spreadsheet or as CSV",
            key=f"batch_paste_{turn}",
            height=180,
            placeholder="Title,Platform,Scheduled Time\nSpring launch,linkedin,2027-03-02 09:00",
        )
        if st.button("Read these rows", icon=":material/table_rows:", key="batch_read") and text.strip():
            _read(Reading("", text.encode(), "pasted rows"))
    with sheet:
        if taken := choose_sheet(_MOST_ROWS):
            _take(Reading("", b"", taken.name, taken.name, notes_on(taken), taken.read))
    _say_refused()
    sample = _SAMPLE.format(year=house().now().year + 1)
    st.download_button(
        "Download a sample", sample, "batch-sample.csv", "text/csv", icon=":material/download:", type="tertiary"
    )


def _read(given: Reading, said: Mapping[str, str] | None = None) -> None:
    st.session_state[_READ] = given
    with refusals(), st.spinner("Reading the rows"):
        read = read_lines(given.content, given.name, said=said, most=_MOST_ROWS)
        _take(replace(given, read=read))


def _take(given: Reading) -> None:
    """Go on with the rows that were read, if nothing about them has to be asked."""
    st.session_state[_READ], read = given, given.read
    if read and read.lines and not read.header.asks and not read.is_cut:
        change(lines=read.lines, source=given.name, notes=(*given.notes, *_notes(read)), date_order=None)
        if given.title and not draft().settings.name:
            change_settings(name=given.title)
        st.session_state.pop(_READ)
        st.session_state[_TURN] += 1
        st.rerun()


def _named_after(file: str) -> str:
    """Return what a job is called at first: as its file, where that is long enough."""
    stem = file.partition(".")[0].replace("_", " ").replace("-", " ").strip()
    return stem[:1].upper() + stem[1:_LONGEST_NAME] if len(stem) >= _SHORTEST_NAME else ""


def _notes(read: SheetLines) -> tuple[str, ...]:
    header = read.header
    known = {*header.columns.values(), header.clock}
    left = [each for each in header.headers if each not in known and header.samples.get(each)]
    unread = (f"Not used: {', '.join(left)}.",) if left else ()
    missing = ("No column names platforms: choose them in the step Output.",) if _lacks_platforms(read) else ()
    wrong = tuple(f"{str(each.place).capitalize()}: {each.message}." for each in _of_lines(read))
    more = (f"{len(wrong) - _MOST_LISTED:,} more lines like these.",) if len(wrong) > _MOST_LISTED else ()
    return (*read.notes, *missing, *wrong[:_MOST_LISTED], *more, *unread)


def _lacks_platforms(read: SheetLines) -> bool:
    return "platforms" not in read.header.columns


def _of_lines(read: SheetLines) -> list[Problem]:
    """Return the lines that were not taken, because their cells do not fit the header."""
    return [each for each in read.problems if each.place.startswith("line ")]


def _say_refused() -> None:
    """Say why the rows given last were not taken, and ask what their columns hold."""
    last: Reading | None = st.session_state.get(_READ)
    if last is None or last.read is None:
        return
    read = last.read
    if read.is_cut:
        words = f"has more than {_MOST_ROWS:,} rows, the most this page holds. Divide it into several files, or let the"
        st.error(f"{plain(last.name)} {words} API or `slotwise jobs` take them all at once.", icon=":material/error:")
        return
    if not read.lines and not read.header.asks:
        no_rows = "There is a header, and no row below it. Add a line for each post."
        st.error(" ".join(("No row is left.", *last.notes)) if last.notes else no_rows, icon=":material/error:")
        return
    for problem in read.header.problems:
        st.warning(
            f"{plain(problem.place[:1].upper() + problem.place[1:])}: {plain(problem.message)}.",
            icon=":material/view_column:",
        )
    said = ask_columns(read.header, st.session_state[_TURN])
    if said and not (said["title"] or said["text"]):
        st.error("Choose a column for the title or for the text: nothing could be posted.", icon=":material/error:")
    elif said:
        _read(last, said)


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
    ask_dates()
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
    change(lines=(), source="", notes=(), date_order=None)
