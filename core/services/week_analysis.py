"""Why an hour is rated as it is, and which format does well at which time of day."""

from dataclasses import dataclass

from sqlmodel import col, select

from core.services.context import Context
from core.services.curves import fit_channel
from core.services.rows import find
from core.services.timing import ALL_FORMATS
from core.storage.tables import Channel, PlatformTimingData
from core.timing.curve import Influence, Interval, lift
from core.timing.effects import Effect, times_of_day
from core.timing.explain import reasons
from core.vocabulary import ContentFormat


@dataclass(frozen=True)
class HourExplanation:
    """What is expected of an hour of the week and what that rests on.

    `expected_lift` over the channel's average with its 90 % interval; `expected_before` is the lift that
    `baseline_name` promised before any post of the channel.
    """

    expected_lift: float
    interval: Interval
    influence: Influence
    baseline_name: str
    expected_before: float
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class FormatTimes:
    """A content format's effect at each time of day, against the channel's average at all times."""

    content_format: ContentFormat
    times: tuple[Effect, ...]


def explain_hour(
    ctx: Context, channel_id: str, cell: int, content_format: ContentFormat | None = None
) -> HourExplanation:
    """Return why a local hour of the week (0-167) is rated as it is on a channel (NotFound)."""
    with ctx.read() as session:
        curve = fit_channel(session, ctx, find(session, Channel, channel_id, "channel"), content_format)
    return HourExplanation(
        expected_lift=lift(float(curve.mean[cell])),
        interval=curve.interval_of(cell),
        influence=curve.influence_of(cell),
        baseline_name=curve.baseline_name,
        expected_before=lift(float(curve.baseline[cell])),
        reasons=reasons(curve, cell),
    )


def format_times(ctx: Context, channel_id: str) -> tuple[FormatTimes, ...]:
    """Return each format's effect per time of day, by the name of the format (NotFound)."""
    wanted = (
        select(PlatformTimingData.content_format)
        .where(col(PlatformTimingData.channel_id) == channel_id, col(PlatformTimingData.content_format) != ALL_FORMATS)
        .distinct()
        .order_by(col(PlatformTimingData.content_format))
    )
    with ctx.read() as session:
        channel = find(session, Channel, channel_id, "channel")
        formats = [ContentFormat(name) for name in session.scalars(wanted)]
        curves = {each: fit_channel(session, ctx, channel, each) for each in formats}
    return tuple(FormatTimes(each, times_of_day(curve)) for each, curve in curves.items())
