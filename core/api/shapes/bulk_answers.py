"""Bulk jobs as they are answered."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from core.api.wire import Metadata, Moment, Shape
from core.bulk.pace import Eta
from core.bulk.words import BulkState, Mode, Operation, RowOrder, RowState
from core.services.bulk_dry_run import DryRun, PlannedPost
from core.services.bulk_rows import stored
from core.services.bulk_templates import TemplateView
from core.services.bulk_views import JobProgress, JobRowView, JobView, Reason
from core.undefined import known
from core.vocabulary import OptimizationLevel, Priority


class ProgressShape(Shape):
    """How far a job is. `rate_per_minute` and `eta` are null until there is something to go by (95 % interval)."""

    total: int
    done: int
    failed: int
    skipped: int
    percent: int
    step: str
    rate_per_minute: float | None
    success_rate: float | None
    eta: Moment | None
    eta_earliest: Moment | None
    eta_latest: Moment | None


class JobSchedulingShape(Shape):
    """When and how the rows are done."""

    mode: Mode
    optimization_level: OptimizationLevel
    max_concurrent_jobs: int
    concurrency: int
    priority_queue: bool
    order: RowOrder
    schedule_start_time: Moment | None
    schedule_end_time: Moment | None
    scheduling_rules: list[dict[str, Any]]


class JobShape(Shape):
    """A bulk job; `schedule_id` is the calendar its items are in, `message` says what a person did to it."""

    id: str
    name: str
    operation_type: Operation
    priority: Priority
    status: BulkState
    progress: ProgressShape
    scheduling: JobSchedulingShape
    timezone: str
    schedule_id: str | None
    input_source: Metadata
    error: str | None
    message: str | None = None
    processing_deadline: Moment | None
    created_by: str
    created_at: Moment
    queued_at: Moment | None
    started_at: Moment | None
    finished_at: Moment | None
    revision: int


class ReasonShape(Shape):
    """What a rule did to a row, and why."""

    rule: str
    action: str
    sentence: str


class RowShape(Shape):
    """One row of a job: what was asked, what came of it, and why it was delayed, boosted or skipped."""

    number: int
    status: RowState
    data: Metadata
    result: Metadata
    error: str | None
    reasons: list[ReasonShape]
    priority: Priority
    complexity: float
    not_before: Moment | None
    tries: int
    started_at: Moment | None
    finished_at: Moment | None


class FaultShape(Shape):
    """Something wrong with a job (`row` null) or one of its rows."""

    row: int | None
    line: int | None
    loc: str
    value: str
    message: str


class PlannedShape(Shape):
    """One post as it would be scheduled; `placed`: the planner chose the time."""

    row: int
    title: str
    platform: str
    scheduled_time: Moment
    placed: bool


class UnplacedShape(Shape):
    """A post that found no time."""

    row: int
    platform: str
    reason: str


class DayShape(Shape):
    """How many posts go to a platform on a day."""

    day: date
    platform: str
    posts: int


class ConflictShape(Shape):
    """What rules contradict; an `error` has to be mended before the job starts."""

    severity: str
    rules: list[str]
    message: str


class RuledShape(Shape):
    """What the rules would do to a row."""

    row: int
    reasons: list[ReasonShape]


class DryRunShape(Shape):
    """What a job would do; nothing was written."""

    ready: bool
    total: int
    faults: list[FaultShape]
    planned: list[PlannedShape]
    unplaced: list[UnplacedShape]
    per_day: list[DayShape]
    conflicts: list[ConflictShape]
    ruled: list[RuledShape]


class TemplateShape(Shape):
    """The settings of a job under a name."""

    id: str
    name: str
    content: Metadata
    created_by: str
    revision: int
    created_at: Moment
    updated_at: Moment


def job_shape(job: JobView, message: str | None = None) -> JobShape:
    """Return a job as it is sent."""
    same = {name: getattr(job, name) for name in JobShape.model_fields if hasattr(job, name)}
    return JobShape(
        **same
        | {
            "operation_type": job.operation,
            "status": job.state,
            "progress": _progress(job.progress),
            "scheduling": _scheduling(job),
            "schedule_id": job.calendar_id,
            "input_source": dict(job.source),
            "message": message,
            "processing_deadline": job.deadline_at,
            "revision": job.version,
        }
    )


def _progress(progress: JobProgress) -> ProgressShape:
    eta = progress.eta if isinstance(progress.eta, Eta) else None
    counts = {name: getattr(progress, name) for name in ("total", "done", "failed", "skipped", "percent", "step")}
    return ProgressShape(
        **counts,
        rate_per_minute=known(progress.rate_per_minute),
        success_rate=known(progress.success_rate),
        eta=eta and eta.at,
        eta_earliest=eta and eta.earliest,
        eta_latest=eta and eta.latest,
    )


def _scheduling(job: JobView) -> JobSchedulingShape:
    return JobSchedulingShape(
        mode=job.mode,
        optimization_level=job.level,
        max_concurrent_jobs=job.max_concurrent,
        concurrency=job.concurrency,
        priority_queue=job.priority_queue,
        order=job.row_order,
        schedule_start_time=job.starts_at,
        schedule_end_time=job.ends_at,
        scheduling_rules=[dict(rule) for rule in job.rules],
    )


def row_shape(row: JobRowView) -> RowShape:
    """Return a row as it is sent."""
    same = {name: getattr(row, name) for name in RowShape.model_fields if hasattr(row, name)}
    return RowShape(
        **same
        | {"status": row.state, "data": stored(row.draft), "result": dict(row.result), "reasons": _reasons(row.reasons)}
    )


def dry_run_shape(found: DryRun, wire: dict[str, str]) -> DryRunShape:
    """Return a dry run as it is sent; `wire` renames the places of the job's own fields."""
    return DryRunShape(
        ready=found.is_ready,
        total=found.total,
        faults=_faults(found, wire),
        planned=[_planned(each) for each in found.planned],
        unplaced=[
            UnplacedShape(row=each.number, platform=each.platform, reason=each.reason) for each in found.unplaced
        ],
        per_day=[DayShape(day=day, platform=platform, posts=posts) for day, platform, posts in found.per_day],
        conflicts=[
            ConflictShape(severity=each.severity, rules=list(each.rules), message=each.message)
            for each in found.conflicts
        ],
        ruled=[RuledShape(row=each.number, reasons=_reasons(each.reasons)) for each in found.ruled],
    )


def _faults(found: DryRun, wire: dict[str, str]) -> list[FaultShape]:
    of_job = [
        FaultShape(row=None, line=None, loc=_renamed(each.place, wire), value=each.value, message=each.message)
        for each in found.problems
    ]
    of_rows = [
        FaultShape(row=each.number, line=each.line, loc=each.column, value=each.value, message=each.message)
        for each in found.faults
    ]
    return [*of_job, *of_rows]


def _planned(post: PlannedPost) -> PlannedShape:
    return PlannedShape(
        row=post.number,
        title=post.title,
        platform=post.platform,
        scheduled_time=post.scheduled_at,
        placed=post.is_placed,
    )


def _reasons(reasons: Iterable[Reason]) -> list[ReasonShape]:
    return [ReasonShape(**vars(reason)) for reason in reasons]


def _renamed(place: str, wire: dict[str, str]) -> str:
    for ours, theirs in wire.items():
        if place.startswith(ours):
            return theirs + place.removeprefix(ours)
    return place


def template_shape(view: TemplateView) -> TemplateShape:
    """Return a template as it is sent."""
    return TemplateShape(
        id=view.id,
        name=view.name,
        content=dict(view.content),
        created_by=view.created_by,
        revision=view.version,
        created_at=view.created_at,
        updated_at=view.updated_at,
    )
