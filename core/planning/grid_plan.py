"""What the solver answers: where each item goes, how good that is at worst, and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from core.planning.grid import Floats


class Block(StrEnum):
    """What keeps an item out of a slot, the easiest to relax first."""

    DAY_CAP = "day_cap"
    WEEK_CAP = "week_cap"
    SPACING = "spacing"
    BRAND_CAP = "brand_cap"
    WORKSPACE_CAP = "workspace_cap"
    KEPT_APART = "kept_apart"
    WINDOW = "window"
    CLOSED = "closed"
    RULE = "rule"
    WORTH = "worth"


class Why(StrEnum):
    """Why an item stands where it stands."""

    FIXED = "fixed"
    BEST = "best"
    WORTH_MORE_TO_ANOTHER = "worth_more_to_another"
    NO_ROOM = "no_room"


class Ending(StrEnum):
    """How a search ended; only after the first two is the plan the same on every run."""

    OPTIMAL = "optimal"
    CONVERGED = "converged"
    OUT_OF_TIME = "out_of_time"
    CANCELED = "canceled"


@dataclass(frozen=True)
class PlacedReason:
    """Why here: `slot` of `channel` would earn `gain` (a share) more, but `rival` has it or `block` bars it.

    `price` is what that place is worth to the whole plan, `None` where no price was worked out.
    """

    why: Why
    channel: str
    slot: int
    gain: float = 0.0
    rival: str | None = None
    block: Block | None = None
    price: float | None = None
    sentence: str = ""


@dataclass(frozen=True)
class Relaxation:
    """The least that would have to change for an item to fit at `slot` of `channel`, the other items staying.

    `needs` gives, for each limit in the way, what it would have to become: a cap in posts, a spacing or distance in
    slots, the slot of the release or deadline; for a closed slot, or one a constraint forbids, the slot itself.
    """

    channel: str
    slot: int
    needs: tuple[tuple[Block, float], ...]
    value: float
    sentence: str = ""


@dataclass(frozen=True)
class UnplacedReason:
    """Why nowhere: the smallest set of constraints that together close every slot, with the slots each one closes."""

    blocks: tuple[tuple[Block, int], ...]
    slots: int
    sentence: str = ""


@dataclass(frozen=True)
class GridPlacement:
    """An item's place, what it earns there, and why there."""

    item: str
    channel: str
    slot: int
    value: float
    reason: PlacedReason


@dataclass(frozen=True)
class GridUnplaced:
    """An item that is left over, why, and what would make room for it (`None`: nothing short of moving other items)."""

    item: str
    reason: UnplacedReason
    relaxation: Relaxation | None


@dataclass(frozen=True, eq=False)
class GridPlan:
    """A plan that breaks nothing; placements by slot, the rest in the order of the items.

    `value` is the sum of what the placements earn, less what crowding costs, plus what weekly minimums add. No plan is
    worth more than `bound`; `gap` = (bound - value) / bound. `prices` hold, for each channel, what one more post in a
    slot is worth to the plan (an estimate, per slot); empty when the time did not allow for them.
    """

    placements: tuple[GridPlacement, ...]
    unplaced: tuple[GridUnplaced, ...]
    value: float
    bound: float
    gap: float
    ending: Ending
    seconds: float
    prices: Mapping[str, Floats]

    @property
    def is_optimal(self) -> bool:
        """Whether the plan is proven to be the best there is."""
        return self.ending is Ending.OPTIMAL


@dataclass(frozen=True)
class Infeasible:
    """Two demands no plan can meet at once: a fixed item and what stands against it."""

    item: str
    against: str
    block: Block
    reason: str


@dataclass(frozen=True)
class Progress:
    """How far a search is: share of its budget or work (0 to 1), the best plan's value, the bound."""

    share: float
    value: float
    bound: float
