"""How many posts a week to start from on each channel, and where the number comes from."""

from dataclasses import dataclass
from enum import StrEnum

from sqlmodel import col, select

from core.content.platforms import Platform, find_platform
from core.services.context import Context
from core.services.own_channels import IS_OWN
from core.services.preferences import OWNER
from core.storage.tables import Channel, UserSchedulingPreference


class FrequencySource(StrEnum):
    """What a number of posts a week rests on."""

    PREFERENCE = "preference"
    RESEARCH = "research"
    NOTHING = "nothing"


@dataclass(frozen=True)
class SuggestedFrequency:
    """Posts a week for a channel: the least its source asks for, no more than the channel or preference allows.

    `least` and `most` are the source's own range (None: open), `cap` the most posts a week that are allowed.
    """

    channel_id: str
    posts_per_week: int
    source: FrequencySource
    least: int | None
    most: int | None
    cap: int | None


def suggest_frequencies(ctx: Context) -> tuple[SuggestedFrequency, ...]:
    """Return a suggestion for every active channel of the team's own, by platform and name."""
    active = select(Channel).where(IS_OWN, col(Channel.active)).order_by(col(Channel.platform), col(Channel.name))
    wanted = select(UserSchedulingPreference).where(UserSchedulingPreference.user_id == OWNER)
    with ctx.read() as session:
        preferences = {row.platform: row for row in session.scalars(wanted)}
        return tuple(
            _suggest(
                channel, preferences.get(channel.platform), find_platform(ctx.reference.platforms, channel.platform)
            )
            for channel in session.scalars(active)
        )


def _suggest(channel: Channel, preference: UserSchedulingPreference | None, platform: Platform) -> SuggestedFrequency:
    source, least, most = _range(preference, platform)
    ceiling = preference.posting_frequency_max if preference else None
    cap = min((each for each in (channel.max_per_week, ceiling) if each is not None), default=None)
    asked = least if least is not None else most or 0
    number = asked if cap is None else min(asked, cap)
    return SuggestedFrequency(channel.id, number, source, least, most, cap)


def _range(
    preference: UserSchedulingPreference | None, platform: Platform
) -> tuple[FrequencySource, int | None, int | None]:
    """Return what the team wants, else what research suggests for the platform or, alone, its first format."""
    if preference and (preference.posting_frequency_min is not None or preference.posting_frequency_max is not None):
        return FrequencySource.PREFERENCE, preference.posting_frequency_min, preference.posting_frequency_max
    each = (platform.per_week, *(limits.per_week for limits in platform.formats.values()))
    research = next((often for often in each if often), None)
    if research is None:
        return FrequencySource.NOTHING, None, None
    return FrequencySource.RESEARCH, research.least, research.most
