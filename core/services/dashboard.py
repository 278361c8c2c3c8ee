"""What a team needs to know today: the figures, and what waits for a person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

import numpy as np
from sqlalchemy import func
from sqlmodel import col, select

from core.calendar.zones import day_bounds, hour_of_week, to_wall
from core.services.context import Context
from core.services.curves import fit_channel
from core.services.item_rows import joined, views
from core.services.item_views import ItemView
from core.services.own_channels import IS_OWN
from core.services.rows import find
from core.services.slot_rows import unwritten_soon
from core.storage.tables import Channel, ContentScheduleItem, PostOutcome, Workspace
from core.storage.tenancy import ScopedSession
from core.timing.curve import Vector
from core.timing.effects import Effect, effect_of
from core.timing.week import CELLS
from core.undefined import Undefined
from core.vocabulary import ItemState

WEEK = 7
SPARK_DAYS = 14
EFFECT_DAYS = 30
OVERDUE_AFTER = timedelta(minutes=5)
MOST_WAITING = 100
WAITING_TO_GO = (ItemState.SCHEDULED, ItemState.PUBLISHING)
"""What goes out by itself; an open slot or a draft does not, it waits for somebody to write it."""


class Need(StrEnum):
    """Why an item waits for a person."""

    FAILED = "failed"
    UNCONFIRMED = "unconfirmed"
    AWAITING_APPROVAL = "awaiting_approval"
    OVERDUE = "overdue"


@dataclass(frozen=True)
class Waiting:
    """An item that waits for a person, and why."""

    need: Need
    item: ItemView


@dataclass(frozen=True)
class Figures:
    """The numbers of today in the workspace's zone; `published_by_day` ends today.

    `waiting` counts what needs a person, posts and the open slots of the next 48 hours.
    `timing_effect`: what the hours chosen in the last 30 days were worth against the channels' average hours.
    """

    timezone: str
    today: int
    next_at: datetime | None
    week_planned: int
    week_published: int
    published_by_day: tuple[tuple[date, int], ...]
    waiting: int
    timing_effect: Effect | Undefined


def figures(ctx: Context) -> Figures:
    """Return the figures of the dashboard's first row."""
    now = ctx.now()
    with ctx.read() as session:
        zone = find(session, Workspace, ctx.workspace, "workspace").timezone
        today = to_wall(now, zone).date()
        monday = today - timedelta(days=today.weekday())
        week = (day_bounds(monday, zone)[0], day_bounds(monday + timedelta(days=WEEK - 1), zone)[1])
        today_counts, week_counts = _counts(session, *day_bounds(today, zone)), _counts(session, *week)
        return Figures(
            timezone=zone,
            today=sum(today_counts.get(state, 0) for state in _STANDING),
            next_at=_next_at(session, now),
            week_planned=sum(week_counts.get(state, 0) for state in _STANDING),
            week_published=week_counts.get(ItemState.PUBLISHED, 0),
            published_by_day=_published_by_day(session, today, zone),
            waiting=len(_waiting(session, now)) + len(unwritten_soon(session, now)),
            timing_effect=_timing_effect(session, ctx, now),
        )


def attention(ctx: Context) -> tuple[Waiting, ...]:
    """Return what waits for a person, most urgent kind first, at most 100."""
    with ctx.read() as session:
        return _waiting(session, ctx.now())


_STANDING = (*WAITING_TO_GO, ItemState.AWAITING_APPROVAL, ItemState.PUBLISHED, ItemState.UNCONFIRMED)
_NEEDS = (
    (Need.UNCONFIRMED, ItemState.UNCONFIRMED),
    (Need.FAILED, ItemState.FAILED),
    (Need.AWAITING_APPROVAL, ItemState.AWAITING_APPROVAL),
)


def _counts(session: ScopedSession, starts: datetime, ends: datetime) -> Mapping[ItemState, int]:
    item = ContentScheduleItem
    rows = (
        select(col(item.state), func.count())
        .where(col(item.scheduled_at) >= starts, col(item.scheduled_at) < ends)
        .group_by(col(item.state))
    )
    return {state: n for state, n in session.execute(rows)}  # noqa: C416 - dict() of rows hides the types


def _next_at(session: ScopedSession, now: datetime) -> datetime | None:
    item = ContentScheduleItem
    waiting = select(func.min(item.scheduled_at)).where(
        col(item.state).in_(WAITING_TO_GO), col(item.scheduled_at) >= now
    )
    return session.scalars(waiting).one()


def _published_by_day(session: ScopedSession, today: date, zone: str) -> tuple[tuple[date, int], ...]:
    days = [today - timedelta(days=back) for back in reversed(range(SPARK_DAYS))]
    published = select(ContentScheduleItem.published_at).where(
        ContentScheduleItem.state == ItemState.PUBLISHED,
        col(ContentScheduleItem.published_at) >= day_bounds(days[0], zone)[0],
    )
    counts = dict.fromkeys(days, 0)
    for moment in session.scalars(published):
        day = to_wall(moment, zone).date() if moment else today
        if day in counts:
            counts[day] += 1
    return tuple(counts.items())


def _waiting(session: ScopedSession, now: datetime) -> tuple[Waiting, ...]:
    item = ContentScheduleItem
    found: list[Waiting] = []
    for need, state in _NEEDS:
        rows = joined().where(col(item.state) == state).order_by(col(item.scheduled_at).desc()).limit(MOST_WAITING)
        found += [Waiting(need, view) for view in views(session, rows)]
    late = joined().where(col(item.state) == ItemState.SCHEDULED, col(item.due_at) < now - OVERDUE_AFTER)
    found += [Waiting(Need.OVERDUE, view) for view in views(session, late.limit(MOST_WAITING))]
    return tuple(found[:MOST_WAITING])


def _timing_effect(session: ScopedSession, ctx: Context, now: datetime) -> Effect | Undefined:
    """Return the effect of the channel with the most recent posts; effects of different audiences do not add up."""
    since = now - timedelta(days=EFFECT_DAYS)
    own = select(Channel.id).where(IS_OWN)
    recent = select(col(PostOutcome.channel_id), col(PostOutcome.published_at)).where(
        col(PostOutcome.channel_id).in_(own), col(PostOutcome.published_at) >= since
    )
    by_channel: dict[str, list[datetime]] = {}
    for channel_id, published_at in session.execute(recent):
        if published_at is not None:
            by_channel.setdefault(channel_id, []).append(published_at)
    if not by_channel:
        return Undefined("No posts with results in the last 30 days.")
    channel = find(session, Channel, max(by_channel, key=lambda key: len(by_channel[key])), "channel")
    curve = fit_channel(session, ctx, channel)
    return effect_of(curve, f"{channel.name}, last 30 days", _hours(by_channel[channel.id], channel.timezone))


def _hours(moments: Sequence[datetime], zone: str) -> Vector:
    """Return how many of the moments fall into each local hour of the week."""
    return np.bincount([hour_of_week(moment, zone) for moment in moments], minlength=CELLS).astype(np.float64)
