"""A publisher that keeps its posts in memory, for tests and demonstrations."""

# ruff: noqa: ARG002  # every publisher takes the contract's arguments, needed or not

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

from core.publishing.contract import (
    Absent,
    ChannelAccess,
    Firing,
    Found,
    LookUp,
    Post,
    Preparation,
    Published,
    Ready,
    Refused,
    StepState,
)


@dataclass(frozen=True)
class Fault:
    """What one `fire` answers instead of success, and whether the post became visible all the same."""

    answer: Refused
    taken: bool = False


class Recorder:
    """Obeys the contract like a platform that recognizes a repeated delivery; `posts` is what is visible."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self.posts: dict[str, Post] = {}
        self._published: dict[str, Published] = {}
        self._faults = deque(faults)
        self._lock = Lock()

    def prepare(self, post: Post, access: ChannelAccess, now: datetime) -> Preparation:
        """Nothing to prepare."""
        return Ready({})

    def check(self, post: Post, access: ChannelAccess, state: StepState, now: datetime) -> Preparation:
        """Nothing to wait for."""
        return Ready(state)

    def fire(self, post: Post, access: ChannelAccess, state: StepState, now: datetime) -> Firing:
        """Record the post, or play the next fault."""
        with self._lock:
            fault = self._faults.popleft() if self._faults else None
            if fault is None or fault.taken:
                self.posts.setdefault(post.delivery_id, post)
                self._published.setdefault(post.delivery_id, Published(at=now, remote_id=post.delivery_id))
            return fault.answer if fault else self._published[post.delivery_id]

    def look_up(self, post: Post, access: ChannelAccess, state: StepState, now: datetime) -> LookUp:
        """Say exactly whether the post is visible."""
        with self._lock:
            published = self._published.get(post.delivery_id)
        return Found(published) if published else Absent()
