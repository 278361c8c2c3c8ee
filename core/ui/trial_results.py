"""What a trial shows: the verdict in a sentence, lifts over time, effects, beliefs, arms, health."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import pandas as pd
import polars as pl
import streamlit as st

from core.services.trial_result_views import ArmView, EffectView, LiftView, TrialResults
from core.services.trial_views import TrialView
from core.services.trial_words import (
    MEASURE_WORDS,
    arm_words,
    average_words,
    chance_words,
    effect_words,
    figure_words,
    interval_words,
    loss_words,
)
from core.trials.bayes import Posterior
from core.trials.values import Known
from core.trials.verdict import SMALLEST_P, Verdict
from core.trials.words import StoppingRule, TrialState
from core.ui.analytics_tables import offer_download
from core.ui.blanks import loading, nothing_yet
from core.ui.charts import draw, ink, title
from core.ui.dashboard_words import posts
from core.ui.trial_charts import effects_figure, looks_figure, posterior_figure
from core.ui.trial_looks import VERDICT_LOOKS, badge, show_findings
from core.ui.trial_reads import results_now
from core.ui.wording import plain
from core.undefined import Undefined

_SHORT, _NARROW = 28, 200
"""Characters an arm's name may have in its table before its column gets so many pixels."""
OVER_TIME_SCHEMA: Mapping[str, pl.DataType] = MappingProxyType(
    {
        "planned_until": pl.Datetime("us", "UTC"),
        "arm": pl.String(),
        "posts": pl.Int64(),
        "lift": pl.Float64(),
        "low": pl.Float64(),
        "high": pl.Float64(),
    }
)


def show_results(trial: TrialView) -> None:
    """Draw what a trial shows by now; one that is judged once, at its end, is not looked at before without a word."""
    if trial.draft.stopping is StoppingRule.FIXED and trial.state is TrialState.RUNNING and not trial.is_over:
        st.info(
            "This trial is judged once, at its end. A look at the figures before that is counted, and its health "
            "findings will say so.",
            icon=":material/visibility_off:",
        )
        if not st.toggle("Look all the same", key=f"trial_peek_{trial.id}"):
            return
    with loading(height=600):
        found = results_now(trial.id)
    if not any(arm.assigned for arm in found.arms):
        _no_posts(trial)
        return
    colours = _colours(found)
    _show_verdict(found)
    if found.findings:
        _show_health(found)
    _show_figures(found)
    _show_over_time(found, colours)
    left, right = st.columns(2)
    with left.container(border=True, height="stretch"):
        _show_effects(found, colours)
    with right.container(border=True, height="stretch"):
        _show_beliefs(found, colours)
    _show_arms(found)
    if not found.findings:
        _show_health(found)


def _no_posts(trial: TrialView) -> None:
    is_open = trial.state is TrialState.RUNNING and not trial.is_over
    nothing_yet(
        ":material/casino:",
        "No post has been drawn yet",
        "Here you will see how the arms compare, and how sure that is. Open *Posts* above and add planned posts: "
        "chance gives each of them an arm."
        if is_open
        else "It ended before any post joined, so its effect is undefined.",
    )


def _colours(found: TrialResults) -> Mapping[str, str]:
    """Return a colour of the theme for every arm that is compared; each stands with its name."""
    theme = "dark" if st.context.theme.type == "dark" else "light"
    colours: list[str] = st.get_option(f"theme.{theme}.chartCategoricalColors")
    names = [effect.arm for effect in found.effects]
    return {name: ink().accent if len(names) == 1 else colours[n % len(colours)] for n, name in enumerate(names)}


def _show_verdict(found: TrialResults) -> None:
    with st.container(border=True, gap="small"):
        badge(VERDICT_LOOKS[found.verdict])
        st.markdown(f"#### {plain(found.sentence)}")
        others = [each.sentence for each in found.effects if each.sentence != found.sentence]
        if others:
            st.markdown("\n".join(f"- {plain(each)}" for each in others))


def _show_figures(found: TrialResults) -> None:
    drawn = sum(arm.assigned for arm in found.arms)
    counted = sum(arm.counted for arm in found.arms)
    planned = found.trial.registration.planned_posts if found.trial.registration else None
    with st.container(horizontal=True):
        st.metric("Posts drawn", f"{drawn:,}" + (f" of {planned:,}" if planned else ""))
        st.metric("Counted", f"{counted:,}", help="Their outcome is in.")
        st.metric("Waiting", f"{sum(arm.waiting for arm in found.arms):,}", help="Too young to be compared fairly.")
        st.metric("Missing", f"{sum(arm.missing for arm in found.arms):,}", help="Their time came and no outcome did.")


# --- Charts -------------------------------------------------------------------------------------------------------


def _show_over_time(found: TrialResults, colours: Mapping[str, str]) -> None:
    with st.container(border=True):
        known = [each for each in found.over_time if isinstance(each.effect, LiftView)]
        if not known:
            title("Nothing to see over time yet")
            st.markdown(plain(_why_nothing(found)))
            return
        finding = _over_time_finding(found)
        title(finding)
        figure = looks_figure(found.over_time, colours, ink(), found.trial.draft.unit)
        draw(figure, f"Lift by week. {finding}.", "trial_looks")
        st.caption(
            "The band holds the true lift at every one of these looks together, in "
            f"{100 - 100 * found.trial.draft.alpha:g} % of trials: it may be looked at, and acted on, at any time."
        )
        offer_download(lambda: _over_time_table(found), f"{found.trial.id}-over-time", "trial_looks")


def _over_time_table(found: TrialResults) -> pl.DataFrame:
    """Return what stands in the chart, lifts as shares (0.1: +10 %); null where a lift is undefined."""
    rows = [(each.week_ends, each.arm, each.posts, *_bounds(each.effect)) for each in found.over_time]
    return pl.DataFrame(rows, schema=dict(OVER_TIME_SCHEMA), orient="row")


def _bounds(way: LiftView | Undefined) -> tuple[float | None, float | None, float | None]:
    return (None, None, None) if isinstance(way, Undefined) else (way.lift, way.interval.low, way.interval.high)


def _why_nothing(found: TrialResults) -> str:
    undefined = [each.effect for each in found.over_time if isinstance(each.effect, Undefined)]
    if undefined:
        return undefined[-1].reason
    if missing := sum(arm.missing for arm in found.arms):
        return f"Undefined: the time of {posts(missing)} came, and no outcome did."
    return "Undefined: no post is old enough yet. A post counts a fixed time after the week it was planned for."


def _over_time_finding(found: TrialResults) -> str:
    known = [(each, each.always_valid) for each in found.effects if isinstance(each.always_valid, LiftView)]
    sure = [(each, lift) for each, lift in known if lift.interval.low > 0 or lift.interval.high < 0]
    if not known:
        return "The lift, week by week"
    if not sure:
        return f"No difference is sure yet: {interval_words(known[0][1].interval)}"
    differ = "differs" if len(sure) == 1 else "differ"
    names = " and ".join(each.arm for each, _ in sure)
    intervals = " and ".join(interval_words(lift.interval) for _, lift in sure)
    return _qualified(f"By now {names} {differ} from {sure[0][0].against}: {intervals}", found)


def _qualified(finding: str, found: TrialResults) -> str:
    """Return a finding as it stands, or with the word that the trial is not judged yet, or cannot be."""
    if found.verdict is Verdict.INVALID:
        return f"{finding} · cannot be judged"
    return finding if found.may_judge else f"{finding} · not judged yet"


def _show_effects(found: TrialResults, colours: Mapping[str, str]) -> None:
    shown = [each for each in found.effects if any(isinstance(way, LiftView) for way in _ways(each))]
    if not shown:
        title("The effect is undefined")
        st.markdown(plain(effect_words(found.effects[0].by_draw)))
        return
    finding = "; ".join(f"{each.arm} {effect_words(each.by_draw)}" for each in shown)
    title(f"Against {shown[0].against}: {finding}")
    draw(effects_figure(shown, colours, ink()), f"Effects with their intervals. {finding}.", "trial_effects")
    st.caption(
        "By the draw counts every post for the arm it was given (intention to treat) and decides. As followed leaves "
        "out posts that were moved (per protocol). At any look is the wider interval that allows for looking."
    )
    for each in found.effects:
        for name, way in zip(("By the draw", "As followed", "At any look"), _ways(each), strict=True):
            if isinstance(way, Undefined):
                st.caption(plain(f"{each.arm}, {name.lower()}: {effect_words(way)}"))


def _ways(each: EffectView) -> tuple[LiftView | Undefined, ...]:
    return each.by_draw, each.as_followed, each.always_valid


def _show_beliefs(found: TrialResults, colours: Mapping[str, str]) -> None:
    beliefs = {each.arm: each.posterior for each in found.effects if isinstance(each.posterior, Posterior)}
    if not beliefs:
        title("The chance to win is undefined")
        st.markdown(plain(_no_belief(found.effects)))
        return
    against = found.effects[0].against
    best = max(beliefs, key=lambda arm: beliefs[arm].chance_to_win)
    finding = _qualified(f"{best} beats {against}: chance {chance_words(beliefs[best].chance_to_win)}", found)
    title(finding)
    draw(posterior_figure(beliefs, colours, ink()), f"Belief in the lift. {finding}.", "trial_beliefs")
    st.markdown("\n".join(f"- {plain(loss_words(arm, against, belief))}" for arm, belief in beliefs.items()))
    st.caption("Bayes, beginning from the belief that timing is worth ±10 % or less in two of three trials.")


def _no_belief(effects: Sequence[EffectView]) -> str:
    return next(f"Undefined: {each.posterior.reason}" for each in effects if isinstance(each.posterior, Undefined))


# --- Tables -------------------------------------------------------------------------------------------------------


def _show_arms(found: TrialResults) -> None:
    with st.container(border=True):
        title(f"Arms: {MEASURE_WORDS[found.trial.draft.measure].lower()}, averages with their intervals")
        effects = {each.arm: each for each in found.effects}
        rows = pd.DataFrame([_arm_row(arm, effects.get(arm.name), found) for arm in found.arms])
        width = _NARROW if rows["Arm"].str.len().max() > _SHORT else None  # a long name leaves room for its figures
        st.dataframe(rows, hide_index=True, alt="Arms: posts, averages and effects", row_height=38,
                     column_config={"Arm": st.column_config.TextColumn(width=width)})  # fmt: skip
        if moved := sum(arm.moved for arm in found.arms):
            st.caption(f"{posts(moved)} went out, or stand, outside the time that was drawn.")
        with st.expander("All figures", icon=":material/functions:"):
            st.table(pd.DataFrame({plain(each.arm): _figures(each) for each in found.effects}))
            st.caption(plain(f"Posts fell to the arms as meant: p = {figure_words(found.sample_ratio_p)}"))


def _arm_row(arm: ArmView, effect: EffectView | None, found: TrialResults) -> dict[str, object]:
    registration = found.trial.registration
    return {
        "Arm": f"{arm.name} (control)" if arm.is_control else arm.name,
        "By the draw": effect_words(effect.by_draw) if effect else "Compared with",
        "Average": average_words(arm.average, arm.interval, found.trial.draft.measure),
        "Drawn": arm.assigned,
        "Counted": arm.counted,
        "Waiting": arm.waiting,
        "Missing": arm.missing,
        "Moved": arm.moved,
        "As followed": effect_words(effect.as_followed) if effect else "Compared with",
        "Goes out": arm_words(registration.arm(arm.name)) if registration else "",
    }


def _figures(each: EffectView) -> dict[str, str]:
    return {
        "At any look": plain(effect_words(each.always_valid)),
        "p by its rule": _p(each.p),
        "Allowing for all arms (Holm)": _p(each.p_holm),
        "Benjamini & Hochberg": _p(each.p_discovery),
        "The draw repeated": _p(each.p_permuted),
    }


def _p(value: Known) -> str:
    """Return a p-value with the digits that mean something."""
    small = not isinstance(value, Undefined) and value < SMALLEST_P
    return plain(f"< {SMALLEST_P}" if small else figure_words(value, ".2g"))


def _show_health(found: TrialResults) -> None:
    with st.container(border=True):
        title("Health")
        show_findings(list(found.findings.values()))
