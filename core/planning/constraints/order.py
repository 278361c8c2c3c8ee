"""An order between two posts, such as the long video before the short that advertises it."""

from collections.abc import Iterator
from dataclasses import dataclass

from core.planning.grid import Closure, GridProblem, KeptApart


@dataclass(frozen=True)
class Order:
    """`second` stands at least `slots` after `first` (0: not before it), where both are placed."""

    first: str
    second: str
    slots: int = 0

    def closures(self, problem: GridProblem) -> Iterator[Closure]:  # noqa: ARG002 - the shape of every constraint
        """Close nothing by itself."""
        return iter(())

    def apart(self, problem: GridProblem) -> Iterator[KeptApart]:
        """Forbid every distance below the one asked for."""
        yield KeptApart((self.first, self.second), -problem.count, self.slots - 1, across=False)
