"""Keeps what each channel's hours earned."""

from collections.abc import Mapping

import polars as pl
from sqlalchemy import delete, insert
from sqlmodel import col

from core.storage.queries.outcomes import read_posts
from core.storage.tables import Channel, PlatformTimingData
from core.storage.tenancy import ScopedSession
from core.timing.outcomes import DropReason, relative_outcomes
from core.timing.rollup import WeekStats, tally, week_stats
from core.timing.undated import undated_outcomes

ALL_FORMATS = ""
LEARNED = ("content_format", "month", "hour_of_week", "outcome")
"""Columns of the frames that are tallied."""


def refresh_timing(session: ScopedSession, channel: Channel) -> Mapping[DropReason, int]:
    """Roll the channel's outcomes up anew, in the transaction that changed them; return what had no outcome and why.

    The cost grows with the channel's posts, not with the workspace's; readers only ever touch 168 cells.
    """
    posts = read_posts(session, channel.id)
    is_dated = pl.col("published_at").is_not_null()
    dated = relative_outcomes(posts.filter(is_dated), channel.timezone)
    undated = undated_outcomes(posts.filter(~is_dated))
    tallies = tally(pl.concat([dated.frame.select(LEARNED), undated.select(LEARNED)]))
    formats = sorted(set(tallies["content_format"]) - {""})
    stats = {ALL_FORMATS: week_stats(tallies)} | {name: week_stats(tallies, content_format=name) for name in formats}
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
