"""What times are worth to a plan: the expected lift of every hour, and what crowded and empty weeks cost."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri
from sqlmodel import col, select

from core.planning.grid import Floats
from core.planning.terms.by_format import ByFormat
from core.services.context import Context
from core.services.curves import fit_channels
from core.services.frequency import read_frequency
from core.services.plan_ground import Ground
from core.services.plan_views import EXPECTED
from core.services.preferences import OWNER
from core.storage.tables import Channel, UserSchedulingPreference
from core.storage.tenancy import ScopedSession
from core.timing.curve import Vector, WeekCurve
from core.timing.explain import reasons
from core.timing.frequency import FrequencyAdvice, FrequencyFinding
from core.timing.recommend import scores
from core.undefined import Undefined
from core.vocabulary import ContentFormat

Kind = tuple[str, ContentFormat | None]
"""A channel, by id, and the format of what goes out on it (None: any)."""

_LEAST_WEIGHT = 0.1
"""What an item of priority 0 counts: it gives way to all others, and still prefers a good hour to a bad one."""
MINIMUM_WORTH = 0.5
"""What each post up to a week's minimum is worth beside its outcome, in posts of average priority: hours seldom differ
by half of what a post earns, so the minimum comes before the better hour, but not at the price of a whole post."""


def weight_of(priority: int) -> float:
    """Return what an item of a priority counts in a plan."""
    return priority or _LEAST_WEIGHT


@dataclass(frozen=True, eq=False)
class HourWorth:
    """What the 168 hours of a channel's week are worth: lifts at the caution asked for, scores as recommended (0-1)."""

    curve: WeekCurve
    lifts: Vector
    scores: Vector

    def reason(self, hour_of_week: int) -> str:
        """Return the strongest reason for or against an hour."""
        return reasons(self.curve, hour_of_week)[0]


@dataclass(frozen=True, eq=False)
class Worth:
    """What hours are worth on channels, each for a format."""

    hours: Mapping[Kind, HourWorth]

    def row(self, ground: Ground, kind: Kind) -> Floats:
        """Return the lift of every slot of the ground."""
        return np.asarray(self.hours[kind].lifts[ground.channels[kind[0]].wall.hour_of_week])

    def by_format(self, ground: Ground, formats: Mapping[str, ContentFormat]) -> ByFormat:
        """Return the term by which every item earns what its format does (`formats`, by item)."""
        rows = {(key, name.value): self.row(ground, (key, name)) for key, name in self.hours if name is not None}
        return ByFormat(formats, rows)


def worth_of(
    session: ScopedSession, ctx: Context, wanted: Iterable[tuple[Channel, ContentFormat | None]], caution: float
) -> Worth:
    """Return what hours are worth for each channel and format.

    The lift of an hour is exp(m + z·sd) - 1, with m and sd the posterior mean and deviation of its log outcome and z
    the quantile `caution` (0-1) of the standard normal distribution: 0.5 plans on what is expected.
    """
    channels: defaultdict[ContentFormat | None, dict[str, Channel]] = defaultdict(dict)
    for channel, content_format in wanted:
        channels[content_format][channel.id] = channel
    z = float(ndtri(caution)) if caution != EXPECTED else 0.0
    return Worth(
        {
            (key, content_format): HourWorth(curve, np.expm1(curve.mean + z * curve.sd), scores(curve))
            for content_format, named in channels.items()
            for key, curve in fit_channels(session, ctx, [*named.values()], content_format).items()
        }
    )


def least_per_week(session: ScopedSession) -> Mapping[str, int]:
    """Return how many posts a week the preferences ask for at least, by platform."""
    mine = select(UserSchedulingPreference).where(UserSchedulingPreference.user_id == OWNER)
    asked = mine.where(col(UserSchedulingPreference.posting_frequency_min).is_not(None))
    return {row.platform: row.posting_frequency_min or 0 for row in session.scalars(asked)}


def weekly_returns(session: ScopedSession, channel: Channel) -> tuple[float, ...]:
    """Return the factors of the first, second, ... post of a channel's week; none where its history shows no fall.

    Posts of a week with n of them earn in proportion to n^β each, so the week to n^(1+β), and its m-th post adds
    m^(1+β) - (m-1)^(1+β) of what a post alone earns. Where weeks with more posts earned less in all, 1 + β < 0: from
    the number of posts of a quiet week on, which is as far down as was compared, a further one adds nothing. That it
    should cost the others more than it brings is not planned on: busy weeks may differ in other ways too.
    """
    return falling_returns(read_frequency(session, channel))


def falling_returns(advice: FrequencyAdvice | Undefined) -> tuple[float, ...]:
    """Return the factors that follow from what is known of a channel's frequency, as `weekly_returns` says."""
    if isinstance(advice, Undefined) or advice.finding is not FrequencyFinding.MORE_EARNED_LESS:
        return ()
    return (*[1.0] * advice.fewer, 0.0)
