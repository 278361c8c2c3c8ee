"""Plans on the wire: what is asked of the planner, and what it proposes."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import AliasChoices, ConfigDict, Field

from core.api.places import Faults, read_time
from core.api.shapes.calendars import CalendarShape
from core.api.shapes.constraints import ConstraintsBody
from core.api.shapes.items import Id, TimeText
from core.api.wire import Body, Moment, Resource, Shape, YesNo
from core.services.plan_targets import Target
from core.services.plan_views import LeftItem, PlannedItem, PlanProposal, PlanRun
from core.vocabulary import JobState, OptimizationLevel


class TargetBody(Body):
    """An item that may move, by its content and platform."""

    content_id: Id
    platform: Annotated[str, Field(min_length=1, max_length=40)]
    current_scheduled_time: TimeText | None = Field(
        None, description="Where given and no longer so, the request is refused (409) and nothing happens."
    )


class OptimizeBody(Body):
    """A calendar to plan. Without targets every item that is not out yet and not fixed may move."""

    model_config = ConfigDict(
        **Body.model_config,
        json_schema_extra={"examples": [{"schedule_id": "cal_5f0c1a9b2d3e4f5061728394", "apply": False}]},
    )

    schedule_id: Id = Field(validation_alias=AliasChoices("schedule_id", "scheduleId"))
    targets: list[TargetBody] | None = Field(None, max_length=1000, description="Empty or left out: all open items.")
    constraints: ConstraintsBody | None = None
    level: OptimizationLevel = Field(
        OptimizationLevel.SPEED, description="How long the search may take: 2, 15 or 60 seconds; most end long before."
    )
    apply: YesNo = Field(False, description="Move the items at once, all of them or none.")

    def wanted(self, zone: str) -> tuple[Target, ...]:
        """Return the targets; times without offset are in `zone` (Invalid names each that cannot be meant)."""
        faults = Faults()
        times = [
            faults.take(lambda n=n, text=body.current_scheduled_time: text and read_time(text, zone, _place(n)), None)  # type: ignore[misc]
            for n, body in enumerate(self.targets or ())
        ]
        faults.refuse()
        named = zip(self.targets or (), times, strict=True)
        return tuple(Target(body.content_id, body.platform, at) for body, at in named)


def _place(number: int) -> str:
    return f"targets[{number}].current_scheduled_time"


class ApplyBody(Body):
    """Which items to move; left out: all that the plan moves."""

    item_ids: list[Id] | None = Field(None, min_length=1, max_length=1000)


class ChangeShape(Shape):
    """An item that gets another time, and what either time is worth (0-1, as recommendations score it)."""

    item_id: str
    content_id: str
    platform: str
    since: Moment = Field(serialization_alias="from", validation_alias=AliasChoices("from", "since"))
    until: Moment = Field(serialization_alias="to", validation_alias=AliasChoices("to", "until"))
    score_before: float
    score_after: float
    reasons: list[str]


class UnplacedShape(Shape):
    """An item without an allowed time, which stays where it is; `relaxation` is the least that would make room."""

    item_id: str
    reason: str
    relaxation: str | None


class ObjectiveShape(Shape):
    """How good the plan is.

    `before` and `after` sum, over all items, priority times (1 + expected lift). `value` is the plan's worth to the
    planner, `bound` what no plan can exceed, `gap` = (bound - value) / bound: 0 is proven best.
    """

    before: float
    after: float
    value: float
    bound: float
    gap: float


class OptimizationShape(Shape):
    """A plan of a calendar; without `objective` it is not worked out yet. `progress` is a share, 0-1."""

    id: str
    schedule_id: str
    status: JobState
    level: OptimizationLevel
    progress: float
    applied: bool
    changes: list[ChangeShape]
    unplaced: list[UnplacedShape]
    objective: ObjectiveShape | None
    seconds: float | None
    error: str | None


class OptimizationAnswer(Resource[OptimizationShape]):
    """A plan; `schedule` is the calendar where the plan was just applied or taken back."""

    schedule: CalendarShape | None


def optimization_shape(run: PlanRun, names: Mapping[str, str]) -> OptimizationShape:
    """Return a plan as it is sent; `names` has what integrators call the contents, by item."""
    proposal = run.proposal
    return OptimizationShape(
        id=run.id,
        schedule_id=run.calendar_id,
        status=run.state,
        level=run.level,
        progress=run.share,
        applied=bool(run.applied),
        changes=[_change(item, names) for item in proposal.moved] if proposal else [],
        unplaced=[_unplaced(item) for item in proposal.left] if proposal else [],
        objective=_objective(proposal) if proposal else None,
        seconds=proposal.seconds if proposal else None,
        error=run.error,
    )


def _change(item: PlannedItem, names: Mapping[str, str]) -> ChangeShape:
    return ChangeShape(
        item_id=item.item_id,
        content_id=names[item.item_id],
        platform=item.platform,
        since=item.before,
        until=item.after,
        score_before=item.score_before,
        score_after=item.score_after,
        reasons=list(item.reasons),
    )


def _unplaced(item: LeftItem) -> UnplacedShape:
    return UnplacedShape(item_id=item.item_id, reason=item.reason, relaxation=item.relaxation)


def _objective(proposal: PlanProposal) -> ObjectiveShape:
    return ObjectiveShape(
        before=proposal.expected_before,
        after=proposal.expected_after,
        value=proposal.value,
        bound=proposal.bound,
        gap=proposal.gap,
    )
