"""The draw of a trial: items join it, get an arm by the registered seed, and its time; and the draw is audited."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

from sqlalchemy import func
from sqlmodel import col, select

from core.calendar.zones import to_wall
from core.errors import Invalid, Problem, StateConflict
from core.services.audit import Action, record
from core.services.context import Context
from core.services.item_rows import ITEM, touch
from core.services.moves import MOVABLE, set_time
from core.services.paging import read_cursor, write_cursor
from core.services.trial_rows import registered_row
from core.services.trial_slots import LEAD, Asked, SlotFinder
from core.services.trial_units import units_of
from core.services.trial_views import AssignmentAudit, AssignmentReport, AssignmentView, Deviation, RefusedItem
from core.storage.tables import Channel, Content, ContentScheduleItem, Trial, TrialAssignment
from core.storage.tenancy import ScopedSession
from core.trials.registration import Registration, read_registration
from core.trials.words import TRIAL, DrawUnit, TrialState

MOST_ITEMS = 200
"""Items of one call: each of them is given the time of every arm before it is drawn."""


def assign_items(ctx: Context, trial_id: str, item_ids: Sequence[str]) -> AssignmentReport:
    """Draw the arms of items, in this order, and give each the time its arm chooses; it stays in its week.

    From then on the planner leaves it there; a person may move it, which is kept and counted.
    An item for which not every arm has a free time in its week (its day, where days are drawn) is not drawn, whatever
    its arm would have been: so nothing but the seed decides. Writers queue at the workspace's door, so two draws at
    once never split a unit. What cannot join comes back with the reason. Raises NotFound, Invalid (too many) and
    StateConflict (it is not running, or its horizon has passed).
    """
    if not 1 <= len(item_ids) <= MOST_ITEMS:
        raise Invalid((Problem("item_ids", str(len(item_ids)), f"name 1 to {MOST_ITEMS} items"),))
    with ctx.write() as session:
        row, registration = registered_row(session, trial_id)
        if row.state is not TrialState.RUNNING:
            raise StateConflict(TRIAL, row.state, "joined by posts: only a running trial can")
        if registration.ends_at <= ctx.now():
            raise StateConflict(TRIAL, "over", "joined by posts: its horizon has passed; stop it")
        refused = _draw(session, ctx, registration, list(dict.fromkeys(item_ids)))
        left_out = {each.item_id for each in refused}
        wanted = [key for key in dict.fromkeys(item_ids) if key not in left_out]
        record(session, ctx, Action.PLANNED, TRIAL, row.id, {"drawn": len(wanted), "refused": len(refused)})
        return AssignmentReport(units_of(session, registration, ctx.now(), wanted), tuple(refused))


def take_new(session: ScopedSession, ctx: Context, item_ids: Iterable[str]) -> None:
    """Let items whose time the planner has just chosen join the running trials that take such; others stay as is."""
    left = list(item_ids)
    running = select(Trial).where(Trial.state == TrialState.RUNNING, col(Trial.takes_new))
    for row in session.scalars(running.order_by(col(Trial.started_at), col(Trial.id))).all() if left else ():
        registration = read_registration(row.registration)
        if registration.ends_at > ctx.now():
            left = [each.item_id for each in _draw(session, ctx, registration, left)]


def list_assignments(ctx: Context, trial_id: str) -> tuple[AssignmentView, ...]:
    """Return the ledger of the draw, in its order, with what became of every post (NotFound, StateConflict)."""
    with ctx.read() as session:
        _, registration = registered_row(session, trial_id)
        return units_of(session, registration, ctx.now())


def page_assignments(
    ctx: Context, trial_id: str, limit: int, cursor: str | None = None
) -> tuple[tuple[AssignmentView, ...], str | None]:
    """Return up to `limit` lines of the ledger after the cursor's, and the next cursor (also Invalid)."""
    first = 0 if cursor is None else max(read_cursor(cursor, (int,))[0], 0)
    found = list_assignments(ctx, trial_id)
    last = first + limit
    return found[first:last], write_cursor((last,)) if len(found) > last else None


def audit_assignments(ctx: Context, trial_id: str) -> AssignmentAudit:
    """Draw everything again from what was registered, and compare (NotFound, StateConflict)."""
    with ctx.read() as session:
        row, registration = registered_row(session, trial_id)
        lines = _ledger(session, trial_id)
    deviations = tuple(_deviations(registration, lines))
    holds = registration.fingerprint == row.fingerprint
    return AssignmentAudit(len(lines), deviations, holds, _sentence(len(lines), len(deviations), holds=holds))


def _draw(
    session: ScopedSession, ctx: Context, registration: Registration, item_ids: Sequence[str]
) -> list[RefusedItem]:
    """Draw what can be drawn, in this order; return the rest."""
    asked = _asked(session, item_ids)
    drawn = set(session.scalars(select(TrialAssignment.item_id).where(col(TrialAssignment.item_id).in_(item_ids))))
    finder, counts = SlotFinder(session, ctx, registration), _counts(session, registration.trial_id)
    refused = []
    for key in item_ids:
        if key not in asked:
            reason = "there is no such item in this workspace"
        elif key in drawn:
            reason = "it was drawn before, for this trial or another"
        else:
            reason = next(_bars(registration, asked[key], ctx.now()), "")
        times = {} if reason else finder.times(asked[key])
        if full := [name for name, at in times.items() if at is None]:
            span = "day" if registration.unit is DrawUnit.DAYS else "week"
            reason = f"in the {span} it is planned for, {full[0]!r} has no free time left; plan it for another {span}"
        if reason:
            refused.append(RefusedItem(key, reason))
            continue
        line = _keep(session, ctx, registration, asked[key], times, counts)
        finder.take(asked[key], line.slot_at)
        _settle(session, ctx, asked[key].item, line)
    session.flush()
    return refused


def _keep(
    session: ScopedSession,
    ctx: Context,
    registration: Registration,
    asked: Asked,
    times: Mapping[str, datetime | None],
    counts: Counter[str],
) -> TrialAssignment:
    """Draw one post: the next place of its block."""
    planned = asked.item.scheduled_at
    day = to_wall(planned, registration.zones[asked.channel.id]).date()
    block = registration.block(asked.channel.id, day, asked.content_format)
    line = registration.line(asked.item.id, block, counts[block])
    counts[block] += 1
    row = TrialAssignment(
        trial_id=registration.trial_id,
        item_id=asked.item.id,
        channel_id=asked.channel.id,
        content_format=asked.content_format,
        block=block,
        number=line.number,
        arm=line.arm,
        planned_at=planned,
        slot_at=times[line.arm] or planned,
        assigned_at=ctx.now(),
        assigned_by=ctx.actor,
    )
    session.add(row)
    return row


def _settle(session: ScopedSession, ctx: Context, item: ContentScheduleItem, line: TrialAssignment) -> None:
    """Give a post its time, and let the planner keep it there; a person may still move it."""
    moved = set_time(item, line.slot_at) if line.slot_at != item.scheduled_at else {}
    item.fixed = True
    touch(item, ctx.now())
    detail = {**moved, "trial": line.trial_id, "arm": line.arm}
    record(session, ctx, Action.MOVED if moved else Action.EDITED, ITEM, item.id, detail)


def _asked(session: ScopedSession, item_ids: Sequence[str]) -> dict[str, Asked]:
    """Return the items as they are now, held until the transaction ends: the engine does not queue at the door."""
    rows = (
        select(ContentScheduleItem, Content, Channel)
        .join(Content, col(Content.id) == ContentScheduleItem.content_id)
        .join(Channel, col(Channel.id) == ContentScheduleItem.channel_id)
        .where(col(ContentScheduleItem.id).in_(item_ids))
        .order_by(col(ContentScheduleItem.id))
        .with_for_update(of=ContentScheduleItem)
        .execution_options(populate_existing=True)
    )
    return {row.id: Asked(row, content.content_format, channel) for row, content, channel in session.execute(rows)}


def _bars(registration: Registration, asked: Asked, now: datetime) -> Iterator[str]:
    """Yield why an item cannot join, whatever its arm would be."""
    item, channel = asked.item, asked.channel
    if item.channel_id not in registration.zones:
        yield f"{channel.name} is no channel of this trial"
    if registration.calendar_ids and item.calendar_id not in registration.calendar_ids:
        yield "its calendar is none of this trial's"
    if not channel.active:
        yield f"{channel.name} is switched off"
    if item.state not in MOVABLE:
        yield f"it is {item.state}, so its time cannot be changed"
    if item.fixed:
        yield "it is fixed at its time"
    if item.scheduled_at < now + LEAD:
        yield "it goes out too soon"
    if item.scheduled_at >= registration.ends_at:
        yield f"it is planned for after the trial's horizon, {registration.ends_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _counts(session: ScopedSession, trial_id: str) -> Counter[str]:
    rows = (
        select(TrialAssignment.block, func.count())
        .where(TrialAssignment.trial_id == trial_id)
        .group_by(col(TrialAssignment.block))
    )
    return Counter({block: count for block, count in session.execute(rows)})  # noqa: C416 - dict() hides the types


def _ledger(session: ScopedSession, trial_id: str) -> Sequence[TrialAssignment]:
    lines = select(TrialAssignment).where(TrialAssignment.trial_id == trial_id)
    return session.scalars(lines.order_by(col(TrialAssignment.pk))).all()


def _deviations(registration: Registration, lines: Sequence[TrialAssignment]) -> Iterator[Deviation]:
    """Yield where a line has another block, place or arm than the registration gives."""
    counts: Counter[str] = Counter()
    for line in lines:
        day = to_wall(line.planned_at, registration.zones[line.channel_id]).date()
        block = registration.block(line.channel_id, day, line.content_format)
        expected = registration.line(line.item_id, block, counts[block])
        counts[block] += 1
        said = (("block", line.block, block), ("number", str(line.number), str(expected.number)))
        for name, recorded, right in (*said, ("arm", line.arm, expected.arm)):
            if recorded != right:
                yield Deviation(line.item_id, name, recorded, right)


def _sentence(lines: int, deviations: int, *, holds: bool) -> str:
    if not holds:
        return "What is registered is not what was registered when the trial started: its fingerprint differs."
    if deviations:
        return f"{deviations:,} entries of the {lines:,} drawn posts are not what the registered seed gives."
    return f"All {lines:,} posts have the arm that the registered seed gives."
