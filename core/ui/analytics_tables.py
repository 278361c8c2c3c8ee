"""Every table of the Analytics page as a frame, and its download as CSV or Parquet."""

import io
import re
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import polars as pl
import streamlit as st

from core.calendar.zones import to_wall
from core.services.analytics import PostView
from core.timing.backtest import CalibrationPoint
from core.timing.curve import Interval
from core.timing.drift import MovedHour
from core.timing.effects import Effect, WeekEffects
from core.timing.week import cell_name
from core.ui.compose_fields import format_name
from core.undefined import Undefined

_FORMULA = r"^[=+\-@\t\r]"
"""A text that a spreadsheet would run; in CSV one ' goes before it, in Parquet it stays as it is."""

EFFECT_SCHEMA: Mapping[str, pl.DataType] = MappingProxyType(
    {"name": pl.String(), "posts": pl.Int64(), "lift": pl.Float64(), "low": pl.Float64(), "high": pl.Float64()}
)
"""Lift 0.1 = 10 % above the channel's average, `low` to `high` its 90 % interval; null where there are no posts."""

POST_SCHEMA: Mapping[str, pl.DataType] = MappingProxyType(
    {
        "title": pl.String(),
        "published": pl.Datetime("us"),
        "hour": pl.String(),
        "format": pl.String(),
        "engagement": pl.Float64(),
        "link": pl.String(),
        "post_id": pl.String(),
    }
)
"""`published` and `hour` on the channel's wall clock; `published` null where the history has no dates."""


def effect_table(effects: Sequence[Effect]) -> pl.DataFrame:
    """Return effects as `EFFECT_SCHEMA`."""
    return pl.DataFrame([_effect_row(effect) for effect in effects], schema=dict(EFFECT_SCHEMA), orient="row")


def estimate_table(week: WeekEffects) -> pl.DataFrame:
    """Return the curve of the week as `EFFECT_SCHEMA` and `expected_before`, hours without posts too."""
    rows = [
        (effect.name, hour.n, hour.lift, hour.interval.low, hour.interval.high, hour.expected_before)
        for effect, hour in zip(week.cells, week.estimates, strict=True)
    ]
    return pl.DataFrame(rows, schema={**EFFECT_SCHEMA, "expected_before": pl.Float64()}, orient="row")


def moved_table(hours: Sequence[MovedHour]) -> pl.DataFrame:
    """Return the hours that moved: posts before and since, the ratio of both lifts minus 1, its 90 % interval."""
    rows = [
        (each.name, each.posts_before, each.posts_since, each.change, each.interval.low, each.interval.high)
        for each in hours
    ]
    counts = {"posts_before": pl.Int64(), "posts_since": pl.Int64()}
    bounds = {"change": pl.Float64(), "low": pl.Float64(), "high": pl.Float64()}
    return pl.DataFrame(rows, schema={"name": pl.String(), **counts, **bounds}, orient="row")


def calibration_table(points: Sequence[CalibrationPoint]) -> pl.DataFrame:
    """Return shares of hours that were promised to lie, and lay, in their interval; null where too few hours tell."""
    rows = [
        (each.nominal, None if isinstance(each.realised, Undefined) else each.realised, each.slots) for each in points
    ]
    schema = {"nominal": pl.Float64(), "realised": pl.Float64(), "hours": pl.Int64()}
    return pl.DataFrame(rows, schema=schema, orient="row")


def post_table(posts: Sequence[PostView], zone: str) -> pl.DataFrame:
    """Return posts as `POST_SCHEMA`, times on the clocks of `zone`."""
    return pl.DataFrame([_post_row(post, zone) for post in posts], schema=dict(POST_SCHEMA), orient="row")


def offer_download(table: Callable[[], pl.DataFrame], name: str, key: str) -> None:
    """Draw "Download data": the table is only written when somebody takes it."""
    with st.popover("Download data", icon=":material/download:", type="tertiary", key=f"{key}_download"):
        st.download_button(
            "CSV",
            lambda: as_csv(table()),
            f"{name}.csv",
            "text/csv",
            key=f"{key}_csv",
            on_click="ignore",
            width="stretch",
        )
        st.download_button(
            "Parquet",
            lambda: as_parquet(table()),
            f"{name}.parquet",
            "application/vnd.apache.parquet",
            key=f"{key}_parquet",
            on_click="ignore",
            width="stretch",
        )


def as_csv(table: pl.DataFrame) -> bytes:
    """Return the table as CSV in UTF-8 in which no text is taken for a formula."""
    text = pl.col(pl.String)
    safe = table.with_columns(pl.when(text.str.contains(_FORMULA)).then(pl.lit("'") + text).otherwise(text).name.keep())
    return safe.write_csv().encode()


def as_parquet(table: pl.DataFrame) -> bytes:
    """Return the table as Parquet."""
    file = io.BytesIO()
    table.write_parquet(file)
    return file.getvalue()


def web_link(url: str | None) -> str | None:
    """Return an address a browser may be sent to; anything but http and https is no link."""
    return url if url and re.match(r"https?://", url, re.IGNORECASE) else None


def _effect_row(effect: Effect) -> tuple[str, int, float | None, float | None, float | None]:
    lift = None if isinstance(effect.lift, Undefined) else effect.lift
    low, high = (effect.interval.low, effect.interval.high) if isinstance(effect.interval, Interval) else (None, None)
    return effect.name, effect.n, lift, low, high


def _post_row(post: PostView, zone: str) -> tuple[object, ...]:
    wall = to_wall(post.published_at, zone) if post.published_at else None
    cell = wall.weekday() * 24 + wall.hour if wall else post.hour_of_week
    return (
        post.title or post.post_id,
        wall,
        "" if cell is None else cell_name(cell),
        format_name(post.content_format) if post.content_format else "",
        post.engagement,
        web_link(post.url),
        post.post_id,
    )
