"""The first step of an import: a file, and what its columns mean."""

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from core.history.columns import ColumnMapping, recognize
from core.history.fields import COUNTS, Field
from core.services.history_files import HistoryFile, open_history
from core.ui.failures import refusals
from core.ui.wording import plain

TYPES = ("csv", "tsv", "txt", "gz", "xlsx", "xls", "ods", "parquet")
MOST_COLUMNS_SAID = 30
_OPENED = "import_opened"

WHEN: Mapping[Field, str] = {
    Field.PUBLISHED_AT: "Published at",
    Field.TIME_OF_DAY: "Time of day, where it has its own column",
    Field.WEEKDAY: "Weekday",
    Field.HOUR: "Hour",
    Field.MONTH: "Month",
    Field.ZONE: "Time zone of the row",
    Field.MEASURED_AT: "Measured at",
}
WHAT: Mapping[Field, str] = {
    Field.POST_ID: "Id of the post",
    Field.ACCOUNT: "Account",
    Field.TITLE: "Title",
    Field.TEXT: "Text",
    Field.URL: "Address",
    Field.CONTENT_FORMAT: "Format",
}
NUMBERS: Mapping[Field, str] = {field: field.value.capitalize() for field in COUNTS}
"""What the fields are called on the screen, by what they are about."""

LABELS: Mapping[Field, str] = {**WHEN, **WHAT, **NUMBERS}


@dataclass(frozen=True)
class Chosen:
    """An uploaded file; `id` changes with every upload, so that nothing said about another file sticks to it."""

    id: str
    content: bytes
    file: HistoryFile


def choose_file() -> Chosen | None:
    """Draw the upload; return the opened file, or None with the reason said when it cannot be read."""
    upload = st.file_uploader(
        "History file", type=TYPES, key="import_file", help="An export of a platform, or any table with a row per post."
    )
    if upload is None:
        st.session_state.pop(_OPENED, None)
        return None
    chosen: Chosen | None = st.session_state.get(_OPENED)
    if chosen is None or chosen.id != upload.file_id:
        chosen = None
        with refusals(), st.spinner("Opening the file"):
            content = upload.getvalue()
            chosen = Chosen(upload.file_id, content, open_history(content, upload.name))
        st.session_state[_OPENED] = chosen
    return chosen


def map_columns(chosen: Chosen) -> ColumnMapping:
    """Draw which column means what, as recognized, and let every choice be changed."""
    found = recognize(chosen.file.headers)
    mapping = found
    place = st.container()
    with st.expander("Change what the columns mean", icon=":material/edit:", key=f"columns_{chosen.id}"):
        for title, labels in (("When", WHEN), ("What", WHAT), ("Numbers", NUMBERS)):
            st.markdown(f"**{title}**")
            with st.grid(3, min_column_width=220):
                for field, label in labels.items():
                    mapping = mapping.assign(field, *_columns_of(field, label, found, chosen.id))
    with place:
        _say(mapping)
    return mapping


def _columns_of(field: Field, label: str, found: ColumnMapping, file_id: str) -> tuple[str, ...]:
    """Ask for the columns of a field: one, or several numbers to add up."""
    recognized, key = found.columns.get(field, ()), f"import_{file_id}_{field}"
    if field in COUNTS:
        return tuple(st.multiselect(label, found.headers, recognized, key=key, placeholder="None"))
    start = found.headers.index(recognized[0]) if recognized else None
    chosen = st.selectbox(label, found.headers, start, key=key, placeholder="None")
    return (chosen,) if chosen else ()


def _say(mapping: ColumnMapping) -> None:
    used = {LABELS[field]: plain(" + ".join(columns)) for field, columns in mapping.columns.items()}
    if used:
        st.table(used, border="horizontal", width="content", alt="Which column means what")
    if unused := mapping.unused:
        more = f" and {len(unused) - MOST_COLUMNS_SAID} more" if len(unused) > MOST_COLUMNS_SAID else ""
        st.caption(f"Not used: {plain(', '.join(unused[:MOST_COLUMNS_SAID]))}{more}.")
