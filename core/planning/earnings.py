"""What items earn in each slot, as rows: items for which a row would be the same share it."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import blake2b

import numpy as np

from core.errors import Invalid
from core.errors import Problem as Fault
from core.planning.grid import Extra, Floats, GridItem, GridProblem, Mask

_NONE = -1


@dataclass(frozen=True, eq=False)
class _Part:
    """What a term adds in every slot, told from others by its bytes."""

    values: Floats
    mark: bytes
    bonus_slot: int
    """The slot of the only number that is not 0, where it is above; such parts need no row of their own."""


@dataclass(eq=False)
class _Change:
    """What terms add and constraints forbid for an item on a channel."""

    parts: list[_Part] = field(default_factory=list)
    bonuses: defaultdict[int, float] = field(default_factory=lambda: defaultdict(float))
    closed: Mask | None = None


_UNCHANGED = _Change()


class Rows:
    """The rows of `worth` (-inf where a slot is closed), each once, and what constraints close in those they touch."""

    def __init__(self, problem: GridProblem) -> None:
        self.channels = {channel.id: number for number, channel in enumerate(problem.channels)}
        self.rows: list[Floats] = []
        self.ruled_out: dict[int, Mask] = {}
        self._open = [channel.open for channel in problem.channels]
        self._scores = [channel.scores for channel in problem.channels]
        self._known: dict[tuple[object, ...], int] = {}
        self._changes = _changes(problem)

    def one(self, item: GridItem, channel_id: str) -> tuple[int, int, float]:
        """Return row, slot of the bonus (-1: none) and bonus of an item on a channel."""
        change = self._changes.get((item.id, channel_id), _UNCHANGED)
        bonuses = [(slot, bonus) for slot, bonus in change.bonuses.items() if _is_free(change, slot)]
        single = bonuses[0] if len(bonuses) == 1 else (_NONE, 0.0)
        return self._find(item, self.channels[channel_id], change, bonuses if single[0] == _NONE else []), *single

    def _find(self, item: GridItem, channel: int, change: _Change, bonuses: list[tuple[int, float]]) -> int:
        """Return the number of a row, entering it when it is new."""
        closed = b"" if change.closed is None else change.closed.tobytes()
        key = channel, item.priority, closed, *(part.mark for part in change.parts), *bonuses
        if key not in self._known:
            self._known[key] = len(self.rows)
            if change.closed is not None and change.closed.any():
                self.ruled_out[len(self.rows)] = change.closed
            row = item.priority * (1 + self._scores[channel])
            for part in change.parts:
                row += part.values
            for slot, bonus in bonuses:
                row[slot] += bonus
            is_open = self._open[channel] if change.closed is None else self._open[channel] & ~change.closed
            self.rows.append(np.where(is_open, row, -np.inf))
        return self._known[key]


def _is_free(change: _Change, slot: int) -> bool:
    return change.closed is None or not change.closed[slot]


def _changes(problem: GridProblem) -> dict[tuple[str, str], _Change]:
    changes: defaultdict[tuple[str, str], _Change] = defaultdict(_Change)
    for extra, part in _parts(problem):
        change = changes[extra.item, extra.channel]
        if part.bonus_slot == _NONE:
            change.parts.append(part)
        else:
            change.bonuses[part.bonus_slot] += float(part.values[part.bonus_slot])
    for constraint in problem.constraints:
        for closure in constraint.closures(problem):
            change = changes[closure.item, closure.channel]
            change.closed = closure.slots if change.closed is None else change.closed | closure.slots
    return changes


def _parts(problem: GridProblem) -> Iterator[tuple[Extra, _Part]]:
    """Yield what terms add, each array looked at once: terms may give many items the same one."""
    looked_at: dict[int, _Part] = {}
    for term in problem.terms:
        for extra in term.extras(problem):
            part = looked_at.get(id(extra.values))
            if part is None:
                part = looked_at[id(extra.values)] = _part(extra, problem.count)
            if part.values.any():
                yield extra, part


def _part(extra: Extra, count: int) -> _Part:
    """Look at an array once. Raises Invalid for one that is no finite number for each slot."""
    values = extra.values
    if values.shape != (count,) or not np.isfinite(values).all():
        found = f"{values.size} entries" if values.shape != (count,) else "a number that is not finite"
        place = f"terms: {extra.item} on {extra.channel}"
        raise Invalid((Fault(place, found, f"give one finite number for each of the {count} slots"),))
    slots = np.flatnonzero(values)
    is_bonus = slots.size == 1 and values[slots[0]] > 0
    return _Part(values, blake2b(values.tobytes()).digest(), int(slots[0]) if is_bonus else _NONE)
