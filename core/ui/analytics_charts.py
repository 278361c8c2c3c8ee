"""The figures of the Analytics page, from values alone."""

from collections.abc import Sequence

import plotly.graph_objects as go
import polars as pl
from plotly.subplots import make_subplots

from core.timing.effects import Effect, WeekEffects
from core.timing.week import DAYS, HOURS_PER_DAY, WEEKDAYS, clock_name
from core.ui.analytics_words import effect_words
from core.ui.charts import Ink, faded, framed
from core.undefined import Undefined

ROW_HEIGHT = 38
PALEST_SCALE = 0.1
"""The colours reach at least ±10 %: where timing makes no difference the week looks pale, not dramatic."""
LARGEST_DOT, SMALLEST_DOT = 12, 3
CELL_SIZE = 26
MEDIAN_SHARE = 0.72
GAP = 0.06
BAND_OPACITY = 0.25
_CLOCK = {
    "tickvals": list(range(0, HOURS_PER_DAY, 3)),
    "ticktext": [clock_name(hour) for hour in range(0, HOURS_PER_DAY, 3)],
    "range": [-0.5, HOURS_PER_DAY - 0.5],
    "zeroline": False,
}


def week_figure(week: WeekEffects, chosen: int | None, ink: Ink, zone: str) -> go.Figure:
    """Return hour by weekday: colour is lift, a dot the number of posts, a stroke an hour without posts.

    On top lie invisible squares that take hover and click (a heatmap takes no click); custom data start with the cell.
    """
    figure = go.Figure([_lifts(week, ink), _unknown(week, ink), _dots(week, ink), _touch(week, ink)])
    figure.update_xaxes(**_CLOCK, showgrid=False, title=f"Hour of the day, {zone}")
    figure.update_yaxes(
        tickvals=list(range(DAYS)),
        ticktext=[day[:3] for day in WEEKDAYS],
        range=[DAYS - 0.5, -0.5],
        showgrid=False,
        zeroline=False,
    )
    if chosen is not None:
        _mark(figure, chosen, ink)
    return framed(figure, DAYS * ROW_HEIGHT + 110)


def _at(cell: int) -> tuple[int, int]:
    return cell % HOURS_PER_DAY, cell // HOURS_PER_DAY


def _lifts(week: WeekEffects, ink: Ink) -> go.Heatmap:
    lifts = [None if isinstance(effect.lift, Undefined) else effect.lift * 100 for effect in week.cells]
    reach = max([PALEST_SCALE * 100, *(abs(lift) for lift in lifts if lift is not None)])
    shares = [number / (len(ink.diverging) - 1) for number in range(len(ink.diverging))]
    return go.Heatmap(
        z=[lifts[day * HOURS_PER_DAY : (day + 1) * HOURS_PER_DAY] for day in range(DAYS)],
        zmin=-reach,
        zmid=0,
        zmax=reach,
        colorscale=[list(pair) for pair in zip(shares, ink.diverging, strict=True)],
        xgap=2,
        ygap=2,
        hoverinfo="skip",
        colorbar={
            "title": {"text": "Against your average", "side": "top"},
            "orientation": "h",
            "y": -0.32,
            "yanchor": "top",
            "thickness": 10,
            "len": 0.6,
            "lenmode": "fraction",
            "ticksuffix": " %",
            "tickformat": "+.0f",
        },
    )


def _unknown(week: WeekEffects, ink: Ink) -> go.Scatter:
    places = [_at(cell) for cell, effect in enumerate(week.cells) if not effect.is_known]
    marker = {"symbol": "line-ne-open", "size": 9, "opacity": 0.5, "color": ink.muted, "line": {"width": 1}}
    return _marks(places, marker)


def _dots(week: WeekEffects, ink: Ink) -> go.Scatter:
    """Return dots whose area, not width, grows with the posts: that is how eyes compare them."""
    known = [(_at(cell), effect.n) for cell, effect in enumerate(week.cells) if effect.is_known]
    most = max((n for _, n in known), default=1)
    sizes = [max(SMALLEST_DOT, LARGEST_DOT * (n / most) ** 0.5) for _, n in known]
    marker = {"size": sizes, "color": ink.text, "opacity": 0.85, "line": {"width": 1, "color": ink.paper}}
    return _marks([place for place, _ in known], marker)


def _marks(places: Sequence[tuple[int, int]], marker: dict[str, object]) -> go.Scatter:
    x, y = [place[0] for place in places], [place[1] for place in places]
    return go.Scatter(
        x=x, y=y, mode="markers", marker=marker, hoverinfo="skip", unselected={"marker": {"opacity": 0.85}}
    )


def _touch(week: WeekEffects, ink: Ink) -> go.Scatter:
    invisible = {"marker": {"opacity": 0}}
    return go.Scatter(
        x=[_at(cell)[0] for cell in range(len(week.cells))],
        y=[_at(cell)[1] for cell in range(len(week.cells))],
        mode="markers",
        marker={"symbol": "square", "size": CELL_SIZE, "color": ink.accent, "opacity": 0},
        customdata=[[cell, effect_words(effect)] for cell, effect in enumerate(week.cells)],
        hovertemplate="%{customdata[1]}<extra></extra>",
        selected=invisible,
        unselected=invisible,
    )


def _mark(figure: go.Figure, cell: int, ink: Ink) -> None:
    x, y = _at(cell)
    figure.add_shape(type="rect", x0=x - 0.5, x1=x + 0.5, y0=y - 0.5, y1=y + 0.5, line={"color": ink.text, "width": 2})


def effects_figure(effects: Sequence[Effect], ink: Ink) -> go.Figure:
    """Return each known effect as a dot with its interval, as % against the average, one below the other."""
    known = [effect for effect in effects if effect_reach(effect)]
    figure = go.Figure(_with_intervals(known, [effect.name for effect in known], ink, upright=False))
    figure.update_xaxes(**_against_average(ink))
    figure.update_yaxes(type="category", autorange="reversed")
    return framed(figure, max(200, 70 + 36 * len(known)))


def hours_figure(hours: Sequence[Effect], ink: Ink, zone: str) -> go.Figure:
    """Return the effect of each hour of the day that has posts, as % against the average."""
    known = {hour: effect for hour, effect in enumerate(hours) if effect_reach(effect)}
    figure = go.Figure(_with_intervals(list(known.values()), list(known), ink, upright=True))
    figure.update_xaxes(**_CLOCK, showgrid=False, title=f"Hour of the day, {zone}")
    figure.update_yaxes(**_against_average(ink))
    return framed(figure, 320)


def _with_intervals(known: Sequence[Effect], places: Sequence[object], ink: Ink, *, upright: bool) -> go.Scatter:
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
        customdata=[[effect_words(effect)] for effect in known],
        hovertemplate="%{customdata[0]}<extra></extra>",
    )


def effect_reach(effect: Effect) -> tuple[float, float, float] | None:
    """Return lift, low and high in %, or None where nothing is known."""
    if isinstance(effect.lift, Undefined) or isinstance(effect.interval, Undefined):
        return None
    return effect.lift * 100, effect.interval.low * 100, effect.interval.high * 100


def _against_average(ink: Ink) -> dict[str, object]:
    return {
        "title": "Against your average",
        "ticksuffix": " %",
        "tickformat": "+.0f",
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
