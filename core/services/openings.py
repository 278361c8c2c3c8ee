"""Which half-hours of a channel are open: not past, closed, full, or too near to another post."""

from datetime import datetime

from core.services.context import Context
from core.services.fill_ground import diaries, openings, survey
from core.storage.tables import Channel
from core.storage.tenancy import ScopedSession


def open_slots(
    session: ScopedSession, ctx: Context, channel: Channel, starts: datetime, ends: datetime
) -> tuple[datetime, ...]:
    """Return the UTC starts of the slots in [starts, ends) that may take one more post of the channel, by time."""
    starts = max(starts, ctx.now())
    if starts >= ends:
        return ()
    ground = survey(session, [channel], starts, ends)
    diary = diaries(ground)[channel.id]
    free = openings(ground, channel.id, starts, ends).slots
    return tuple(slot.start for slot in free if diary.block(slot) is None)
