"""The planner's problem for a calendar: its movable items over the grid, everything else standing."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from math import ceil, floor

import numpy as np

from core.planning.constraints.cross_platform_gap import CrossPlatformGap
from core.planning.constraints.order import Order as InOrder
from core.planning.grid import Constraint, GridChannel, GridCommitment, GridItem, GridProblem, Term
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
        terms=(subject.worth.by_format(subject.ground, formats), *_staying(subject, movable.values())),
        constraints=tuple(_constraints(subject, movable)),
    )


def home_slots(ground: Ground, one: Movable) -> tuple[int, ...]:
    """Return the slots of an item's channel nearest to where it stands: that one, or the one before and the one after.

    An item at 10:07 that would go to 10:00 or to 10:30 stays at 10:07, where that is allowed.
    """
    position, own = ground.grid.position(one.post.at), ground.channels[one.item.channel_id]
    step = SLOT_MINUTES // ground.grid.minutes
    around = range(floor(position) - step + 1, ceil(position) + step)
    near = [slot for slot in around if 0 <= slot < ground.grid.count and own.wall.minute[slot] % SLOT_MINUTES == 0]
    return tuple(slot for slot in near if abs(slot - position) < step)


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


def _staying(subject: Subject, movable: Iterable[Movable]) -> Iterator[Term]:
    """Yield what an item earns for staying: in its slot, or in either of those it stands between."""
    homes: tuple[dict[str, Place], dict[str, Place]] = {}, {}
    for one in movable:
        for places, slot in zip(homes, home_slots(subject.ground, one), strict=False):
            places[one.item.id] = one.item.channel_id, slot
    for places in homes:
        yield Stability(places, subject.options.stability)


def _constraints(subject: Subject, movable: Mapping[str, Movable]) -> Iterator[Constraint]:
    gap = subject.ground.grid.slots(subject.options.cross_platform_gap)
    if gap:
        yield CrossPlatformGap(gap)
    for first, second in subject.orders:
        if first in movable and second in movable:
            yield InOrder(first, second)
