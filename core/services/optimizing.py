"""Optimizing a calendar: better times for its posts, as a proposal that changes nothing yet."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from math import fsum

from core.calendar.zones import hour_of_week
from core.planning.grid import GridProblem
from core.planning.grid_plan import Ending, GridPlan, GridUnplaced, Infeasible, Progress
from core.planning.solve import solve
from core.services.context import Context
from core.services.exact_times import times_of, worth_at
from core.services.plan_options import refuse_senseless
from core.services.plan_problem import homes_of, problem_of
from core.services.plan_reasons import what_would_help, why_left, why_there
from core.services.plan_subject import Movable, Subject, read_subject
from core.services.plan_views import AS_USUAL, SECONDS, LeftItem, PlannedItem, PlanOptions, PlanProposal
from core.vocabulary import OptimizationLevel

_SHARE_OF_A_ROUND = 0.7
"""The part of the time left that one search may take: where items find no place, all are planned again around them."""


@dataclass(frozen=True)
class Search:
    """How long a search may take, by which stopwatch, and whom it tells."""

    seconds: float
    seed: int
    elapsed: Callable[[], float]
    progress: Callable[[Progress], None]
    canceled: Callable[[], bool]


def propose_plan(  # noqa: PLR0913 - what is asked, and the planner's own stopwatch, progress and question
    ctx: Context,
    calendar_id: str,
    options: PlanOptions = AS_USUAL,
    level: OptimizationLevel = OptimizationLevel.BALANCED,
    *,
    seed: int = 0,
    elapsed: Callable[[], float],
    progress: Callable[[Progress], None] = lambda _: None,
    canceled: Callable[[], bool] = lambda: False,
) -> PlanProposal:
    """Propose better times for the items of a calendar that may move; nothing is written.

    Hard rules are never broken; an item without an allowed time stays where it is, and the others keep clear of it.
    `elapsed` is any stopwatch in seconds. `canceled`: the best plan so far is proposed.
    Raises NotFound, StateConflict (the calendar is canceled) and Invalid (an option by its name; nothing can move).
    """
    refuse_senseless(options, ctx.reference.platforms, ctx.now())
    started = elapsed()
    with ctx.read() as session:
        subject = read_subject(session, ctx, calendar_id, options)
    search = Search(SECONDS[level], seed, lambda: elapsed() - started, progress, canceled)
    plan, left = _planned(subject, search)
    times = times_of(subject, plan)
    return _proposal(subject, plan, times, left, search.elapsed())


def _planned(subject: Subject, search: Search) -> tuple[GridPlan, Mapping[str, GridUnplaced]]:
    """Return a plan that places all items but those left over, which stand where they are."""
    left: dict[str, GridUnplaced] = {}
    while True:
        problem = problem_of(subject, left)
        is_last = not _solve(problem, search, 0.0).unplaced  # where even the first plan places all, so will the best
        share = 1.0 if is_last else _SHARE_OF_A_ROUND
        plan = _solve(problem, search, (search.seconds - search.elapsed()) * share)
        if not plan.unplaced:
            return _unless_worse(subject, problem, plan, search), left
        left |= {one.item: one for one in plan.unplaced}


def _solve(problem: GridProblem, search: Search, seconds: float) -> GridPlan:
    plan = solve(
        problem,
        budget_seconds=max(seconds, 0.0),
        seed=search.seed,
        elapsed=search.elapsed,
        progress=lambda seen: search.progress(replace(seen, share=min(search.elapsed() / search.seconds, 1.0))),
        canceled=search.canceled,
    )
    if isinstance(plan, Infeasible):
        raise TypeError(plan.reason)  # cannot be: nothing is fixed, and what stands is no item of the problem
    return plan


def _unless_worse(subject: Subject, problem: GridProblem, plan: GridPlan, search: Search) -> GridPlan:
    """Return the plan, or the calendar as it is where a search that proved nothing found nothing better."""
    if plan.ending is Ending.OPTIMAL:
        return plan
    homes = homes_of(subject, (subject.movable[item.id] for item in problem.items), problem.commitments)
    if len(homes) < len(problem.items):
        return plan
    standing = tuple(replace(item, fixed=homes[item.id][1]) for item in problem.items)
    present = solve(replace(problem, items=standing), budget_seconds=0.0, seed=search.seed, elapsed=search.elapsed)
    if isinstance(present, Infeasible) or present.value <= plan.value:
        return plan
    return replace(present, bound=max(plan.bound, present.value), ending=plan.ending)


def _proposal(
    subject: Subject,
    plan: GridPlan,
    times: Mapping[str, datetime],
    left: Mapping[str, GridUnplaced],
    seconds: float,
) -> PlanProposal:
    items = tuple(_items(subject, plan, times))
    over = tuple(_left(subject, left))
    value = plan.value + fsum(
        worth_at(subject, subject.movable[one.item], times[one.item]) - one.value for one in plan.placements
    )
    bound = max(plan.bound, value)
    unmoved = fsum(_expected(subject, subject.movable[one.item_id], one.at) for one in over)
    return PlanProposal(
        items=items,
        left=over,
        starts=subject.starts,
        ends=subject.ends,
        expected_before=unmoved + fsum(one.priority * (1 + one.lift_before) for one in items),
        expected_after=unmoved + fsum(one.priority * (1 + one.lift_after) for one in items),
        value=value,
        bound=bound,
        gap=(bound - value) / bound if bound > value else 0.0,
        ending=plan.ending,
        seconds=seconds,
    )


def _items(subject: Subject, plan: GridPlan, times: Mapping[str, datetime]) -> Iterator[PlannedItem]:
    """Yield the placed items by the time they have now."""
    reasons = {one.item: one.reason for one in plan.placements}
    for key, one in subject.movable.items():
        if key not in times:
            continue
        item, hours, after = one.item, subject.worth.hours[one.kind], times[key]
        old, new = (hour_of_week(at, item.timezone) for at in (item.scheduled_at, after))
        yield PlannedItem(
            item_id=item.id,
            version=item.version,
            title=one.post.title,
            channel_id=item.channel_id,
            channel_name=item.channel_name,
            platform=item.platform,
            timezone=item.timezone,
            content_format=item.content_format,
            priority=item.priority,
            before=item.scheduled_at,
            after=after,
            score_before=float(hours.scores[old]),
            score_after=float(hours.scores[new]),
            lift_before=float(hours.lifts[old]),
            lift_after=float(hours.lifts[new]),
            reasons=why_there(subject, one, after, reasons[key]),
        )


def _left(subject: Subject, left: Mapping[str, GridUnplaced]) -> Iterator[LeftItem]:
    for key, unplaced in left.items():
        one = subject.movable[key]
        yield LeftItem(
            item_id=key,
            title=one.post.title,
            channel_id=one.item.channel_id,
            channel_name=one.item.channel_name,
            platform=one.item.platform,
            timezone=one.item.timezone,
            at=one.item.scheduled_at,
            reason=why_left(subject, one, unplaced),
            relaxation=what_would_help(subject, one, unplaced.relaxation),
        )


def _expected(subject: Subject, one: Movable, at: datetime) -> float:
    lift = subject.worth.hours[one.kind].lifts[hour_of_week(at, one.item.timezone)]
    return float(one.item.priority * (1 + lift))
