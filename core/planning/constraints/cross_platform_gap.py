"""Keeping the same content apart on different channels, posts that are already committed included."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite

import numpy as np

from core.errors import Invalid
from core.errors import Problem as Fault
from core.planning.distances import near, whole
from core.planning.grid import Closure, GridCommitment, GridProblem, KeptApart


@dataclass(frozen=True)
class CrossPlatformGap:
    """Posts of the same content on different channels stand at least `slots` apart; 0 is no limit.

    A part of a slot counts towards committed posts, which may stand between two slots. Invalid: a negative number.
    """

    slots: float

    def __post_init__(self) -> None:
        """Refuse what is no distance."""
        if not (isfinite(self.slots) and self.slots >= 0):
            raise Invalid((Fault("cross_platform_gap_slots", str(self.slots), "use a number from 0 on"),))

    def closures(self, problem: GridProblem) -> Iterator[Closure]:
        """Yield the slots near committed posts of an item's content on another channel."""
        committed: defaultdict[str, list[GridCommitment]] = defaultdict(list)
        for post in problem.commitments if self.slots > 0 else ():
            if post.content is not None:
                committed[post.content].append(post)
        for item in problem.items:
            for channel in item.channels if item.content in committed else ():
                closed = np.zeros(problem.count, dtype=np.bool_)
                for post in committed[item.content or ""]:
                    if post.channel != channel:
                        closed |= near(post.slot, self.slots, problem.count)
                yield Closure(item.id, channel, closed)

    def apart(self, problem: GridProblem) -> Iterator[KeptApart]:
        """Yield the items of each content."""
        contents: defaultdict[str, list[str]] = defaultdict(list)
        for item in problem.items:
            if item.content is not None:
                contents[item.content].append(item.id)
        reach = min(whole(self.slots) - 1, problem.count)
        for members in contents.values():
            if len(members) > 1 and reach >= 0:
                yield KeptApart(tuple(members), -reach, reach)
