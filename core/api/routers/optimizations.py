"""Optimizations: plan a calendar while the client waits, read a plan, apply it, take it back, end its search."""

from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import Response

from core.api.access import SchedulingReader, SchedulingWriter
from core.api.answers import refusals
from core.api.optimizing import answer_of, optimize
from core.api.plan_desk import PlanDesk
from core.api.posting import Posted, sent
from core.api.shapes.optimizations import ApplyBody, OptimizationAnswer, OptimizeBody
from core.services.context import Context
from core.services.plan_apply import apply_plan, undo_plan
from core.services.plan_runs import find_plan, stop_plan

router = APIRouter(prefix="/v1/scheduling", tags=["Optimizations"])

RunId = Annotated[str, Path(max_length=64, examples=["run_5f0c1a9b2d3e4f5061728394"])]
PLANNED = refusals(404, 409)
EVERYTHING = ApplyBody()


@router.post("/optimize", response_model=OptimizationAnswer, responses=PLANNED)
async def plan(body: OptimizeBody, access: SchedulingWriter, post: Posted, desk: PlanDesk) -> Response:
    """Find better times for the items of a calendar, as a proposal or applied at once."""

    def work() -> Response:
        with post.alone(access.ctx):
            return sent(optimize(access.ctx, body, post))

    return await desk.run(work)


@router.get("/optimizations/{run_id}", responses=refusals(404))
def read(run_id: RunId, access: SchedulingReader) -> OptimizationAnswer:
    """Read a plan, and how far it is while it is worked out."""
    return answer_of(access.ctx, find_plan(access.ctx, run_id), with_calendar=False)


@router.post("/optimizations/{run_id}/apply", response_model=OptimizationAnswer, responses=PLANNED)
def apply(run_id: RunId, access: SchedulingWriter, post: Posted, body: ApplyBody = EVERYTHING) -> Response:
    """Move the items of a plan to their proposed times, all of them or none."""

    def work(ctx: Context) -> tuple[int, OptimizationAnswer]:
        return 200, answer_of(ctx, apply_plan(ctx, run_id, body.item_ids), with_calendar=True)

    return post.once(access.ctx, work)


@router.post("/optimizations/{run_id}/undo", response_model=OptimizationAnswer, responses=PLANNED)
def undo(run_id: RunId, access: SchedulingWriter, post: Posted) -> Response:
    """Move everything that was applied back to where it was, or nothing."""

    def work(ctx: Context) -> tuple[int, OptimizationAnswer]:
        return 200, answer_of(ctx, undo_plan(ctx, run_id), with_calendar=True)

    return post.once(access.ctx, work)


@router.post("/optimizations/{run_id}/stop", response_model=OptimizationAnswer, responses=PLANNED)
def stop(run_id: RunId, access: SchedulingWriter, post: Posted) -> Response:
    """End a search: one that waits is canceled, one that runs completes in a moment with its best plan so far."""

    def work(ctx: Context) -> tuple[int, OptimizationAnswer]:
        return 200, answer_of(ctx, stop_plan(ctx, run_id), with_calendar=False)

    return post.once(access.ctx, work)
