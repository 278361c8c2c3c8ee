"""The rows of a bulk job: a page at a time, each with what came of it and why it was delayed, boosted or skipped."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import pandas as pd
import streamlit as st

from core.bulk.sentences import sentences
from core.bulk.states import ENDED
from core.bulk.words import BulkState, RowState
from core.services.bulk_board import BoardJob
from core.services.bulk_jobs import page_rows
from core.services.bulk_views import JobRowView, JobView, RowDraft
from core.ui.palette import platform_name
from core.ui.progress_reads import Read
from core.ui.progress_words import ROW_LOOKS, reason_words, result_words, when
from core.ui.state import house
from core.ui.turning import cursor_of, turn_pages
from core.ui.wording import plain, shortened

PER_PAGE = 20
_NAME_LENGTH = 70


def show_rows(entry: BoardJob, read: Read) -> None:
    """Draw a page of a job's rows, those of one state where somebody wants so."""
    job = entry.job
    st.caption(_sums(entry.rows))
    if job.state in ENDED and job.state is not BulkState.CANCELED and job.progress.failed:
        st.caption(
            "To go on: **Mend failed rows** changes what kept them; **Retry failed rows** does them again as they are. "
            "What is done is not done again."
        )
    state: RowState | None = st.pills(
        "Rows", list(RowState), format_func=lambda key: ROW_LOOKS[RowState(key)].word, key=f"row_state_{job.id}",
        label_visibility="collapsed",
    )  # fmt: skip
    pages = f"row_pages_{job.id}"
    states = (RowState(state),) if state else ()
    rows, following = read(page_rows, job.id, PER_PAGE, cursor_of(pages, state), states)
    if rows:
        _table(job, rows)
    else:
        st.markdown(":material/filter_alt_off: No row is in this state." if state else "This job has no rows.")
    turn_pages(pages, f"Rows {rows[0].number:,} to {rows[-1].number:,}" if rows else "No more rows", following)


def _sums(counts: Mapping[RowState, int]) -> str:
    said = [f"{number:,} {ROW_LOOKS[state].word.lower()}" for state in RowState if (number := counts.get(state, 0))]
    return " · ".join(said)


def _table(job: JobView, rows: Sequence[JobRowView]) -> None:
    now = house().now()
    table = pd.DataFrame(
        [
            {
                "Row": f"{row.number:,}",
                "State": f":{ROW_LOOKS[row.state].colour}-badge[{ROW_LOOKS[row.state].word}]",
                "Content": _content(row.draft),
                "What happened, and why": _story(job, row, now),
            }
            for row in rows
        ]
    ).set_index("Row")
    st.table(table, border="horizontal", alt="Rows of this job: state, content, what happened and why")


def _content(draft: RowDraft) -> str:
    name = draft.title or draft.text or draft.item_id or draft.calendar_id or ""
    platforms = ", ".join(_platform(each) for each in draft.platforms)
    return plain(shortened(name, _NAME_LENGTH)) + (f" :gray[{plain(platforms)}]" if platforms else "")


def _platform(platform: str) -> str:
    return platform_name(platform) if platform in house().reference.platforms else platform


def _story(job: JobView, row: JobRowView, now: datetime) -> str:
    """Return what became of a row, as one cell: its error or result, then each rule that did something to it."""
    error = plain(sentences(row.error or ""))
    said = [f":red[{error}]" if row.state is RowState.FAILED else error] if error else []
    said += [plain(result_words(row, job.operation))] if row.state is RowState.DONE else []
    said += [reason_words(reason, row) for reason in row.reasons]
    is_held = row.state is RowState.PENDING and row.not_before is not None and row.not_before > now
    if is_held and row.not_before and not row.reasons:
        said.append(f"Not before {plain(when(row.not_before, job.timezone, now))}.")
    return " ".join(said)
