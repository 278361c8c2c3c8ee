"""Filling the coming weeks: propose times for drafts, then schedule what was proposed in one step."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby
from math import fsum

from sqlmodel import col, select

from core.calendar.zones import load_zone
from core.errors import Invalid, Problem, StateConflict, TimeInPast
from core.planning.fill import fill
from core.planning.plan import BlockedBy, Plan
from core.planning.problem import Commitment, PlanItem, PlanSlot
from core.planning.problem import Problem as Planning
from core.services.calendars import add_to_calendar, refuse_problems
from core.services.contents import add_content
from core.services.context import Context
from core.services.fill_ground import Ground, Openings, commitment, diaries, openings, plan_slot, survey
from core.services.fill_views import FillPlacement, FillProposal, FillRequest, FillUnplaced, Score
from core.services.fill_wishes import Wish, wishes_of
from core.services.item_rows import views_of
from core.services.item_times import check_aware, shown
from core.services.item_views import ItemView
from core.services.new_items import NewItem, written
from core.storage.tables import Channel
from core.storage.tenancy import ScopedSession
from core.vocabulary import ContentFormat

LONGEST = timedelta(days=92)
MOST_DRAFTS = 1000


@dataclass(frozen=True)
class _Planned:
    """Wishes that were planned together, the slots they chose from, and the plan."""

    wishes: Mapping[str, Wish]
    slots: Mapping[str, Sequence[PlanSlot]]
    plan: Plan


def propose_fill(ctx: Context, request: FillRequest, score: Score) -> FillProposal:
    """Propose the best free time for every draft on every channel it names; nothing is written.

    Higher priorities choose first. Spacing, caps per day and week, quiet hours, working days, blackouts and everything
    already scheduled are respected; what finds no place comes back with the reason. Raises NotFound (channel,
    content), TimeInPast (`ends`) and Invalid (an unknown platform, a range without time or of too many days).
    """
    now = ctx.now()
    _check(request, now)
    starts = max(request.starts, now)
    with ctx.read() as session:
        wishes, refused = wishes_of(session, ctx, request.drafts)
        ground = survey(session, (wish.channel for wish in wishes), starts, request.ends)
    free = {channel_id: openings(ground, channel_id, starts, request.ends) for channel_id in ground.channels}
    planned = tuple(_plan(wishes, ground, free, score))
    return FillProposal(
        tuple(sorted(_placements(planned), key=lambda placement: (placement.scheduled_at, placement.channel_id))),
        tuple(sorted((*refused, *_left(planned, free)), key=lambda unplaced: unplaced.number)),
        fsum(one.plan.value for one in planned),
    )


def apply_fill(ctx: Context, proposal: FillProposal, calendar_id: str | None = None) -> tuple[ItemView, ...]:
    """Schedule every placement of a proposal, in its order, or nothing; into "Posts" unless a calendar is named.

    A draft on several channels becomes one content. Raises StateConflict when a time is no longer free or the calendar
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
        return views_of(session, add_to_calendar(session, ctx, items, calendar_id)) if items else ()


def _check(request: FillRequest, now: datetime) -> None:
    check_aware(request.starts, "starts")
    check_aware(request.ends, "ends")
    if request.ends <= now:
        raise TimeInPast(when=shown(request.ends))
    problems = []
    if not timedelta() < request.ends - request.starts <= LONGEST:
        problems.append(
            Problem("ends", shown(request.ends), f"choose an end at most {LONGEST.days} days after the start")
        )
    if not 1 <= len(request.drafts) <= MOST_DRAFTS:
        problems.append(Problem("drafts", str(len(request.drafts)), f"send 1 to {MOST_DRAFTS} drafts"))
    for number, draft in enumerate(request.drafts):
        if not (draft.channel_ids or draft.platforms):
            problems.append(Problem(f"drafts[{number}].channel_ids", "", "name a channel or a platform"))
    if problems:
        raise Invalid(tuple(problems))


def _plan(wishes: Sequence[Wish], ground: Ground, free: Mapping[str, Openings], score: Score) -> Iterator[_Planned]:
    """Plan one priority and format after the other: a slot's score depends on the format, the planner's does not."""
    commitments = list(ground.commitments)
    for (_, content_format), group in groupby(sorted(wishes, key=_turn), key=_turn):
        together = {wish.id: wish for wish in group}
        slots = {
            key: [replace(slot, score=score(key, content_format, slot.start)) for slot in free[key].slots]
            for key in {wish.channel.id for wish in together.values()}
        }
        plan = fill(_problem(together, slots, ground, commitments))
        yield _Planned(together, slots, plan)
        commitments += [
            commitment(plan_slot(ground.channels[placed.channel_id], placed.start)) for placed in plan.placements
        ]


def _turn(wish: Wish) -> tuple[int, ContentFormat]:
    return -wish.draft.priority, wish.draft.content_format


def _problem(
    wishes: Mapping[str, Wish],
    slots: Mapping[str, Sequence[PlanSlot]],
    ground: Ground,
    commitments: Sequence[Commitment],
) -> Planning:
    return Planning(
        items=tuple(PlanItem(key, wish.channel.id, wish.draft.priority) for key, wish in wishes.items()),
        slots=tuple(slot for own in slots.values() for slot in own),
        limits=ground.limits,
        commitments=tuple(commitments),
    )


def _placements(planned: Sequence[_Planned]) -> Iterator[FillPlacement]:
    for one in planned:
        ranked = {key: sorted(slot.score for slot in slots) for key, slots in one.slots.items()}
        for placed in one.plan.placements:
            wish, scores = one.wishes[placed.item_id], ranked[placed.channel_id]
            worse = bisect_left(scores, placed.score)
            channel = wish.channel
            yield FillPlacement(
                number=wish.number,
                draft=wish.draft,
                channel_id=channel.id,
                channel_name=channel.name,
                platform=channel.platform,
                scheduled_at=placed.start,
                local=placed.start.astimezone(load_zone(channel.timezone)),
                score=placed.score,
                reason=f"scores {placed.score:.2f}, better than {worse} of the {len(scores)} half hours in which "
                f"{channel.name} may post",
            )


def _left(planned: Sequence[_Planned], free: Mapping[str, Openings]) -> Iterator[FillUnplaced]:
    for one in planned:
        for left in one.plan.unplaced:
            wish = one.wishes[left.item_id]
            is_closed = left.blocked_by is BlockedBy.NO_SLOTS
            yield wish.unplaced(_closed(wish.channel, free[wish.channel.id]) if is_closed else left.reason)


def _closed(channel: Channel, free: Openings) -> str:
    if not free.closed:
        return "the range is too short: no half hour begins in it"
    parts = " and ".join(f"{count} are {why}" for why, count in sorted(free.closed.items()))
    return f"{channel.name} may not post in any of the {sum(free.closed.values())} half hours of the range: {parts}"


def _refuse_taken(session: ScopedSession, placements: Sequence[FillPlacement]) -> None:
    """Refuse a proposal (StateConflict) when one of its times is not free any more."""
    if not placements:
        return
    times = [one.scheduled_at for one in placements]
    channels = session.scalars(select(Channel).where(col(Channel.id).in_({one.channel_id for one in placements})))
    ground = survey(session, channels, min(times), max(times))
    kept = diaries(ground)
    for one in placements:
        slot = plan_slot(ground.channels[one.channel_id], one.scheduled_at)
        if ground.rules[one.channel_id].closed(slot.start) or kept[one.channel_id].block(slot):
            gone = f"{one.local:%Y-%m-%d %H:%M} on {one.channel_name} is no longer free"
            raise StateConflict(kind="proposal", state=f"out of date ({gone})", wanted="a schedule; propose again")
        kept[one.channel_id].add(slot)


def _sharing(wanted: Sequence[NewItem], contents: Sequence[str]) -> list[NewItem]:
    """Return the items with the contents they share."""
    return [replace(new, content_id=content_id) for new, content_id in zip(wanted, contents, strict=True)]
