"""The live parts of the progress page: drawn anew by themselves while something moves, and only then."""

import streamlit as st

from core.errors import NotFound
from core.services.bulk_board import Board, BoardJob, board_job, job_board, summarize_jobs
from core.services.bulk_jobs import find_job
from core.services.heartbeat import EngineState, engine_status
from core.ui.progress_actions import OPEN, has_acted
from core.ui.progress_blank import show_no_jobs, show_no_jobs_ever, show_no_such_job
from core.ui.progress_cards import show_alone, show_cards
from core.ui.progress_filters import Wanted, ask_wanted
from core.ui.progress_reads import reading, seconds_between
from core.ui.progress_summary import show_summary
from core.ui.progress_watch import seen_now, watch_from
from core.ui.shell import boundary
from core.ui.state import context

PER_PAGE = 12


def show_progress() -> None:
    """Draw the strip of figures, and below it the jobs or the one that the address names."""
    has_acted()  # the page is being drawn as a whole
    seen, found = seen_now(), summarize_jobs(context())
    alone, every = st.query_params.get(OPEN), seconds_between(found)
    if found.states:
        st.fragment(_summary, run_every=every)(every)
    if alone:
        _show_one(alone, every)
    elif found.states:
        st.fragment(_jobs, run_every=every)(ask_wanted(), every)
    else:
        show_no_jobs_ever()
    if every is None:
        watch_from(seen)


def _show_one(job_id: str, every: int | None) -> None:
    st.button("All jobs", icon=":material/arrow_back:", key="all_jobs", type="tertiary", on_click=_show_all)
    try:
        find_job(context(), job_id)
    except NotFound:
        show_no_such_job()
        return
    st.fragment(_alone, run_every=every)(job_id, every)


def _show_all() -> None:
    st.query_params.pop(OPEN, None)


@boundary()
def _summary(every: int | None) -> None:
    found = summarize_jobs(context())
    if seconds_between(found) != every:
        st.rerun()  # what began or ended changes how often the page has to be drawn anew
    show_summary(found)
    if every and engine_status(context()).state in (EngineState.STOPPED, EngineState.NEVER):
        st.warning(
            "Jobs wait for the engine, which does not run at present. They go on by themselves once it does.",
            icon=":material/hourglass_empty:",
        )


@boundary()
def _jobs(wanted: Wanted, every: int | None) -> None:
    if has_acted():
        st.rerun()
    read = reading(every)
    cards = st.container()
    board: Board = read(job_board, wanted.jobs, wanted.sort, _page(), PER_PAGE)
    pages = max(-(-board.total // PER_PAGE), 1)
    if pages > 1:
        st.pagination(pages, key=_PAGE, bind="query-params")
    with cards:
        if board.jobs:
            show_cards(board.jobs, wanted.layout, read)
        else:
            show_no_jobs(wanted)


_PAGE = "jobs_page"


def _page() -> int:
    """Return the page that was turned to, at a first visit the address's."""
    asked = st.query_params.get(_PAGE, "")
    return int(st.session_state.get(_PAGE) or (asked if asked.isdecimal() and len(asked) < _DIGITS else 1) or 1)


_DIGITS = 7
"""An address with more of them names no page."""


@boundary()
def _alone(job_id: str, every: int | None) -> None:
    if has_acted():
        st.rerun()
    read = reading(every)
    entry: BoardJob = read(board_job, job_id)
    show_alone(entry, read)
