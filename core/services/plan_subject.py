"""What a plan is about: the items of a calendar that may move, each within its window, and all that stands."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from math import floor

from sqlmodel import col, select

from core.calendar.conflicts import Booking
from core.calendar.zones import day_bounds, to_wall
from core.content.platforms import find_platform
from core.errors import Invalid, Problem, StateConflict
from core.services.calendars import CALENDAR, CLOSED
from core.services.context import Context
from core.services.item_rows import joined, views
from core.services.item_views import ItemView
from core.services.moves import MOVABLE
from core.services.own_channels import IS_OWN
from core.services.plan_ground import Grid, Ground, survey
from core.services.plan_options import LONGEST
from core.services.plan_views import PlanOptions
from core.services.plan_worth import Kind, Worth, least_per_week, weekly_returns, worth_of
from core.services.posting_diary import Order
from core.services.rows import find
from core.storage.tables import Channel, ContentCalendar, ContentScheduleItem
from core.storage.tenancy import ScopedSession
from core.vocabulary import CalendarState, Reach

_DAY = timedelta(days=1)
_SUNDAY = 6


@dataclass(frozen=True)
class Movable:
    """An item that may move: as it stands, and the slots it may take (`low` to `high`, inclusive; none if reversed)."""

    item: ItemView
    post: Booking
    low: int
    high: int

    @property
    def kind(self) -> Kind:
        """Its channel and format."""
        return self.item.channel_id, self.item.content_format

    def at(self, when: datetime) -> Booking:
        """Return the post at another time."""
        return replace(self.post, at=when)

    def may_stay(self) -> bool:
        """Say whether its own window holds the time it has."""
        leeway, at = self.item.leeway, self.post.at
        return (leeway.not_before or at) <= at <= (leeway.not_after or at)


@dataclass(frozen=True, eq=False)
class Subject:
    """All that a plan of a calendar rests on; `least` and `returns` are of weeks, by channel."""

    options: PlanOptions
    starts: datetime
    ends: datetime
    ground: Ground
    worth: Worth
    movable: Mapping[str, Movable]
    orders: tuple[Order, ...]
    least: Mapping[str, int]
    returns: Mapping[str, tuple[float, ...]]


def read_subject(session: ScopedSession, ctx: Context, calendar_id: str, options: PlanOptions) -> Subject:
    """Read what a plan of a calendar rests on (NotFound; StateConflict: canceled; Invalid: nothing to move)."""
    channels, wanted, starts, ends = wanted_items(session, ctx, calendar_id, options)
    ground = survey(session, channels.values(), starts, ends, options)
    posts = {post.item_id: post for post in ground.bookings}
    used = {one.channel_id: channels[one.channel_id] for one in wanted}
    kinds = dict.fromkeys((one.channel_id, one.content_format) for one in wanted)
    worth = worth_of(session, ctx, [(used[key], name) for key, name in kinds], options.caution)
    is_open_ended = options.reach is Reach.RANGE  # within its week an item does not change how many posts the week has
    least = least_per_week(session) if is_open_ended else {}
    return Subject(
        options=options,
        starts=starts,
        ends=ends,
        ground=ground,
        worth=worth,
        movable={one.id: Movable(one, posts[one.id], *_window(ground.grid, one, options.reach)) for one in wanted},
        orders=orders_of(ground, options.leads and find_platform(ctx.reference.platforms, options.leads).id),
        least={key: least.get(channel.platform, 0) for key, channel in used.items()},
        returns={
            key: weekly_returns(session, channel) if is_open_ended and options.spread else ()
            for key, channel in used.items()
        },
    )


def wanted_items(
    session: ScopedSession, ctx: Context, calendar_id: str, options: PlanOptions
) -> tuple[Mapping[str, Channel], Sequence[ItemView], datetime, datetime]:
    """Return the team's channels by id, the items that may move, and from when to when (raises as `read_subject`)."""
    refuse_closed_to_plans(session, calendar_id)
    channels = {row.id: row for row in session.scalars(select(Channel).where(IS_OWN))}
    items = _movable(session, calendar_id)
    starts = max(options.starts or ctx.now(), ctx.now()).astimezone(UTC)
    ends = options.ends or max(_end_of(items, starts), options.not_after or starts)
    why_not = {one.id: _why_not(one, channels, options, starts, ends) for one in items}
    wanted = [one for one in items if why_not[one.id] is None]
    if not wanted:
        raise Invalid((_nothing(why_not.values()),))
    return channels, wanted, starts, ends


def refuse_closed_to_plans(session: ScopedSession, calendar_id: str) -> ContentCalendar:
    """Return a calendar unless nothing goes out of it any more (NotFound, StateConflict)."""
    row = find(session, ContentCalendar, calendar_id, CALENDAR)
    if row.state in CLOSED:
        raise StateConflict(kind=CALENDAR, state=row.state, wanted=CalendarState.OPTIMIZING)
    return row


def orders_of(ground: Ground, leads: str | None) -> tuple[Order, ...]:
    """Return which posts go out first, where a platform (its id) leads.

    A content that goes out several times on a channel is repeated: its second time elsewhere follows its second time on
    the leading platform, and so on; further ones follow the last.
    """
    if leads is None:
        return ()
    contents: defaultdict[str, defaultdict[str, list[Booking]]] = defaultdict(lambda: defaultdict(list))
    for post in sorted(ground.bookings, key=lambda one: (one.at, one.item_id)):
        contents[post.content_id][post.channel_id].append(post)
    return tuple(
        order
        for channels in contents.values()
        for key, leading in channels.items()
        if ground.channels[key].channel.platform == leads
        for other, posts in channels.items()
        if ground.channels[other].channel.platform != leads
        for order in _in_turn(leading, posts)
    )


def _in_turn(leading: Sequence[Booking], posts: Sequence[Booking]) -> Iterable[Order]:
    last = len(leading) - 1
    return ((leading[min(number, last)].item_id, post.item_id) for number, post in enumerate(posts))


def _movable(session: ScopedSession, calendar_id: str) -> tuple[ItemView, ...]:
    item = ContentScheduleItem
    rows = joined().where(col(item.calendar_id) == calendar_id, col(item.state).in_(MOVABLE))
    return views(session, rows.order_by(col(item.scheduled_at), col(item.id)))


def _end_of(items: Iterable[ItemView], starts: datetime) -> datetime:
    """Return the end of the last item's day, but not more than `LONGEST` from the start."""
    ends = (day_bounds(to_wall(one.scheduled_at, one.timezone).date(), one.timezone)[1] for one in items)
    return min(max(ends, default=starts), starts + LONGEST)


def _why_not(
    item: ItemView, channels: Mapping[str, Channel], options: PlanOptions, starts: datetime, ends: datetime
) -> str | None:
    """Return why an item may not move, as words about several, or None."""
    if options.only is not None and item.id not in options.only:
        return "not named"
    if item.leeway.fixed:
        return "fixed"
    if not channels[item.channel_id].active:
        return "on a channel that is switched off"
    return None if starts < item.scheduled_at < ends else "outside the dates, or due by now"


def _nothing(why_not: Iterable[str | None]) -> Problem:
    counts = Counter(why_not)
    found = ", ".join(f"{count} {why}" for why, count in counts.items()) or "no post that is not out yet"
    return Problem("calendar_id", found, "nothing in this calendar can be moved; choose other dates or free its posts")


def _window(grid: Grid, item: ItemView, reach: Reach) -> tuple[int, int]:
    """Return the first and the last slot an item may take: its reach and its own window, within the grid."""
    low, high, leeway = 0, grid.count - 1, item.leeway
    if reach is not Reach.RANGE:
        day = to_wall(item.scheduled_at, item.timezone).date()
        monday = day - day.weekday() * _DAY
        first, last = (day, day) if reach is Reach.DAY else (monday, monday + _SUNDAY * _DAY)
        low = max(low, grid.first_from(day_bounds(first, item.timezone)[0]))
        high = min(high, grid.first_from(day_bounds(last, item.timezone)[1]) - 1)
    if leeway.not_before is not None:
        low = max(low, grid.first_from(leeway.not_before))
    if leeway.not_after is not None:
        high = min(high, floor(grid.position(leeway.not_after)))
    return low, high
