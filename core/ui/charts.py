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
