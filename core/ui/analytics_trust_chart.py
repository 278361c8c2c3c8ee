"""How often intervals held, against how often they said they would."""

from collections.abc import Sequence

import plotly.graph_objects as go

from core.timing.backtest import CalibrationPoint
from core.ui.charts import Ink, framed
from core.undefined import Undefined


def calibration_figure(points: Sequence[CalibrationPoint], ink: Ink) -> go.Figure:
    """Return realised against nominal coverage in %, and the line on which both agree."""
    known = [
        (each.nominal * 100, each.realised * 100, each.slots)
        for each in points
        if not isinstance(each.realised, Undefined)
    ]
    figure = go.Figure(
        [
            go.Scatter(
                x=[0, 100], y=[0, 100], mode="lines", line={"color": ink.muted, "dash": "dot"}, hoverinfo="skip"
            ),
            go.Scatter(
                x=[nominal for nominal, _, _ in known],
                y=[realised for _, realised, _ in known],
                mode="lines+markers",
                line={"color": ink.accent, "width": 2},
                marker={"size": 9},
                customdata=[[slots] for _, _, slots in known],
                hovertemplate="%{x:.0f} % promised, %{y:.0f} % held<br>%{customdata[0]} hours<extra></extra>",
            ),
        ]
    )
    figure.update_xaxes(title="Promised", ticksuffix=" %", range=[40, 100])
    figure.update_yaxes(title="Held", ticksuffix=" %", range=[0, 102])
    return framed(figure, 260)
