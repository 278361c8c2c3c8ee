"""Which format does well at which time of day."""

from collections.abc import Sequence

import plotly.graph_objects as go
import polars as pl
import streamlit as st

from core.services.week_analysis import FormatTimes, format_times
from core.timing.effects import Effect
from core.ui.analytics_bar import Choice
from core.ui.analytics_tables import EFFECT_SCHEMA, effect_table, offer_download
from core.ui.analytics_week_chart import PALEST_SCALE, diverging_scale
from core.ui.analytics_words import effect_words, format_time_finding
from core.ui.charts import Ink, draw, framed, ink, legible, title
from core.ui.compose_fields import format_name
from core.ui.dashboard_words import signed
from core.ui.queries import ask
from core.undefined import Undefined

ROW_HEIGHT = 44


def show_format_times(choice: Choice) -> None:
    """Draw the lift of each format at each time of day, where the channel has more than one format."""
    formats = ask(format_times, choice.history.channel_id)
    if len(formats) <= 1:
        return
    finding = format_time_finding({format_name(each.content_format): each.times for each in formats})
    with st.container(border=True):
        title(finding)
        draw(
            format_times_figure(formats, ink(), choice.zone),
            f"Formats by time of day. {finding}.",
            "analytics_format_times",
        )
        st.caption(
            "Each format against its own average, so that a strong format does not colour its whole row. Formats with "
            "few posts lean on your posts of all formats."
        )
        offer_download(lambda: format_times_table(formats), f"{choice.slug}-formats-by-time", "format_times")


def format_times_figure(formats: Sequence[FormatTimes], ink: Ink, zone: str) -> go.Figure:
    """Return formats down, times of day across; colour and figure are the lift in %, empty where nothing was posted."""
    lifts = [[_percent(each) for each in row.times] for row in formats]
    reach = max([PALEST_SCALE * 100, *(abs(lift) for row in lifts for lift in row if lift is not None)])
    times, names = [each.name for each in formats[0].times], [format_name(row.content_format) for row in formats]
    tiles = go.Heatmap(
        x=times,
        y=names,
        z=lifts,
        zmin=-reach,
        zmid=0,
        zmax=reach,
        xgap=2,
        ygap=2,
        colorscale=diverging_scale(ink),
        customdata=[[effect_words(each) for each in row.times] for row in formats],
        hovertemplate="%{y}, %{customdata}<extra></extra>",
        hoverongaps=False,
        showscale=False,  # every tile says its figure
    )
    known = [
        (time, name, lift)
        for name, row in zip(names, lifts, strict=True)
        for time, lift in zip(times, row, strict=True)
        if lift is not None
    ]
    figure = go.Figure([tiles, _figures(known, reach, ink)])
    starts = [time.split(" ")[0] for time in times]  # all of "20:00 to 24:00" has no room on a phone
    figure.update_xaxes(showgrid=False, zeroline=False, title=f"Four hours from, {zone}", tickangle=0,
                        tickvals=times, ticktext=starts)  # fmt: skip
    figure.update_yaxes(showgrid=False, zeroline=False, autorange="reversed")
    return framed(figure, ROW_HEIGHT * len(formats) + 80)


def _figures(known: Sequence[tuple[str, str, float]], reach: float, ink: Ink) -> go.Scatter:
    """Return the figures on the tiles, each in the ink that stands out on its own."""
    last = len(ink.diverging) - 1
    grounds = [ink.diverging[round((lift / reach + 1) / 2 * last)] for _, _, lift in known]
    return go.Scatter(
        x=[time for time, _, _ in known],
        y=[name for _, name, _ in known],
        text=[signed(lift / 100) for _, _, lift in known],
        mode="text",
        textfont={"color": [legible(ground, ink) for ground in grounds]},
        hoverinfo="skip",
    )


def _percent(effect: Effect) -> float | None:
    return None if isinstance(effect.lift, Undefined) else effect.lift * 100


def format_times_table(formats: Sequence[FormatTimes]) -> pl.DataFrame:
    """Return `format` and `EFFECT_SCHEMA`, one row per format and time of day."""
    return pl.concat(
        effect_table(row.times).select(pl.lit(row.content_format.value).alias("format"), *EFFECT_SCHEMA)
        for row in formats
    )
