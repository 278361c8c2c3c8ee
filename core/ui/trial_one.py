"""One trial: its head, what can be done with it, and its parts as tabs; it follows what happens while it runs."""

from collections.abc import Callable, Mapping

import streamlit as st

from core.services.trial_views import TrialView
from core.trials.words import TrialState
from core.ui.blanks import arrive, nothing_yet
from core.ui.dashboard_words import posts
from core.ui.shell import boundary
from core.ui.state import house, workspace
from core.ui.times import day, moment
from core.ui.trial_actions import show_actions, show_dialogs
from core.ui.trial_design import EDIT, plan_words, show_edit
from core.ui.trial_list import EVERY, offer_back
from core.ui.trial_looks import STATE_LOOKS, VERDICT_LOOKS, badge
from core.ui.trial_plan import show_plan
from core.ui.trial_posts import show_posts
from core.ui.trial_reads import channel_names, the_trial
from core.ui.trial_report import show_report
from core.ui.trial_results import show_results
from core.ui.trial_sight import show_sight
from core.ui.wording import plain

TABS: Mapping[str, Callable[[TrialView], None]] = {
    "Results": show_results,
    "Posts": show_posts,
    "Plan": show_plan,
    "Report": show_report,
}


def show_one(trial_id: str) -> None:
    """Draw a trial, or say that the address names none."""
    offer_back()
    trial = the_trial(trial_id)
    if trial is None:
        _no_such_trial()
        return
    _show_head(trial)
    if trial.state is TrialState.DRAFT:
        _show_draft(trial)
        return
    show_dialogs()
    arrive()
    tabs = st.tabs(list(TABS), key="trial_part", on_change="rerun", bind="query-params")
    for tab, show in zip(tabs, TABS.values(), strict=True):
        if tab.open:
            with tab:
                st.fragment(_watched, run_every=None if trial.state is TrialState.DECIDED else EVERY)(show, trial)


@boundary()
def _watched(show: Callable[[TrialView], None], trial: TrialView) -> None:
    """Draw a part anew from time to time; the whole page where somebody moved the trial on."""
    now = the_trial(trial.id)
    if now is None or _mark(now) != _mark(trial):
        st.rerun()
    show(now)


def _mark(trial: TrialView) -> tuple[object, ...]:
    """Return what the head of the page shows of a trial."""
    return trial.version, trial.is_over, trial.posts


def _no_such_trial() -> None:
    nothing_yet(
        ":material/search_off:",
        "This trial is not here",
        "There is no trial with the id in this address in the workspace you are in. If it belongs to another "
        "workspace, choose that one in the sidebar; else the address may have been cut short.",
    )


def _show_head(trial: TrialView) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(plain(trial.draft.name), anchor=False, width="content")
        badge(STATE_LOOKS[trial.state])
    if trial.draft.hypothesis:
        st.markdown(plain(trial.draft.hypothesis))
    st.caption(plain(plan_words(channel_names(), trial.draft)))
    if said := _now(trial):
        st.markdown(plain(said))
    show_actions(trial)
    _show_decision(trial)


def _now(trial: TrialView) -> str:
    """Say where it stands in time."""
    zone, now = workspace().timezone, house().now()
    drawn = posts(sum(trial.posts.values()))
    if trial.ends_at is None:
        return ""
    if trial.state is TrialState.RUNNING:
        until = f"{drawn} drawn. Posts join until {moment(trial.ends_at, zone, now)}."
        over = f"{drawn} drawn. Its horizon passed on {day(trial.ends_at, zone, now)}: stop it, then decide."
        return over if trial.is_over else until
    if trial.stopped_at is None:
        return ""
    reason = f": {trial.stop_reason}" if trial.stop_reason else ""
    return f"{drawn} drawn. Stopped on {day(trial.stopped_at, zone, now)}{reason}".removesuffix(".") + "."


def _show_decision(trial: TrialView) -> None:
    decision = trial.decision
    if decision is None or trial.decided_at is None:
        return
    with st.container(border=True):
        taken = f"{decision.winner} was taken" if decision.winner else "No arm was taken"
        on = day(trial.decided_at, workspace().timezone, house().now())
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"#### {plain(taken)}", width="content")
            badge(VERDICT_LOOKS[decision.verdict])
        st.markdown(plain(f"Decided on {on} by {decision.decided_by}. The figures then said: {decision.sentence}"))
        if decision.note:
            st.markdown(plain(decision.note))
        for said in decision.applied:
            st.markdown(f":material/tune: {plain(said)}")


def _show_draft(trial: TrialView) -> None:
    if EDIT in st.query_params:
        show_edit(trial)
        return
    show_dialogs()
    left, right = st.columns([5, 4], gap="medium")
    with left:
        show_plan(trial)
    with right, st.container(border=True):
        show_sight(trial.draft)
