"""Fits the curve of a channel's week from what is kept of its hours."""

from sqlmodel import select

from core.content.baseline import baseline_week
from core.services.context import Context
from core.services.timing import ALL_FORMATS
from core.storage.tables import Channel, PlatformTimingData
from core.storage.tenancy import ScopedSession
from core.timing.curve import WeekCurve
from core.timing.estimator import fit
from core.timing.priors import published_research
from core.timing.rollup import WeekStats
from core.timing.week import CELLS
from core.vocabulary import ContentFormat

FEWEST_OF_A_FORMAT = 100
"""Below, a format's own curve is mostly noise."""


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
    return fit(stats, [published_research(baseline)])
