"""Bulk jobs as cards, in a grid or a list: how far, how fast, until when, and what can be done with each."""

from collections.abc import Sequence
from datetime import datetime

import streamlit as st

from core.bulk.pace import Eta
from core.bulk.sentences import sentences
from core.bulk.states import AT_WORK
from core.bulk.words import BulkState
from core.services.bulk_board import BoardJob
from core.services.bulk_views import JobView
from core.ui.progress_actions import show_actions
from core.ui.progress_filters import Layout
from core.ui.progress_reads import Read
from core.ui.progress_rows import show_rows
from core.ui.progress_words import JOB_LOOKS, bar_words, eta_words, kind_words, lowered, rate_words, waiting_words, when
from core.ui.state import house
from core.ui.wording import counted, plain, shortened

NAME_LENGTH = 70


def show_cards(entries: Sequence[BoardJob], layout: Layout, read: Read) -> None:
    """Draw one card for each job."""
    place = st.grid(3, min_column_width=340) if layout is Layout.GRID else st.container()
    with place:
        for entry in entries:
            _card(entry, layout, read)


def _card(entry: BoardJob, layout: Layout, read: Read) -> None:
    job = entry.job
    with st.container(border=True, key=f"job_card_{job.id}"):
        if layout is Layout.GRID:
            _head(job)
            _progress(entry)
            show_actions(job, is_alone=False)
        else:
            left, right = st.columns([2, 3], gap="medium")
            with left:
                _head(job)
                show_actions(job, is_alone=False)
            with right:
                _progress(entry)
        with st.expander(
            "Rows", icon=":material/table_rows:", type="compact", key=f"rows_{job.id}", on_change="rerun"
        ) as rows:
            if rows.open:
                show_rows(entry, read)


def show_alone(entry: BoardJob, read: Read) -> None:
    """Draw one job over the whole width, its rows below."""
    with st.container(border=True, key="job_alone"):
        _head(entry.job)
        _progress(entry)
        _history(entry.job)
        show_actions(entry.job, is_alone=True)
    st.subheader("Rows", anchor=False)
    show_rows(entry, read)


def _head(job: JobView) -> None:
    look = JOB_LOOKS[job.state]
    with st.container(horizontal=True, wrap=False, vertical_alignment="center", gap="small"):
        st.markdown(f"**{plain(shortened(job.name, NAME_LENGTH))}**", width="stretch")
        st.badge(look.word, icon=look.icon, color=look.colour)
    st.caption(plain(kind_words(job)))


def _progress(entry: BoardJob) -> None:
    job, now = entry.job, house().now()
    # All rows of a failed job are behind it, but a full bar would say that it went well.
    st.progress(0 if job.state is BulkState.FAILED else job.progress.percent, bar_words(job))
    lines = [line for line in (_ends(entry, now), _speed(job), _left_out(job), _waits(entry, now)) if line]
    if lines:
        st.caption("  \n".join(lines))
    if job.error:
        _say_error(job)


def _ends(entry: BoardJob, now: datetime) -> str:
    """Return when the job is done and how sure that is; for an ended one, since when it is."""
    job = entry.job
    if job.finished_at is not None:
        return f":material/event_available: Ended {plain(when(job.finished_at, job.timezone, now))}"
    if job.state not in AT_WORK or entry.rests_until is not None:
        return ""  # while rules keep it waiting, the speed of its last rows says nothing of its end
    if job.state is BulkState.QUEUED and job.starts_at is not None and job.starts_at > now:
        return ""  # when it starts is what matters, and is said below
    if not isinstance(job.progress.eta, Eta):
        return f":material/timer: Speed and time left: {plain(lowered(job.progress.eta.reason))}"
    expected, interval = eta_words(job.progress.eta, now)
    begins = "Done in" if job.state is BulkState.RUNNING else "Once it runs, done in"
    return f":material/timer: {begins} {expected} :gray[(95 % interval {plain(interval)})]"


def _speed(job: JobView) -> str:
    if job.state not in AT_WORK:
        return ""
    rate = job.progress.rate_per_minute
    at_once = f"up to {counted(job.concurrency, 'row')} at once"
    limit = f" (limit {job.max_concurrent:,})" if job.concurrency != job.max_concurrent else ""
    known = [f"{rate_words(rate)} rows/min"] if job.state is BulkState.RUNNING and isinstance(rate, float) else []
    words = " · ".join([*known, at_once + limit])
    return f":material/speed: {words[0].upper()}{words[1:]}"


def _left_out(job: JobView) -> str:
    rate, counts = job.progress.success_rate, job.progress
    parts = [
        *([f"{int(rate * 1000) / 10:g} % succeeded"] if isinstance(rate, float) else []),
        *([f":red[{counted(counts.failed, 'row')} failed]"] if counts.failed else []),
        *([f"{counts.skipped:,} skipped"] if counts.skipped else []),
    ]
    return f":material/rule: {' · '.join(parts)}" if parts else ""


def _waits(entry: BoardJob, now: datetime) -> str:
    words = waiting_words(entry, now)
    return f":material/hourglass_empty: {plain(words)}" if words else ""


def _say_error(job: JobView) -> None:
    said = plain(sentences(job.error or ""))
    if job.state is BulkState.FAILED:
        st.error(said, icon=":material/error:")
    else:
        st.info(said, icon=":material/info:")


def _history(job: JobView) -> None:
    """Say who made the job and when it did what, on the clocks of its zone."""
    now = house().now()
    moments = {"Created": job.created_at, "started": job.started_at, "window ends": job.ends_at}
    said = [f"{word} {plain(when(at, job.timezone, now))}" for word, at in moments.items() if at is not None]
    if job.deadline_at is not None:
        said.append(f"deadline {plain(when(job.deadline_at, job.timezone, now))}")
    st.caption(f":material/history: {' · '.join(said)} · by {plain(job.created_by)}")
