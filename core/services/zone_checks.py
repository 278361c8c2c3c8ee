"""Whether a channel's history seems to be stamped in another zone than its audience's."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlmodel import col

from core.services.context import Context
from core.services.rows import find
from core.storage.tables import Channel, TimingTally
from core.storage.tenancy import ScopedSession
from core.timing.rollup import UNDATED
from core.timing.week import CELLS
from core.timing.zone_check import ZoneSuspicion, suspect_zone


def check_zone(ctx: Context, channel_id: str) -> ZoneSuspicion | None:
    """Return the shift that the hours of a channel's posts speak for, beside the other channels' habit (NotFound).

    None unless the evidence is strong. Reads tallies only; undated posts have no stamp that could be wrong.
    """
    with ctx.read() as session:
        find(session, Channel, channel_id, "channel")
        habits = _habits(session)
    posts = habits.pop(channel_id, [0] * CELLS)
    return suspect_zone(posts, list(habits.values()))


def _habits(session: ScopedSession) -> dict[str, Sequence[int]]:
    """Return how many dated posts of each channel went out in each local hour of the week."""
    tally = TimingTally
    counted = (
        select(col(tally.channel_id), col(tally.hour_of_week), func.sum(tally.posts))
        .where(col(tally.month) != UNDATED)
        .group_by(col(tally.channel_id), col(tally.hour_of_week))
    )
    habits: dict[str, list[int]] = {}
    for channel_id, hour, posts in session.execute(counted):
        habits.setdefault(channel_id, [0] * CELLS)[hour] = int(posts)
    return {**habits}
