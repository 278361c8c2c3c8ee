"""What changed on a channel: whether its week is still the one that was learned."""

from core.services.context import Context
from core.services.rows import find
from core.storage.queries.tallies import read_tallies
from core.storage.tables import Channel
from core.timing.drift import Changes, what_changed
from core.undefined import Undefined


def find_changes(ctx: Context, channel_id: str, since: int | None = None) -> Changes | Undefined:
    """Return what changed with a month (year x 12 + month - 1), with the likeliest of late if None (NotFound)."""
    with ctx.read() as session:
        find(session, Channel, channel_id, "channel")
        tallies = read_tallies(session, channel_id)
    return what_changed(tallies, since)
