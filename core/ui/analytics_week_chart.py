"""The week as a map: hour by weekday, coloured by lift or by how sure it is, with the posts behind each hour."""

from collections.abc import Sequence
from enum import StrEnum

import plotly.graph_objects as go

from core.timing.effects import WeekEffects
from core.timing.week import DAYS, HOURS_PER_DAY, WEEKDAYS
from core.ui.analytics_charts import CLOCK_AXIS
from core.ui.analytics_words import effect_words, unknown_words
from core.ui.charts import Ink, framed
from core.undefined import Undefined

ROW_HEIGHT = 38
PALEST_SCALE = 0.1
"""The colours reach at least ±10 %: where timing makes no difference the week looks pale, not dramatic."""
LARGEST_DOT, SMALLEST_DOT = 12, 3
CELL_SIZE = 26


class Measure(StrEnum):
    """What the colours of the week say."""

    LIFT = "Lift"
    UNCERTAINTY = "Uncertainty"


def week_figure(week: WeekEffects, chosen: int | None, ink: Ink, zone: str, measure: Measure) -> go.Figure:
    """Return hour by weekday: colour is the measure, a dot the number of posts, a stroke an hour without posts.

    On top lie invisible squares that take hover and click (a heatmap takes no click); custom data start with the cell.
    """
    colours = _lifts(week, ink) if measure is Measure.LIFT else _widths(week, ink)
    figure = go.Figure([colours, _unknown(week, ink), _dots(week, ink), _touch(week, ink)])
    figure.update_xaxes(**CLOCK_AXIS, showgrid=False, title=f"Hour of the day, {zone}")
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
    return go.Heatmap(
        z=_by_day(lifts),
        zmin=-reach,
        zmid=0,
        zmax=reach,
        colorscale=diverging_scale(ink),
        colorbar=lift_legend(),
        **_TILES,
    )


def _widths(week: WeekEffects, ink: Ink) -> go.Heatmap:
    """Return how far apart the bounds of each hour lie, of hours without posts too: there it is widest."""
    widths = [estimate.width * 100 for estimate in week.estimates]
    return go.Heatmap(
        z=_by_day(widths),
        zmin=0,
        zmax=max(PALEST_SCALE * 100, *widths),
        colorscale=_scale(ink.sequential),
        colorbar=_legend("Width of the 90 % interval, points", ".0f"),
        **_TILES,
    )


_TILES = {"xgap": 2, "ygap": 2, "hoverinfo": "skip"}


def _by_day(values: Sequence[float | None]) -> list[Sequence[float | None]]:
    return [values[day * HOURS_PER_DAY : (day + 1) * HOURS_PER_DAY] for day in range(DAYS)]


def diverging_scale(ink: Ink) -> list[list[object]]:
    """Return the colours of a lift, from less to more."""
    return _scale(ink.diverging)


def lift_legend() -> dict[str, object]:
    """Return the colour bar of a lift in %, lying below its chart."""
    return _legend("Against your average", "+.0f")


def _scale(colours: Sequence[str]) -> list[list[object]]:
    return [[number / (len(colours) - 1), colour] for number, colour in enumerate(colours)]


def _legend(title: str, layout: str) -> dict[str, object]:
    return {
        "title": {"text": title, "side": "top"},
        "orientation": "h",
        "y": -0.32,
        "yanchor": "top",
        "thickness": 10,
        "len": 0.6,
        "lenmode": "fraction",
        "ticksuffix": " %",
        "tickformat": layout,
        "labelalias": {"+0 %": "0 %"},
    }


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
        customdata=[[cell, _words(week, cell)] for cell in range(len(week.cells))],
        hovertemplate="%{customdata[1]}<extra></extra>",
        selected=invisible,
        unselected=invisible,
    )


def _words(week: WeekEffects, cell: int) -> str:
    effect = week.cells[cell]
    return effect_words(effect) if effect.is_known else unknown_words(effect.name, week.estimates[cell])


def _mark(figure: go.Figure, cell: int, ink: Ink) -> None:
    x, y = _at(cell)
    figure.add_shape(type="rect", x0=x - 0.5, x1=x + 0.5, y0=y - 0.5, y1=y + 0.5, line={"color": ink.text, "width": 2})
