"""Judges a plan on numbered slots from the definitions alone: what it breaks, what it is worth, what the best is."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, product

from core.planning.grid import GridChannel, GridItem, GridProblem

Place = tuple[str, int]
Places = Mapping[str, Place]


@dataclass(frozen=True)
class Rules:
    """What a problem demands beside its own fields, said a second time for the judge."""

    gap: float = 0
    orders: tuple[tuple[str, str, int], ...] = ()
    stays: Mapping[str, tuple[str, int, float]] = field(default_factory=dict)
    scores: Mapping[tuple[str, str], Sequence[float]] = field(default_factory=dict)
    """The scores that hold for an item on a channel in the place of the channel's own."""


def breaches(problem: GridProblem, rules: Rules, places: Places) -> list[str]:
    """Say every way in which the places break the problem."""
    items = {item.id: item for item in problem.items}
    channels = {channel.id: channel for channel in problem.channels}
    left = [item for item in problem.items if item.id not in places]
    return [
        *(f"{name}: {fault}" for name, at in places.items() for fault in lone(items[name], channels, at, problem)),
        *(f"{item.id} is fixed and left out" for item in left if item.fixed is not None),
        *too_near(problem, rules, items, places),
        *too_many(problem, places),
        *disordered(rules, places),
    ]  # fmt: skip


def lone(item: GridItem, channels: Mapping[str, GridChannel], place: Place, problem: GridProblem) -> Iterator[str]:
    name, slot = place
    if name not in item.channels:
        yield "on a channel it may not go to"
    if not 0 <= slot < problem.count:
        yield "outside the grid"
    elif not channels[name].open[slot]:
        yield "in a closed slot"
    if item.fixed is not None and slot != item.fixed:
        yield "moved though it is fixed"
    if item.fixed is None and (slot < item.release or (item.deadline is not None and slot > item.deadline)):
        yield "outside its window"


def too_near(problem: GridProblem, rules: Rules, items: Mapping[str, GridItem], places: Places) -> Iterator[str]:
    gaps = {channel.id: channel.min_gap for channel in problem.channels}
    posts = [(name, channel, slot, items[name].content) for name, (channel, slot) in places.items()]
    posts += [("", post.channel, post.slot, post.content) for post in problem.commitments]
    for (name, channel, slot, content), (other, other_channel, other_slot, other_content) in combinations(posts, 2):
        apart = abs(slot - other_slot)
        if not (name or other):
            continue
        if channel == other_channel and (apart < gaps[channel] or apart == 0):
            yield f"{name or 'commitment'} and {other or 'commitment'} are {apart} apart on {channel}"
        if channel != other_channel and content is not None and content == other_content and apart < rules.gap:
            yield f"{name or 'commitment'} and {other or 'commitment'} show {content} {apart} apart"


def too_many(problem: GridProblem, places: Places) -> Iterator[str]:
    posts = list(places.values()) + [
        (post.channel, math.floor(post.slot)) for post in problem.commitments if 0 <= post.slot < problem.count
    ]
    for channel in problem.channels:
        for cap, period, unit in (
            (channel.max_per_day, channel.day, "day"),
            (channel.max_per_week, channel.week, "week"),
        ):
            counts = Counter(int(period[slot]) for name, slot in posts if name == channel.id)
            counts.update(getattr(post, unit) for post in problem.commitments
                          if post.channel == channel.id and not 0 <= post.slot < problem.count)  # fmt: skip
            touched = {int(period[slot]) for name, slot in places.values() if name == channel.id}
            for number in touched:
                if cap is not None and counts[number] > cap:
                    yield f"{channel.id} has {counts[number]} posts in {unit} {number}"
    brands = {channel.id: channel.brand for channel in problem.channels}
    shared: defaultdict[tuple[str | None, int], int] = defaultdict(int)
    for name, slot in posts:
        shared[brands[name], slot] += 1
        shared[None, slot] += 1
    for name, slot in places.values():
        for key, cap in ((brands[name], problem.max_per_slot_and_brand), (None, problem.max_per_slot)):
            if cap is not None and shared[key, slot] > cap:
                yield f"slot {slot} holds {shared[key, slot]} posts of {key or 'the workspace'}"


def disordered(rules: Rules, places: Places) -> Iterator[str]:
    for first, second, slots in rules.orders:
        if first in places and second in places and places[second][1] - places[first][1] < slots:
            yield f"{second} comes before {first}"


def worth(problem: GridProblem, rules: Rules, places: Places) -> float:
    """Say what the places are worth: what items earn, less crowding, plus minimums that are met."""
    channels = {channel.id: channel for channel in problem.channels}
    total = 0.0
    for item in problem.items:
        if item.id in places:
            name, slot = places[item.id]
            total += item.priority * (1 + float(rules.scores.get((item.id, name), channels[name].scores)[slot]))
            stay = rules.stays.get(item.id)
            if stay is not None and stay[:2] == (name, slot):
                total += stay[2] * item.priority
    return total - sum(crowding(problem, channel, places) for channel in problem.channels)


def crowding(problem: GridProblem, channel: GridChannel, places: Places) -> float:
    """Say what a channel's posts cost each other, each counted after the commitments of its day and week."""
    priority = sum(item.priority for item in problem.items) / max(len(problem.items), 1)
    scores = [float(score) for score, is_open in zip(channel.scores, channel.open, strict=True) if is_open]
    typical = priority * (1 + sum(scores) / len(scores)) if scores else 0.0
    cost = 0.0
    for period, factors, unit in (
        (channel.day, channel.daily_returns, "day"),
        (channel.week, channel.weekly_returns, "week"),
    ):
        for number in {int(one) for one in period}:
            there = sum(name == channel.id and int(period[slot]) == number for name, slot in places.values())
            before = sum(post.channel == channel.id and (
                int(period[math.floor(post.slot)]) if 0 <= post.slot < problem.count else getattr(post, unit)) == number
                for post in problem.commitments)  # fmt: skip
            for post in range(before, before + there):
                cost += typical * (1 - factors[min(post, len(factors) - 1)]) if factors else 0.0
                days = {int(day) for day, one in zip(channel.day, channel.week, strict=True) if int(one) == number}
                if unit == "week" and len(days) == 7 and post < channel.min_per_week:
                    cost -= channel.worth_of_minimum
    return cost


def best_of_all(problem: GridProblem, rules: Rules) -> float:
    """Try every assignment: the worth of the best that breaks nothing, -inf if all break something."""
    choices = [
        [None, *((name, slot) for name in item.channels for slot in range(problem.count))] for item in problem.items
    ]
    best = float("-inf")
    for chosen in product(*choices):
        places = {item.id: place for item, place in zip(problem.items, chosen, strict=True) if place is not None}
        if not breaches(problem, rules, places):
            best = max(best, worth(problem, rules, places))
    return best
