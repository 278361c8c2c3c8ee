"""What is asked of the plan of open slots, and the proposal that comes back."""

from dataclasses import dataclass
from datetime import date, datetime

from core.calendar.recurrence import Recurrence
from core.vocabulary import ContentFormat


@dataclass(frozen=True)
class ChannelFrequency:
    """So many posts a week on a channel, 0 for none; with a format, that is what they are judged and made for."""

    channel_id: str
    posts_per_week: int
    content_format: ContentFormat | None = None


@dataclass(frozen=True)
class HowOften:
    """Posts a week for each channel, on the days `first_day` to `last_day` of its own clock, at most 92 of them."""

    channels: tuple[ChannelFrequency, ...]
    first_day: date
    last_day: date


@dataclass(frozen=True)
class FixedTimes:
    """The same local times on each channel, every one by its own clock."""

    channel_ids: tuple[str, ...]
    rule: Recurrence
    content_format: ContentFormat | None = None


SlotsRequest = HowOften | FixedTimes


@dataclass(frozen=True)
class SlotOffer:
    """A time (UTC) for a post on a channel; `score` (0-1) and `expected_lift` as in the recommendations.

    `against` says what speaks against it, empty where nothing does; only an offer with `keep` is added.
    """

    channel_id: str
    channel_name: str
    platform: str
    timezone: str
    content_format: ContentFormat
    scheduled_at: datetime
    score: float
    expected_lift: float
    reason: str
    against: str = ""
    keep: bool = True


@dataclass(frozen=True)
class WeekOfSlots:
    """How a channel's week (from `monday`, by its clock) comes to its number, in posts.

    `days` of the week lie in the dates. They are to hold `wanted` posts: `per_week` in a whole week, else their share
    of it rounded down, and no more than `elsewhere`, what stands on the other days, leaves of it. `standing` is what
    was planned or published on them before, `added` the new slots; `reason` says why these are fewer than wanted.
    """

    channel_id: str
    channel_name: str
    monday: date
    days: int
    per_week: int
    wanted: int
    standing: int
    elsewhere: int
    added: int
    reason: str = ""

    @property
    def missing(self) -> int:
        """Posts that found no place."""
        return max(self.wanted - self.standing - self.added, 0)


@dataclass(frozen=True)
class SlotsProposal:
    """Offers by time and, where posts a week were asked for, every channel's weeks by channel and time."""

    offers: tuple[SlotOffer, ...]
    weeks: tuple[WeekOfSlots, ...] = ()

    @property
    def kept(self) -> tuple[SlotOffer, ...]:
        """The offers that would be added."""
        return tuple(offer for offer in self.offers if offer.keep)
