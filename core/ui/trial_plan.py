"""What a trial lays down: before its start as a plan, afterwards as it was registered, with its fingerprint."""

import json

import pandas as pd
import streamlit as st

from core.services.calendars import list_calendars
from core.services.trial_views import TrialDraft, TrialView
from core.services.trial_words import DRAWN_WORDS, MEASURE_WORDS, RULE_WORDS, arm_words, lift_words, seed_words
from core.ui.queries import ask
from core.ui.state import house, workspace
from core.ui.times import moment
from core.ui.trial_reads import channel_names
from core.ui.wording import counted, plain


def show_plan(trial: TrialView) -> None:
    """Draw the plan, and where it has started the registration."""
    with st.container(border=True):
        st.markdown(f"#### {'What was registered' if trial.registration else 'The plan'}")
        show_terms(trial)
        if trial.registration is not None:
            _show_fingerprint(trial)


def show_terms(trial: TrialView) -> None:
    """Draw arms and terms of a trial, which its start freezes."""
    draft = trial.draft
    st.table(
        pd.DataFrame(
            {
                "Arm": [f"{arm.name}{' (control)' if arm.name == draft.control else ''}" for arm in draft.arms],
                "Posts go out": [arm_words(arm) for arm in draft.arms],
                "Share": [arm.weight for arm in draft.arms],
            }
        ).map(_cell),
        hide_index=True,
    )
    st.markdown("\n".join(f"- {plain(line)}" for line in _terms(trial)))


def _cell(value: object) -> object:
    return plain(value) if isinstance(value, str) else value


def _terms(trial: TrialView) -> list[str]:
    draft, names, registered = trial.draft, channel_names(), trial.registration
    planned = registered.planned_posts if registered else draft.planned_posts
    joined = "those you add, and those whose time Slotwise chooses" if draft.takes_new else "those you add"
    return [
        f"Channels: {', '.join(names.get(each, each) for each in draft.channel_ids)}",
        *_calendars(draft),
        f"Chance gives an arm to: {DRAWN_WORDS[draft.unit].lower()}",
        f"Compared by: {MEASURE_WORDS[draft.measure]}",
        f"Judged: {RULE_WORDS[draft.stopping].lower()}, with false alarms in {draft.alpha * 100:g} % of trials",
        f"Posts join for {counted(draft.weeks, 'week')}: {joined}",
        f"Looks for a lift of {lift_words(draft.detect)}"
        + (f" with {counted(planned, 'post')} in all" if planned else ""),
        f"Seed of the draw: {seed_words(draft.seed)}",
    ]


_WORKED_OUT = {
    False: "once the trial is stopped, the seed is shown and anybody can work it out again.",
    True: "anybody who has the file below can work it out again.",
}


def _calendars(draft: TrialDraft) -> list[str]:
    """Say whose posts may join, where not those of all calendars."""
    titles = {each.id: each.title for each in ask(list_calendars)} if draft.calendar_ids else {}
    said = ", ".join(titles.get(each, each) for each in draft.calendar_ids)
    return [f"Calendars: {said}"] if said else []


def _show_fingerprint(trial: TrialView) -> None:
    registration = trial.registration
    if registration is None:
        return
    at = moment(registration.started_at, workspace().timezone, house().now())
    st.markdown(
        f":material/lock: Registered {plain(at)}. Nothing of it can be edited. This is its SHA-256 fingerprint; "
        f"{_WORKED_OUT[registration.seed is not None]}"
    )
    st.code(trial.fingerprint or "", language=None, wrap_lines=True)
    if registration.seed is None:
        return
    text = json.dumps(registration.as_json(), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    st.download_button(
        "Download the registration", text.encode(), f"{trial.id}-registration.json", "application/json",
        icon=":material/download:", type="tertiary", key="trial_registration", on_click="ignore",
    )  # fmt: skip
