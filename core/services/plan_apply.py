"""Applying a plan, all of it or some, in one step that can be taken back in one step."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import col, select

from core.content.platforms import find_platform
from core.errors import Invalid, Problem, StaleEdit, StateConflict
from core.services.audit import Action, record
from core.services.calendars import CALENDAR
from core.services.context import Context
from core.services.item_rows import ITEM, touch
from core.services.moves import MOVABLE, set_time
from core.services.own_channels import IS_OWN
from core.services.plan_ground import survey
from core.services.plan_reasons import clock
from core.services.plan_runs import PLAN, PlanResult, locked_plan, order_of, result_of, stored, view_of_plan
from core.services.plan_subject import orders_of
from core.services.plan_views import AppliedMove, PlannedItem, PlanOptions, PlanProposal, PlanRun
from core.services.posting_diary import Diary, Obstacle, new_obstacles
from core.storage.tables import Channel, ContentScheduleItem, JobRun
from core.storage.tenancy import ScopedSession
from core.vocabulary import JobState

_AGAIN = "applied; plan again"
_BY_HAND = "taken back; move the posts by hand"


@dataclass(frozen=True)
class _Move:
    """An item, its version when it was seen last, and the time it is to get."""

    item: PlannedItem
    version: int
    to: datetime


def apply_plan(ctx: Context, run_id: str, item_ids: Collection[str] | None = None) -> PlanRun:
    """Move the items of a plan, or those named, to their proposed times: all of them or none.

    Raises NotFound, StaleEdit (naming the post that was changed since), StateConflict (not worked out, applied already,
    or out of date: a time has passed, or would break a rule by now) and Invalid (`item_ids`: none, not moved by the
    plan, or some that would break a rule without others that were left out).
    """
    with ctx.write() as session:
        run = locked_plan(session, run_id)
        result = result_of(run)
        if run.state is not JobState.COMPLETED or result.proposal is None:
            raise StateConflict(kind=PLAN, state=run.state, wanted="applied")
        if result.applied:
            raise StateConflict(kind=PLAN, state="applied already", wanted="applied again; plan anew for more")
        moves = [_Move(one, one.version, one.after) for one in _chosen(result.proposal, item_ids)]
        rows = _checked(ctx, session, moves, _AGAIN)
        _refuse_breaches(moves, _diaries(ctx, session, order_of(run).options, moves), result.proposal)
        applied = _carry_out(ctx, session, run, moves, rows)
        return _keep(ctx, session, run, replace(result, applied=applied, applied_at=ctx.now()))


def undo_plan(ctx: Context, run_id: str) -> PlanRun:
    """Move everything that was applied back to where it was, or nothing.

    Raises NotFound, StaleEdit (naming a post that was changed since) and StateConflict (nothing is applied; a time has
    passed, or another post was put too near to it since).
    """
    with ctx.write() as session:
        run = locked_plan(session, run_id)
        result = result_of(run)
        if not result.applied or result.proposal is None or result.applied_at is None:
            raise StateConflict(kind=PLAN, state="not applied", wanted="taken back")
        known = {one.item_id: one for one in result.proposal.items}
        moves = [_Move(known[one.item_id], one.version, one.before) for one in result.applied]
        rows = _checked(ctx, session, moves, _BY_HAND)
        diaries = _diaries(ctx, session, order_of(run).options, moves)
        _refuse_pushing_in(moves, diaries, _changed_since(session, result.applied_at))
        _carry_out(ctx, session, run, moves, rows)
        return _keep(ctx, session, run, replace(result, applied=(), applied_at=None))


def _chosen(proposal: PlanProposal, item_ids: Collection[str] | None) -> Sequence[PlannedItem]:
    moved = {one.item_id: one for one in proposal.moved}
    wanted = moved.keys() if item_ids is None else dict.fromkeys(item_ids)
    if strange := [key for key in wanted if key not in moved]:
        fix = "the plan does not move this item; leave it out"
        raise Invalid(tuple(Problem("item_ids", key, fix) for key in strange))
    if not wanted:
        raise Invalid((Problem("item_ids", "", "choose at least one item that the plan moves"),))
    return [moved[key] for key in wanted]


def _checked(
    ctx: Context, session: ScopedSession, moves: Sequence[_Move], otherwise: str
) -> Mapping[str, ContentScheduleItem]:
    """Return the rows as they are now, held until the transaction ends; `otherwise` says what to do if refused.

    Rows are locked in one order, so that nobody deadlocks.
    """
    item = ContentScheduleItem
    rows = select(item).where(col(item.id).in_([move.item.item_id for move in moves])).order_by(col(item.id))
    found = session.scalars(rows.with_for_update().execution_options(populate_existing=True))
    known = {row.id: row for row in found}
    for move in moves:
        _refuse_changed(known.get(move.item.item_id), move)
        if move.to <= ctx.now():
            passed = f"out of date (“{move.item.title}”: {clock(move.to, move.item.timezone)} has passed)"
            raise StateConflict(kind=PLAN, state=passed, wanted=otherwise)
    return known


def _refuse_changed(row: ContentScheduleItem | None, move: _Move) -> None:
    name = f"post (“{move.item.title}”)"
    if row is None:
        raise StateConflict(kind=name, state="deleted", wanted="moved; plan again")
    if row.version != move.version:
        raise StaleEdit(kind=name, expected=move.version, actual=row.version)
    if row.state not in MOVABLE:
        raise StateConflict(kind=name, state=row.state, wanted="scheduled for another time")


def _diaries(ctx: Context, session: ScopedSession, options: PlanOptions, moves: Sequence[_Move]) -> tuple[Diary, Diary]:
    """Return what stands, before and after the moves."""
    times = [at for move in moves for at in (move.item.before, move.item.after)]
    channels = session.scalars(select(Channel).where(IS_OWN)).all()
    ground = survey(session, channels, min(times), max(times), options)
    leads = options.leads and find_platform(ctx.reference.platforms, options.leads).id
    before, after = (Diary(ground, options, orders_of(ground, leads)) for _ in range(2))
    moved = {move.item.item_id: move.to for move in moves}
    for post in ground.bookings:
        before.add(post)
        after.add(replace(post, at=moved.get(post.item_id, post.at)))
    return before, after


def _refuse_breaches(moves: Sequence[_Move], diaries: tuple[Diary, Diary], proposal: PlanProposal) -> None:
    """Refuse to break a rule that holds now: between posts, or at a time that was closed meanwhile."""
    chosen = {move.item.item_id for move in moves}
    waiting = {one.item_id: one for one in proposal.moved if one.item_id not in chosen}
    for move in moves:
        for obstacle in new_obstacles(*diaries, move.item.item_id):
            words = f"“{move.item.title}” {obstacle.words}"
            if together := _in_the_way(diaries[1], move, obstacle, waiting):
                names = " and ".join(f"“{one.title}”" for one in together)
                fix = f"{words}: apply it together with {names}, or leave it out as well"
                raise Invalid((Problem("item_ids", move.item.item_id, fix),))
            raise StateConflict(kind=PLAN, state=f"out of date ({words})", wanted=_AGAIN)


def _in_the_way(
    after: Diary, move: _Move, obstacle: Obstacle, waiting: Mapping[str, PlannedItem]
) -> Sequence[PlannedItem]:
    """Return the items that the plan would have moved out of the way, had they been chosen."""
    if obstacle.other is not None:
        return [waiting[obstacle.other.item_id]] if obstacle.other.item_id in waiting else []
    there = after.posts[move.item.item_id]
    return [one for key, one in waiting.items() if after.count_together(there, after.posts[key], obstacle.block)]


def _refuse_pushing_in(moves: Sequence[_Move], diaries: tuple[Diary, Diary], changed: Collection[str]) -> None:
    """Refuse to go back to a time that another post was put too near to; what was too near before may be so again."""
    for move in moves:
        for obstacle in new_obstacles(*diaries, move.item.item_id):
            if obstacle.other is not None and obstacle.other.item_id in changed:
                words = f"“{move.item.title}” {obstacle.words}"
                raise StateConflict(kind=PLAN, state=f"out of date ({words})", wanted=_BY_HAND)


def _changed_since(session: ScopedSession, at: datetime) -> frozenset[str]:
    item = ContentScheduleItem
    return frozenset(session.scalars(select(item.id).where(col(item.updated_at) > at)))


def _carry_out(
    ctx: Context,
    session: ScopedSession,
    run: JobRun,
    moves: Iterable[_Move],
    rows: Mapping[str, ContentScheduleItem],
) -> tuple[AppliedMove, ...]:
    done = []
    for move in moves:
        row = rows[move.item.item_id]
        detail = set_time(row, move.to)
        touch(row, ctx.now())
        record(session, ctx, Action.MOVED, ITEM, row.id, {**detail, "plan": run.id})
        done.append(AppliedMove(row.id, row.version, move.item.before, move.to))
    return tuple(done)


def _keep(ctx: Context, session: ScopedSession, run: JobRun, result: PlanResult) -> PlanRun:
    """Keep what was applied, so that it can be taken back after a restart."""
    count = {"moved": len(result.applied)} if result.applied else {"moved back": len(result_of(run).applied)}
    run.result = stored(result)
    record(session, ctx, Action.PLANNED, CALENDAR, run.subject, {"plan": run.id, **count})
    session.flush()
    return view_of_plan(session, run)
