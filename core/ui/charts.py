"""What every chart shares: the theme's inks, a calm frame, and a name for those who cannot see it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from core.ui.wording import plain

DARK = "dark"
QUIET = {"displayModeBar": False}
"""No tool bar: nothing here needs zooming, and data are downloaded as data."""


@dataclass(frozen=True)
class Ink:
    """Colours of the visitor's theme, `#rrggbb`.

    `diverging` runs from less to more, its middle meaning none, `sequential` from none to much.
    """

    text: str
    muted: str
    paper: str
    accent: str
    diverging: tuple[str, ...]
    sequential: tuple[str, ...]


def ink() -> Ink:
    """Return the inks of the theme this visitor sees."""
    theme = DARK if st.context.theme.type == DARK else "light"

    def option(name: str) -> Any:
        return st.get_option(f"theme.{theme}.{name}")

    return Ink(
        option("textColor"),
        option("grayColor"),
        option("backgroundColor"),
        option("linkColor"),
        tuple(option("chartDivergingColors")),
        tuple(option("chartSequentialColors")),
    )


def faded(colour: str, opacity: float) -> str:
    """Return a `#rrggbb` colour that lets the grid shine through."""
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return f"rgba({red}, {green}, {blue}, {opacity})"


def legible(ground: str, ink: Ink) -> str:
    """Return the ink, of text or of paper, that stands out more on a `#rrggbb` ground (contrast ratio of WCAG 2.2)."""
    light = _light(ground)
    by_ratio = {max(light, _light(each)) / min(light, _light(each)): each for each in (ink.paper, ink.text)}
    return by_ratio[max(by_ratio)]


def _light(colour: str) -> float:
    """Return the relative luminance of a `#rrggbb` colour and the stray light WCAG adds to it."""
    shares = (part / 255 for part in bytes.fromhex(colour.removeprefix("#")))
    linear = [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in shares]  # noqa: PLR2004 - IEC 61966-2-1
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05


def framed(figure: go.Figure, height: int) -> go.Figure:
    """Give a figure the common frame; axes stay put, so that a finger on a phone scrolls the page."""
    figure.update_layout(
        height=height,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        showlegend=False,
        dragmode=False,
        hovermode="closest",
    )
    figure.update_xaxes(fixedrange=True, automargin=True)
    figure.update_yaxes(fixedrange=True, automargin=True)
    return figure


def title(finding: str) -> None:
    """Head a chart or a table with what it found."""
    st.markdown(f"#### {plain(finding)}")


def draw(figure: go.Figure, alt: str, key: str) -> None:
    """Draw a figure; `alt` says in plain text what it shows."""
    st.plotly_chart(figure, config=QUIET, alt=alt, key=key)


def draw_clickable(figure: go.Figure, alt: str, key: str, on_click: Callable[[], None]) -> None:
    """Draw a figure whose points can be clicked; `clicked(key)` tells `on_click` which one was."""
    st.plotly_chart(figure, config=QUIET, alt=alt, key=key, on_select=on_click, selection_mode="points")


def clicked(key: str) -> Any:
    """Return the first custom value of the point that was clicked in the chart of this key, or None."""
    points = st.session_state[key].selection.points
    return points[0]["customdata"][0] if points else None
