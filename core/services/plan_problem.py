"""The planner's problem for a calendar: its movable items over the grid, everything else standing."""

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from math import ceil, floor

import numpy as np

from core.planning.constraints.cross_platform_gap import CrossPlatformGap
from core.planning.constraints.order import Order as InOrder
from core.planning.distances import ROUNDING
from core.planning.grid import Constraint, GridChannel, GridCommitment, GridItem, GridProblem
from core.planning.terms.stability import Place, Stability
from core.services.plan_ground import SLOT_MINUTES, Ground
from core.services.plan_subject import Movable, Subject
from core.services.plan_worth import MINIMUM_WORTH, weight_of


def problem_of(subject: Subject, staying: Iterable[str] = ()) -> GridProblem:
    """Return the problem of placing the movable items; those that are `staying` stand where they are like the rest."""
    kept = frozenset(staying)
    movable = {key: one for key, one in subject.movable.items() if key not in kept}
    formats = {key: one.item.content_format for key, one in movable.items()}
    standing = tuple(_standing(subject, movable))
    return GridProblem(
        count=subject.ground.grid.count,
        channels=tuple(_channels(subject, movable.values(), standing)),
        items=tuple(_items(subject, movable)),
        commitments=standing,
        max_per_slot=subject.options.max_at_once,
        terms=(
            subject.worth.by_format(subject.ground, formats),
            Stability(homes_of(subject, movable.values(), standing), subject.options.stability),
        ),
        constraints=tuple(_constraints(subject, movable)),
    )


def homes_of(subject: Subject, movable: Iterable[Movable], standing: Iterable[GridCommitment]) -> Mapping[str, Place]:
    """Return the slot in which each item stays: where it stands or, between two, the nearest that it may take.

    Items without one are left out: they can only stay at their minute, if at all.
    """
    taken: defaultdict[str, list[float]] = defaultdict(list)
    for post in standing:
        insort(taken[post.channel], post.slot)
    homes = ((one.item, _home(subject.ground, one, taken[one.item.channel_id])) for one in movable)
    return {item.id: (item.channel_id, slot) for item, slot in homes if slot is not None}


def _home(ground: Ground, one: Movable, taken: Sequence[float]) -> int | None:
    own, position = ground.channels[one.item.channel_id], ground.grid.position(one.post.at)
    gap = ground.grid.slots(own.allowance.rules.limits.min_gap) - ROUNDING
    step = SLOT_MINUTES // ground.grid.minutes
    around = range(max(floor(position) - step + 1, one.low), min(ceil(position) + step - 1, one.high) + 1)
    for slot in sorted(around, key=lambda slot: abs(slot - position)):
        next_one = bisect_left(taken, slot - gap)
        is_free = next_one == len(taken) or taken[next_one] >= slot + gap
        if own.open[slot] and is_free and abs(slot - position) < step:
            return slot
    return None


def _standing(subject: Subject, movable: Mapping[str, Movable]) -> Iterator[GridCommitment]:
    """Yield what stays where it is, as far as it matters: on the items' channels, or to the workspace or a content."""
    channels = {one.item.channel_id for one in movable.values()}
    contents = {one.post.content_id for one in movable.values()} if subject.options.cross_platform_gap else set()
    for post in subject.ground.commitments(movable):
        if post.channel in channels or post.content in contents or subject.options.max_at_once is not None:
            yield post


def _channels(
    subject: Subject, movable: Iterable[Movable], standing: Iterable[GridCommitment]
) -> Iterator[GridChannel]:
    """Yield the channels that items may go to, and those without any that hold a post."""
    ground, kinds = subject.ground, {one.item.channel_id: one.kind for one in movable}
    priority = float(np.mean([weight_of(one.item.priority) for one in subject.movable.values()]))
    for key, kind in kinds.items():
        yield replace(
            ground.grid_channel(key, subject.worth.row(ground, kind)),
            min_per_week=subject.least[key],
            worth_of_minimum=MINIMUM_WORTH * priority,
            weekly_returns=subject.returns[key],
        )
    for key in dict.fromkeys(post.channel for post in standing if post.channel not in kinds):
        yield ground.grid_channel(key, np.zeros(ground.grid.count))


def _items(subject: Subject, movable: Mapping[str, Movable]) -> Iterator[GridItem]:
    windows = {key: (one.low, one.high) for key, one in movable.items()}
    posts = {post.item_id: post for post in subject.ground.bookings}
    for first, second in subject.orders:  # what one that stands leaves to the other; two that move are kept in order
        if second in movable and first not in movable:
            low, high = windows[second]
            windows[second] = max(low, ceil(subject.ground.grid.position(posts[first].at))), high
        if first in movable and second not in movable:
            low, high = windows[first]
            windows[first] = low, min(high, floor(subject.ground.grid.position(posts[second].at)))
    for key, one in movable.items():
        low, high = windows[key]
        weight, content = weight_of(one.item.priority), one.post.content_id or None
        yield GridItem(key, (one.item.channel_id,), weight, low, high, content)


def _constraints(subject: Subject, movable: Mapping[str, Movable]) -> Iterator[Constraint]:
    gap = subject.ground.grid.slots(subject.options.cross_platform_gap)
    if gap:
        yield CrossPlatformGap(gap)
    for first, second in subject.orders:
        if first in movable and second in movable:
            yield InOrder(first, second)
