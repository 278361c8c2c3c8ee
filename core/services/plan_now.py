"""Plans that somebody waits for: worked out in this process at once, or by the engine that was first."""

from dataclasses import dataclass, replace
from threading import Event
from typing import ClassVar

from core.clock import Stopwatch, stopwatch
from core.errors import SlotwiseError, StateConflict
from core.services.access import new_request_id
from core.services.context import Context
from core.services.job_runs import OPEN
from core.services.plan_runs import PLAN, find_plan, optimize_at_once
from core.services.plan_views import SECONDS, PlanRun
from core.services.run_queue import RunTaker
from core.vocabulary import ErrorCode, JobState

LOOK_EVERY_SECONDS = 0.1
PATIENCE_SECONDS = 30.0
"""How much longer than its search a plan in other hands is waited for."""


@dataclass(eq=False)
class StillPlanning(SlotwiseError):
    """The plan {run_id} is not worked out yet. Send this again soon: the same Idempotency-Key goes on with it."""

    run_id: str
    status: ClassVar[int] = 503
    code = ErrorCode.UNAVAILABLE


def complete_plan(ctx: Context, run_id: str, elapsed: Stopwatch = stopwatch) -> PlanRun:
    """Return a plan that was ordered, once it is worked out; no transaction is open meanwhile.

    Raises NotFound, StateConflict (it failed, or was stopped before it began) and StillPlanning: its engine goes on.
    """
    find_plan(ctx, run_id)  # whoever takes up runs looks into every workspace
    optimize_at_once(_taker(ctx), run_id, elapsed)
    run, began, pause = find_plan(ctx, run_id), elapsed(), Event()
    while run.state in OPEN:
        if elapsed() - began > SECONDS[run.level] + PATIENCE_SECONDS:
            raise StillPlanning(run_id=run_id)
        pause.wait(LOOK_EVERY_SECONDS)
        run = find_plan(ctx, run_id)
    if run.state is not JobState.COMPLETED:
        raise StateConflict(kind=PLAN, state=f"{run.state} ({run.error or 'stopped'})", wanted=JobState.COMPLETED)
    return run


def _taker(ctx: Context) -> RunTaker:
    """Return what takes up one plan for one request, under a name no engine has."""

    def act(workspace: str, actor: str) -> Context:
        return replace(ctx, workspace=workspace, actor=actor, transaction=None)

    return RunTaker(new_request_id(), ctx.db, ctx.clock, ctx.uploads, act, lambda: False)
