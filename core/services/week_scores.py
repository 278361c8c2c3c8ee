"""How good hours are on a channel: a moment somebody picks, or the whole week for a planner that asks for hundreds."""

from datetime import datetime

from core.calendar.zones import hour_of_week
from core.services.context import Context
from core.services.curves import fit_channel
from core.services.own_channels import own_channel
from core.timing.recommend import score_of, scores
from core.vocabulary import ContentFormat


def score_time(ctx: Context, channel_id: str, when: datetime, content_format: ContentFormat | None = None) -> float:
    """Return how good a moment (aware) is on a channel, 0-1, on the scale of the recommendations (NotFound)."""
    with ctx.read() as session:
        channel = own_channel(session, channel_id)
        return score_of(fit_channel(session, ctx, channel, content_format), hour_of_week(when, channel.timezone))


def score_week(ctx: Context, channel_id: str, content_format: ContentFormat | None = None) -> tuple[float, ...]:
    """Return 168 scores (0-1) by the channel's local hour of the week, Monday 00:00 first (NotFound, Invalid)."""
    with ctx.read() as session:
        curve = fit_channel(session, ctx, own_channel(session, channel_id), content_format)
        return tuple(scores(curve).tolist())
