"""An expected lift and its interval as a small bar, on one scale for all cards."""

import plotly.graph_objects as go
import streamlit as st

from core.ui.dashboard_words import between, signed

HEIGHT = 34
SCALE = 0.5
"""The bar reaches from -50 % to +50 %: cards side by side can be compared by eye."""


def interval_bar(lift: float, low: float, high: float, key: str) -> None:
    """Draw interval, estimate and the line of no effect; all three as lifts, 0.1 is 10 %."""
    figure = _figure(round(lift, 4), round(low, 4), round(high, 4))
    words = f"Expected {signed(lift)} against the average; 90 % interval {between(low, high)}"
    st.plotly_chart(figure, key=key, height=HEIGHT, config={"staticPlot": True}, alt=words)


@st.cache_data(max_entries=512, show_spinner=False)
def _figure(lift: float, low: float, high: float) -> go.Figure:
    colour = st.get_option("theme.light.greenColor") if low > 0 else st.get_option("theme.light.grayColor")
    span = go.Scatter(x=[low, high], y=[0, 0], mode="lines", line={"width": 8, "color": colour}, opacity=0.45)
    point = go.Scatter(x=[lift], y=[0], mode="markers", marker={"size": 11, "color": colour})
    figure = go.Figure([span, point])
    figure.add_vline(x=0, line={"width": 1, "color": "gray", "dash": "dot"})
    reach = max(SCALE, abs(low), abs(high))
    figure.update_xaxes(visible=False, range=[-reach, reach], fixedrange=True)
    figure.update_yaxes(visible=False, range=[-1, 1], fixedrange=True)
    return figure.update_layout(showlegend=False, margin={"l": 0, "r": 0, "t": 0, "b": 0}, height=HEIGHT)
