"""Staying put: an item that keeps its present place earns a bonus, so that a new plan moves as little as pays."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from core.planning.grid import Extra, GridProblem

Place = tuple[str, int]
"""Channel and slot."""


@dataclass(frozen=True)
class Stability:
    """An item at `present` earns `weight` times its priority for staying: it moves only for a larger gain in score."""

    present: Mapping[str, Place]
    weight: float

    def extras(self, problem: GridProblem) -> Iterator[Extra]:
        """Yield the bonus of each item that has a present place on a channel it may go to."""
        for item in problem.items:
            channel, slot = self.present.get(item.id, ("", -1))
            if channel in item.channels and 0 <= slot < problem.count:
                values = np.zeros(problem.count)
                values[slot] = self.weight * item.priority
                yield Extra(item.id, channel, values)
