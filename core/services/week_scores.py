"""How good each hour of the week is on a channel: what a planner asks for hundreds of slots at once."""

from core.services.context import Context
from core.services.curves import fit_channel
from core.services.own_channels import own_channel
from core.timing.recommend import scores
from core.vocabulary import ContentFormat


def score_week(ctx: Context, channel_id: str, content_format: ContentFormat | None = None) -> tuple[float, ...]:
    """Return 168 scores (0-1) by the channel's local hour of the week, Monday 00:00 first (NotFound; Invalid: a peer).

    The scale is the one of the recommendations and of `score_time`.
    """
    with ctx.read() as session:
        curve = fit_channel(session, ctx, own_channel(session, channel_id), content_format)
        return tuple(scores(curve).tolist())
