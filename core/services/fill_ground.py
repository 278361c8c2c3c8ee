"""The ground a filling stands on: what channels allow, hold and leave open in a stretch of time."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from core.calendar.zones import slot_starts, to_wall
from core.planning.diary import ChannelDiary
from core.planning.problem import ChannelLimits, Commitment, PlanSlot
from core.services.posting_rules import Closed, PostingRules, bookings_between, rules_of
from core.storage.tables import Channel
from core.storage.tenancy import ScopedSession

SLOT_MINUTES = 30


@dataclass(frozen=True)
class Ground:
    """Channels by id with their rules, the planner's limits, and the posts that stand on them."""

    channels: Mapping[str, Channel]
    rules: Mapping[str, PostingRules]
    limits: Mapping[str, ChannelLimits]
    commitments: tuple[Commitment, ...]


@dataclass(frozen=True)
class Openings:
    """The slots in which a channel may post, by time, and how many are closed for which reason."""

    slots: tuple[PlanSlot, ...]
    closed: Mapping[Closed, int]


def survey(session: ScopedSession, channels: Iterable[Channel], starts: datetime, ends: datetime) -> Ground:
    """Read what matters to posts in [starts, ends)."""
    known = {channel.id: channel for channel in channels}
    rules = rules_of(session, known.values())
    return Ground(
        channels=known,
        rules=rules,
        limits={key: _limits(channel, rules[key]) for key, channel in known.items()},
        commitments=tuple(
            commitment(plan_slot(known[one.channel_id], one.at))
            for one in bookings_between(session, starts, ends, known)
        ),
    )


def openings(ground: Ground, channel_id: str, starts: datetime, ends: datetime) -> Openings:
    """Return the half hours of [starts, ends) in which a channel may post, whether or not something stands there."""
    channel, rules = ground.channels[channel_id], ground.rules[channel_id]
    judged = [(at, rules.closed(at)) for at in slot_starts(starts, ends, channel.timezone, SLOT_MINUTES)]
    return Openings(
        tuple(plan_slot(channel, at) for at, closed in judged if closed is None),
        Counter(closed for _, closed in judged if closed is not None),
    )


def diaries(ground: Ground) -> Mapping[str, ChannelDiary]:
    """Return a diary for each channel with what stands on it."""
    kept = {channel_id: ChannelDiary(limits) for channel_id, limits in ground.limits.items()}
    for one in ground.commitments:
        kept[one.channel_id].add(one)
    return kept


def plan_slot(channel: Channel, start: datetime, score: float = 0.0) -> PlanSlot:
    """Return a slot with the day and ISO week that the channel's clock shows."""
    day = to_wall(start, channel.timezone).date()
    year, week, _ = day.isocalendar()
    return PlanSlot(channel.id, start, day, (year, week), score)


def commitment(slot: PlanSlot) -> Commitment:
    """Return the slot as a post that stays where it is."""
    return Commitment(slot.channel_id, slot.start, slot.day, slot.week)


def _limits(channel: Channel, rules: PostingRules) -> ChannelLimits:
    limits = rules.limits
    return ChannelLimits(limits.min_gap, limits.max_per_day, limits.max_per_week, channel.name)
