"""Plans asked for on a page: they wait for an engine, which works them out whoever is looking, and are kept."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlmodel import col, select

from core.clock import Stopwatch, stopwatch
from core.errors import NotFound, SlotwiseError, StateConflict
from core.planning.grid_plan import Progress
from core.services.calendars import CALENDAR
from core.services.context import Context
from core.services.job_runs import OPEN, OPTIMIZE, Held, Interrupted, finish_run, hold_run, watched
from core.services.optimizing import propose_plan
from core.services.plan_options import refuse_senseless
from core.services.plan_subject import refuse_closed_to_plans
from core.services.plan_views import AS_USUAL, SECONDS, AppliedMove, PlanOptions, PlanProposal, PlanRun
from core.services.rows import find
from core.services.run_queue import (
    MOST_TRIES,
    STEPS,
    RunTaker,
    Teller,
    Then,
    find_waiting,
    give_back,
    give_up,
    take,
)
from core.services.settlement import settle_calendar
from core.storage.ids import IdPrefix, new_id
from core.storage.tables import ContentCalendar, JobRun
from core.storage.tenancy import ScopedSession
from core.vocabulary import JobState, OptimizationLevel

PLAN = "plan"
"""How errors and the audit log name a run of the planner."""

_GAVE_UP = f"The engine stopped {MOST_TRIES} times in the middle of this plan. Look at its log, then plan again."
_STOP = "stop"
"""The entry of a run's payload that asks it to end with the best plan so far."""


@dataclass(frozen=True)
class PlanOrder:
    """What is stored of a request until an engine takes it up; `stop`: it is to end with the best plan so far."""

    actor: str
    level: OptimizationLevel
    options: PlanOptions
    stop: bool = False


@dataclass(frozen=True)
class PlanResult:
    """What is stored of a plan: of the best so far while it runs, then all of it and what was applied."""

    value: float | None = None
    bound: float | None = None
    proposal: PlanProposal | None = None
    applied: tuple[AppliedMove, ...] = ()
    applied_at: datetime | None = None


_ORDER, _RESULT = TypeAdapter(PlanOrder), TypeAdapter(PlanResult)


def queue_plan(
    ctx: Context,
    calendar_id: str,
    level: OptimizationLevel = OptimizationLevel.BALANCED,
    options: PlanOptions = AS_USUAL,
) -> str:
    """Have an engine plan a calendar; return the id of the run, which says how it goes.

    Until it ends a running calendar is `optimizing`; its items go out on time all the same. Raises NotFound,
    StateConflict (the calendar is canceled, or being planned already) and Invalid (an option by its name).
    """
    refuse_senseless(options, ctx.reference.platforms, ctx.now())
    order = _ORDER.dump_python(PlanOrder(ctx.actor, level, options), mode="json")
    with ctx.write() as session:
        refuse_closed_to_plans(session, calendar_id)
        _refuse_second(session, calendar_id)
        run = JobRun(
            id=new_id(IdPrefix.RUN),
            job=OPTIMIZE,
            state=JobState.QUEUED,
            subject=calendar_id,
            total=STEPS,
            payload=order,
            started_at=ctx.now(),
        )
        session.add(run)
        settle_calendar(session, calendar_id)
        return str(run.id)


def stop_plan(ctx: Context, run_id: str) -> PlanRun:
    """End a run: one that waits is canceled, one that runs completes within seconds with the best plan so far.

    Raises NotFound, and StateConflict once it has ended.
    """
    with ctx.write() as session:
        run = locked_plan(session, run_id)
        if run.state is JobState.QUEUED:
            finish_run(run, ctx, JobState.CANCELED, {})
            settle_calendar(session, run.subject)
        elif run.state is JobState.RUNNING:
            run.payload = {**run.payload, _STOP: True}
        else:
            raise StateConflict(kind=PLAN, state=run.state, wanted=JobState.CANCELED)
        session.flush()
        return view_of_plan(session, run)


def find_plan(ctx: Context, run_id: str) -> PlanRun:
    """Return one run of the planner (NotFound)."""
    with ctx.read() as session:
        return view_of_plan(session, _plan(session, run_id))


def list_plans(ctx: Context, calendar_id: str, limit: int = 10) -> tuple[PlanRun, ...]:
    """Return the newest runs of the planner on a calendar, newest first (NotFound: calendar)."""
    runs = select(JobRun).where(JobRun.job == OPTIMIZE, JobRun.subject == calendar_id)
    newest = runs.order_by(col(JobRun.started_at).desc(), col(JobRun.id).desc()).limit(limit)
    with ctx.read() as session:
        find(session, ContentCalendar, calendar_id, CALENDAR)
        return tuple(view_of_plan(session, run) for run in session.scalars(newest))


def locked_plan(session: ScopedSession, run_id: str) -> JobRun:
    """Return a run of the planner as it is now, held until the transaction ends (NotFound)."""
    return _plan(session, run_id, with_for_update=True, populate_existing=True)


def view_of_plan(session: ScopedSession, run: JobRun) -> PlanRun:
    """Return a run as screens see it."""
    order, result = order_of(run), result_of(run)
    return PlanRun(
        id=run.id,
        calendar_id=run.subject,
        calendar_title=find(session, ContentCalendar, run.subject, CALENDAR).title,
        level=order.level,
        options=order.options,
        state=run.state,
        share=1.0 if run.state is JobState.COMPLETED else run.done / STEPS,
        value=result.value,
        bound=result.bound,
        proposal=result.proposal,
        applied=result.applied,
        error=run.error,
        started_at=run.started_at,
        finished_at=run.finished_at,
    )


def order_of(run: JobRun) -> PlanOrder:
    """Return what a run was asked for."""
    return _ORDER.validate_python(run.payload)


def result_of(run: JobRun) -> PlanResult:
    """Return what a run has come to."""
    return _RESULT.validate_python(run.result)


def stored(result: PlanResult) -> dict[str, Any]:
    """Return a result as it is kept."""
    kept: dict[str, Any] = _RESULT.dump_python(result, mode="json")
    return kept


def optimize_queued(taker: RunTaker, elapsed: Stopwatch = stopwatch) -> None:
    """Work out the oldest plan that waits for an engine; without any it only reads.

    One whose engine died is begun again, up to three times.
    """
    for run in find_waiting(taker, OPTIMIZE):
        if run.tries >= MOST_TRIES:
            give_up(taker, run, _GAVE_UP, _settling(run))
        elif take(taker, run):
            _optimize(taker, run, elapsed)
            break


def optimize_at_once(taker: RunTaker, run_id: str, elapsed: Stopwatch = stopwatch) -> None:
    """Work out a plan that somebody waits for, unless an engine was first or it has ended."""
    with taker.db.system(writable=False) as session:
        run = session.get(JobRun, run_id)
    if run is not None and run.state is JobState.QUEUED and take(taker, run, started_at=taker.clock()):
        _optimize(taker, run, elapsed)


def _optimize(taker: RunTaker, run: JobRun, elapsed: Stopwatch) -> None:
    """Plan; a calendar that cannot be planned is its owner's news, anything else the engine's as well."""
    order, held = order_of(run), Held(run.id, taker.worker)
    ctx, settle = taker.act(run.workspace_id, order.actor), _settling(run)
    watch = _Watch(Teller(taker, run), elapsed, SECONDS[order.level], elapsed())
    try:
        with watched(ctx, held, settle):
            proposal = propose_plan(
                ctx,
                run.subject,
                order.options,
                order.level,
                elapsed=elapsed,
                progress=watch.tell,
                canceled=watch.is_stopped,
            )
            result = PlanResult(proposal.value, proposal.bound, proposal)
            with ctx.write() as session:
                finish_run(hold_run(session, held), ctx, JobState.COMPLETED, stored(result))
                settle(session)
    except Interrupted:
        give_back(taker, run)
    except SlotwiseError as error:
        if error.status >= SlotwiseError.status:
            raise


def _settling(run: JobRun) -> Then:
    return lambda session: settle_calendar(session, run.subject)


@dataclass
class _Watch:
    """Tells about once a second how far a search is, and asks as often whether a person has stopped it."""

    teller: Teller
    elapsed: Stopwatch
    seconds: float
    started: float
    best: PlanResult = field(default_factory=PlanResult)
    is_asked_to_stop: bool = False

    def tell(self, progress: Progress) -> None:
        """Note the best plan so far."""
        self.best = PlanResult(progress.value, progress.bound)

    def is_stopped(self) -> bool:
        """Say whether to stop; the planner asks many times a second."""
        self.teller.make_way()
        if self.teller.is_time():
            self.teller.write(done=self._done(), result=stored(self.best))
            self.is_asked_to_stop = self._ask()
        return self.is_asked_to_stop

    def _done(self) -> int:
        return min(int((self.elapsed() - self.started) / self.seconds * STEPS), STEPS - 1)

    def _ask(self) -> bool:
        asked = select(JobRun.payload).where(JobRun.id == self.teller.run.id)
        with self.teller.taker.db.system(writable=False) as session:
            return bool(session.scalars(asked).one().get(_STOP))


def _refuse_second(session: ScopedSession, calendar_id: str) -> None:
    underway = select(JobRun.id).where(
        JobRun.job == OPTIMIZE, JobRun.subject == calendar_id, col(JobRun.state).in_(OPEN)
    )
    if session.scalars(underway).first() is not None:
        raise StateConflict(kind=CALENDAR, state="being planned already", wanted="planned once more; wait or stop it")


def _plan(session: ScopedSession, run_id: str, **options: bool) -> JobRun:
    run = session.get(JobRun, run_id, **options)  # type: ignore[arg-type]
    if run is None or run.job != OPTIMIZE:
        raise NotFound(kind=PLAN, id=run_id)
    return run
