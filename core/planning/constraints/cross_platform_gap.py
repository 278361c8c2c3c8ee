"""Keeping the same content apart on different channels, posts that are already committed included."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from core.planning.grid import Closure, GridCommitment, GridProblem, KeptApart


@dataclass(frozen=True)
class CrossPlatformGap:
    """Posts of the same content on different channels stand at least `slots` apart."""

    slots: int

    def closures(self, problem: GridProblem) -> Iterator[Closure]:
        """Yield the slots near committed posts of an item's content on another channel."""
        committed: defaultdict[str, list[GridCommitment]] = defaultdict(list)
        for post in problem.commitments:
            if post.content is not None:
                committed[post.content].append(post)
        for item in problem.items:
            for channel in item.channels if item.content in committed else ():
                closed = np.zeros(problem.count, dtype=np.bool_)
                for post in committed[item.content or ""]:
                    if post.channel != channel:
                        closed[max(post.slot - self.slots + 1, 0) : max(post.slot + self.slots, 0)] = True
                yield Closure(item.id, channel, closed)

    def apart(self, problem: GridProblem) -> Iterator[KeptApart]:
        """Yield the items of each content."""
        contents: defaultdict[str, list[str]] = defaultdict(list)
        for item in problem.items:
            if item.content is not None:
                contents[item.content].append(item.id)
        for members in contents.values():
            if len(members) > 1 and self.slots > 0:
                yield KeptApart(tuple(members), 1 - self.slots, self.slots - 1)
