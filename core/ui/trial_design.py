"""The design assistant: what is compared, by what, for how long; beside it stands what such a trial can see."""

from collections.abc import Mapping
from dataclasses import replace

import streamlit as st

from core.services.trial_drafts import MOST_WEEKS, create_trial, edit_trial
from core.services.trial_views import TrialDraft, TrialView
from core.services.trial_words import DRAWN_WORDS, MEASURE_WORDS, RULE_WORDS
from core.trials.words import DrawUnit, Measure, StoppingRule
from core.ui.blanks import nothing_yet
from core.ui.compose_fields import active_channels
from core.ui.failures import refusals
from core.ui.state import context, say_next
from core.ui.trial_arms import USUAL_ARMS, ask_arms
from core.ui.trial_list import PAGE, TRIAL, offer_back
from core.ui.trial_reads import calendar_names, channel_names, pace_of, planned_pace
from core.ui.trial_sight import show_sight
from core.ui.wording import counted, plain

EDIT = "edit"
"""Stands in the address while a draft is edited."""
MOST_A_WEEK = 1_000
_PERCENT, _USUAL_DETECT, _USUAL_WEEKS = 100, 0.2, 8


def show_new() -> None:
    """Draw the assistant for a new trial."""
    offer_back()
    channels = [channel.id for channel in active_channels()]
    if not channels:
        _no_channels()
        return
    usual = TrialDraft("", tuple(channels[:1]), USUAL_ARMS, detect=_USUAL_DETECT, weeks=_USUAL_WEEKS)
    draft = _ask("trial_new", usual)
    if st.button("Save as a draft", type="primary", icon=":material/save:", key="trial_save"):
        with refusals():
            made = create_trial(context(), draft)
            _forget("trial_new")
            say_next(f"Saved {plain(made.draft.name)} as a draft")
            st.query_params[TRIAL] = made.id
            st.rerun()


def show_edit(trial: TrialView) -> None:
    """Draw the assistant for a draft."""
    key = f"trial_{trial.id}_{trial.version}"
    draft = _ask(key, trial.draft)
    with st.container(horizontal=True):
        is_saved = st.button("Save the draft", type="primary", icon=":material/save:", key="trial_save")
        st.button("Leave it as it was", key="trial_leave", on_click=_leave)
    if is_saved:
        with refusals():
            edit_trial(context(), trial.id, draft, trial.version)
            say_next(f"Saved {plain(draft.name)}")
            st.query_params.pop(EDIT, None)
            st.rerun()


def _leave() -> None:
    st.query_params.pop(EDIT, None)


def _no_channels() -> None:
    nothing_yet(
        ":material/science:",
        "A trial needs a channel",
        "It draws the posts of one channel or more. Add a channel, or load the sample history to see how it works.",
    )
    with st.container(horizontal=True, horizontal_alignment="center"):
        st.page_link(PAGE.with_name("channels.py"), label="Add a channel", icon=":material/hub:", width="content")


def _forget(key: str) -> None:
    """Begin the next new trial from the usual."""
    for name in [each for each in st.session_state if str(each).startswith(f"{key}_")]:
        del st.session_state[name]


# --- What is asked ------------------------------------------------------------------------------------------------


def _ask(key: str, usual: TrialDraft) -> TrialDraft:
    form, shown = st.columns([5, 4], gap="medium")
    with form:
        draft = _ask_what(key, usual)
        st.subheader("Arms", anchor=False)
        draft = replace(draft, unit=_ask_unit(key, usual))
        draft = replace(draft, arms=ask_arms(key, usual.arms))
        draft = _ask_more(key, draft, usual)
    with shown, st.container(border=True):
        show_sight(draft)
    return draft


def _ask_what(key: str, usual: TrialDraft) -> TrialDraft:
    name: str = st.text_input("Name", usual.name, key=f"{key}_name", max_chars=100, placeholder="Evenings or usual?")
    hypothesis: str = st.text_input(
        "What it is to show", usual.hypothesis, key=f"{key}_hypothesis", max_chars=2_000,
        placeholder="Evening posts earn more, because our readers are home by then.",
    )  # fmt: skip
    names = channel_names()
    options = list({**{each.id: None for each in active_channels()}, **dict.fromkeys(usual.channel_ids)})
    channels: list[str] = st.multiselect(
        "Channels", options, list(usual.channel_ids), format_func=lambda each: names.get(each, each),
        key=f"{key}_channels",
    )  # fmt: skip
    measures = list(MEASURE_WORDS)
    measure: Measure = st.selectbox(
        "Compared by", measures, measures.index(usual.measure), format_func=MEASURE_WORDS.__getitem__,
        key=f"{key}_measure", help="The outcome is comparable across growth, formats and ages; the usual choice.",
    )  # fmt: skip
    weeks_place, lift_place = st.columns(2)
    weeks: int = weeks_place.number_input("Weeks", 1, MOST_WEEKS, usual.weeks, key=f"{key}_weeks")
    percent: int = lift_place.number_input(
        "Lift looked for, %", 1, 1000, round(usual.detect * _PERCENT), key=f"{key}_detect",
        help="The smallest difference that would change what you do.",
    )  # fmt: skip
    draft = replace(usual, name=name, hypothesis=hypothesis, channel_ids=tuple(channels), measure=measure,
                    weeks=weeks, detect=percent / _PERCENT)  # fmt: skip
    return _ask_pace(key, draft)


def _ask_pace(key: str, draft: TrialDraft) -> TrialDraft:
    """Ask how many posts there will be where nothing tells: none is laid down, and the channels posted none lately."""
    if draft.planned_posts is not None or not draft.channel_ids or pace_of(draft.channel_ids):
        return draft
    coming = planned_pace(draft.channel_ids, draft.weeks)
    pace: int | None = st.number_input(
        "Posts a week", 1, MOST_A_WEEK, round(coming) or None, key=f"{key}_pace", placeholder="So many are planned",
        help="These channels posted nothing in the past 12 weeks, so nothing else tells how many posts will join.",
    )  # fmt: skip
    if coming:
        st.caption(f"{coming:.3g} a week are planned so far.")
    return replace(draft, planned_posts=pace and pace * draft.weeks)


def _ask_unit(key: str, usual: TrialDraft) -> DrawUnit:
    unit = DrawUnit(st.segmented_control(
        "Chance gives an arm to", list(DrawUnit), default=usual.unit, required=True,
        format_func=DRAWN_WORDS.__getitem__, key=f"{key}_unit",
        help="Each post sees the smallest effects. Whole days are for audiences that one post wears out, or warms up, "
        "for the next one of that day; days are then what is counted.",
    ))  # fmt: skip
    st.caption(
        "A post keeps its week; its arm chooses the time within."
        if unit is DrawUnit.POSTS
        else "A post keeps its day; the arm of that day chooses the time within. Every arm needs hours on that day."
    )
    return unit


def _ask_more(key: str, draft: TrialDraft, usual: TrialDraft) -> TrialDraft:
    rule = st.segmented_control(
        "When it is judged", list(StoppingRule), default=usual.stopping, required=True,
        format_func=RULE_WORDS.__getitem__, key=f"{key}_stopping",
        help="At any look: you may look and stop whenever you like, and need more posts for it. "
        "Once: fewer posts, but nothing may be said before the end.",
    )  # fmt: skip
    takes_new = st.toggle(
        "Posts whose time Slotwise chooses join by themselves", usual.takes_new, key=f"{key}_takes_new"
    )
    by_pace = draft.planned_posts if usual.planned_posts is None else None
    with st.expander("More settings", icon=":material/settings:"):
        names = [arm.name for arm in draft.arms]
        control = st.selectbox(
            "Compare with", names, names.index(usual.control) if usual.control in names else 0, key=f"{key}_control"
        )
        calendars = _ask_calendars(key, usual)
        # No default: emptying the field would bring it back.
        st.session_state.setdefault(f"{key}_planned", usual.planned_posts)
        planned: int | None = st.number_input(
            "Posts in all", len(names), 1_000_000, None, key=f"{key}_planned",
            placeholder=f"{by_pace:,} by posts a week" if by_pace else "As many as the channels post now",
        )  # fmt: skip
        alpha: float = st.number_input(
            "False alarms, %", 0.1, 20.0, usual.alpha * _PERCENT, key=f"{key}_alpha",
            help="How often a trial without any effect may call one.",
        )  # fmt: skip
        seed: str = st.text_input(
            "Seed of the draw", usual.seed or "", key=f"{key}_seed", max_chars=64,
            placeholder="Drawn by chance, and kept until the trial is stopped",
        )  # fmt: skip
    return replace(draft, stopping=StoppingRule(rule), takes_new=takes_new, control=control or "",
                   planned_posts=planned or by_pace, alpha=alpha / _PERCENT, seed=seed or None,
                   calendar_ids=calendars)  # fmt: skip


def _ask_calendars(key: str, usual: TrialDraft) -> tuple[str, ...]:
    """Ask whose posts may join; nothing is asked where there is no calendar."""
    names = calendar_names(usual.calendar_ids)
    if not names:
        return ()
    chosen: list[str] = st.multiselect(
        "Calendars", list(names), list(usual.calendar_ids), format_func=lambda each: names[each],
        key=f"{key}_calendars", placeholder="Posts of all calendars",
        help="Only posts of these calendars join. Choose none for posts of all.",
    )  # fmt: skip
    return tuple(chosen)


def plan_words(names: Mapping[str, str], draft: TrialDraft) -> str:
    """Return channels, what is drawn, measure, rule and horizon of a plan on one line."""
    channels = ", ".join(names.get(each, each) for each in draft.channel_ids)
    judged = RULE_WORDS[draft.stopping].lower()
    drawn = f"{DRAWN_WORDS[draft.unit].lower()} drawn"
    return f"{channels} · {drawn} · {MEASURE_WORDS[draft.measure]} · judged {judged} · {counted(draft.weeks, 'week')}"
