"""Filling the coming weeks: propose times for drafts, then schedule what was proposed in one step."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
from sqlmodel import col, select

from core.calendar.conflicts import Booking
from core.calendar.zones import load_zone
from core.clock import Stopwatch, stopwatch
from core.errors import Invalid, Problem, StateConflict, TimeInPast
from core.planning.grid import Floats, GridItem, GridProblem
from core.planning.grid_plan import GridPlan, GridUnplaced, Infeasible
from core.planning.solve import solve
from core.planning.terms.by_format import ByFormat
from core.services.calendars import add_to_calendar, refuse_problems
from core.services.contents import add_content
from core.services.context import Context
from core.services.fill_views import FillPlacement, FillProposal, FillRequest, Score
from core.services.fill_wishes import Wish, wishes_of
from core.services.item_rows import views_of
from core.services.item_times import check_aware, shown
from core.services.item_views import ItemView
from core.services.new_items import NewItem, written
from core.services.plan_ground import Ground, survey
from core.services.plan_reasons import nowhere
from core.services.plan_views import AS_USUAL, SECONDS
from core.services.plan_worth import weight_of
from core.services.posting_diary import Diary
from core.services.trial_assigning import take_new
from core.storage.tables import Channel
from core.storage.tenancy import ScopedSession
from core.vocabulary import ContentFormat, OptimizationLevel

LONGEST = timedelta(days=92)
MOST_DRAFTS = 1000


_Kind = tuple[str, ContentFormat]
_Rows = Mapping[_Kind, Floats]
"""The score of each slot, by channel and format."""


def propose_fill(
    ctx: Context,
    request: FillRequest,
    score: Score,
    elapsed: Stopwatch = stopwatch,
    budget_seconds: float = SECONDS[OptimizationLevel.SPEED],
    most: int = MOST_DRAFTS,
    beside: Sequence[Booking] = (),
) -> FillProposal:
    """Propose the best free time for every draft on every channel it names; nothing is written.

    Drafts of all channels, formats and priorities are planned together: those of higher priority get the better times.
    Spacing, caps per day and week, quiet hours, working days, blackouts and everything already scheduled are respected;
    what finds no place comes back with the reason. `elapsed` is any stopwatch in seconds, `budget_seconds` the longest
    search; `beside` are posts that will stand there too. Raises NotFound (channel, content), TimeInPast (`ends`) and
    Invalid (an unknown platform, a range without time or of too many days).
    """
    now = ctx.now()
    _check(request, now, most)
    starts = max(request.starts, now)
    with ctx.read() as session:
        wishes, refused = wishes_of(session, ctx, request.drafts)
        ground = survey(session, (wish.channel for wish in wishes), starts, request.ends)
    more = tuple(post for post in beside if post.channel_id in ground.channels)
    ground = replace(ground, bookings=(*ground.bookings, *more))
    rows = {kind: _row(ground, kind, score) for kind in dict.fromkeys(map(_kind, wishes))}
    plan = _plan(wishes, ground, rows, elapsed, budget_seconds)
    known = {wish.id: wish for wish in wishes}
    placements = (_placement(known[one.item], one.slot, ground, rows) for one in plan.placements)
    left = (known[one.item].unplaced(_why_nowhere(known[one.item], ground, one)) for one in plan.unplaced)
    return FillProposal(
        tuple(sorted(placements, key=lambda placement: (placement.scheduled_at, placement.channel_id))),
        tuple(sorted((*refused, *left), key=lambda unplaced: unplaced.number)),
        plan.value,
    )


def apply_fill(ctx: Context, proposal: FillProposal, calendar_id: str | None = None) -> tuple[ItemView, ...]:
    """Schedule every placement of a proposal, in its order, or nothing; into "Posts" unless a calendar is named.

    A draft on several channels becomes one content. A running trial that takes new posts may give them other times of
    their week. Raises StateConflict when a time is no longer free or the calendar
    is canceled, Invalid when an item could not be scheduled any more (`items[0].scheduled_at`), NotFound (calendar).
    """
    with ctx.write() as session:
        wanted = [one.draft.on(one.channel_id, one.scheduled_at) for one in proposal.placements]
        refuse_problems(session, ctx, wanted)
        _refuse_taken(session, proposal.placements)
        contents: dict[int, str] = {}
        for one, new in zip(proposal.placements, wanted, strict=True):
            if one.number not in contents:
                contents[one.number] = new.content_id or add_content(session, written(new), ctx.now())
        session.flush()
        items = _sharing(wanted, [contents[one.number] for one in proposal.placements])
        ids = add_to_calendar(session, ctx, items, calendar_id) if items else ()
        take_new(session, ctx, ids)
        return views_of(session, ids)


def _check(request: FillRequest, now: datetime, most: int) -> None:
    check_aware(request.starts, "starts")
    check_aware(request.ends, "ends")
    if request.ends <= now:
        raise TimeInPast(when=shown(request.ends))
    problems = []
    if not timedelta() < request.ends - request.starts <= LONGEST:
        problems.append(
            Problem("ends", shown(request.ends), f"choose an end at most {LONGEST.days} days after the start")
        )
    if not 1 <= len(request.drafts) <= most:
        problems.append(Problem("drafts", str(len(request.drafts)), f"send 1 to {most} drafts"))
    for number, draft in enumerate(request.drafts):
        if not (draft.channel_ids or draft.platforms):
            problems.append(Problem(f"drafts[{number}].channel_ids", "", "name a channel or a platform"))
    if problems:
        raise Invalid(tuple(problems))


def _kind(wish: Wish) -> _Kind:
    return wish.channel.id, wish.draft.content_format


def _row(ground: Ground, kind: _Kind, score: Score) -> Floats:
    """Return the score of every slot of a channel for a format; 0 where it may not post."""
    row = np.zeros(ground.grid.count)
    channel_id, content_format = kind
    for slot in np.flatnonzero(ground.channels[channel_id].open).tolist():
        row[slot] = score(channel_id, content_format, ground.grid.start(slot))
    return row


def _plan(wishes: Sequence[Wish], ground: Ground, rows: _Rows, elapsed: Stopwatch, seconds: float) -> GridPlan:
    own = {channel_id: ground.grid_channel(channel_id, row) for (channel_id, _), row in rows.items()}
    formats = {wish.id: wish.draft.content_format for wish in wishes}
    problem = GridProblem(
        count=ground.grid.count,
        channels=tuple(own.values()),
        items=tuple(GridItem(wish.id, (wish.channel.id,), weight_of(wish.draft.priority)) for wish in wishes),
        commitments=ground.commitments(),
        terms=(ByFormat(formats, {(key, name.value): row for (key, name), row in rows.items()}),),
    )
    plan = solve(problem, budget_seconds=seconds, seed=0, elapsed=elapsed)
    if isinstance(plan, Infeasible):
        raise TypeError(plan.reason)  # cannot be: nothing is fixed
    return plan


def _placement(wish: Wish, slot: int, ground: Ground, rows: _Rows) -> FillPlacement:
    channel, start, row = wish.channel, ground.grid.start(slot), rows[_kind(wish)]
    scores = row[ground.channels[channel.id].open]
    return FillPlacement(
        number=wish.number,
        draft=wish.draft,
        channel_id=channel.id,
        channel_name=channel.name,
        platform=channel.platform,
        scheduled_at=start,
        local=start.astimezone(load_zone(channel.timezone)),
        score=float(row[slot]),
        reason=f"scores {row[slot]:.2f}, better than {int((scores < row[slot]).sum())} of the {scores.size} half hours "
        f"in which {channel.name} may post",
    )


def _why_nowhere(wish: Wish, ground: Ground, left: GridUnplaced) -> str:
    own, every = ground.channels[wish.channel.id], range(ground.grid.count)
    if not (own.open.any() or own.closed_slots(every.start, every.stop)):
        return "the range is too short: no half hour begins in it"
    return nowhere(own, every, left.reason)


def _refuse_taken(session: ScopedSession, placements: Sequence[FillPlacement]) -> None:
    """Refuse a proposal (StateConflict) when one of its times is not free any more."""
    if not placements:
        return
    times = [one.scheduled_at for one in placements]
    channels = session.scalars(select(Channel).where(col(Channel.id).in_({one.channel_id for one in placements})))
    ground = survey(session, channels, min(times), max(times))
    diary = Diary(ground, AS_USUAL)
    for post in ground.bookings:
        diary.add(post)
    for number, one in enumerate(placements):
        new = Booking(f"new {number}", one.draft.title, one.channel_id, "", one.scheduled_at)
        if next(diary.obstacles(new), None):
            gone = f"{one.local:%Y-%m-%d %H:%M} on {one.channel_name} is no longer free"
            raise StateConflict(kind="proposal", state=f"out of date ({gone})", wanted="a schedule; propose again")
        diary.add(new)


def _sharing(wanted: Sequence[NewItem], contents: Sequence[str]) -> list[NewItem]:
    """Return the items with the contents they share."""
    return [replace(new, content_id=content_id) for new, content_id in zip(wanted, contents, strict=True)]
