"""What can be done with a trial: start, edit or throw a draft away, stop, decide; each asks before it is final."""

from dataclasses import replace

import streamlit as st

from core.errors import SlotwiseError
from core.services.trial_decisions import decide_trial, what_applying_sets
from core.services.trial_drafts import delete_trial
from core.services.trial_moves import start_trial, stop_trial
from core.services.trial_views import DecisionRequest, TrialView
from core.trials.words import TrialState
from core.ui.dialogs import close_dialog, open_dialog, opened
from core.ui.failures import refusals
from core.ui.state import context, say_next
from core.ui.trial_design import EDIT
from core.ui.trial_list import TRIAL
from core.ui.trial_looks import VERDICT_LOOKS, badge
from core.ui.trial_plan import show_terms
from core.ui.trial_reads import results_now, the_trial
from core.ui.wording import plain

START, DELETE, STOP, DECIDE = "trial_start", "trial_delete", "trial_stop", "trial_decide"
NONE = "None of them"


def show_actions(trial: TrialView) -> None:
    """Draw the buttons that suit where the trial stands."""
    if trial.state is TrialState.DECIDED or EDIT in st.query_params:
        return
    with st.container(horizontal=True):
        if trial.state is TrialState.DRAFT:
            _button("Start the trial", ":material/play_arrow:", START, trial, is_main=True)
            st.button("Edit", icon=":material/edit:", key="trial_edit", on_click=_edit)
            _button("Throw away", ":material/delete:", DELETE, trial)
        elif trial.state is TrialState.RUNNING:
            _button("Stop", ":material/stop_circle:", STOP, trial, is_main=trial.is_over)
        else:
            _button("Decide", ":material/gavel:", DECIDE, trial, is_main=True)


def _button(word: str, icon: str, dialog: str, trial: TrialView, *, is_main: bool = False) -> None:
    st.button(word, icon=icon, key=dialog, type="primary" if is_main else "secondary", on_click=open_dialog,
              args=(dialog, trial.id, trial.version))  # fmt: skip


def _edit() -> None:
    st.query_params[EDIT] = "1"


def show_dialogs() -> None:
    """Draw the question that somebody opened."""
    for name, ask in {START: _ask_start, DELETE: _ask_delete, STOP: _ask_stop, DECIDE: _ask_decide}.items():
        found = opened(name)
        trial = the_trial(found.subject) if found else None
        if found and trial is not None:
            ask(replace(trial, version=found.version or trial.version))


def _done(message: str, icon: str) -> None:
    say_next(message, icon)
    close_dialog()
    st.rerun()


@st.dialog("Start this trial?", icon=":material/play_arrow:", width="medium", on_dismiss=close_dialog)
def _ask_start(trial: TrialView) -> None:
    st.markdown(
        "From now on posts join, and **nothing of this plan can be edited**: it is written down with the moment and "
        "hashed, so that nobody, you included, can fit the question to the answer. The fingerprint stands on the "
        "page afterwards."
    )
    show_terms(trial)
    if st.button("Register and start", type="primary", icon=":material/lock:", key="trial_start_sure"):
        with refusals():
            started = start_trial(context(), trial.id, trial.version)
            _done(f"Started. Fingerprint {(started.fingerprint or '')[:12]}…", ":material/lock:")


@st.dialog("Throw this draft away?", icon=":material/delete:", on_dismiss=close_dialog)
def _ask_delete(trial: TrialView) -> None:
    st.markdown(f"**{plain(trial.draft.name)}** is gone for good. No post is touched.")
    if st.button("Throw it away", type="primary", key="trial_delete_sure"):
        with refusals():
            delete_trial(context(), trial.id)
            st.query_params.pop(TRIAL, None)
            _done("The draft is gone", ":material/delete:")


@st.dialog("Stop this trial?", icon=":material/stop_circle:", on_dismiss=close_dialog)
def _ask_stop(trial: TrialView) -> None:
    st.markdown(
        "No more posts join, and it cannot run again. Posts that were drawn go out at their time and still count once "
        "their outcome is in."
    )
    reason: str = st.text_input("Why", key="trial_stop_reason", max_chars=500)
    if st.button("Stop the trial", type="primary", key="trial_stop_sure"):
        with refusals():
            stop_trial(context(), trial.id, reason, trial.version)
            _done("The trial is stopped; what was drawn still goes out", ":material/stop_circle:")


@st.dialog("Decide", icon=":material/gavel:", width="medium", on_dismiss=close_dialog)
def _ask_decide(trial: TrialView) -> None:
    found = results_now(trial.id)
    badge(VERDICT_LOOKS[found.verdict])
    st.markdown(plain(found.sentence))
    names = [arm.name for arm in trial.draft.arms]
    chosen: str | None = st.radio("Take", [*names, NONE], index=None, key="trial_winner")
    winner = None if chosen == NONE else chosen
    applies = winner is not None and _ask_apply(trial, winner)
    note: str = st.text_area("Note", key="trial_note", max_chars=2_000, placeholder="Why, for whoever reads it later")
    st.caption("The figures of this moment are kept with the decision. It cannot be taken back; preferences can.")
    if st.button("Decide for good", type="primary", key="trial_decide_sure", disabled=chosen is None):
        with refusals():
            decide_trial(context(), trial.id, DecisionRequest(winner, note, applies), trial.version)
            _done(f"{plain(winner)} is taken" if winner else "Decided: no arm is taken", ":material/gavel:")


def _ask_apply(trial: TrialView, winner: str) -> bool:
    """Say what the preferences would be set to, and ask whether they shall; False where they cannot hold it."""
    try:
        said = what_applying_sets(context(), trial.id, winner)
    except SlotwiseError as error:
        st.caption(f":material/info: {plain(str(error))}")
        return False
    applies = st.toggle("Set the preferences for its hours", key="trial_applies")
    st.markdown("\n".join(f"- {plain(each)}" for each in said))
    st.caption("Preferences hold for every channel of a platform. Posts that are planned stay where they are.")
    return applies
