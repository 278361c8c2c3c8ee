"""What stands where no bulk job is: what will be here, and how to start one."""

import streamlit as st

from core.settings import ROOT
from core.ui.blanks import nothing_found, nothing_yet
from core.ui.pages import PAGES
from core.ui.progress_filters import Wanted, clear_filter, show_tab

_SCHEDULER = "batch_scheduler.py"
_EXAMPLE = """curl -X POST http://localhost:8501/api/v1/bulk/jobs \\
  -H "Content-Type: application/json" -H "Idempotency-Key: first-job" \\
  -d '{"name": "First campaign", "operation_type": "schedule_content", "data": {"content_items": [
        {"title": "Hello", "platforms": ["linkedin"], "scheduled_time": "2030-03-05T09:30:00"}]}}'"""


def offer_batch() -> None:
    """Draw the way to the page that makes bulk jobs, where this installation has it."""
    if any(page.file == _SCHEDULER for page in PAGES):
        st.page_link(ROOT / "pages" / _SCHEDULER, label="New batch", icon=":material/playlist_add:", width="content")


def show_no_jobs_ever() -> None:
    """Say what will be here once there is a job, and how to begin one."""
    nothing_yet(
        ":material/progress_activity:",
        "No bulk jobs yet",
        "A bulk job schedules, writes or publishes many rows at once. Here you see how far each one is, when it will "
        "be done, and why a row waited, was left out or failed.",
    )
    with st.container(horizontal=True, horizontal_alignment="center"):
        offer_batch()
    with st.expander("Start one over the API", icon=":material/terminal:"):
        st.code(_EXAMPLE, language="bash", wrap_lines=True)
        st.caption("Then load this page again. All fields are in the API's documentation at `/api/docs`.")


def show_no_such_job() -> None:
    """Say that the address names a job that is not in this workspace."""
    nothing_yet(
        ":material/search_off:",
        "This job is not here",
        "There is no job with the id in this address in the workspace you are in. If it belongs to another workspace, "
        "choose that one in the sidebar; else the address may have been cut short.",
    )


def show_no_jobs(wanted: Wanted) -> None:
    """Say that there is nothing of what somebody wants to see."""
    if wanted.is_filtered:
        nothing_found("jobs", clear_filter, key="clear_no_jobs")
        return
    sentence = {
        "Active": "Nothing runs, waits or is paused.",
        "Completed": "No job has been completed yet.",
        "Failed": "No job has failed.",
    }.get(wanted.tab, "There are no jobs.")
    with st.container(border=True, horizontal_alignment="center"):
        st.markdown(f":material/check: {sentence}")
        if wanted.tab != "All":
            st.button("Show all jobs", key="show_all_jobs", on_click=show_tab, args=("All",))
