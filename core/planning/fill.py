"""The greedy planner: sound and fast, the first answer and the one that is always available."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from math import fsum

from core.planning.blocking import explain, is_within
from core.planning.diary import Diary
from core.planning.plan import Placement, Plan
from core.planning.problem import PlanItem, PlanSlot, Problem

_TIDY_EVERY = 100
"""Slots that are ruled out are passed over at once and dropped from the lists after so many items: far faster."""


def fill(problem: Problem) -> Plan:
    """Place items by priority, then fewest slots first; each takes the best slot still free, the earliest of equals.

    No constraint of the problem is ever broken, but the value need not be the highest possible. Deterministic.
    """
    diary, chosen = Diary(problem), dict[str, PlanSlot]()
    by_channel = _by_channel(problem.slots)
    free = {channel_id: _open(diary, slots) for channel_id, slots in by_channel.items()}
    for number, item in enumerate(_in_order(problem.items, by_channel), 1):
        slot = _best(diary, item, free.get(item.channel_id, []))
        if slot is not None:
            chosen[item.id] = slot
            diary.add(slot, item.content_key)
        if number % _TIDY_EVERY == 0:
            free = {channel_id: _open(diary, slots) for channel_id, slots in free.items()}
    left = [item for item in problem.items if item.id not in chosen]
    return Plan(
        placements=_placements(chosen),
        unplaced=explain(problem, diary, left),
        value=fsum(item.priority * (1 + chosen[item.id].score) for item in problem.items if item.id in chosen),
    )


def _by_channel(slots: Iterable[PlanSlot]) -> Mapping[str, list[PlanSlot]]:
    """Group slots by channel, the best first."""
    grouped: defaultdict[str, list[PlanSlot]] = defaultdict(list)
    for slot in sorted(slots, key=lambda slot: (-slot.score, slot.start)):
        grouped[slot.channel_id].append(slot)
    return grouped


def _open(diary: Diary, slots: list[PlanSlot]) -> list[PlanSlot]:
    """Keep the slots (of one channel) that are not ruled out for every item."""
    return [slot for slot in slots if diary.channels[slot.channel_id].block(slot) is None]


def _in_order(items: Iterable[PlanItem], slots: Mapping[str, list[PlanSlot]]) -> list[PlanItem]:
    starts = {channel_id: sorted(slot.start for slot in own) for channel_id, own in slots.items()}
    return sorted(items, key=lambda item: (-item.priority, _choice(item, starts.get(item.channel_id, []))))


def _choice(item: PlanItem, starts: list[datetime]) -> int:
    """Count the slots between an item's earliest and latest start."""
    first = bisect_left(starts, item.earliest) if item.earliest else 0
    last = bisect_right(starts, item.latest) if item.latest else len(starts)
    return last - first


def _best(diary: Diary, item: PlanItem, free: list[PlanSlot]) -> PlanSlot | None:
    """Return the first of the free slots, the best first, that this item may take."""
    within = (slot for slot in free if is_within(item, slot) and diary.channels[slot.channel_id].block(slot) is None)
    return next((slot for slot in within if not diary.is_near_same_content(item, slot.start)), None)


def _placements(chosen: Mapping[str, PlanSlot]) -> tuple[Placement, ...]:
    placements = (Placement(item_id, slot.channel_id, slot.start, slot.score) for item_id, slot in chosen.items())
    return tuple(sorted(placements, key=lambda placement: (placement.start, placement.channel_id)))
