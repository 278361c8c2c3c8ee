"""The last step of a batch: what it would do, everything that keeps it from it, and the start."""

from dataclasses import replace
from typing import Any

import streamlit as st

from core.bulk.words import Operation
from core.services.bulk_dry_run import DryRun, dry_run
from core.services.bulk_jobs import create_job
from core.services.bulk_views import NewJob
from core.services.channels import list_channels
from core.ui.batch_done import lead_on
from core.ui.batch_draft import draft, job, start_anew
from core.ui.batch_faults import with_cells
from core.ui.batch_forecast import show_length
from core.ui.batch_plan import show_plan
from core.ui.batch_steps import go_to
from core.ui.batch_trouble import show_trouble
from core.ui.batch_warnings import show_warnings
from core.ui.batch_words import Start, Step
from core.ui.blanks import nothing_yet
from core.ui.failures import refusals
from core.ui.queries import ask
from core.ui.state import context
from core.ui.wording import counted

_RUN = "run_of_batch"


def show_review() -> None:
    """Draw the step."""
    if not draft().lines:
        nothing_yet(":material/fact_check:", "Nothing to review yet", "Give the batch its rows in the first step.")
        st.button("Go to Connect", key="batch_to_rows", on_click=go_to, args=(Step.CONNECT,))
        return
    new = job()
    run = _checked(new)
    if run is None:
        return
    faults = with_cells(run.faults)
    ready = run.is_ready and not faults and _has_start()
    left_out = frozenset(fault.number for fault in faults)
    _show_head(run, left_out, new)
    show_trouble(run, faults)
    if new.operation is Operation.SCHEDULE_CONTENT:
        show_warnings(run, [post for post in run.planned if post.number not in left_out])
    show_plan(run, left_out)
    show_length(run, new)
    _offer_start(run, new, ready=ready)


def _checked(new: NewJob) -> DryRun | None:
    """Return the dry run, done once for what was filled in."""
    asked = (new, ask(list_channels))
    kept: tuple[Any, DryRun] | None = st.session_state.get(_RUN)
    if kept is not None and kept[0] == asked:
        return kept[1]
    with refusals(), st.spinner("Checking every row and placing those without a time; nothing is stored"):
        run = dry_run(context(), new)
        st.session_state[_RUN] = (asked, run)
        return run
    return None


def _check_again() -> None:
    st.session_state.pop(_RUN, None)


def _has_start() -> bool:
    chosen = draft().settings
    return chosen.start is not Start.LATER or chosen.starts_at is not None


def _show_head(run: DryRun, left_out: frozenset[int], new: NewJob) -> None:
    bad = left_out | {each.number for each in run.unplaced}
    posts = [post for post in run.planned if post.number not in left_out]
    with st.grid(4, min_column_width=140):
        st.metric("Rows", f"{run.total:,}", border=True)
        if new.operation is Operation.SCHEDULE_CONTENT:
            st.metric("Posts", f"{len(posts):,}", border=True)
            chosen = sum(post.is_placed for post in posts)
            st.metric("Times chosen for you", f"{chosen:,}", border=True)
        st.metric("Rows that cannot go", f"{len(bad):,}", border=True)


def _offer_start(run: DryRun, new: NewJob, *, ready: bool) -> None:
    if not _has_start():
        st.error(
            "Start: no time is set. Choose one in the step Scheduling, or let the job start now.",
            icon=":material/error:",
        )
    label = {
        Start.NOW: "Start the job",
        Start.LATER: "Schedule the job",
        Start.BY_HAND: "Create the job",
    }[draft().settings.start]
    with st.container(horizontal=True):
        start = st.button(
            f"{label} with {counted(run.total, 'row')}",
            type="primary",
            icon=":material/rocket_launch:",
            key="batch_start",
            disabled=not ready,
            help=None if ready else "Mend what is named above first",
        )
        st.button("Check again", icon=":material/refresh:", key="batch_check", on_click=_check_again)
    if start:
        _start(run, new)


def _start(run: DryRun, new: NewJob) -> None:
    """Create the job with the very times that were reviewed."""
    with refusals(), st.spinner("Creating the job"):
        made = create_job(context(), replace(new, rows=run.rows))
        start_anew()
        _check_again()
        lead_on(made)
