"""The design assistant: what is compared, by what, for how long; and what such a trial can see."""

from collections.abc import Mapping
from dataclasses import replace

import streamlit as st

from core.errors import SlotwiseError
from core.services.trial_drafts import MOST_WEEKS, create_trial, edit_trial
from core.services.trial_views import DesignRequest, DesignView, TrialDraft, TrialView
from core.services.trial_words import DRAWN_WORDS, MEASURE_WORDS, RULE_WORDS, figure_words, lift_words
from core.trials.words import DrawUnit, Measure, StoppingRule
from core.ui.blanks import nothing_yet
from core.ui.charts import draw, ink, title
from core.ui.compose_fields import active_channels
from core.ui.dashboard_words import posts
from core.ui.failures import refusals
from core.ui.state import context, say_next
from core.ui.trial_arms import USUAL_ARMS, ask_arms
from core.ui.trial_charts import sight_figure
from core.ui.trial_list import PAGE, TRIAL, offer_back
from core.ui.trial_reads import channel_names, design_now
from core.ui.wording import counted, plain
from core.undefined import Undefined

EDIT = "edit"
"""Stands in the address while a draft is edited."""
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
    return replace(usual, name=name, hypothesis=hypothesis, channel_ids=tuple(channels), measure=measure,
                   weeks=weeks, detect=percent / _PERCENT)  # fmt: skip


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
    with st.expander("More settings", icon=":material/settings:"):
        names = [arm.name for arm in draft.arms]
        control = st.selectbox(
            "Compare with", names, names.index(usual.control) if usual.control in names else 0, key=f"{key}_control"
        )
        planned: int | None = st.number_input(
            "Posts in all", len(names), 1_000_000, usual.planned_posts, key=f"{key}_planned",
            placeholder="As many as the channels post now",
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
                   planned_posts=planned, alpha=alpha / _PERCENT, seed=seed or None)  # fmt: skip


# --- What it can see ----------------------------------------------------------------------------------------------


def show_sight(draft: TrialDraft) -> None:
    """Draw the smallest lift such a trial sees by week, and say it in a sentence; honest where nobody can know."""
    if not draft.channel_ids:
        title("What can it see?")
        st.caption("Choose a channel, and this says what a trial on it can see.")
        return
    simulates = st.session_state.get("trial_simulates", False)
    try:
        design = design_now(_request(draft, simulates=simulates))
    except SlotwiseError as error:
        title("What can it see?")
        st.caption(plain(str(error)))
        return
    title(_finding(design))
    if isinstance(design.sd, Undefined):
        st.warning(_no_history(design), icon=":material/visibility_off:")
        return
    if design.is_too_coarse:
        st.warning(plain(design.sentence), icon=":material/visibility_off:")
    else:
        st.markdown(plain(design.sentence))
    if any(not isinstance(each.detectable, Undefined) for each in design.sights):
        figure = sight_figure(design, draft.weeks, draft.detect, ink())
        draw(figure, f"Smallest visible lift by weeks. {_finding(design)}.", "trial_sight")
    _show_basis(design, draft)


def _request(draft: TrialDraft, *, simulates: bool) -> DesignRequest:
    pace = None if draft.planned_posts is None else draft.planned_posts / draft.weeks
    return DesignRequest(
        channel_ids=draft.channel_ids,
        arms=len(draft.arms),
        measure=draft.measure,
        weeks=draft.weeks,
        detect=draft.detect,
        posts_per_week=pace,
        alpha=draft.alpha,
        simulates=simulates,
        unit=draft.unit,
        stopping=draft.stopping,
    )


def _finding(design: DesignView) -> str:
    least = design.asked.detectable
    span = counted(design.asked.weeks, "week")
    if isinstance(least, Undefined):
        return f"What {span} would show cannot be told"
    return f"In {span} it sees lifts of {lift_words(least)} or more"


def _no_history(design: DesignView) -> str:
    reason = design.sd.reason if isinstance(design.sd, Undefined) else ""
    return plain(
        f"{reason} How far posts differ by themselves is learned from {posts(design.outcomes)} with an outcome; "
        "import what these channels posted before, and ask again."
    )


def _show_basis(design: DesignView, draft: TrialDraft) -> None:
    needed, lift = design.weeks_for[draft.detect], lift_words(draft.detect)
    if isinstance(needed, Undefined):
        st.markdown(plain(f"When it would see {lift} is undefined: {needed.reason}"))
    else:
        st.markdown(plain(f"To see {lift} takes about {counted(needed, 'week')}."))
    st.toggle("Check by 10,000 simulated trials", key="trial_simulates")
    if design.chance is not None:
        st.markdown(plain(_chance(design, draft)))
    caption = (
        f"From {counted(design.outcomes, design.unit.singular)} of the past year and {design.posts_per_week:.1f} "
        f"{design.unit} a week, for a judgement at the planned end."
    )
    if draft.stopping is StoppingRule.SEQUENTIAL:
        caption += f" Judging at any look, as allowed for here, takes twice the {design.unit} of judging once."
    st.caption(caption)


def _chance(design: DesignView, draft: TrialDraft) -> str:
    if design.chance is None or isinstance(design.chance, Undefined):
        return figure_words(design.chance or 0.0)
    return (
        (
            f"{design.chance:.0%} of simulated trials, drawn from your own posts, find {lift_words(draft.detect)} in "
            f"{counted(draft.weeks, 'week')}."
        )
        .replace("%", " %", 1)
        .replace("  %", " %")
    )


def plan_words(names: Mapping[str, str], draft: TrialDraft) -> str:
    """Return channels, measure, rule and horizon of a plan on one line."""
    channels = ", ".join(names.get(each, each) for each in draft.channel_ids)
    judged = RULE_WORDS[draft.stopping].lower()
    return f"{channels} · {MEASURE_WORDS[draft.measure]} · judged {judged} · {counted(draft.weeks, 'week')}"
