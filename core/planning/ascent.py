"""Lowering the bound: prices follow its slope, each at its own pace (the Adam rule of Kingma and Ba, 2015)."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.planning.relaxation import Evaluation, Prices, Relaxation

_MEMORY_OF_SLOPE = 0.9
_MEMORY_OF_SQUARE = 0.99
_QUIET = 1e-3
"""Keeps a price whose slope has been 0 from jumping at its first stir."""


@dataclass(frozen=True)
class Pace:
    """How long to go on, and the step per round in units of what an item earns, from first to last."""

    rounds: int
    first: float
    last: float


class Ascent:
    """The lowest bound so far with its prices; `bound` is valid at any moment."""

    def __init__(self, relaxation: Relaxation) -> None:
        self.relaxation = relaxation
        self.prices = relaxation.start()
        self.best: Evaluation = relaxation.evaluate(self.prices)
        best = np.abs(relaxation.demand.best())
        self._scale = float(best.mean()) if best.size else 0.0
        self._means = [np.zeros(part.shape) for part in self.prices.parts]
        self._squares = [np.zeros(part.shape) for part in self.prices.parts]

    @property
    def bound(self) -> float:
        """The lowest bound found."""
        return self.best.bound

    def run(self, pace: Pace, is_over: Callable[[], bool]) -> None:
        """Follow the slope from the best prices on; `is_over` is asked every round."""
        prices, evaluation = self.prices, self.best
        for step in self._scale * np.geomspace(pace.first, pace.last, pace.rounds):
            if is_over():
                return
            prices = self._moved(prices, evaluation.slope, float(step))
            evaluation = self.relaxation.evaluate(prices)
            if evaluation.bound < self.best.bound:
                self.prices, self.best = prices, evaluation

    def _moved(self, prices: Prices, slope: Prices, step: float) -> Prices:
        """Return the prices a step further down; the means of the slopes and of their squares go on from run to run."""
        floors = (0.0, self.relaxation.floor, 0.0)
        ceilings = (np.inf, self.relaxation.ceiling, np.inf)
        moved = []
        for part, push, mean, square, floor, ceiling in zip(
            prices.parts, slope.parts, self._means, self._squares, floors, ceilings, strict=True
        ):
            is_stuck = ((part <= floor) & (push > 0)) | ((part >= ceiling) & (push < 0))
            force = np.where(is_stuck, 0.0, push)
            np.add(mean, (1 - _MEMORY_OF_SLOPE) * (force - mean), out=mean)
            np.add(square, (1 - _MEMORY_OF_SQUARE) * (force * force - square), out=square)
            moved.append(np.clip(part - step * mean / (np.sqrt(square) + _QUIET), floor, ceiling))
        return Prices(*moved)
