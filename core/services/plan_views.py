"""What is asked of the planner for a calendar, and the proposal that comes back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from types import MappingProxyType

from core.planning.grid_plan import Ending
from core.vocabulary import ContentFormat, JobState, OptimizationLevel, Reach

SECONDS: Mapping[OptimizationLevel, float] = MappingProxyType(
    {OptimizationLevel.SPEED: 2.0, OptimizationLevel.BALANCED: 15.0, OptimizationLevel.QUALITY: 60.0}
)
"""How long each level searches at most; most calendars are solved for certain long before."""

EXPECTED = 0.5
"""The quantile that plans on what is expected."""


@dataclass(frozen=True)
class PlanOptions:
    """How a calendar is to be planned; what is None is as the channels and preferences say.

    `starts` and `ends` are aware (None: now, and the end of the last item's day). `caution` is the quantile of an
    hour's outcome that is planned on: 0.5 what is expected, 0.25 what three of four chances exceed. `stability` is the
    share of an item's worth that a move must gain at least. Limits given here can only be stricter than the channels'
    and preferences'. `allowed_hours` are those of the channel's clock (0-23), `not_before` and `not_after` bound every
    time that is proposed, `blackouts` are further windows [start, end) kept free, and `only` names the items that may
    move at all (None: all). `leads`: where contents go to several platforms, none goes out before this one's.
    """

    starts: datetime | None = None
    ends: datetime | None = None
    reach: Reach = Reach.WEEK
    caution: float = EXPECTED
    stability: float = 0.02
    min_gap: timedelta | None = None
    max_per_day: int | None = None
    max_per_week: int | None = None
    max_at_once: int | None = None
    allowed_weekdays: frozenset[int] | None = None
    allowed_from: time | None = None
    allowed_to: time | None = None
    allowed_hours: frozenset[int] | None = None
    not_before: datetime | None = None
    not_after: datetime | None = None
    blackouts: tuple[tuple[datetime, datetime], ...] = ()
    only: frozenset[str] | None = None
    cross_platform_gap: timedelta = timedelta()
    leads: str | None = None
    spread: bool = True
    """Whether the falling returns of frequent posting count, where a channel's history shows them."""


AS_USUAL = PlanOptions()


@dataclass(frozen=True)
class PlannedItem:
    """An item of a plan: what it is, and how good its time was and would be.

    `before` is where it stands, `after` where it would go (the same: it stays). Scores are those of the
    recommendations (0-1), lifts what a post earns over the channel's average there, at the caution asked for.
    """

    item_id: str
    version: int
    title: str
    channel_id: str
    channel_name: str
    platform: str
    timezone: str
    content_format: ContentFormat
    priority: int
    before: datetime
    after: datetime
    score_before: float
    score_after: float
    lift_before: float
    lift_after: float
    reasons: tuple[str, ...]

    @property
    def moves(self) -> bool:
        """Whether it would get another time."""
        return self.before != self.after


@dataclass(frozen=True)
class LeftItem:
    """An item without an allowed time, which stays where it is; `relaxation`: the least that would make room."""

    item_id: str
    title: str
    channel_id: str
    channel_name: str
    platform: str
    timezone: str
    at: datetime
    reason: str
    relaxation: str | None


@dataclass(frozen=True)
class PlanProposal:
    """Where the planner would put the items of a calendar, and how good that is.

    `expected_before` and `expected_after` sum priority · (1 + lift) over all items, those left over where they stand.
    `value`, `bound` and `gap` are the planner's own: no plan is worth more than `bound`, gap = (bound - value) / bound.
    """

    items: tuple[PlannedItem, ...]
    left: tuple[LeftItem, ...]
    starts: datetime
    ends: datetime
    expected_before: float
    expected_after: float
    value: float
    bound: float
    gap: float
    ending: Ending
    seconds: float

    @property
    def moved(self) -> tuple[PlannedItem, ...]:
        """The items that would get another time."""
        return tuple(item for item in self.items if item.moves)


@dataclass(frozen=True)
class AppliedMove:
    """An item that was moved: its version afterwards and the time it had, for taking it back."""

    item_id: str
    version: int
    before: datetime
    after: datetime


@dataclass(frozen=True)
class PlanRun:
    """One optimization of a calendar: how far it is (`share`, 0-1), what came of it, and what was applied of that.

    While it runs, `value` and `bound` are those of the best plan so far (None before the first).
    """

    id: str
    calendar_id: str
    calendar_title: str
    level: OptimizationLevel
    options: PlanOptions
    state: JobState
    share: float
    value: float | None
    bound: float | None
    proposal: PlanProposal | None
    applied: tuple[AppliedMove, ...]
    error: str | None
    started_at: datetime
    finished_at: datetime | None
