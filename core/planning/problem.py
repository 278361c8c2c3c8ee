"""The planning problem: items, the slots they may take, and the constraints no plan may break."""

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from core.errors import Invalid
from core.errors import Problem as Fault

Week = tuple[int, int]
"""ISO year and week of a local day."""


@dataclass(frozen=True)
class PlanItem:
    """A post that wants a slot of its channel, starting no earlier than `earliest` and no later than `latest`.

    Items with one `content_key` carry the same content. The value of placing it is priority · (1 + score).
    """

    id: str
    channel_id: str
    priority: float = 1
    earliest: datetime | None = None
    latest: datetime | None = None
    content_key: str | None = None


@dataclass(frozen=True, slots=True)
class PlanSlot:
    """A start (UTC) on a channel with its local day and ISO week, and how good it is (0 to 1 as a rule)."""

    channel_id: str
    start: datetime
    day: date
    week: Week
    score: float


@dataclass(frozen=True)
class ChannelLimits:
    """How closely and how often a channel posts; `name` is what a reason calls it (its id where empty)."""

    min_gap: timedelta = timedelta()
    max_per_day: int | None = None
    max_per_week: int | None = None
    name: str = ""


@dataclass(frozen=True)
class Commitment:
    """A post that stays where it is: fixed, published, or of another calendar."""

    channel_id: str
    start: datetime
    day: date
    week: Week
    content_key: str | None = None


@dataclass(frozen=True)
class Problem:
    """What is to be planned. Invalid names every fault: NaN, naive times, unknown channels, repeated ids.

    Two posts of a channel start at least its `min_gap` apart, and never together; days and weeks count commitments
    too; the same content on two channels starts at least `cross_platform_gap` apart.
    """

    items: tuple[PlanItem, ...]
    slots: tuple[PlanSlot, ...]
    limits: Mapping[str, ChannelLimits]
    commitments: tuple[Commitment, ...] = ()
    cross_platform_gap: timedelta | None = None

    def __post_init__(self) -> None:
        """Refuse what no planner could make sense of."""
        faults = (*_item_faults(self), *_slot_faults(self), *_limit_faults(self), *_commitment_faults(self))
        if faults:
            raise Invalid(faults)


def _item_faults(problem: Problem) -> Iterator[Fault]:
    counts = Counter(item.id for item in problem.items)
    for index, item in enumerate(problem.items):
        place = f"items[{index}]"
        if counts[item.id] > 1:
            yield Fault(f"{place}.id", item.id, "another item has the same id; name each item once")
        if not (math.isfinite(item.priority) and item.priority >= 0):
            yield Fault(f"{place}.priority", str(item.priority), "use a number from 0 on")
        yield from _channel_faults(problem, place, item.channel_id)
        yield from _naive(f"{place}.earliest", item.earliest)
        yield from _naive(f"{place}.latest", item.latest)


def _slot_faults(problem: Problem) -> Iterator[Fault]:
    for index, slot in enumerate(problem.slots):
        place = f"slots[{index}]"
        if not math.isfinite(slot.score):
            yield Fault(f"{place}.score", str(slot.score), "use a finite number")
        yield from _channel_faults(problem, place, slot.channel_id)
        yield from _naive(f"{place}.start", slot.start)


def _limit_faults(problem: Problem) -> Iterator[Fault]:
    for channel_id, limits in problem.limits.items():
        place = f"limits[{channel_id}]"
        yield from _negative(f"{place}.min_gap", limits.min_gap)
        for name, most in (("max_per_day", limits.max_per_day), ("max_per_week", limits.max_per_week)):
            if most is not None and most < 0:
                yield Fault(f"{place}.{name}", str(most), "use a number from 0 on, or none")
    yield from _negative("cross_platform_gap", problem.cross_platform_gap)


def _commitment_faults(problem: Problem) -> Iterator[Fault]:
    for index, commitment in enumerate(problem.commitments):
        yield from _channel_faults(problem, f"commitments[{index}]", commitment.channel_id)
        yield from _naive(f"commitments[{index}].start", commitment.start)


def _channel_faults(problem: Problem, place: str, channel_id: str) -> Iterator[Fault]:
    if channel_id not in problem.limits:
        yield Fault(f"{place}.channel_id", channel_id, "no limits are given for this channel; add it to the limits")


def _naive(place: str, moment: datetime | None) -> Iterator[Fault]:
    if moment is not None and moment.utcoffset() is None:
        yield Fault(place, str(moment), "give a time with its offset from UTC")


def _negative(place: str, gap: timedelta | None) -> Iterator[Fault]:
    if gap is not None and gap < timedelta():
        yield Fault(place, str(gap), "use a span of 0 or more")
