"""What posts in some hours happened to earn: kept apart from trials, and worded so."""

import plotly.graph_objects as go
import streamlit as st

from core.services.trial_result_views import LiftView, ObservedRequest, ObservedView
from core.services.trial_words import effect_words, window_words
from core.trials.registration import Window
from core.ui.blanks import nothing_yet
from core.ui.charts import draw, framed, ink, title
from core.ui.compose_fields import active_channels
from core.ui.failures import refusals
from core.ui.trial_arms import EVENING, ask_window
from core.ui.trial_charts import drawn, lift_axis
from core.ui.trial_reads import channel_names, observed_now, this_hour
from core.ui.wording import plain
from core.undefined import Undefined

TRIALS, OBSERVED = "Trials", "Without a trial"
_PERCENT = 100


def choose_view() -> str:
    """Draw the two ways to compare times, and return the chosen one."""
    chosen: str = st.segmented_control(
        "View", [TRIALS, OBSERVED], default=TRIALS, required=True, key="trial_view", bind="query-params",
        label_visibility="collapsed",
    )  # fmt: skip
    return chosen


def show_observed() -> None:
    """Draw the question and what past posts say to it; no verdict comes with it."""
    channels = [channel.id for channel in active_channels()]
    if not channels:
        nothing_yet(
            ":material/visibility:",
            "Nothing to look back at yet",
            "Here past posts in some hours are set beside all others of a channel. Add a channel and import what it "
            "posted so far.",
        )
        return
    st.warning(
        "This is no trial. Nobody drew these hours: what was posted then may differ in other ways, so a difference "
        "here shows no cause. It can only suggest what to put under trial.",
        title="Observed, not randomized",
        icon=":material/visibility:",
    )
    form, answer = st.columns([2, 3], gap="medium")
    with form:
        names = channel_names()
        channel_id: str = st.selectbox("Channel", channels, format_func=names.__getitem__, key="observed_channel")
        window = ask_window("observed", EVENING)
    with answer, st.container(border=True), refusals():
        _show(observed_now(ObservedRequest(channel_id, (window,), ends=this_hour())), window)


def _show(found: ObservedView, window: Window) -> None:
    hours = window_words(window)
    if isinstance(found.difference, Undefined):
        title(f"What posts of {hours} happened to earn is undefined")
        st.markdown(plain(found.sentence))
        st.caption("Choose hours in which some of its posts went out, and others did not.")
    else:
        title(f"Posts of {hours} happened to earn {effect_words(found.difference)} against all others")
        st.markdown(plain(found.sentence))
        draw(_figure(found.difference, window), f"Observed difference. {found.sentence}", "observed_difference")
    st.caption(f":material/visibility: {plain(found.caution)}")


def _figure(found: LiftView, window: Window) -> go.Figure:
    """Return the difference with its interval, in grey and hollow: what a trial shows is neither."""
    colours = ink()
    low, high = drawn(found.interval)
    lift = found.lift * _PERCENT
    bar = {"type": "data", "array": [high - lift], "arrayminus": [lift - low], "color": colours.muted, "thickness": 2}
    figure = go.Figure(
        go.Scatter(
            x=[lift],
            y=[window_words(window)],
            error_x=bar,
            mode="markers",
            marker={"size": 11, "color": colours.muted, "symbol": "circle-open"},
            customdata=[[effect_words(found)]],
            hovertemplate="%{customdata[0]}, observed<extra></extra>",
        )
    )
    figure.update_xaxes(**lift_axis(colours, "Against all other hours, observed"))
    return framed(figure, 150)
