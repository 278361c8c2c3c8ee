"""The list of trials: where each stands and what it says; and what stands there before the first one."""

from collections.abc import Sequence

import streamlit as st

from core.services.trial_views import TrialView
from core.settings import ROOT
from core.trials.words import StoppingRule, TrialState
from core.ui.blanks import nothing_yet
from core.ui.dashboard_words import posts
from core.ui.shell import boundary
from core.ui.state import choose_workspace, house, workspace, workspace_id
from core.ui.times import day
from core.ui.trial_looks import STATE_LOOKS, VERDICT_LOOKS, badge
from core.ui.trial_reads import results_now, the_trials
from core.ui.turning import cursor_of, turn_pages
from core.ui.wording import counted, plain, shortened

TRIAL = "trial"
"""Names the trial that is looked at in the address."""
NEW = "new"
"""Stands in the address for the trial that is being designed."""
_PAGES = "trial_pages"
EVERY = "5s"
PAGE = ROOT / "pages" / "trials.py"


def offer_new(key: str = "trial_design") -> None:
    """Draw the way to the design assistant."""
    if st.button("Design a trial", icon=":material/science:", key=key):
        _open(NEW)


def offer_back() -> None:
    """Draw the way back to the list."""
    if st.button("All trials", icon=":material/arrow_back:", key="trial_back", type="tertiary"):
        st.query_params.clear()
        choose_workspace(workspace_id())  # which the address may have named
        st.rerun()


def _open(trial_id: str) -> None:
    """Go to a trial; a link to the page one is on would not reach the address."""
    st.query_params[TRIAL] = trial_id
    st.rerun()


@st.fragment(run_every=EVERY)
@boundary()
def show_trials() -> None:
    """Draw a page of the trials, newest first, and how each stands."""
    cursor = cursor_of(_PAGES, workspace_id())
    found, following = the_trials(cursor)
    if not found and cursor is None:
        _no_trials()
    for trial in found:
        with st.container(border=True, gap="xsmall"):
            _show(trial)
    turn_pages(_PAGES, _planned_words(found), following)


def _planned_words(found: Sequence[TrialView]) -> str:
    """Say from when the trials of a page are."""
    if not found:
        return "No older trials"
    zone, now = workspace().timezone, house().now()
    return f"Planned {day(found[-1].created_at, zone, now)} to {day(found[0].created_at, zone, now)}"


def _no_trials() -> None:
    nothing_yet(
        ":material/science:",
        "No trials yet",
        "Here you find out whether one time to post really beats another. Chance draws which post goes out when, so "
        "what differs in the end is the time and nothing else. Start by asking what a trial could see at all.",
    )
    with st.container(horizontal=True, horizontal_alignment="center"):
        offer_new("trial_first")


def _show(trial: TrialView) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        name = f"**{plain(shortened(trial.draft.name))}**"
        if st.button(name, key=f"open_{trial.id}", type="tertiary", icon=":material/open_in_full:"):
            _open(trial.id)
        badge(STATE_LOOKS[trial.state])
        sentence = _verdict(trial)
    st.markdown(plain(sentence))
    arms = " against ".join(plain(arm.name) for arm in trial.draft.arms)
    drawn = "" if trial.state is TrialState.DRAFT else f" · {posts(sum(trial.posts.values()))} drawn"
    st.caption(f"{arms}{drawn}{_until(trial)}")


def _verdict(trial: TrialView) -> str:
    """Draw the word of the verdict where there is one; return the sentence that goes with it."""
    if trial.state is TrialState.DRAFT:
        return "Nothing happens before it is started."
    if trial.decision is not None:
        badge(VERDICT_LOOKS[trial.decision.verdict])
        taken = f"{trial.decision.winner} was taken" if trial.decision.winner else "No arm was taken"
        return f"{taken}. {trial.decision.sentence}"
    if trial.state is TrialState.RUNNING and trial.draft.stopping is StoppingRule.FIXED:
        return "It is judged once, at its end."
    if not any(trial.posts.values()):
        return "No post has been drawn yet."
    found = results_now(trial.id)
    badge(VERDICT_LOOKS[found.verdict])
    return found.sentence


def _until(trial: TrialView) -> str:
    if trial.ends_at is None:
        return f" · {counted(trial.draft.weeks, 'week')}"
    zone, now = workspace().timezone, house().now()
    if trial.state is TrialState.RUNNING:
        return f" · {'its horizon passed' if trial.is_over else 'posts join until'} {day(trial.ends_at, zone, now)}"
    ended = trial.decided_at or trial.stopped_at
    return f" · {trial.state.value} {day(ended, zone, now)}" if ended else ""
