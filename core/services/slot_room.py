"""Room on a channel: whether one more post fits at a time, asked for one time after another."""

from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from operator import attrgetter

from core.calendar.conflicts import Booking
from core.errors import StateConflict
from core.services.conflicts import WEEK_AROUND, speaks_against
from core.services.item_views import OPEN_SLOT
from core.services.posting_rules import NAMELESS, Closed, PostingRules, bookings_between, rules_of
from core.services.slot_views import SlotOffer
from core.storage.tables import Channel
from core.storage.tenancy import ScopedSession

_BY_TIME = attrgetter("at")


class Room:
    """A channel with what stands on it and what was given a place since."""

    def __init__(self, channel: Channel, rules: PostingRules, standing: Iterable[Booking]) -> None:
        self._channel, self._rules = channel, rules
        self._posts = sorted(standing, key=_BY_TIME)
        self._reach = max(WEEK_AROUND, rules.limits.min_gap)

    def against(self, at: datetime) -> str:
        """Return what speaks against one more post at a moment, in sentences; nothing where it fits."""
        candidate = Booking("", NAMELESS, self._channel.id, "", at)
        low = bisect_left(self._posts, at - self._reach, key=_BY_TIME)
        near = self._posts[low : bisect_right(self._posts, at + self._reach, key=_BY_TIME)]
        found = [each.message for each in speaks_against(candidate, near, self._rules, self._channel.timezone)]
        if self._rules.closed(at) is Closed.WEEKEND:
            found.append(f"{self._channel.name} does not post {Closed.WEEKEND}.")
        return " ".join(found)

    def take(self, at: datetime) -> None:
        """Let another post stand here."""
        number = f"new {len(self._posts)}"
        insort(self._posts, Booking(number, OPEN_SLOT, self._channel.id, number, at), key=_BY_TIME)


def rooms_of(
    session: ScopedSession, channels: Iterable[Channel], starts: datetime, ends: datetime
) -> Mapping[str, Room]:
    """Return the room on each channel, by its id, for times in [starts, ends]."""
    known = {channel.id: channel for channel in channels}
    rules = rules_of(session, known.values())
    standing: defaultdict[str, list[Booking]] = defaultdict(list)
    for post in bookings_between(session, starts, ends, known):
        standing[post.channel_id].append(post)
    return {key: Room(channel, rules[key], standing[key]) for key, channel in known.items()}


def refuse_taken(session: ScopedSession, channels: Iterable[Channel], offers: Sequence[SlotOffer]) -> None:
    """Refuse offers (StateConflict) of which one was free and is not any more.

    What somebody keeps although something speaks against it is not asked again, nor does it speak against others.
    """
    times = [offer.scheduled_at for offer in offers]
    rooms = rooms_of(session, channels, min(times), max(times))
    for offer in offers:
        if offer.against:
            continue
        room = rooms[offer.channel_id]
        if found := room.against(offer.scheduled_at):
            out_of_date = f"out of date ({found.rstrip('.')})"
            raise StateConflict(kind="proposal", state=out_of_date, wanted="a plan; propose again")
        room.take(offer.scheduled_at)
