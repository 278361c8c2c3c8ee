"""What is said once a batch has become a job: its name, what happens now, and the way to watch it."""

import streamlit as st

from core.bulk.words import BulkState
from core.services.bulk_views import JobView
from core.settings import ROOT
from core.ui.batch_review import STARTED
from core.ui.pages import PAGES
from core.ui.wording import counted, plain

PROGRESS = "progress_monitor.py"


def show_started() -> None:
    """Say what became of the batch that was started last."""
    made: JobView | None = st.session_state.get(STARTED)
    if made is None:
        return
    waits = made.state is BulkState.PENDING
    what = "waits until somebody starts it" if waits else "is in the queue"
    with st.container(border=True):
        st.success(
            f"{plain(made.name)} with {counted(made.progress.total, 'row')} {what} ({plain(made.id)}).",
            icon=":material/check_circle:",
        )
        with st.container(horizontal=True):
            if any(entry.file == PROGRESS for entry in PAGES):
                st.page_link(
                    ROOT / "pages" / PROGRESS,
                    label="Watch its progress",
                    icon=":material/monitoring:",
                    query_params={"job": made.id},
                )
            st.page_link(
                ROOT / "pages" / "content_calendar.py", label="Open the calendar", icon=":material/calendar_month:"
            )
            st.button("Close", key="batch_close", type="tertiary", on_click=_close)


def _close() -> None:
    st.session_state.pop(STARTED, None)
