"""The figures of the Analytics page, from values alone."""

from collections.abc import Callable, Sequence

import plotly.graph_objects as go
import polars as pl
from plotly.subplots import make_subplots

from core.timing.effects import Effect
from core.timing.week import HOURS_PER_DAY, clock_name
from core.ui.analytics_words import effect_words
from core.ui.charts import Ink, faded, framed
from core.undefined import Undefined

MEDIAN_SHARE = 0.72
GAP = 0.06
BAND_OPACITY = 0.25
CLOCK_AXIS = {
    "tickvals": list(range(0, HOURS_PER_DAY, 3)),
    "ticktext": [clock_name(hour) for hour in range(0, HOURS_PER_DAY, 3)],
    "range": [-0.5, HOURS_PER_DAY - 0.5],
    "zeroline": False,
}


def effects_figure(effects: Sequence[Effect], ink: Ink, words: Callable[[Effect], str] = effect_words) -> go.Figure:
    """Return each known effect as a dot with its interval, as % against the average, one below the other.

    `words` says what stands where a pointer rests on it.
    """
    known = [effect for effect in effects if effect_reach(effect)]
    figure = go.Figure(_with_intervals(known, [effect.name for effect in known], ink, words, upright=False))
    figure.update_xaxes(**against_average(ink))
    figure.update_yaxes(type="category", autorange="reversed")
    return framed(figure, max(200, 70 + 36 * len(known)))


def hours_figure(hours: Sequence[Effect], ink: Ink, zone: str) -> go.Figure:
    """Return the effect of each hour of the day that has posts, as % against the average."""
    known = {hour: effect for hour, effect in enumerate(hours) if effect_reach(effect)}
    figure = go.Figure(_with_intervals(list(known.values()), list(known), ink, effect_words, upright=True))
    figure.update_xaxes(**CLOCK_AXIS, showgrid=False, title=f"Hour of the day, {zone}")
    figure.update_yaxes(**against_average(ink))
    return framed(figure, 320)


def _with_intervals(
    known: Sequence[Effect], places: Sequence[object], ink: Ink, words: Callable[[Effect], str], *, upright: bool
) -> go.Scatter:
    """Return dots at `places` across (upright) or down, each with its interval."""
    reaches = [reach for effect in known if (reach := effect_reach(effect))]
    lifts = [lift for lift, _, _ in reaches]
    interval = {
        "type": "data",
        "array": [high - lift for lift, _, high in reaches],
        "arrayminus": [lift - low for lift, low, _ in reaches],
        "color": ink.accent,
        "thickness": 1.5,
        "width": 0,
    }
    return go.Scatter(
        x=places if upright else lifts,
        y=lifts if upright else places,
        error_y=interval if upright else None,
        error_x=None if upright else interval,
        mode="markers",
        marker={"size": 9, "color": ink.accent},
        customdata=[[words(effect)] for effect in known],
        hovertemplate="%{customdata[0]}<extra></extra>",
    )


def effect_reach(effect: Effect) -> tuple[float, float, float] | None:
    """Return lift, low and high in %, or None where nothing is known."""
    if isinstance(effect.lift, Undefined) or isinstance(effect.interval, Undefined):
        return None
    return effect.lift * 100, effect.interval.low * 100, effect.interval.high * 100


def against_average(ink: Ink) -> dict[str, object]:
    """Return the axis of a lift in %."""
    return {
        "title": "Against your average",
        "ticksuffix": " %",
        "tickformat": "+.0f",
        "labelalias": {"+0 %": "0 %"},
        "zeroline": True,
        "zerolinecolor": ink.muted,
        "zerolinewidth": 1,
    }


def trend_figure(trend: pl.DataFrame, ink: Ink) -> go.Figure:
    """Return median and quartiles of engagement per week, and below the posts per week (`TREND_SCHEMA`)."""
    figure = make_subplots(
        rows=2, cols=1, shared_xaxes=True, row_heights=[MEDIAN_SHARE, 1 - MEDIAN_SHARE], vertical_spacing=GAP
    )
    weeks = trend["week"].to_list()
    edge = {"x": weeks, "mode": "lines", "line": {"width": 0}, "hoverinfo": "skip", "row": 1, "col": 1}
    figure.add_scatter(y=trend["low"].to_list(), **edge)
    figure.add_scatter(y=trend["high"].to_list(), fill="tonexty", fillcolor=faded(ink.accent, BAND_OPACITY), **edge)
    figure.add_scatter(
        x=weeks,
        y=trend["median"].to_list(),
        mode="lines+markers",
        line={"color": ink.accent, "width": 2},
        marker={"size": 4},
        customdata=trend.select("posts", "low", "high").rows(),
        hovertemplate=_WEEK,
        row=1,
        col=1,
    )
    figure.add_bar(
        x=weeks, y=trend["posts"].to_list(), marker={"color": ink.muted}, hovertemplate=_WEEK_POSTS, row=2, col=1
    )
    figure.update_yaxes(title="Engagement per post", rangemode="tozero", row=1, col=1)
    figure.update_yaxes(title="Posts", rangemode="tozero", row=2, col=1)
    return framed(figure, 400)


_WEEK = (
    "Week of %{x|%-d %b %Y}<br>Median %{y:,.0f}, middle half %{customdata[1]:,.0f} to %{customdata[2]:,.0f}<br>"
    "%{customdata[0]} posts<extra></extra>"
)
_WEEK_POSTS = "Week of %{x|%-d %b %Y}: %{y} posts<extra></extra>"
