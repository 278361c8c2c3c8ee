"""Recommendations: when to post on a channel, why, and how sure that is."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import col, select

from core.calendar.zones import hour_of_week
from core.content.platforms import find_platform
from core.errors import Invalid, Problem
from core.services.context import Context
from core.services.curves import fit_channel
from core.services.fill_ground import SLOT_MINUTES
from core.services.openings import open_slots
from core.services.own_channels import IS_OWN, own_channel
from core.storage.ids import IdPrefix
from core.storage.tables import Channel
from core.storage.tenancy import ScopedSession
from core.timing.curve import LEVEL, WeekCurve
from core.timing.recommend import SlotChoice, Suggestion, rank, score_of
from core.vocabulary import Basis, ContentFormat

MOST = 200
HORIZON = timedelta(days=14)
LONGEST_HORIZON = timedelta(days=366)


@dataclass(frozen=True)
class RecommendationRequest:
    """What is asked: on which channels (all when both are empty), for what, from when to when, how many per channel."""

    channel_ids: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    content_format: ContentFormat | None = None
    starts: datetime | None = None
    ends: datetime | None = None
    count: int = 10
    min_confidence: float = 0.0
    explore: bool = False


@dataclass(frozen=True)
class RecommendationView:
    """A recommended slot of a channel; lift 0.1 is 10 % over the channel's average, `low` to `high` its interval."""

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
    """What is known of a channel's timing, and the slots that follow from it."""

    channel_id: str
    channel_name: str
    platform: str
    timezone: str
    posts: int
    timing_matters: bool
    basis: Basis
    slots: tuple[RecommendationView, ...]


def recommend(ctx: Context, request: RecommendationRequest) -> tuple[ChannelAdvice, ...]:
    """Return the best open slots per channel, by platform and name (Invalid, NotFound)."""
    starts, ends = asked_range(request, ctx.now())
    with ctx.read() as session:
        channels = _channels(session, ctx, request)
        return tuple(_advise(session, ctx, channel, request, (starts, ends)) for channel in channels)


def score_time(ctx: Context, channel_id: str, when: datetime, content_format: ContentFormat | None = None) -> float:
    """Return how good a moment (aware) is on a channel, 0-1, on the scale of the recommendations."""
    with ctx.read() as session:
        channel = own_channel(session, channel_id)
        return score_of(fit_channel(session, ctx, channel, content_format), hour_of_week(when, channel.timezone))


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
    if problems:
        raise Invalid(tuple(problems))
    return starts, ends


def _channels(session: ScopedSession, ctx: Context, request: RecommendationRequest) -> Iterable[Channel]:
    if request.channel_ids:
        return [own_channel(session, channel_id) for channel_id in request.channel_ids]
    active = select(Channel).where(IS_OWN, col(Channel.active)).order_by(col(Channel.platform), col(Channel.name))
    if request.platforms:
        wanted = [find_platform(ctx.reference.platforms, name).id for name in request.platforms]
        active = active.where(col(Channel.platform).in_(wanted))
    return session.scalars(active).all()


def _advise(
    session: ScopedSession,
    ctx: Context,
    channel: Channel,
    request: RecommendationRequest,
    span: tuple[datetime, datetime],
) -> ChannelAdvice:
    curve = fit_channel(session, ctx, channel, request.content_format)
    choices = [SlotChoice(s, hour_of_week(s, channel.timezone)) for s in open_slots(session, ctx, channel, *span)]
    ranked = rank(curve, choices, request.count, explore=request.explore)
    slots = tuple(
        _view(channel, request.content_format, suggestion, curve)
        for suggestion in ranked
        if suggestion.confidence >= request.min_confidence
    )
    return ChannelAdvice(
        channel.id,
        channel.name,
        channel.platform,
        channel.timezone,
        curve.posts,
        curve.timing_matters,
        curve.basis,
        slots,
    )


def _view(
    channel: Channel, content_format: ContentFormat | None, slot: Suggestion, curve: WeekCurve
) -> RecommendationView:
    return RecommendationView(
        id=_slot_id(channel.id, content_format, slot, curve),
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


def _slot_id(channel_id: str, content_format: ContentFormat | None, slot: Suggestion, curve: WeekCurve) -> str:
    """Return the same id for the same slot as long as the model has learned nothing new."""
    known = (channel_id, content_format or "", slot.start.isoformat(), curve.posts, round(curve.log_bayes_factor, 6))
    return f"{IdPrefix.SLOT}_{hashlib.sha256('|'.join(map(str, known)).encode()).hexdigest()[:24]}"
