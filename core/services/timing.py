"""Keeps what each channel's hours earned, and fits the week's curve from it."""

from collections.abc import Mapping

import polars as pl
from sqlalchemy import delete, insert
from sqlmodel import col, select

from core.content.baseline import baseline_week
from core.services.context import Context
from core.storage.queries.outcomes import read_posts
from core.storage.tables import Channel, PlatformTimingData
from core.storage.tenancy import ScopedSession
from core.timing.curve import WeekCurve
from core.timing.estimator import fit
from core.timing.outcomes import POST_SCHEMA, DropReason, relative_outcomes
from core.timing.rollup import WeekStats, roll_up, roll_up_formats
from core.timing.undated import undated_outcomes
from core.timing.week import CELLS
from core.vocabulary import ContentFormat

ALL_FORMATS = ""
FEWEST_OF_A_FORMAT = 100
"""Below, a format's own curve is mostly noise."""
LEARNED = ("hour_of_week", "content_format", "outcome", "weight")
"""Columns of the frames that the statistics are rolled up from."""


def refresh_timing(session: ScopedSession, ctx: Context, channel: Channel) -> Mapping[DropReason, int]:
    """Roll the channel's outcomes up anew, in the transaction that changed them; return what had no outcome and why.

    The cost grows with the channel's posts, not with the workspace's; readers only ever touch 168 cells.
    """
    posts = read_posts(session, channel.id)
    is_dated = pl.col("published_at").is_not_null()
    dated = relative_outcomes(posts.filter(is_dated).select(list(POST_SCHEMA)), channel.timezone, ctx.now())
    learned = pl.concat([dated.frame.select(LEARNED), undated_outcomes(posts.filter(~is_dated)).select(LEARNED)])
    stats = {ALL_FORMATS: roll_up(learned), **roll_up_formats(learned)}
    rows = [row for name, week in stats.items() for row in _cells(channel.id, name, week)]
    session.execute(delete(PlatformTimingData).where(col(PlatformTimingData.channel_id) == channel.id))
    if rows:
        session.execute(insert(PlatformTimingData), rows)
    return dated.dropped


def load_stats(session: ScopedSession, channel_id: str, content_format: ContentFormat | None = None) -> WeekStats:
    """Return the channel's statistics, of one format or of all; empty ones where nothing was learned yet."""
    wanted = select(PlatformTimingData).where(
        PlatformTimingData.channel_id == channel_id,
        PlatformTimingData.content_format == (content_format or ALL_FORMATS),
    )
    n, weight, mean, m2 = [0] * CELLS, [0.0] * CELLS, [0.0] * CELLS, [0.0] * CELLS
    for row in session.scalars(wanted):
        cell = row.hour_of_week
        n[cell], weight[cell], mean[cell], m2[cell] = row.posts, row.weight, row.mean, row.m2
    return WeekStats(tuple(n), tuple(weight), tuple(mean), tuple(m2))


def fit_channel(
    session: ScopedSession, ctx: Context, channel: Channel, content_format: ContentFormat | None = None
) -> WeekCurve:
    """Return the week's curve of a channel for a format; published research where it has no history.

    A format with few posts borrows those of all formats: what it earns more or less on the whole is taken off before,
    and audiences are awake at the same hours whatever they are shown.
    """
    baseline = baseline_week(ctx.reference.baseline, channel.platform, content_format)
    stats = load_stats(session, channel.id, content_format)
    if stats.posts < FEWEST_OF_A_FORMAT:
        stats = load_stats(session, channel.id)
    return fit(stats, baseline)


def _cells(channel_id: str, content_format: str, week: WeekStats) -> list[dict[str, object]]:
    return [
        {
            "channel_id": channel_id,
            "content_format": content_format,
            "hour_of_week": cell,
            "posts": n,
            "weight": week.weight[cell],
            "mean": week.mean[cell],
            "m2": week.m2[cell],
        }
        for cell, n in enumerate(week.n)
        if n
    ]
