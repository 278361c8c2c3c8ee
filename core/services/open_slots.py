"""Open slots, places in the plan that wait for their post: proposed, added, removed, and those to write soon."""

from collections.abc import Collection, Iterable, Sequence

from sqlmodel import col, delete

from core.calendar.zones import day_bounds
from core.clock import Stopwatch, stopwatch
from core.errors import Invalid, Problem, StateConflict
from core.services.audit import Action, record
from core.services.calendars import add_to_calendar, open_calendar
from core.services.context import Context
from core.services.item_rows import ITEM, locked, views_of
from core.services.item_views import ItemView
from core.services.new_items import NewItem
from core.services.own_channels import own_channel
from core.services.plan_ground import survey
from core.services.plan_views import SECONDS
from core.services.settlement import settle_calendar
from core.services.slot_offers import judges_of, offers_at, rule_times
from core.services.slot_requests import channels_of, first_day_for, offer_problems, refuse, wishes_of
from core.services.slot_room import refuse_taken, rooms_of
from core.services.slot_rows import unwritten_soon
from core.services.slot_views import FixedTimes, HowOften, SlotOffer, SlotsProposal, SlotsRequest, WeekOfSlots
from core.services.slot_weeks import ChannelDays, fill_weeks
from core.services.trial_assigning import take_new
from core.storage.tables import Content
from core.storage.tenancy import ScopedSession
from core.vocabulary import ItemState, OptimizationLevel


def propose_slots(ctx: Context, request: SlotsRequest, elapsed: Stopwatch = stopwatch) -> SlotsProposal:
    """Propose times for posts that are still to be written; nothing is stored.

    How often: the planner finds the best free half hours of every week, on top of what stands there; it stops when
    level speed would by `elapsed`, any stopwatch in seconds. Fixed times: every time of the rule, with what speaks
    against it. Raises NotFound (channel) and Invalid, which names every problem.
    """
    with ctx.read() as session:
        if isinstance(request, FixedTimes):
            return SlotsProposal(_in_order(_at_fixed_times(session, ctx, request)))
        return _by_week(session, ctx, request, elapsed)


def add_slots(
    ctx: Context, proposal: SlotsProposal, calendar_id: str | None = None, new_title: str | None = None
) -> tuple[ItemView, ...]:
    """Add the kept offers as open slots, in their order, or nothing; `remove_slots` takes them back.

    Into "Posts" unless a calendar is named, or created with a new title. A running trial that takes new posts may give
    times the planner chose for others of their week. Raises StateConflict (a time is not free any
    more, the calendar is canceled), Invalid (`offers[0].scheduled_at`, the title), NotFound (channel, calendar).
    """
    if calendar_id is not None and new_title is not None:
        raise Invalid((Problem("calendar_id", calendar_id, "name a calendar or the title of a new one, not both"),))
    with ctx.write() as session:
        wanted = refuse_stale(session, ctx, proposal)
        target = calendar_id if new_title is None else open_calendar(session, ctx, new_title)
        ids = add_to_calendar(session, ctx, wanted, target, ItemState.PENDING)
        take_new(session, ctx, ids if proposal.weeks else ())
        return views_of(session, ids)


def refuse_stale(session: ScopedSession, ctx: Context, proposal: SlotsProposal) -> list[NewItem]:
    """Return the kept offers as items, unless one cannot be added any more (NotFound, Invalid, StateConflict)."""
    offers = proposal.kept
    channels = {key: own_channel(session, key) for key in {offer.channel_id for offer in offers}}
    refuse([*offer_problems(ctx, channels, offers)])
    refuse_taken(session, channels.values(), offers)
    return [NewItem(each.channel_id, each.scheduled_at, content_format=each.content_format) for each in offers]


def remove_slots(ctx: Context, item_ids: Collection[str]) -> None:
    """Take open slots out of their calendars for good, all of them or none.

    NotFound; StateConflict when one is no open slot (any more): what somebody wrote is canceled, never removed.
    """
    with ctx.write() as session:
        rows = [locked(session, item_id) for item_id in sorted(set(item_ids))]
        if not all(item.is_open_slot for item in views_of(session, [row.id for row in rows])):
            raise StateConflict(kind=ITEM, state="not an open slot any more", wanted="removed; cancel it instead")
        for row in rows:
            record(session, ctx, Action.DELETED, ITEM, row.id, {"scheduled_at": row.scheduled_at.isoformat()})
            session.delete(row)
        session.flush()  # before the contents, which nobody else has
        session.execute(delete(Content).where(col(Content.id).in_([row.content_id for row in rows])))
        for calendar_id in sorted({row.calendar_id for row in rows}):
            settle_calendar(session, calendar_id)


def put_back(ctx: Context, items: Sequence[ItemView]) -> tuple[ItemView, ...]:
    """Add open slots like those that were removed, to the calendars they were in (NotFound, StateConflict)."""
    with ctx.write() as session:
        added = [add_to_calendar(session, ctx, [_like(item)], item.calendar_id, ItemState.PENDING) for item in items]
        return views_of(session, [key for (key,) in added])


def soon_unwritten(ctx: Context) -> tuple[ItemView, ...]:
    """Return the open slots of the next 48 hours, by time: what has to be written now."""
    with ctx.read() as session:
        return unwritten_soon(session, ctx.now())


def _at_fixed_times(session: ScopedSession, ctx: Context, request: FixedTimes) -> Iterable[SlotOffer]:
    channels = channels_of(session, ctx, request)
    judges = judges_of(session, ctx, channels, wishes_of(request))
    times = {channel.id: rule_times(request.rule, channel.timezone, ctx.now()) for channel in channels}
    last = max((at for own in times.values() for at in own), default=ctx.now())
    rooms = rooms_of(session, channels, ctx.now(), last)
    for key, own in times.items():
        yield from offers_at(own, judges[key], rooms[key])


def _by_week(session: ScopedSession, ctx: Context, request: HowOften, elapsed: Stopwatch) -> SlotsProposal:
    channels, now = channels_of(session, ctx, request), ctx.now()
    judges = judges_of(session, ctx, channels, wishes_of(request))
    per_week = {each.channel_id: each.posts_per_week for each in request.channels}
    ends = max(day_bounds(request.last_day, channel.timezone)[1] for channel in channels)
    ground = survey(session, channels, now, ends)
    seconds = SECONDS[OptimizationLevel.SPEED] / len(channels)
    offers: list[SlotOffer] = []
    weeks: list[WeekOfSlots] = []
    for channel in channels:
        first = first_day_for(channel, request.first_day, now)
        days = ChannelDays(judges[channel.id], first, request.last_day, per_week[channel.id])
        found, filled = fill_weeks(days, ground, elapsed, seconds)
        offers += found
        weeks += filled
    return SlotsProposal(_in_order(offers), tuple(weeks))


def _in_order(offers: Iterable[SlotOffer]) -> tuple[SlotOffer, ...]:
    return tuple(sorted(offers, key=lambda offer: (offer.scheduled_at, offer.channel_name, offer.channel_id)))


def _like(item: ItemView) -> NewItem:
    return NewItem(
        channel_id=item.channel_id,
        scheduled_at=item.scheduled_at,
        content_format=item.content_format,
        tags=item.tags,
        priority=item.priority,
        leeway=item.leeway,
        lateness_policy=item.lateness_policy,
        lateness_grace_seconds=item.lateness_grace_seconds,
        external_id=item.external_id,
        metadata=item.metadata,
    )
