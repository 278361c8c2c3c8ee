"""What is said once a batch has become a job: where it can be watched, or what happens now."""

import streamlit as st

from core.bulk.words import BulkState
from core.services.bulk_views import JobView
from core.settings import ROOT
from core.ui.pages import PAGES
from core.ui.wording import counted, plain

PROGRESS = "progress_monitor.py"
_STARTED = "started_batch"


def lead_on(made: JobView) -> None:
    """Go where the job can be watched; where there is no such page, say what became of it at the next run."""
    if any(entry.file == PROGRESS for entry in PAGES):
        st.switch_page(ROOT / "pages" / PROGRESS, query_params={"job": made.id})
    st.session_state[_STARTED] = made
    st.rerun()


def show_started() -> None:
    """Say what became of the batch that was started last."""
    made: JobView | None = st.session_state.get(_STARTED)
    if made is None:
        return
    what = "waits until somebody starts it" if made.state is BulkState.PENDING else "is in the queue"
    st.success(
        f"{plain(made.name)} with {counted(made.progress.total, 'row')} {what} ({plain(made.id)}). "
        "There is no page of its progress here; what is done stands in the calendar.",
        icon=":material/check_circle:",
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.page_link(
            ROOT / "pages" / "content_calendar.py",
            label="Open the calendar",
            icon=":material/calendar_month:",
            width="content",
        )
        st.button("Close", key="batch_close", type="tertiary", on_click=_close)


def _close() -> None:
    st.session_state.pop(_STARTED, None)
