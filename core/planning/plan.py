"""What a planner answers: where each item goes, and why some go nowhere."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class BlockedBy(StrEnum):
    """The constraint that keeps an item out of most of its slots."""

    NO_SLOTS = "no_slots"
    WINDOW = "window"
    MIN_GAP = "min_gap"
    MAX_PER_DAY = "max_per_day"
    MAX_PER_WEEK = "max_per_week"
    CROSS_PLATFORM_GAP = "cross_platform_gap"


@dataclass(frozen=True)
class Placement:
    """An item and the slot it takes: start in UTC, the slot's score."""

    item_id: str
    channel_id: str
    start: datetime
    score: float


@dataclass(frozen=True)
class Unplaced:
    """An item that found no slot, with the reason as a sentence for the user."""

    item_id: str
    blocked_by: BlockedBy
    reason: str


@dataclass(frozen=True)
class Plan:
    """Placements by time, the rest in the order of the items; `value` is the sum of priority · (1 + score)."""

    placements: tuple[Placement, ...]
    unplaced: tuple[Unplaced, ...]
    value: float
