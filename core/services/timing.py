"""Keeps what each channel's hours earned."""

from collections.abc import Mapping

import polars as pl
from sqlalchemy import delete, insert
from sqlmodel import col

from core.services.context import Context
from core.storage.queries.outcomes import read_posts
from core.storage.tables import Channel, PlatformTimingData
from core.storage.tenancy import ScopedSession
from core.timing.outcomes import POST_SCHEMA, DropReason, relative_outcomes
from core.timing.rollup import WeekStats, roll_up, roll_up_formats
from core.timing.undated import undated_outcomes

ALL_FORMATS = ""
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
