"""Trials on the wire: what a client reads of a plan, of what it can show, of the draw, and of the results."""

import math
from typing import Any

from pydantic import Field

from core.api.wire import Moment, Shape
from core.content.baseline import WEEKDAYS
from core.services.trial_views import (
    AssignmentAudit,
    AssignmentReport,
    AssignmentView,
    DesignView,
    TrialView,
    UnitState,
)
from core.trials.promise import Sight
from core.trials.values import Known
from core.trials.verdict import Verdict
from core.trials.words import DrawUnit, Measure, StoppingRule, Strategy, TrialState
from core.undefined import Undefined
from core.vocabulary import ContentFormat, ItemState


class FigureShape(Shape):
    """A number, or why there is none."""

    value: float | None
    undefined: str | None


class WindowShape(Shape):
    """Hours of the channel's clock on some weekdays."""

    weekdays: list[str]
    starts: str
    ends: str


class ArmShape(Shape):
    """A strategy, its share, and the posts drawn for it so far."""

    name: str
    strategy: Strategy
    weight: int
    windows: list[WindowShape]
    posts: int


class DecisionShape(Shape):
    """What was decided, beside what the figures said then."""

    winner: str | None
    verdict: Verdict
    message: str
    note: str
    applied: list[str]
    decided_by: str


class TrialShape(Shape):
    """A trial. `registration` is what was written down at its start, `fingerprint` its SHA-256; null before.

    The seed, also that in the registration, is null until the trial is stopped: who has it knows the arms to come.
    """

    id: str
    name: str
    status: TrialState
    hypothesis: str
    channel_ids: list[str]
    calendar_ids: list[str]
    arms: list[ArmShape]
    control: str
    unit: DrawUnit
    measure: Measure
    stopping: StoppingRule
    alpha: float
    detect: float
    weeks: int
    planned_posts: int | None
    takes_new: bool
    seed: str | None
    registration: dict[str, Any] | None
    fingerprint: str | None
    looks: int = Field(description="Days on which somebody saw its results while it ran.")
    started_at: Moment | None
    ends_at: Moment | None
    stopped_at: Moment | None
    stop_reason: str
    decided_at: Moment | None
    decision: DecisionShape | None
    created_by: str
    created_at: Moment
    updated_at: Moment
    revision: int


class SightShape(Shape):
    """The smallest lift that so many weeks show."""

    weeks: int
    posts_per_arm: int
    detectable: FigureShape
    is_too_coarse: bool


class NeedShape(Shape):
    """How many weeks find a lift."""

    lift: float
    weeks: FigureShape


class PowerShape(Shape):
    """What a trial can show; `sd` is that of the log of what one post earns, `chance` was simulated.

    Where days are drawn (`unit`), outcomes, paces and posts an arm are those of days.
    """

    unit: DrawUnit
    stopping: StoppingRule
    outcomes: int
    sd: FigureShape
    posts_per_week: float
    arms: int
    asked: SightShape
    sights: list[SightShape]
    needs: list[NeedShape]
    chance: FigureShape | None
    message: str
    is_too_coarse: bool


class AssignmentShape(Shape):
    """A line of the ledger of the draw, and what became of the post."""

    item_id: str
    arm: str
    block: str
    number: int
    channel_id: str
    content_format: ContentFormat
    planned_at: Moment
    slot_at: Moment
    assigned_at: Moment
    assigned_by: str
    item_status: ItemState | None
    scheduled_at: Moment | None
    published_at: Moment | None
    is_moved: bool
    status: UnitState
    ripe_at: Moment
    value: float | None


class RefusedShape(Shape):
    """A post that was not drawn."""

    item_id: str
    reason: str


class JoinShape(Shape):
    """What became of posts that were to join."""

    assigned: list[AssignmentShape]
    refused: list[RefusedShape]


class DeviationShape(Shape):
    """A place where the ledger is not what the registration gives."""

    item_id: str
    field: str
    recorded: str
    expected: str


class AuditedShape(Shape):
    """The draw repeated from the registration."""

    lines: int
    deviations: list[DeviationShape]
    fingerprint_holds: bool
    message: str


def trial_shape(trial: TrialView) -> TrialShape:
    """Return a trial as it is sent."""
    draft, decision = trial.draft, trial.decision
    told = {name: getattr(trial, name) for name in TrialShape.model_fields if hasattr(trial, name)}
    arms = [
        ArmShape(
            name=arm.name,
            strategy=arm.strategy,
            weight=arm.weight,
            windows=[
                WindowShape(
                    weekdays=[WEEKDAYS[day] for day in each.weekdays],
                    starts=f"{each.starts:%H:%M}",
                    ends=f"{each.ends:%H:%M}",
                )
                for each in arm.windows
            ],
            posts=trial.posts.get(arm.name, 0),
        )
        for arm in draft.arms
    ]
    decided = None if decision is None else DecisionShape(**vars(decision), message=decision.sentence)
    registered = None if trial.registration is None else trial.registration.as_json()
    mine = {"status": trial.state, "arms": arms, "decision": decided, "registration": registered}
    return TrialShape(**{**vars(draft), **told, **mine, "revision": trial.version})


def power_shape(design: DesignView) -> PowerShape:
    """Return what a trial can show as it is sent."""
    return PowerShape(
        stopping=design.stopping,
        outcomes=design.outcomes,
        sd=figure_shape(design.sd),
        posts_per_week=design.posts_per_week,
        arms=design.arms,
        asked=_sight(design.asked),
        sights=[_sight(each) for each in design.sights],
        needs=[NeedShape(lift=lift, weeks=figure_shape(weeks)) for lift, weeks in design.weeks_for.items()],
        chance=None if design.chance is None else figure_shape(design.chance),
        message=design.sentence,
        is_too_coarse=design.is_too_coarse,
        unit=design.unit,
    )


def assignment_shape(unit: AssignmentView) -> AssignmentShape:
    """Return a line of the ledger as it is sent."""
    return AssignmentShape(**{**vars(unit), "item_status": unit.item_state, "status": unit.state})


def join_shape(report: AssignmentReport) -> JoinShape:
    """Return what became of posts that were to join."""
    refused = [RefusedShape(**vars(each)) for each in report.refused]
    return JoinShape(assigned=[assignment_shape(each) for each in report.assigned], refused=refused)


def audited_shape(audit: AssignmentAudit) -> AuditedShape:
    """Return the draw repeated."""
    deviations = [DeviationShape(**vars(each)) for each in audit.deviations]
    return AuditedShape(**{**vars(audit), "deviations": deviations, "message": audit.sentence})


def _sight(sight: Sight) -> SightShape:
    return SightShape(
        weeks=sight.weeks,
        posts_per_arm=sight.posts_per_arm,
        detectable=figure_shape(sight.detectable),
        is_too_coarse=sight.is_too_coarse,
    )


def figure_shape(value: Known | int) -> FigureShape:
    """Return a number, or why there is none."""
    is_known = not isinstance(value, Undefined)
    return FigureShape(
        value=finite(value) if not isinstance(value, Undefined) else None,
        undefined=None if is_known else value.reason,  # type: ignore[union-attr] # it is Undefined, as just seen
    )


def finite(value: float) -> float | None:
    """Return a number as JSON holds it: null where it is infinite."""
    return value if math.isfinite(value) else None
