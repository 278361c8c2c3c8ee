"""Posts at their exact times, and what speaks against one more: the rules of a plan beside its slots."""

from bisect import bisect_left, insort
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import floor

from core.calendar.conflicts import Booking
from core.calendar.zones import to_wall
from core.planning.grid_plan import Block
from core.services.plan_ground import Ground
from core.services.plan_views import PlanOptions

Order = tuple[str, str]
"""Two items, of which the second does not go out before the first."""

_MINUTE = timedelta(minutes=1)
_Period = tuple[Block, str, object]
"""A day or week of a channel, or a slot of the workspace (channel ""), in which posts are counted."""
_WITHIN = {Block.DAY_CAP: "of its day", Block.WEEK_CAP: "of its week", Block.WORKSPACE_CAP: "at its time"}


@dataclass(frozen=True)
class Obstacle:
    """What speaks against a post, as the end of a sentence about it; `other` is the post it would be too near to."""

    block: Block
    words: str
    other: Booking | None = None


class Diary:
    """The posts that stand, for asking what one more would break; it may hold posts that break something already."""

    def __init__(self, ground: Ground, options: PlanOptions, orders: Iterable[Order] = ()) -> None:
        """Open it without any post; all posts must be on channels of the ground."""
        self.posts: dict[str, Booking] = {}
        self._ground, self._options = ground, options
        self._times: defaultdict[str, list[tuple[datetime, str]]] = defaultdict(list)
        self._counts: Counter[_Period] = Counter()
        self._contents: defaultdict[str, set[str]] = defaultdict(set)
        self._orders: defaultdict[str, list[Order]] = defaultdict(list)
        for order in orders:
            for item_id in order:
                self._orders[item_id].append(order)

    def add(self, post: Booking) -> None:
        """Enter a post."""
        self.posts[post.item_id] = post
        insort(self._times[post.channel_id], (post.at, post.item_id))
        self._counts.update(list(self._periods(post)))
        self._contents[post.content_id].add(post.item_id)

    def remove(self, item_id: str) -> Booking:
        """Take a post out and return it."""
        post = self.posts.pop(item_id)
        self._times[post.channel_id].remove((post.at, item_id))
        self._counts.subtract(list(self._periods(post)))
        self._contents[post.content_id].discard(item_id)
        return post

    def obstacles(self, post: Booking) -> Iterator[Obstacle]:
        """Yield what a post that is not in here would break."""
        if why := self._ground.channels[post.channel_id].allowance.closed(post.at):
            yield Obstacle(Block.CLOSED, f"would be {why}")
        yield from self._too_near(post)
        for period, cap in self._periods(post).items():
            if (others := self._counts[period]) >= cap:
                yield Obstacle(period[0], f"would be post {others + 1} {_WITHIN[period[0]]}; at most {cap} may be")
        yield from self._same_content(post)
        yield from self._out_of_order(post)

    def count(self, post: Booking, block: Block) -> int:
        """Return how many posts here stand in the day, week or slot (by `block`) of a post."""
        return sum(self._counts[period] for period in self._periods(post) if period[0] is block)

    def count_together(self, one: Booking, other: Booking, block: Block) -> bool:
        """Say whether two posts count in the same day, week or slot (by `block`)."""
        return any(period[0] is block for period in self._periods(one).keys() & self._periods(other).keys())

    def _too_near(self, post: Booking) -> Iterator[Obstacle]:
        gap = self._ground.channels[post.channel_id].allowance.rules.limits.min_gap
        times = self._times[post.channel_id]
        for at, item_id in times[bisect_left(times, (post.at - gap, "")) :]:
            if at > post.at and at - post.at >= gap:
                break
            if at == post.at:
                yield self._against(Block.SPACING, "at the same minute as", item_id)
            elif abs(at - post.at) < gap:
                yield self._against(Block.SPACING, f"less than {gap / _MINUTE:g} minutes from", item_id)

    def _periods(self, post: Booking) -> dict[_Period, int]:
        """Return the periods in which a post counts where they have a cap, with it."""
        own = self._ground.channels[post.channel_id]
        day = to_wall(post.at, own.channel.timezone).date()
        monday = day - timedelta(days=day.weekday())
        slot = floor(self._ground.grid.position(post.at))
        limits, at_once = own.allowance.rules.limits, self._options.max_at_once
        caps: dict[_Period, int | None] = {
            (Block.DAY_CAP, post.channel_id, day): limits.max_per_day,
            (Block.WEEK_CAP, post.channel_id, monday): limits.max_per_week,
            (Block.WORKSPACE_CAP, "", slot): at_once,
        }
        return {period: cap for period, cap in caps.items() if cap is not None}

    def _same_content(self, post: Booking) -> Iterator[Obstacle]:
        gap = self._options.cross_platform_gap
        for item_id in sorted(self._contents[post.content_id]) if post.content_id and gap else ():
            other = self.posts[item_id]
            if other.channel_id != post.channel_id and abs(other.at - post.at) < gap:
                yield self._against(Block.KEPT_APART, f"less than {gap / _MINUTE:g} minutes from", item_id)

    def _out_of_order(self, post: Booking) -> Iterator[Obstacle]:
        for first, second in self._orders.get(post.item_id, ()):
            if first == post.item_id and second in self.posts and self.posts[second].at < post.at:
                yield self._against(Block.KEPT_APART, "after the post it leads,", second)
            if second == post.item_id and first in self.posts and post.at < self.posts[first].at:
                yield self._against(Block.KEPT_APART, "before the post that leads it,", first)

    def _against(self, block: Block, relation: str, item_id: str) -> Obstacle:
        other = self.posts[item_id]
        at = to_wall(other.at, self._ground.channels[other.channel_id].channel.timezone)
        return Obstacle(block, f"would be {relation} “{other.title}” ({at:%a} {at.day} {at:%b %H:%M})", other)


def new_obstacles(before: Diary, after: Diary, item_id: str) -> tuple[Obstacle, ...]:
    """Return what an item breaks where it stands in `after`, and did not break in `before`.

    Posts that were too near before may stay so; a day, week or slot that was over its cap may keep what stood in it,
    but takes no other post, not even for one that leaves.
    """
    old, new = before.remove(item_id), after.remove(item_id)
    known = {(one.block, one.other.item_id) for one in before.obstacles(old) if one.other is not None}
    found = tuple(after.obstacles(new))
    before.add(old)
    counted = {
        block: before.count_together(old, new, block) and before.count(new, block) > after.count(new, block)
        for block in Block
    }
    after.add(new)
    return tuple(
        one
        for one in found
        if not (counted[one.block] if one.other is None else (one.block, one.other.item_id) in known)
    )
