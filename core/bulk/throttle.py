"""How many rows of a smart job run at once: more while it goes well, half when it does not."""

from dataclasses import dataclass, replace

PATIENCE = 2.0
"""A row that takes this many times the usual says that the machine has enough to do."""

_SLOWER, _HALF = 0.8, 0.5
_LEARN = 0.1


@dataclass(frozen=True)
class Throttle:
    """The present limit (rows at once, at least 1) and the usual time of a row in seconds (None: no row was done)."""

    limit: float = 1.0
    usual: float | None = None

    @property
    def rows(self) -> int:
        """How many rows may run at once."""
        return int(self.limit)


def adapt(throttle: Throttle, seconds: float, most: int, *, failed: bool) -> Throttle:
    """Return the limit after a row took `seconds`.

    Additive increase (1/limit a row, so one for each round), multiplicative decrease: to the half after an error, to
    0.8 after a row that took more than twice the usual. Such a row counts as twice the usual, so that a load does not
    become it.
    """
    usual = throttle.usual if throttle.usual is not None else seconds
    is_slow = seconds > PATIENCE * usual
    if failed:
        limit = throttle.limit * _HALF
    elif is_slow:
        limit = throttle.limit * _SLOWER
    else:
        limit = throttle.limit + 1 / throttle.limit
    learned = usual if failed else usual + _LEARN * (min(seconds, PATIENCE * usual) - usual)
    return replace(throttle, limit=min(max(limit, 1.0), float(most)), usual=learned)
