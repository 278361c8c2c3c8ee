"""Which half-hours of channels are open: not past, closed, full, or too near to another post."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from core.calendar.zones import slot_starts, to_wall
from core.planning.problem import PlanSlot
from core.services.context import Context
from core.services.fill_ground import SLOT_MINUTES, Ground, diaries, plan_slot, survey
from core.services.posting_rules import PostingRules
from core.storage.tables import Channel
from core.storage.tenancy import ScopedSession
from core.timing.recommend import SlotChoice
from core.timing.week import HOURS_PER_DAY


def open_slots(
    session: ScopedSession, ctx: Context, channels: Iterable[Channel], starts: datetime, ends: datetime
) -> Mapping[str, tuple[SlotChoice, ...]]:
    """Return for each channel, by its id, the slots in [starts, ends) that may take one more post of it, by time.

    Channels of the same zone and rules are looked at once: a hundred of them cost little more than a few.
    """
    starts = max(starts, ctx.now())
    known = list(channels)
    if starts >= ends:
        return {channel.id: () for channel in known}
    ground = survey(session, known, starts, ends)
    grids = {zone: _grid(zone, starts, ends) for zone in {channel.timezone for channel in known}}
    closed: dict[object, tuple[SlotChoice, ...]] = {}
    for channel in known:
        rules = ground.rules[channel.id]
        key = _sameness(channel, rules)
        if key not in closed:
            closed[key] = tuple(slot for slot in grids[channel.timezone] if rules.closed(slot.start) is None)
    return _unbooked(ground, {channel.id: closed[_sameness(channel, ground.rules[channel.id])] for channel in known})


def _grid(zone: str, starts: datetime, ends: datetime) -> tuple[SlotChoice, ...]:
    instants = slot_starts(starts, ends, zone, SLOT_MINUTES)
    walls = (to_wall(at, zone) for at in instants)
    cells = (wall.weekday() * HOURS_PER_DAY + wall.hour for wall in walls)
    return tuple(SlotChoice(at, cell) for at, cell in zip(instants, cells, strict=True))


def _sameness(channel: Channel, rules: PostingRules) -> object:
    """Return what decides which slots are closed."""
    return channel.timezone, rules.zone, rules.quiet, rules.working_days_only, rules.limits.blackouts


def _unbooked(ground: Ground, slots: Mapping[str, tuple[SlotChoice, ...]]) -> Mapping[str, tuple[SlotChoice, ...]]:
    """Leave out what is full or too near to what stands on the channel already."""
    books = diaries(ground)
    booked = {commitment.channel_id for commitment in ground.commitments}

    def free(channel_id: str, slot: SlotChoice) -> bool:
        planned: PlanSlot = plan_slot(ground.channels[channel_id], slot.start)
        return books[channel_id].block(planned) is None

    return {
        channel_id: tuple(slot for slot in own if free(channel_id, slot)) if channel_id in booked else own
        for channel_id, own in slots.items()
    }
