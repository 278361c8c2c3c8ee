"""How often a channel should post, from what its posts earned in busy and in quiet weeks."""

from core.services.context import Context
from core.services.own_channels import own_channel
from core.storage.queries.outcomes import read_posts
from core.timing.frequency import FrequencyAdvice, advise_frequency
from core.undefined import Undefined


def frequency_advice(ctx: Context, channel_id: str) -> FrequencyAdvice | Undefined:
    """Return how a post's engagement went with the posts of its week (NotFound; Invalid: a peer).

    Reads the channel's posts.
    """
    with ctx.read() as session:
        zone = own_channel(session, channel_id).timezone
        posts = read_posts(session, channel_id)
    return advise_frequency(posts, zone)
