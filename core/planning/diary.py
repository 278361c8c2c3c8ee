"""What the channels already hold while a plan grows, and what that rules out."""

from bisect import bisect_left, insort
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta

from core.planning.plan import BlockedBy
from core.planning.problem import ChannelLimits, Commitment, PlanItem, PlanSlot, Problem, Week


class ChannelDiary:
    """The posts of one channel; it only grows, so a slot that is ruled out stays so."""

    def __init__(self, limits: ChannelLimits) -> None:
        self.limits = limits
        self._starts: list[datetime] = []
        self._days: Counter[date] = Counter()
        self._weeks: Counter[Week] = Counter()

    def add(self, post: PlanSlot | Commitment) -> None:
        """Enter a post."""
        insort(self._starts, post.start)
        self._days[post.day] += 1
        self._weeks[post.week] += 1

    def block(self, slot: PlanSlot) -> BlockedBy | None:
        """Return what keeps every item of the channel out of a slot, None when it is free."""
        if self._is_close(slot.start):
            return BlockedBy.MIN_GAP
        if self.limits.max_per_day is not None and self._days[slot.day] >= self.limits.max_per_day:
            return BlockedBy.MAX_PER_DAY
        if self.limits.max_per_week is not None and self._weeks[slot.week] >= self.limits.max_per_week:
            return BlockedBy.MAX_PER_WEEK
        return None

    def _is_close(self, start: datetime) -> bool:
        index = bisect_left(self._starts, start)
        near = self._starts[max(index - 1, 0) : index + 1]
        return any(post == start or abs(post - start) < self.limits.min_gap for post in near)


class Diary:
    """The posts of all channels, commitments first."""

    def __init__(self, problem: Problem) -> None:
        self.channels = {channel_id: ChannelDiary(limits) for channel_id, limits in problem.limits.items()}
        self._gap = problem.cross_platform_gap or timedelta()
        self._contents: defaultdict[str, list[tuple[str, datetime]]] = defaultdict(list)
        for commitment in problem.commitments:
            self.add(commitment, commitment.content_key)

    def add(self, post: PlanSlot | Commitment, content_key: str | None) -> None:
        """Enter a post and its content."""
        self.channels[post.channel_id].add(post)
        if content_key is not None:
            self._contents[content_key].append((post.channel_id, post.start))

    def is_near_same_content(self, item: PlanItem, start: datetime) -> bool:
        """Say whether another channel carries the item's content too close to `start`."""
        others = self._contents.get(item.content_key, ()) if item.content_key is not None else ()
        return any(channel != item.channel_id and abs(post - start) < self._gap for channel, post in others)
