"""What worked: the week's effects, the trend, formats, best and worst posts, the posts behind an hour."""

from dataclasses import dataclass
from datetime import datetime
from itertools import islice

import polars as pl
from sqlalchemy import Select, func, select
from sqlmodel import col

from core.calendar.zones import hour_of_week
from core.services.context import Context
from core.services.curves import fit_channel, load_stats
from core.services.rows import find
from core.storage.queries.outcomes import read_posts
from core.storage.tables import Channel, PostOutcome
from core.timing.effects import WeekEffects, effects
from core.timing.outcomes import FINAL_AGE
from core.timing.summary import FormatEffect, format_effects, weekly_trend
from core.vocabulary import Basis, ContentFormat

TOP = 10
MOST_BEHIND = 200
_BATCH = 1000


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
    """How much is known of a channel, the team's own or a peer."""

    channel_id: str
    channel_name: str
    platform: str
    timezone: str
    is_peer: bool
    posts: int
    undated: int
    first: datetime | None
    last: datetime | None


@dataclass(frozen=True)
class ChannelWeek:
    """The effects of a channel's week and what they rest on.

    `posts` stand behind them, `format_posts` of those are of the format asked for; where there are others
    (`is_borrowed`) they count for less than its own, `MOST_LENT` an hour at most.
    """

    effects: WeekEffects
    posts: int
    basis: Basis
    baseline_name: str
    timing_matters: bool
    format_posts: int
    is_borrowed: bool


@dataclass(frozen=True, eq=False)
class Results:
    """A channel's weeks as `core.timing.summary.TREND_SCHEMA`, and what each format earns against its average."""

    trend: pl.DataFrame
    formats: tuple[FormatEffect, ...]


def list_histories(ctx: Context) -> tuple[ChannelHistory, ...]:
    """Return every channel, peers last, with the number of its posts and when the first and last went out."""
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
        .order_by(col(Channel.is_peer), col(Channel.platform), col(Channel.name))
    )
    with ctx.read() as session:
        return tuple(
            ChannelHistory(each.id, each.name, each.platform, each.timezone, each.is_peer, posts, undated, first, last)
            for each, posts, undated, first, last in session.execute(rows)
        )


def week_effects(ctx: Context, channel_id: str, content_format: ContentFormat | None = None) -> ChannelWeek:
    """Return what each hour and weekday is worth on a channel, and what that rests on (NotFound)."""
    with ctx.read() as session:
        channel = find(session, Channel, channel_id, "channel")
        curve = fit_channel(session, ctx, channel, content_format)
        of_format = load_stats(session, channel_id, content_format).posts
    return ChannelWeek(
        effects(curve),
        curve.posts,
        curve.basis,
        curve.baseline_name,
        curve.timing_matters,
        of_format,
        is_borrowed=of_format < curve.posts,
    )


def channel_results(ctx: Context, channel_id: str, content_format: ContentFormat | None = None) -> Results:
    """Return the weeks of a channel, of one format or all, and how its formats compare (NotFound)."""
    with ctx.read() as session:
        channel = find(session, Channel, channel_id, "channel")
        posts = read_posts(session, channel_id)
    wanted = posts if content_format is None else posts.filter(pl.col("content_format") == content_format)
    return Results(weekly_trend(wanted, channel.timezone), format_effects(posts))


def top_posts(
    ctx: Context,
    channel_id: str,
    content_format: ContentFormat | None = None,
    count: int = TOP,
    *,
    worst: bool = False,
) -> tuple[PostView, ...]:
    """Return the posts that earned most engagement, or the least of those a week old when measured (NotFound)."""
    engagement = col(PostOutcome.engagement)
    known = _posts(channel_id, content_format).where(engagement.is_not(None))
    ordered = known.order_by(engagement.asc() if worst else engagement.desc(), col(PostOutcome.pk))
    with ctx.read() as session:
        find(session, Channel, channel_id, "channel")
        with session.execute(ordered.execution_options(yield_per=count)) as rows:
            telling = (row for row in rows.scalars() if not worst or _is_final(row))
            return tuple(map(_view, islice(telling, count)))


def posts_behind(
    ctx: Context, channel_id: str, cell: int, content_format: ContentFormat | None = None
) -> tuple[PostView, ...]:
    """Return the newest posts of one local hour of the week (0-167), at most 200, undated ones last (NotFound)."""
    newest = (col(PostOutcome.published_at).desc().nulls_last(), col(PostOutcome.pk).desc())
    stamps = (col(PostOutcome.pk), col(PostOutcome.published_at), col(PostOutcome.hour_of_week))
    moments = _posts(channel_id, content_format).with_only_columns(*stamps).order_by(*newest)
    with ctx.read() as session:
        zone = find(session, Channel, channel_id, "channel").timezone
        # The hour on the wall is not in the database; rows come newest first, so that reading ends early.
        with session.execute(moments.execution_options(yield_per=_BATCH)) as rows:
            there = (pk for pk, at, undated in rows if cell == (hour_of_week(at, zone) if at else undated))
            keys = list(islice(there, MOST_BEHIND))
        behind = select(PostOutcome).where(col(PostOutcome.pk).in_(keys)).order_by(*newest)
        return tuple(map(_view, session.scalars(behind)))


def _posts(channel_id: str, content_format: ContentFormat | None = None) -> Select[PostOutcome]:
    posts = select(PostOutcome).where(col(PostOutcome.channel_id) == channel_id)
    return posts if content_format is None else posts.where(col(PostOutcome.content_format) == content_format)


def _is_final(row: PostOutcome) -> bool:
    return row.published_at is None or row.measured_at - row.published_at >= FINAL_AGE


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
