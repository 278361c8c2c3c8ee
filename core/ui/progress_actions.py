"""What can be done with a bulk job: one table of buttons, and the question before a job is canceled."""

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from core.bulk.states import ENDED, JOB_MOVES
from core.bulk.words import BulkState
from core.services.bulk_board import what_canceling_leaves
from core.services.bulk_jobs import find_job, start_job
from core.services.bulk_moves import cancel_job, pause_job, resume_job, retry_job
from core.services.bulk_views import JobView
from core.settings import ROOT
from core.ui.batch_mending import MEND
from core.ui.dialogs import close_dialog, open_dialog, opened
from core.ui.failures import attempt, refusals
from core.ui.pages import PAGES
from core.ui.progress_words import remains_words, retried_words
from core.ui.state import context, say_next
from core.ui.wording import plain, shortened

CANCEL = "job_cancel"
OPEN = "job"
"""Names the job in the address that is shown alone."""

_MENDED_ON = "batch_scheduler.py"
_ACTED = "job_acted"
_CANCELABLE = frozenset(state for state, moves in JOB_MOVES.items() if BulkState.CANCELING in moves)


@dataclass(frozen=True)
class JobAction:
    """One button: its word, its icon, the jobs it suits and what it does."""

    key: str
    word: str
    icon: str
    suits: Callable[[JobView], bool]
    do: Callable[[JobView], None]


def show_actions(job: JobView, *, is_alone: bool) -> None:
    """Draw the buttons of a job."""
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        for action in ACTIONS:
            if action.suits(job):
                _button(job, action)
        if _may_retry(job) and any(page.file == _MENDED_ON for page in PAGES):
            st.page_link(
                ROOT / "pages" / _MENDED_ON,
                label="Mend failed rows",
                icon=":material/build:",
                query_params={MEND: job.id},
                width="content",
            )
        if not is_alone:
            _button(job, _OPEN_ALONE)


def _button(job: JobView, action: JobAction) -> None:
    st.button(action.word, icon=action.icon, key=f"{action.key}_{job.id}", on_click=_act, args=(action, job))


def _act(action: JobAction, job: JobView) -> None:
    """Do what a button says, also when the job has moved on since it was drawn: then the refusal says so."""
    attempt(action.do, job)
    st.session_state[_ACTED] = True


def has_acted() -> bool:
    """Say, once, whether a button was clicked: the whole page has to be drawn, which says what came of it."""
    return bool(st.session_state.pop(_ACTED, False))


def show_dialogs() -> None:
    """Draw the question before a job is canceled, when somebody asked for it."""
    if asked := opened(CANCEL):
        _cancel_dialog(asked.subject)


@st.dialog("Cancel this job?", icon=":material/cancel:", on_dismiss=close_dialog)
def _cancel_dialog(job_id: str) -> None:
    with refusals():
        job, remains = find_job(context(), job_id), what_canceling_leaves(context(), job_id)
        st.markdown(f"**{plain(shortened(job.name))}** cannot be started again once it is canceled.")
        st.markdown("\n".join(f"- {sentence}" for sentence in remains_words(remains)))
        with st.container(horizontal=True, horizontal_alignment="right"):
            is_kept = st.button("Keep it", key="job_keep")
            is_canceled = st.button("Cancel the job", type="primary", key="job_cancel_sure")
        if is_canceled:
            say_next(plain(cancel_job(context(), job_id).sentence), ":material/cancel:")
        if is_kept or is_canceled:
            close_dialog()
            st.rerun()


def _start(job: JobView) -> None:
    start_job(context(), job.id)
    say_next(f"{_name(job)} is queued", ":material/play_arrow:")


def _pause(job: JobView) -> None:
    pause_job(context(), job.id)
    say_next(f"{_name(job)} is paused; rows that were begun are finished", ":material/pause:")


def _resume(job: JobView) -> None:
    resume_job(context(), job.id)
    say_next(f"{_name(job)} goes on", ":material/play_arrow:")


def _retry(job: JobView) -> None:
    retry_job(context(), job.id)
    say_next(retried_words(job.progress.failed, _name(job)), ":material/refresh:")


def _ask_cancel(job: JobView) -> None:
    open_dialog(CANCEL, job.id)


def _open(job: JobView) -> None:
    st.query_params[OPEN] = job.id


def _name(job: JobView) -> str:
    return plain(shortened(job.name, 60))


def _may_retry(job: JobView) -> bool:
    return job.state in ENDED - {BulkState.CANCELED} and bool(job.progress.failed)


ACTIONS = (
    JobAction("start", "Start", ":material/play_arrow:", lambda job: job.state is BulkState.PENDING, _start),
    JobAction("pause", "Pause", ":material/pause:", lambda job: BulkState.PAUSED in JOB_MOVES[job.state], _pause),
    JobAction("resume", "Resume", ":material/play_arrow:", lambda job: job.state is BulkState.PAUSED, _resume),
    JobAction("retry", "Retry failed rows", ":material/refresh:", _may_retry, _retry),
    JobAction("cancel", "Cancel", ":material/cancel:", lambda job: job.state in _CANCELABLE, _ask_cancel),
)
_OPEN_ALONE = JobAction("open", "Open", ":material/open_in_full:", lambda _: True, _open)
