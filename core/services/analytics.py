"""What worked: the week's effects, the trend, formats, best and worst posts, the posts behind an hour."""

from dataclasses import dataclass
from datetime import datetime

import polars as pl
from sqlalchemy import Select, func, select
from sqlmodel import col

from core.calendar.zones import hour_of_week
from core.services.context import Context
from core.services.rows import find
from core.services.timing import fit_channel
from core.storage.queries.outcomes import read_posts
from core.storage.tables import Channel, PostOutcome
from core.storage.tenancy import ScopedSession
from core.timing.effects import WeekEffects, effects
from core.timing.summary import FormatEffect, format_effects, weekly_trend
from core.vocabulary import ContentFormat

TOP = 10
MOST_BEHIND = 200


@dataclass(frozen=True)
class PostView:
    """A post and what it earned; `published_at` is None where the history has no dates."""

    channel_id: str
    post_id: str
    published_at: datetime | None
    hour_of_week: int | None
    content_format: ContentFormat | None
    title: str
    url: str | None
    engagement: float | None
    measured_at: datetime


@dataclass(frozen=True)
class ChannelHistory:
    """How much is known of a channel."""

    channel_id: str
    channel_name: str
    platform: str
    timezone: str
    posts: int
    undated: int
    first: datetime | None
    last: datetime | None


def list_histories(ctx: Context) -> tuple[ChannelHistory, ...]:
    """Return every channel with the number of its posts and when the first and last went out."""
    behind = (
        func.count(col(PostOutcome.pk)),
        func.count(col(PostOutcome.hour_of_week)),
        func.min(col(PostOutcome.published_at)),
        func.max(col(PostOutcome.published_at)),
    )
    rows = (
        select(Channel, *behind)
        .outerjoin(PostOutcome, col(PostOutcome.channel_id) == col(Channel.id))
        .group_by(col(Channel.id))
        .order_by(col(Channel.platform), col(Channel.name))
    )
    with ctx.read() as session:
        return tuple(
            ChannelHistory(channel.id, channel.name, channel.platform, channel.timezone, posts, undated, first, last)
            for channel, posts, undated, first, last in session.execute(rows)
        )


def week_effects(ctx: Context, channel_id: str, content_format: ContentFormat | None = None) -> WeekEffects:
    """Return what each hour and weekday is worth on a channel (NotFound)."""
    with ctx.read() as session:
        channel = find(session, Channel, channel_id, "channel")
        return effects(fit_channel(session, ctx, channel, content_format))


def outcome_trend(ctx: Context, channel_id: str) -> pl.DataFrame:
    """Return the channel's weeks as `core.timing.summary.TREND_SCHEMA` (NotFound)."""
    with ctx.read() as session:
        channel = find(session, Channel, channel_id, "channel")
        return weekly_trend(read_posts(session, channel_id), channel.timezone)


def compare_formats(ctx: Context, channel_id: str) -> tuple[FormatEffect, ...]:
    """Return what each content format earns against the channel's average (NotFound)."""
    with ctx.read() as session:
        find(session, Channel, channel_id, "channel")
        return format_effects(read_posts(session, channel_id))


def top_posts(ctx: Context, channel_id: str, count: int = TOP, *, worst: bool = False) -> tuple[PostView, ...]:
    """Return the posts that earned most (or least) engagement (NotFound)."""
    engagement = col(PostOutcome.engagement)
    order = engagement.asc() if worst else engagement.desc()
    with ctx.read() as session:
        find(session, Channel, channel_id, "channel")
        known = _posts(channel_id).where(engagement.is_not(None)).order_by(order, col(PostOutcome.pk)).limit(count)
        return _views(session, known)


def posts_behind(ctx: Context, channel_id: str, cell: int) -> tuple[PostView, ...]:
    """Return the newest posts of one local hour of the week (0-167), at most 200 (NotFound)."""
    with ctx.read() as session:
        zone = find(session, Channel, channel_id, "channel").timezone
        moments = session.execute(
            select(col(PostOutcome.pk), col(PostOutcome.published_at), col(PostOutcome.hour_of_week))
            .where(col(PostOutcome.channel_id) == channel_id)
            .order_by(col(PostOutcome.published_at).desc())
        )
        keys = [pk for pk, at, undated in moments if cell == (hour_of_week(at, zone) if at else undated)][:MOST_BEHIND]
        newest = _posts(channel_id).where(col(PostOutcome.pk).in_(keys)).order_by(col(PostOutcome.published_at).desc())
        return _views(session, newest)


def _posts(channel_id: str) -> Select[PostOutcome]:
    return select(PostOutcome).where(col(PostOutcome.channel_id) == channel_id)


def _views(session: ScopedSession, rows: Select[PostOutcome]) -> tuple[PostView, ...]:
    return tuple(map(_view, session.scalars(rows)))


def _view(row: PostOutcome) -> PostView:
    return PostView(
        row.channel_id,
        row.post_id,
        row.published_at,
        row.hour_of_week,
        row.content_format,
        row.title,
        row.url,
        row.engagement,
        row.measured_at,
    )
