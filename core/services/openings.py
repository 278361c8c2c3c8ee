"""Which half-hours of channels are open: not past, closed, full, or too near to another post."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import numpy as np

from core.services.context import Context
from core.services.plan_ground import ChannelGround, Grid, survey
from core.storage.tables import Channel
from core.storage.tenancy import ScopedSession
from core.timing.recommend import SlotChoice


def open_slots(
    session: ScopedSession, ctx: Context, channels: Iterable[Channel], starts: datetime, ends: datetime
) -> Mapping[str, tuple[SlotChoice, ...]]:
    """Return for each channel, by its id, the slots in [starts, ends) that may take one more post of it, by time.

    Channels of one zone share their slots: a hundred of them cost little more than a few.
    """
    starts = max(starts, ctx.now())
    known = list(channels)
    if starts >= ends:
        return {channel.id: () for channel in known}
    ground = survey(session, known, starts, ends)
    zones = {own.channel.timezone: own for own in ground.channels.values()}
    slots = {zone: _slots(ground.grid, own) for zone, own in zones.items()}
    return {
        key: tuple(slots[own.channel.timezone][slot] for slot in np.flatnonzero(ground.free(key)).tolist())
        for key, own in ground.channels.items()
    }


def _slots(grid: Grid, own: ChannelGround) -> Sequence[SlotChoice]:
    hours = own.wall.hour_of_week.tolist()
    return [SlotChoice(grid.start(slot), hour) for slot, hour in enumerate(hours)]
