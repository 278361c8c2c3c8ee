"""The figures of the Trials page, from values alone."""

import math
from collections.abc import Mapping, Sequence
from datetime import datetime

import numpy as np
import plotly.graph_objects as go

from core.services.trial_result_views import EffectView, LiftView, LookView
from core.services.trial_views import DesignView
from core.services.trial_words import effect_words, lift_words
from core.trials.bayes import Posterior
from core.trials.values import Interval
from core.trials.words import DrawUnit
from core.ui.charts import Ink, faded, framed
from core.undefined import Undefined

WIDEST = 3.0
"""An interval is drawn up to +300 %; a pointer on it tells all of it."""
COARSEST = 1.5
"""The design assistant draws lifts up to +150 %."""
_BAND, _POINTS, _REACH = 0.18, 121, 3.5
_PERCENT = 100


def lift_axis(ink: Ink, title: str) -> dict[str, object]:
    """Return the axis of a lift in %, with a line where there is none."""
    return {
        "title": title,
        "ticksuffix": " %",
        "tickformat": "+.0f",
        "labelalias": {"+0 %": "0 %"},
        "rangemode": "tozero",
        "zeroline": True,
        "zerolinecolor": ink.text,
        "zerolinewidth": 1,
    }


def drawn(interval: Interval) -> tuple[float, float]:
    """Return bounds in % as far as they are drawn."""
    return max(interval.low, -1.0) * _PERCENT, min(interval.high, WIDEST) * _PERCENT


def sight_figure(design: DesignView, weeks: int, detect: float, ink: Ink) -> go.Figure:
    """Return the smallest lift a trial sees after so many weeks; the weeks asked for and the lift looked for."""
    known = {each.weeks: each for each in (*design.sights, design.asked) if not isinstance(each.detectable, Undefined)}
    shown = [known[week] for week in sorted(known)]
    figure = go.Figure()
    figure.add_scatter(
        x=[each.weeks for each in shown],
        y=[_percent(each.detectable) for each in shown],
        mode="lines+markers",
        line={"color": ink.accent, "width": 2},
        marker={"size": [13 if each.weeks == weeks else 6 for each in shown]},
        customdata=[[each.posts_per_arm] for each in shown],
        hovertemplate=f"%{{x}} weeks, %{{customdata[0]}} {design.unit} in each arm<br>sees %{{y:+.0f}} % or more"
        "<extra></extra>",
    )
    figure.add_hline(
        y=detect * _PERCENT,
        line={"color": ink.muted, "dash": "dot"},
        annotation={"text": f"Looked for: {lift_words(detect)}", "font": {"color": ink.muted}},
        annotation_position="top right",
    )
    highest = max([detect, *(each.detectable for each in shown if not isinstance(each.detectable, Undefined))])
    figure.update_xaxes(title="Weeks", rangemode="tozero", showgrid=False)
    top = min(highest * 1.15, COARSEST) * _PERCENT
    figure.update_yaxes(**lift_axis(ink, "Smallest visible lift"), range=[0, top])
    return framed(figure, 320)


def _percent(value: float | Undefined) -> float | None:
    return None if isinstance(value, Undefined) else value * _PERCENT


def looks_figure(
    looks: Sequence[LookView], colours: Mapping[str, str], ink: Ink, unit: DrawUnit = DrawUnit.POSTS
) -> go.Figure:
    """Return each arm's lift over the control with its always-valid interval, week by week."""
    figure = go.Figure()
    for arm, colour in colours.items():
        known = [(each, each.effect) for each in looks if each.arm == arm and isinstance(each.effect, LiftView)]
        if known:
            _add_band(figure, arm, known, colour, unit)
    figure.update_xaxes(title="Posts planned until", tickformat="%-d %b", showgrid=False)
    figure.update_yaxes(**lift_axis(ink, "Against the control"))
    framed(figure, 340).update_layout(
        showlegend=len(colours) > 1, legend={"orientation": "h", "y": 1.12, "traceorder": "normal"}
    )
    return figure


def _add_band(
    figure: go.Figure, arm: str, known: Sequence[tuple[LookView, LiftView]], colour: str, unit: DrawUnit
) -> None:
    weeks: list[datetime] = [look.week_ends for look, _ in known]
    bounds = [drawn(effect.interval) for _, effect in known]
    edge = {"x": weeks, "mode": "lines", "line": {"width": 0}, "hoverinfo": "skip", "showlegend": False}
    figure.add_scatter(y=[low for low, _ in bounds], **edge)
    figure.add_scatter(y=[high for _, high in bounds], fill="tonexty", fillcolor=faded(colour, _BAND), **edge)
    figure.add_scatter(
        x=weeks,
        y=[effect.lift * _PERCENT for _, effect in known],
        name=arm,
        mode="lines+markers",
        line={"color": colour, "width": 2},
        marker={"size": 7},
        customdata=[[effect_words(effect), f"{look.posts:,} {unit}"] for look, effect in known],
        hovertemplate=f"{_plain(arm)}, posts until %{{x|%-d %b %Y}}<br>%{{customdata[0]}}<br>"
        "%{customdata[1]}<extra></extra>",
    )


def effects_figure(effects: Sequence[EffectView], colours: Mapping[str, str], ink: Ink) -> go.Figure:
    """Return every arm's effect with its interval in three ways, one below the other."""
    figure = go.Figure()
    for effect in effects:
        ways = {"By the draw": effect.by_draw, "As followed": effect.as_followed, "At any look": effect.always_valid}
        known = {name: shown for name, shown in ways.items() if isinstance(shown, LiftView)}
        many = len(effects) > 1
        names = [f"{_plain(effect.arm)} · {name.lower()}" if many else name for name in known]
        _add_effects(figure, names, list(known.values()), colours[effect.arm])
    rows = sum(len(trace.y) for trace in figure.data)
    figure.update_xaxes(**lift_axis(ink, "Against the control"))
    figure.update_yaxes(type="category", autorange="reversed")
    return framed(figure, 90 + 44 * max(rows, 1))


def _add_effects(figure: go.Figure, names: Sequence[str], shown: Sequence[LiftView], colour: str) -> None:
    bounds = [drawn(each.interval) for each in shown]
    lifts = [each.lift * _PERCENT for each in shown]
    figure.add_scatter(
        x=lifts,
        y=names,
        error_x={
            "type": "data",
            "array": [high - lift for lift, (_, high) in zip(lifts, bounds, strict=True)],
            "arrayminus": [lift - low for lift, (low, _) in zip(lifts, bounds, strict=True)],
            "color": colour,
            "thickness": 2,
            "width": 5,
        },
        mode="markers",
        marker={"size": 11, "color": colour},
        customdata=[[effect_words(each)] for each in shown],
        hovertemplate="%{y}<br>%{customdata[0]}<extra></extra>",
    )


def posterior_figure(beliefs: Mapping[str, Posterior], colours: Mapping[str, str], ink: Ink) -> go.Figure:
    """Return what is believed of each arm's lift; the part that is filled is that in which it beats the control."""
    figure = go.Figure()
    for arm, belief in beliefs.items():
        grid = belief.mean + belief.sd * np.linspace(-_REACH, _REACH, _POINTS)
        heights = np.exp(-(((grid - belief.mean) / belief.sd) ** 2) / 2)
        better = np.append(0.0, grid[grid > 0]) if grid[0] < 0 < grid[-1] else grid[grid > 0]
        common = {"mode": "lines", "line": {"color": colours[arm], "width": 2}, "hoverinfo": "skip"}
        if better.size:
            tops = np.exp(-(((better - belief.mean) / belief.sd) ** 2) / 2)
            figure.add_scatter(x=_lifts(better), y=tops.tolist(), fill="tozeroy", showlegend=False, **common,
                               fillcolor=faded(colours[arm], _BAND * 2))  # fmt: skip
        figure.add_scatter(x=_lifts(grid), y=heights.tolist(), name=arm, **common)
    figure.add_vline(x=0, line={"color": ink.text, "width": 1})
    figure.update_xaxes(**lift_axis(ink, "Lift over the control"))
    figure.update_yaxes(visible=False, rangemode="tozero")
    framed(figure, 260).update_layout(showlegend=len(beliefs) > 1, legend={"orientation": "h", "y": 1.15})
    return figure


def _lifts(logs: np.ndarray) -> list[float]:
    return [math.expm1(each) * _PERCENT for each in logs.tolist()]


def _plain(text: str) -> str:
    """Return text in which Plotly finds no markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("%{", "% {")
