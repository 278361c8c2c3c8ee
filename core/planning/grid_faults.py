"""What makes a problem on numbered slots senseless, each fault with its place, the value found and the remedy."""

import math
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from core.errors import Problem as Fault
from core.planning.grid import GridChannel, GridItem, GridProblem

GREATEST = 1e12
"""Priorities, scores and distances beyond it are slips, and their products would drown everything else in rounding."""
_SHOWN_BAD_SCORES = 3
"""Enough to find the cause; a list of a thousand helps nobody."""


def faults_of(problem: GridProblem) -> Iterator[Fault]:
    """Yield every fault of a problem."""
    if problem.count < 0:
        yield Fault("slots.count", str(problem.count), "use a number from 0 on")
    yield from _repeated("channels", [channel.id for channel in problem.channels], ".id")
    yield from _repeated("items", [item.id for item in problem.items], ".id")
    for name in ("max_per_slot_and_brand", "max_per_slot"):
        yield from _negative(name, getattr(problem, name))
    for number, channel in enumerate(problem.channels):
        yield from _channel_faults(f"channels[{number}]", channel, problem.count)
    known = {channel.id for channel in problem.channels}
    for number, item in enumerate(problem.items):
        yield from _item_faults(f"items[{number}]", item, known, problem.count)
    for number, commitment in enumerate(problem.commitments):
        yield from _unknown(f"commitments[{number}].channel", commitment.channel, known)
        if not math.isfinite(commitment.slot):
            yield Fault(f"commitments[{number}].slot", str(commitment.slot), "use a finite position in slots")


def _repeated(place: str, ids: Sequence[str], what: str = "") -> Iterator[Fault]:
    first: dict[str, int] = {}
    for number, name in enumerate(ids):
        if first.setdefault(name, number) != number:
            yield Fault(f"{place}[{number}]{what}", name, f"it is also that of {place}[{first[name]}]; name each once")


def _negative(place: str, limit: int | None) -> Iterator[Fault]:
    if limit is not None and limit < 0:
        yield Fault(place, str(limit), "use a number from 0 on, or none for no limit")


def _no_amount(place: str, amount: float) -> Iterator[Fault]:
    if not 0 <= amount <= GREATEST:
        yield Fault(place, str(amount), f"use a number from 0 to {GREATEST:g}")


def _unknown(place: str, channel: str, known: set[str]) -> Iterator[Fault]:
    if channel not in known:
        yield Fault(place, channel, "there is no such channel in the problem; add it or name another")


def _channel_faults(place: str, channel: GridChannel, count: int) -> Iterator[Fault]:
    for name in ("max_per_day", "max_per_week", "min_per_week"):
        yield from _negative(f"{place}.{name}", getattr(channel, name))
    for name in ("min_gap", "worth_of_minimum"):
        yield from _no_amount(f"{place}.{name}", getattr(channel, name))
    rows = {name: getattr(channel, name) for name in ("scores", "open", "day", "week")}
    wrong = [name for name, row in rows.items() if row.shape != (max(count, 0),)]
    for name in wrong:
        yield Fault(f"{place}.{name}", f"{rows[name].size} entries", f"give one entry for each of the {count} slots")
    yield from _returns_faults(f"{place}.daily_returns", channel.daily_returns)
    yield from _returns_faults(f"{place}.weekly_returns", channel.weekly_returns)
    if not wrong:
        yield from _row_faults(place, channel)


def _row_faults(place: str, channel: GridChannel) -> Iterator[Fault]:
    for slot in np.flatnonzero(~(np.abs(channel.scores) <= GREATEST))[:_SHOWN_BAD_SCORES]:
        fix = f"use a finite number, 0 to 1 as a rule and {GREATEST:g} at most"
        yield Fault(f"{place}.scores[{slot}]", str(channel.scores[slot]), fix)
    for name in ("day", "week"):
        row = getattr(channel, name)
        for slot in np.flatnonzero(np.diff(row) < 0)[:1] + 1:
            yield Fault(f"{place}.{name}[{slot}]", str(row[slot]), f"number the {name}s upwards in time")


def _returns_faults(place: str, factors: Iterable[float]) -> Iterator[Fault]:
    before = 1.0
    for number, factor in enumerate(factors):
        if not 0 <= factor <= before:
            yield Fault(f"{place}[{number}]", str(factor), "use factors from 1 down to 0, none above the one before")
            return
        before = factor


def _item_faults(place: str, item: GridItem, known: set[str], count: int) -> Iterator[Fault]:
    if not item.channels:
        yield Fault(f"{place}.channels", "", "name the channels the item may go to")
    yield from _repeated(f"{place}.channels", item.channels)
    for number, channel in enumerate(item.channels):
        yield from _unknown(f"{place}.channels[{number}]", channel, known)
    yield from _no_amount(f"{place}.priority", item.priority)
    if item.fixed is not None and not 0 <= item.fixed < count:
        yield Fault(f"{place}.fixed", str(item.fixed), f"use a slot from 0 to {count - 1}, or none")
