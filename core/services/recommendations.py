"""Recommendations: when to post on a channel, why, and how sure that is."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import col, select

from core.content.platforms import find_platform
from core.errors import Invalid, Problem
from core.services.context import Context
from core.services.curves import fit_channels
from core.services.openings import open_slots
from core.services.own_channels import IS_OWN, own_channel
from core.services.plan_ground import SLOT_MINUTES
from core.services.slot_ids import SlotId, write_slot_id
from core.storage.tables import Channel
from core.storage.tenancy import ScopedSession
from core.timing.curve import LEVEL, WeekCurve
from core.timing.explain import budget_words
from core.timing.explore import MOST_SHARE
from core.timing.recommend import MIN_SEPARATION, Exploration, SlotChoice, Suggestion, rank, version_of
from core.vocabulary import Basis, ContentFormat

MOST = 200
HORIZON = timedelta(days=14)
LONGEST_HORIZON = timedelta(days=366)


@dataclass(frozen=True)
class RecommendationRequest:
    """What is asked: on which channels (all when both are empty), for what, from when to when, how many per channel.

    `explore_share` (0-0.5) of the slots may try rarely used hours; None: as each channel is set.
    """

    channel_ids: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    content_format: ContentFormat | None = None
    starts: datetime | None = None
    ends: datetime | None = None
    count: int = 10
    min_confidence: float = 0.0
    explore_share: float | None = None


@dataclass(frozen=True)
class RecommendationView:
    """A recommended slot of a channel; lift 0.1 is 10 % over the channel's average, `low` to `high` its interval.

    The figures are those of `core.timing.recommend.Suggestion`, which gives their formulas.
    """

    id: str
    platform: str
    channel_id: str
    channel_name: str
    content_format: ContentFormat | None
    window_start: datetime
    window_end: datetime
    timezone: str
    score: float
    confidence: float
    expected_lift: float
    low: float
    high: float
    level: float
    sample_size: int
    own_posts: int
    basis: Basis
    reasons: tuple[str, ...]
    is_exploration: bool


@dataclass(frozen=True)
class ChannelAdvice:
    """What is known of a channel's timing, and the slots that follow from it.

    `exploration` says how many of them are tries, None where none is.
    """

    channel_id: str
    channel_name: str
    platform: str
    timezone: str
    posts: int
    timing_matters: bool
    basis: Basis
    slots: tuple[RecommendationView, ...]
    exploration: str | None = None


def recommend(ctx: Context, request: RecommendationRequest) -> tuple[ChannelAdvice, ...]:
    """Return the best open slots per channel, by platform and name (Invalid, NotFound)."""
    starts, ends = asked_range(request, ctx.now())
    with ctx.read() as session:
        channels = _channels(session, ctx, request)
        slots = open_slots(session, ctx, channels, starts, ends)
        curves = fit_channels(session, ctx, channels, request.content_format)
        return tuple(advise(channel, request, curves[channel.id], slots[channel.id]) for channel in channels)


def exploration_of(channel: Channel, curve: WeekCurve, share: float | None = None) -> Exploration:
    """Return the channel's budget, or another, with a seed that stays until something new is learned."""
    seed = hashlib.sha256(f"{channel.id}|{version_of(curve)}".encode()).digest()
    return Exploration(channel.exploration_percent / 100 if share is None else share, int.from_bytes(seed[:8]))


def view(channel: Channel, content_format: ContentFormat | None, slot: Suggestion, version: str) -> RecommendationView:
    """Return a suggestion for a channel, with its id."""
    return RecommendationView(
        id=write_slot_id(SlotId(channel.id, content_format, slot.start, slot.is_exploration, version)),
        platform=channel.platform,
        channel_id=channel.id,
        channel_name=channel.name,
        content_format=content_format,
        window_start=slot.start,
        window_end=slot.start + timedelta(minutes=SLOT_MINUTES),
        timezone=channel.timezone,
        score=slot.score,
        confidence=slot.confidence,
        expected_lift=slot.expected_lift,
        low=slot.interval.low,
        high=slot.interval.high,
        level=LEVEL,
        sample_size=slot.sample_size,
        own_posts=slot.own_posts,
        basis=slot.basis,
        reasons=slot.reasons,
        is_exploration=slot.is_exploration,
    )


def asked_range(request: RecommendationRequest, now: datetime) -> tuple[datetime, datetime]:
    """Return from when to when slots are asked for (Invalid for a count or range that cannot be meant)."""
    starts = request.starts or now
    ends = request.ends or starts + HORIZON
    problems = []
    if not 1 <= request.count <= MOST:
        problems.append(Problem("count", str(request.count), f"ask for 1 to {MOST} slots"))
    if not starts < ends <= starts + LONGEST_HORIZON:
        problems.append(
            Problem("ends", ends.isoformat(), f"choose an end within {LONGEST_HORIZON.days} days after the start")
        )
    if not 0 <= (request.explore_share or 0) <= MOST_SHARE:
        problems.append(Problem("explore_share", str(request.explore_share), f"choose 0 to {MOST_SHARE}"))
    if problems:
        raise Invalid(tuple(problems))
    return starts, ends


def _channels(session: ScopedSession, ctx: Context, request: RecommendationRequest) -> Sequence[Channel]:
    if request.channel_ids:
        return [own_channel(session, channel_id) for channel_id in request.channel_ids]
    active = select(Channel).where(IS_OWN, col(Channel.active)).order_by(col(Channel.platform), col(Channel.name))
    if request.platforms:
        wanted = [find_platform(ctx.reference.platforms, name).id for name in request.platforms]
        active = active.where(col(Channel.platform).in_(wanted))
    return session.scalars(active).all()


def advise(
    channel: Channel, request: RecommendationRequest, curve: WeekCurve, slots: Sequence[SlotChoice]
) -> ChannelAdvice:
    """Return what a curve says of a channel's open slots."""
    separation = max(MIN_SEPARATION, timedelta(minutes=channel.min_gap_minutes))
    exploration = exploration_of(channel, curve, request.explore_share)
    ranked = rank(curve, slots, request.count, separation, exploration)
    version = version_of(curve)
    views = tuple(
        view(channel, request.content_format, suggestion, version)
        for suggestion in ranked
        if suggestion.confidence >= request.min_confidence
    )
    tried = sum(slot.is_exploration for slot in views)
    return ChannelAdvice(
        channel.id,
        channel.name,
        channel.platform,
        channel.timezone,
        curve.posts,
        curve.timing_matters,
        curve.basis,
        views,
        budget_words(tried, len(views)) if tried else None,
    )
