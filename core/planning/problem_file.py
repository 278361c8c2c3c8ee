"""A planning problem as a JSON file holds it, and the answer to it in the same words."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from core.json_fields import (
    Faults,
    Field,
    Wrong,
    amount,
    anything,
    count,
    list_of,
    moment,
    number,
    positive,
    stretch,
    text,
    whole,
)
from core.planning.constraints.cross_platform_gap import CrossPlatformGap
from core.planning.grid import GridChannel, GridItem, GridProblem
from core.planning.grid_plan import GridPlan, GridUnplaced, Infeasible

MOST_SLOTS = 1_000_000
"""Nine years of 5-minute slots: more is a slip, and tables of that length would fill the memory."""
_MINUTES_A_DAY = 24 * 60
_DAYS_A_WEEK = 7


def slot_count(value: object) -> int:
    """Take a number of slots."""
    if count(value) > MOST_SLOTS:
        raise Wrong(value, f"give {MOST_SLOTS:,} at most")
    return count(value)


_FILE = {
    "slots": Field(anything),
    "channels": Field(list_of(anything)),
    "items": Field(list_of(anything)),
    "max_per_slot_and_brand": Field(count, None),
    "cross_platform_gap_slots": Field(amount, 0.0),
}
_SLOTS = {"start": Field(moment), "minutes": Field(positive, 30), "count": Field(slot_count)}
_CHANNEL = {
    "id": Field(text),
    "brand": Field(text, ""),
    "min_gap_slots": Field(amount, 1.0),
    "max_per_day": Field(count, None),
    "max_per_week": Field(count, None),
    "blackouts": Field(list_of(stretch), ()),
    "scores": Field(list_of(number), None),
}
_ITEM = {
    "id": Field(text),
    "channels": Field(list_of(text)),
    "priority": Field(amount, 1.0),
    "release": Field(whole, 0),
    "deadline": Field(whole, None),
    "content": Field(text, None),
    "fixed": Field(whole, None),
}


@dataclass(frozen=True)
class ProblemFile:
    """A problem and when its slots begin."""

    problem: GridProblem
    start: datetime
    minutes: int

    def slot_name(self, slot: int) -> str:
        """Write when a slot begins, in UTC; "slot 5" where that is beyond the calendar."""
        try:
            return f"{self.start + slot * timedelta(minutes=self.minutes):%a %Y-%m-%d %H:%M} UTC"
        except OverflowError:
            return f"slot {slot}"


def read_problem(given: object) -> ProblemFile:
    """Turn parsed JSON into a problem. Raises Invalid with the place, the value and the remedy of what is wrong."""
    faults = Faults()
    file = faults.read("", given, _FILE)
    faults.refuse()
    slots = faults.read("slots", file["slots"], _SLOTS)
    channels = [faults.read(f"channels[{index}]", one, _CHANNEL) for index, one in enumerate(file["channels"])]
    items = [faults.read(f"items[{index}]", one, _ITEM) for index, one in enumerate(file["items"])]
    faults.refuse()
    for index, channel in enumerate(channels):
        found = slots["count"] if channel["scores"] is None else len(channel["scores"])
        if found != slots["count"]:
            faults.add(f"channels[{index}].scores", f"{found} numbers", f"give {slots['count']}, one for each slot")
    for index, item in enumerate(items):
        last = slots["count"] if item["deadline"] is None else item["deadline"]
        if item["fixed"] is not None and not item["release"] <= item["fixed"] <= last:
            faults.add(f"items[{index}].fixed", item["fixed"], "give a slot from the item's release to its deadline")
    faults.refuse()
    problem = GridProblem(
        slots["count"],
        tuple(_channel(channel, slots["count"], slots["minutes"]) for channel in channels),
        tuple(GridItem(**item | {"channels": tuple(item["channels"])}) for item in items),
        max_per_slot_and_brand=file["max_per_slot_and_brand"],
        constraints=(CrossPlatformGap(file["cross_platform_gap_slots"]),),
    )
    return ProblemFile(problem, slots["start"], slots["minutes"])


def _channel(given: dict[str, Any], slots: int, minutes: int) -> GridChannel:
    day = np.arange(slots) * minutes // _MINUTES_A_DAY
    is_open = np.ones(slots, dtype=np.bool_)
    for first, last in given["blackouts"]:
        is_open[max(first, 0) : max(last + 1, 0)] = False
    return GridChannel(
        given["id"],
        np.zeros(slots) if given["scores"] is None else np.array(given["scores"], dtype=np.float64),
        is_open,
        day,
        day // _DAYS_A_WEEK,
        given["brand"],
        min_gap=given["min_gap_slots"],
        max_per_day=given["max_per_day"],
        max_per_week=given["max_per_week"],
    )


def answer(plan: GridPlan, seconds: float) -> dict[str, Any]:
    """Return a plan as JSON holds it; `seconds` are those the caller waited."""
    return {
        "placements": {one.item: {"channel": one.channel, "slot": one.slot} for one in plan.placements},
        "unplaced": [_unplaced(one) for one in plan.unplaced],
        "value": plan.value,
        "bound": plan.bound,
        "gap": plan.gap,
        "seconds": seconds,
        "optimal": plan.is_optimal,
    }


def _unplaced(one: GridUnplaced) -> dict[str, str | None]:
    relaxation = one.relaxation.sentence if one.relaxation else None
    return {"item": one.item, "reason": one.reason.sentence, "relaxation": relaxation}


def refusal(found: Infeasible) -> dict[str, str]:
    """Return the two demands no plan can meet at once, as JSON holds them."""
    return {"error": found.reason, "item": found.item, "against": found.against, "constraint": found.block}
