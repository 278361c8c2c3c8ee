"""What a trial can see: the smallest lift by week, how it was found, and what is missing where nobody can know."""

import streamlit as st

from core.errors import SlotwiseError
from core.services.trial_design import request_of
from core.services.trial_views import DesignView, TrialDraft
from core.services.trial_words import figure_words, lift_words
from core.trials.words import StoppingRule
from core.ui.charts import draw, ink, title
from core.ui.trial_charts import sight_figure
from core.ui.trial_reads import design_now
from core.ui.wording import counted, plain
from core.undefined import Undefined


def show_sight(draft: TrialDraft) -> None:
    """Draw the smallest lift such a trial sees by week, and say it in a sentence; honest where nobody can know."""
    if not draft.channel_ids:
        title("What can it see?")
        st.caption("Choose a channel, and this says what a trial on it can see.")
        return
    simulates = st.session_state.get("trial_simulates", False)
    try:
        design = design_now(request_of(draft, simulates=simulates))
    except SlotwiseError as error:
        title("What can it see?")
        st.caption(plain(str(error)))
        return
    title(_finding(design))
    if isinstance(design.sd, Undefined) or not design.posts_per_week:
        _show_missing(design)
        return
    if design.is_too_coarse:
        st.warning(plain(design.sentence), icon=":material/visibility_off:")
    else:
        st.markdown(plain(design.sentence))
    if any(not isinstance(each.detectable, Undefined) for each in design.sights):
        figure = sight_figure(design, draft.weeks, draft.detect, ink())
        draw(figure, f"Smallest visible lift by weeks. {_finding(design)}.", "trial_sight")
    _show_basis(design, draft)


def _finding(design: DesignView) -> str:
    least = design.asked.detectable
    span = counted(design.asked.weeks, "week")
    if isinstance(least, Undefined):
        return f"What {span} would show cannot be told"
    return f"In {span} it sees lifts of {lift_words(least)} or more"


def _show_missing(design: DesignView) -> None:
    """Say what is not known: how many posts there will be, and how far they differ by themselves."""
    if design.posts_per_week:
        st.markdown(
            f"{counted(design.asked.weeks, 'week')} of {design.posts_per_week:.3g} {design.unit} a week give each arm "
            f"about {design.asked.posts_per_arm:,} {design.unit}. What they can show is not known."
        )
    else:
        st.warning(
            "These channels posted nothing in the past 12 weeks, so the pace of the trial is not known: say how many "
            "posts a week you plan.",
            icon=":material/visibility_off:",
        )
    if isinstance(design.sd, Undefined):
        st.warning(
            "How far posts differ by themselves is learned from past posts with an outcome, and no figure is made up "
            f"for it. {plain(_known(design))} Import what these channels posted before, and ask again.",
            icon=":material/visibility_off:",
        )


def _known(design: DesignView) -> str:
    if not design.outcomes:
        return "There are no posts with an outcome yet."
    return design.sd.reason if isinstance(design.sd, Undefined) else ""


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
