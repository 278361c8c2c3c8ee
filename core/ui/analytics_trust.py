"""Does the advice hold: the back-test on the channel's own past, and how honest the intervals were."""

import streamlit as st

from core.services.backtests import backtest_channel
from core.timing.backtest import OBSERVED, BacktestReport
from core.timing.effects import Effect
from core.timing.methods import Method
from core.ui.analytics_bar import Choice
from core.ui.analytics_charts import effects_figure
from core.ui.analytics_tables import calibration_table, effect_table, offer_download
from core.ui.analytics_trust_chart import calibration_figure
from core.ui.analytics_words import calibration_finding
from core.ui.charts import draw, ink, title
from core.ui.dashboard_words import posts
from core.ui.queries import ask
from core.ui.times import day
from core.ui.wording import plain
from core.undefined import Undefined

METHOD_NAMES = {
    Method.MODEL: "Slotwise's advice",
    Method.CONSTANT: "Any time",
    Method.RAW_SLOT_MEAN: "Best raw averages",
    Method.POPULAR_SLOT: "Your usual hours",
    Method.BASELINE: "Published research",
}


def show_backtest(choice: Choice) -> None:
    """Draw what following the advice would have earned, beside naive methods, or why nobody can tell."""
    with st.skeleton(height=400):
        report = ask(backtest_channel, choice.history.channel_id, choice.content_format).report
    if isinstance(report, Undefined):
        with st.container(border=True):
            title("Too little history for a back-test")
            st.markdown(plain(report.reason))
        return
    left, right = st.columns([3, 2])
    with left.container(border=True, height="stretch"):
        _show_methods(choice, report)
    with right.container(border=True, height="stretch"):
        _show_calibration(choice, report)


def _show_methods(choice: Choice, report: BacktestReport) -> None:
    finding = report.sentence.removesuffix(OBSERVED).strip() or "The look back cannot tell."
    title(finding)
    effects = [Effect(METHOD_NAMES[each.method], each.posts, each.lift, each.interval) for each in report.methods]
    draw(effects_figure(effects, ink()), f"Back-test. {finding}", "analytics_backtest")
    span = f"{day(report.first, choice.zone)} to {day(report.last, choice.zone)}"
    st.caption(
        f"{posts(report.posts)} from {span}, each judged by what was known before it in {report.folds} looks back: "
        f"what the quarter of them in a method's best hours earned, against all of them. {OBSERVED}"
    )
    offer_download(lambda: effect_table(effects), f"{choice.slug}-back-test", "backtest")


def _show_calibration(choice: Choice, report: BacktestReport) -> None:
    finding = calibration_finding(report.calibration)
    title(finding)
    if all(isinstance(each.realised, Undefined) for each in report.calibration):
        st.caption("An hour of the week counts once five later posts stand in it, and ten such hours are needed.")
        return
    draw(calibration_figure(report.calibration, ink()), f"Intervals. {finding}.", "analytics_calibration")
    st.caption(
        "How often an hour's later posts ended inside the interval that was given for them. On the line is honest."
    )
    offer_download(lambda: calibration_table(report.calibration), f"{choice.slug}-intervals", "calibration")
