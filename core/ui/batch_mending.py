"""The failed rows of a job that has run: each with why it failed, mended where it stands and tried again."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import pandas as pd
import streamlit as st

from core.bulk.sentences import without_ids
from core.bulk.words import Operation, RowState
from core.errors import Invalid, Problem
from core.services.bulk_jobs import find_job, page_rows
from core.services.bulk_mending import RowEdit, mend_rows
from core.services.bulk_views import JobRowView, JobView
from core.sheets.time_texts import read_times
from core.ui.batch_done import lead_on
from core.ui.blanks import nothing_yet
from core.ui.compose_fields import active_channels
from core.ui.failures import refusals
from core.ui.progress_words import retried_words
from core.ui.state import context, say_next
from core.ui.wording import counted, plain

MEND = "mend"
"""Names the job in the address of which failed rows are mended."""

_MOST, _MOST_LISTED = 200, 10
_ROW, _WHY, _TITLE, _TEXT, _PLATFORM, _WHEN, _CHANNEL, _TRY = (
    "Row", "Why it failed", "Title", "Text", "Platform", "Scheduled time", "Channel", "Try again",
)  # fmt: skip


def show_mending(job_id: str) -> None:
    """Draw the failed rows of a job."""
    job = find_job(context(), job_id)
    rows, more = page_rows(context(), job_id, _MOST, states=(RowState.FAILED,))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{plain(job.name)}** · {counted(job.progress.failed, 'failed row')}", width="stretch")
        st.button("Leave as they are", icon=":material/arrow_back:", key="mend_leave", on_click=_leave)
    if not rows:
        nothing_yet(":material/task_alt:", "No failed rows", "Every row of this job is done, waiting or left out.")
        return
    st.caption(
        "Change what kept a row from going, and try it again; nothing else of the job is touched. "
        "A channel is chosen where a platform has several."
    )
    frame = _frame(job, rows)
    edited = st.data_editor(
        frame,
        hide_index=True,
        disabled=[_ROW, _WHY],
        key=f"mend_grid_{job.id}_{job.version}",
        column_config=_columns(),
        alt="Failed rows, with why each failed",
    )
    if more:
        st.caption(f"The first {_MOST:,} of {counted(job.progress.failed, 'failed row')}; the others come afterwards.")
    _offer(job, rows, frame, edited)


def _columns() -> dict[str, Any]:
    names = {channel.name for channel in active_channels()}
    return {
        _TRY: st.column_config.CheckboxColumn(width="small"),
        _ROW: st.column_config.NumberColumn(width="small"),
        _WHY: st.column_config.TextColumn(width="medium"),
        _TEXT: st.column_config.TextColumn(width="medium"),
        _PLATFORM: st.column_config.TextColumn(help="Several with commas between"),
        _WHEN: st.column_config.TextColumn(help="Such as 2026-12-24 18:00, on the clocks of the job's zone"),
        _CHANNEL: st.column_config.SelectboxColumn(options=["", *sorted(names)]),
    }


def _frame(job: JobView, rows: Sequence[JobRowView]) -> pd.DataFrame:
    names = {channel.id: channel.name for channel in active_channels()}
    table = [
        {
            _TRY: True,
            _ROW: row.number,
            _WHY: without_ids(row.error or ""),
            _CHANNEL: next((names[each] for each in row.draft.channel_ids.values() if each in names), ""),
            _WHEN: _time(row),
            _PLATFORM: ", ".join(row.draft.platforms),
            _TITLE: row.draft.title,
            _TEXT: row.draft.text,
        }
        for row in rows
    ]
    frame = pd.DataFrame(table)
    return frame if job.operation is Operation.SCHEDULE_CONTENT else frame[[_TRY, _ROW, _WHY, _TITLE, _TEXT]]


def _time(row: JobRowView) -> str:
    """Return the one time of a row; nothing where its platforms have several."""
    times = {*row.draft.scheduled_times.values(), *row.draft.placed.values()}
    return next(iter(times)).replace("T", " ") if len(times) == 1 else ""


def _offer(job: JobView, rows: Sequence[JobRowView], before: pd.DataFrame, after: pd.DataFrame) -> None:
    pairs = zip(rows, before.to_dict("records"), after.to_dict("records"), strict=True)
    edits = {row.number: _edit(old, new) for row, old, new in pairs if new[_TRY]}
    label = f"Try {counted(len(edits), 'row')} again"
    if st.button(label, type="primary", icon=":material/refresh:", key="mend_try", disabled=not edits):
        with refusals(), _listed():
            again = mend_rows(context(), job.id, edits)
            say_next(retried_words(len(edits), plain(job.name)))
            _leave()
            lead_on(again)


@contextmanager
def _listed() -> Iterator[None]:
    """Say of each row what would let it fail again, a line each."""
    try:
        yield
    except Invalid as error:
        st.error("These rows would fail again. Nothing was changed.", icon=":material/rule:")
        said = [f"- {_sentence(problem)}" for problem in error.problems[:_MOST_LISTED]]
        more = len(error.problems) - _MOST_LISTED
        st.markdown("\n".join([*said, *([f"- {more:,} more"] if more > 0 else [])]))


def _sentence(problem: Problem) -> str:
    place, message = problem.place, without_ids(problem.message)
    return plain(f"{place[:1].upper()}{place[1:]}: {message}")


def _edit(old: Mapping[Any, Any], new: Mapping[Any, Any]) -> RowEdit:
    """Return what was typed; a cell that was left as it was changes nothing."""
    typed = {name: str(value or "").strip() for name, value in new.items() if value != old[name]}
    platforms = tuple(part.lower() for each in typed.get(_PLATFORM, "").split(",") if (part := each.strip()))
    when = typed.get(_WHEN)
    chosen = [channel for channel in active_channels() if channel.name == typed.get(_CHANNEL)]
    return RowEdit(
        title=typed.get(_TITLE),
        text=typed.get(_TEXT),
        scheduled_time=None if when is None else read_times([when], _WHEN).texts[0],
        platforms=platforms or None,
        channel_ids={channel.platform: channel.id for channel in chosen} or None,
    )


def _leave() -> None:
    st.query_params.pop(MEND, None)
