"""How often a channel should post, from what its posts earned in busy and in quiet weeks."""

from core.services.context import Context
from core.services.own_channels import own_channel
from core.storage.queries.outcomes import read_posts
from core.storage.tables import Channel
from core.storage.tenancy import ScopedSession
from core.timing.frequency import FrequencyAdvice, advise_frequency
from core.undefined import Undefined


def frequency_advice(ctx: Context, channel_id: str) -> FrequencyAdvice | Undefined:
    """Return how a post's engagement went with the posts of its week (NotFound; Invalid: a peer).

    Reads the channel's posts.
    """
    with ctx.read() as session:
        return read_frequency(session, own_channel(session, channel_id))


def read_frequency(session: ScopedSession, channel: Channel) -> FrequencyAdvice | Undefined:
    """Return the same within a session."""
    return advise_frequency(read_posts(session, channel.id), channel.timezone)
