"""One weekday's curve with its interval, against the other days and what was expected before."""

from collections.abc import Sequence

import plotly.graph_objects as go

from core.timing.effects import HourEstimate, WeekEffects
from core.timing.week import DAYS, HOURS_PER_DAY, cell_name
from core.ui.analytics_charts import CLOCK_AXIS, against_average
from core.ui.analytics_words import estimate_words
from core.ui.charts import Ink, faded, framed

BAND_OPACITY = 0.2
OTHER_DAYS_OPACITY = 0.25
LARGEST_DOT, SMALLEST_DOT = 13, 4


def day_figure(week: WeekEffects, day: int, ink: Ink, zone: str) -> go.Figure:
    """Return the lift of the 24 hours of a weekday (0 = Monday) in %; a dot's area grows with the posts."""
    hours = _of_day(week, day)
    figure = go.Figure(
        [
            *(
                _line(_of_day(week, other), faded(ink.text, OTHER_DAYS_OPACITY), 1)
                for other in range(DAYS)
                if other != day
            ),
            *_band(hours, ink),
            _before(hours, ink),
            _line(hours, ink.accent, 2.5),
            _dots(hours, day, ink),
        ]
    )
    figure.update_xaxes(**CLOCK_AXIS, showgrid=False, title=f"Hour of the day, {zone}")
    figure.update_yaxes(**against_average(ink))
    return framed(figure, 320)


def _of_day(week: WeekEffects, day: int) -> Sequence[HourEstimate]:
    return week.estimates[day * HOURS_PER_DAY : (day + 1) * HOURS_PER_DAY]


def _line(hours: Sequence[HourEstimate], colour: str, width: float) -> go.Scatter:
    return _curve([hour.lift for hour in hours], line={"color": colour, "width": width})


def _before(hours: Sequence[HourEstimate], ink: Ink) -> go.Scatter:
    return _curve([hour.expected_before for hour in hours], line={"color": ink.muted, "width": 1.5, "dash": "dot"})


def _band(hours: Sequence[HourEstimate], ink: Ink) -> tuple[go.Scatter, go.Scatter]:
    low = _curve([hour.interval.low for hour in hours], line={"width": 0})
    fill = faded(ink.accent, BAND_OPACITY)
    high = _curve([hour.interval.high for hour in hours], line={"width": 0}, fill="tonexty", fillcolor=fill)
    return low, high


def _curve(lifts: Sequence[float], **style: object) -> go.Scatter:
    percents = [lift * 100 for lift in lifts]
    return go.Scatter(x=list(range(HOURS_PER_DAY)), y=percents, mode="lines", hoverinfo="skip", **style)


def _dots(hours: Sequence[HourEstimate], day: int, ink: Ink) -> go.Scatter:
    most = max(hour.n for hour in hours) or 1
    sizes = [max(SMALLEST_DOT, LARGEST_DOT * (hour.n / most) ** 0.5) if hour.n else 0 for hour in hours]
    names = [cell_name(day * HOURS_PER_DAY + number) for number in range(HOURS_PER_DAY)]
    return go.Scatter(
        x=list(range(HOURS_PER_DAY)),
        y=[hour.lift * 100 for hour in hours],
        mode="markers",
        marker={"size": sizes, "color": ink.accent, "line": {"width": 0}},
        customdata=[[estimate_words(name, hour)] for name, hour in zip(names, hours, strict=True)],
        hovertemplate="%{customdata[0]}<extra></extra>",
    )
