"""The planning problem on numbered slots: channels, items, what is already there, and rules a caller may add."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from core.errors import Invalid
from core.json_fields import MOST_FAULTS

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class GridChannel:
    """A channel over the slots of the grid; every array has one entry per slot.

    `open` is False where nothing may go out (blackouts, quiet hours, weekdays, days off); `day` and `week` number the
    channel's own calendar days and weeks. Two posts stand at least `min_gap` slots apart and never share a slot; a part
    of a slot counts towards commitments, which may stand between two slots.

    `daily_returns` and `weekly_returns` are the factors of the first, second, ... post of a day or week, from 1 down;
    the last one holds for all later posts. The m-th post takes (1 - factor) * typical value off the plan, where the
    typical value is (mean priority of the items) * (mean of 1 + score over the open slots): crowding costs the
    channel, whichever of its posts comes last. Each post up to `min_per_week` adds `worth_of_minimum` to the plan; this
    holds for weeks of which the grid has seven days.
    """

    id: str
    scores: Floats
    open: Mask
    day: Ints
    week: Ints
    brand: str = ""
    name: str = ""
    min_gap: float = 1
    max_per_day: int | None = None
    max_per_week: int | None = None
    min_per_week: int = 0
    worth_of_minimum: float = 0.0
    daily_returns: tuple[float, ...] = ()
    weekly_returns: tuple[float, ...] = ()


@dataclass(frozen=True)
class GridItem:
    """A post for one of its channels, not before `release` and not after `deadline` (slots, inclusive).

    Placing it is worth priority * (1 + score of the slot). `content` is the same for posts of the same content. A
    `fixed` item stands in that slot, on the first of its channels that can take it.
    """

    id: str
    channels: tuple[str, ...]
    priority: float = 1.0
    release: int = 0
    deadline: int | None = None
    content: str | None = None
    fixed: int | None = None


@dataclass(frozen=True)
class GridCommitment:
    """A post that stays where it is, in slots from the start: 2.5 is half-way from slot 2 to slot 3.

    It counts in the day, the week and the limits of the slot it falls in (2.5 falls in slot 2); before or after the
    grid, in the `day` and `week` it names, if any.
    """

    channel: str
    slot: float
    content: str | None = None
    day: int | None = None
    week: int | None = None


@dataclass(frozen=True, eq=False)
class Extra:
    """What an item earns on a channel beside priority * (1 + score): one number per slot."""

    item: str
    channel: str
    values: Floats


@dataclass(frozen=True, eq=False)
class Closure:
    """Slots of a channel that an item may not take."""

    item: str
    channel: str
    slots: Mask


@dataclass(frozen=True)
class KeptApart:
    """Of two `members`, the later named may not stand `low` to `high` slots after the earlier named.

    With `across` this holds only while they are on different channels.
    """

    members: tuple[str, ...]
    low: int
    high: int
    across: bool = True


class Term(Protocol):
    """Part of what a plan is worth. The bound stays valid for any finite values: they enter it exactly."""

    def extras(self, problem: "GridProblem") -> Iterable[Extra]:
        """Yield what items earn in addition, for the items and channels it changes."""
        ...


class Constraint(Protocol):
    """Something no plan may break. Closures enter the bound exactly; what is kept apart is left out of the bound.

    Leaving a constraint out can only raise the bound: it stays valid, and less tight the more the constraint costs.
    """

    def closures(self, problem: "GridProblem") -> Iterable[Closure]:
        """Yield the slots it forbids to single items."""
        ...

    def apart(self, problem: "GridProblem") -> Iterable[KeptApart]:
        """Yield the items that limit each other."""
        ...


@dataclass(frozen=True, eq=False)
class GridProblem:
    """What is to be planned over `count` slots. Invalid names the faults with their places and how to mend it.

    An item nothing can place (its window holds no open slot) is no fault: the plan says why it is left over.
    `max_per_slot_and_brand` and `max_per_slot` limit how many posts of a brand and of all channels share a slot.
    """

    count: int
    channels: tuple[GridChannel, ...]
    items: tuple[GridItem, ...]
    commitments: tuple[GridCommitment, ...] = ()
    max_per_slot_and_brand: int | None = None
    max_per_slot: int | None = None
    terms: tuple[Term, ...] = ()
    constraints: tuple[Constraint, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what no planner could make sense of."""
        from core.planning.grid_faults import faults_of  # it reads these classes

        if faults := tuple(islice(faults_of(self), MOST_FAULTS)):
            raise Invalid(faults)
