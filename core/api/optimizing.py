"""A plan for a client that waits: ordered in one step, worked out between, applied and answered in another.

Each step is remembered by itself, so a repetition after a crash goes on where it stopped.
"""

from http import HTTPStatus

from core.api.posting import Post
from core.api.shapes.calendars import calendar_shape
from core.api.shapes.constraints import ConstraintsBody, placed_as_constraints
from core.api.shapes.optimizations import OptimizationAnswer, OptimizeBody, optimization_shape
from core.api.wire import Shape
from core.services.calendars import find_calendar
from core.services.context import Context
from core.services.idempotency import Answer
from core.services.plan_apply import apply_plan
from core.services.plan_now import complete_plan
from core.services.plan_runs import find_plan, queue_plan
from core.services.plan_targets import find_targets, names_of_contents, refuse_infeasible
from core.services.plan_views import PlanOptions, PlanRun

ORDER, FINISH = 0, 1


class Ordered(Shape):
    """What is remembered of an order: the run that carries it out."""

    id: str


def optimize(ctx: Context, body: OptimizeBody, post: Post) -> Answer:
    """Return the answer to a request for a plan; the caller holds its key."""
    if known := post.known(ctx, FINISH):
        return known
    if post.known(ctx, ORDER) is None:
        _check(ctx, body)
    ordered = post.step(ctx, ORDER, lambda joined: (HTTPStatus.CREATED, _order(joined, body)))
    if ordered.status != HTTPStatus.CREATED:
        return ordered
    run_id = Ordered.model_validate_json(ordered.body).id
    complete_plan(ctx, run_id)
    return post.step(ctx, FINISH, lambda joined: (HTTPStatus.OK, _finish(joined, run_id, apply=body.apply)))


def answer_of(ctx: Context, run: PlanRun, *, with_calendar: bool) -> OptimizationAnswer:
    """Return a plan as it is answered."""
    moved = [item.item_id for item in run.proposal.moved] if run.proposal else []
    with ctx.read() as session:
        names = names_of_contents(session, moved)
    calendar = calendar_shape(find_calendar(ctx, run.calendar_id)) if with_calendar else None
    return OptimizationAnswer(data=optimization_shape(run, names), id=run.id, state=run.state, schedule=calendar)


def _check(ctx: Context, body: OptimizeBody) -> None:
    """Refuse what cannot be planned before anything is ordered; this reads for longer than a step may."""
    options = _options(ctx, body)
    with placed_as_constraints():
        refuse_infeasible(ctx, body.schedule_id, options)


def _order(ctx: Context, body: OptimizeBody) -> Ordered:
    options = _options(ctx, body)
    with placed_as_constraints():
        return Ordered(id=queue_plan(ctx, body.schedule_id, body.level, options))


def _options(ctx: Context, body: OptimizeBody) -> PlanOptions:
    zone = find_calendar(ctx, body.schedule_id).timezone
    only = find_targets(ctx, body.schedule_id, body.wanted(zone)) if body.targets else None
    return (body.constraints or ConstraintsBody()).options(zone, only)


def _finish(ctx: Context, run_id: str, *, apply: bool) -> OptimizationAnswer:
    run = find_plan(ctx, run_id)
    if apply and run.proposal is not None and run.proposal.moved:
        run = apply_plan(ctx, run_id)
    return answer_of(ctx, run, with_calendar=apply)
