"""Distances in slots: between posts that stand on slots, and to posts that may stand between two."""

from math import ceil

import numpy as np

from core.planning.grid import Mask

ROUNDING = 1e-9
"""Slots: less than a microsecond even of a day-long slot, and far more than dividing minutes by minutes can err."""


def whole(distance: float) -> int:
    """Return the least distance between two slots that is `distance` at least."""
    return ceil(distance - ROUNDING)


def near(position: float, distance: float, count: int) -> Mask:
    """Say which of the slots 0 to count - 1 are less than `distance` from a position, or right on it."""
    apart = np.abs(np.arange(count) - position)
    return np.asarray((apart < distance - ROUNDING) | (apart <= ROUNDING))
