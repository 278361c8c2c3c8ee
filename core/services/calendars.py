"""Calendars: create once, list, edit, cancel, and put single posts into the one that is always there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import col, select

from core.calendar.states import ITEM_MOVES, OPEN_ITEM_STATES, check_calendar_move
from core.calendar.zones import load_zone
from core.errors import Invalid, Problem, StateConflict
from core.services.audit import Action, record
from core.services.context import Context
from core.services.item_rows import ITEM, touch, view_of, views_of
from core.services.item_times import check_time
from core.services.item_views import CalendarView, CalendarWithItems, ItemView
from core.services.new_items import NewItem, add_items, check_references, problems_of
from core.services.paging import Order, read_page
from core.services.rows import check_version, find
from core.services.settlement import count_states, settle_calendar
from core.storage.ids import IdPrefix, new_id
from core.storage.tables import ContentCalendar, ContentScheduleItem, Workspace
from core.storage.tenancy import ScopedSession
from core.vocabulary import CalendarState, ItemState

CALENDAR = "calendar"
"""How errors and the audit log name a calendar."""

SINGLE_POSTS = "Posts"
"""The calendar of posts that were scheduled without naming one."""

TITLE_LENGTHS = range(3, 101)
MOST_ITEMS = 1000

CLOSED = (CalendarState.CANCELING, CalendarState.CANCELED, CalendarState.FAILED)
"""A calendar in one of these states takes no more items."""

_NEWEST_FIRST = Order((col(ContentCalendar.created_at), col(ContentCalendar.id)), (datetime, str), is_descending=True)
_CANCELABLE = tuple(state for state, moves in ITEM_MOVES.items() if ItemState.CANCELED in moves)


@dataclass(frozen=True)
class NewCalendar:
    """A calendar to create: title of 3 to 100 characters, IANA zone, up to 1000 items or none, the batch it is of."""

    title: str
    timezone: str
    items: tuple[NewItem, ...] = ()
    bulk_job_id: str | None = None


@dataclass(frozen=True)
class CalendarEdit:
    """A calendar's title and zone as a person wants them."""

    title: str
    timezone: str


def list_calendars(ctx: Context) -> tuple[CalendarView, ...]:
    """Return the workspace's calendars, newest first."""
    newest = select(ContentCalendar).order_by(col(ContentCalendar.created_at).desc(), col(ContentCalendar.id))
    with ctx.read() as session:
        counts = count_states(session)
        return tuple(_view(row, counts.get(row.id, {})) for row in session.scalars(newest))


def page_calendars(ctx: Context, limit: int, cursor: str | None = None) -> tuple[tuple[CalendarView, ...], str | None]:
    """Return up to `limit` calendars, newest first, after the one the cursor names, and the next cursor (Invalid)."""
    with ctx.read() as session:
        page, following = read_page(session, select(ContentCalendar), _NEWEST_FIRST, limit, cursor)
        counts = count_states(session)
    return tuple(_view(row, counts.get(row.id, {})) for row in page), following


def find_calendar(ctx: Context, calendar_id: str) -> CalendarView:
    """Return one calendar (NotFound)."""
    with ctx.read() as session:
        return _view_of(session, calendar_id)


def create_calendar(ctx: Context, new: NewCalendar) -> CalendarWithItems:
    """Create a calendar with its items, all of them or none.

    Invalid names every problem of every item by its place (`items[2].scheduled_at`).
    """
    with ctx.write() as session:
        _refuse([*_calendar_problems(new.title, new.timezone), *_items_problems(session, ctx, new.items)])
        calendar_id = _add(session, ctx, new.title.strip(), new.timezone, len(new.items))
        session.get_one(ContentCalendar, calendar_id).bulk_job_id = new.bulk_job_id
        item_ids = add_items(session, ctx, calendar_id, new.items)
        settle_calendar(session, calendar_id)
        return CalendarWithItems(_view_of(session, calendar_id), views_of(session, item_ids))


def edit_calendar(
    ctx: Context, calendar_id: str, edit: CalendarEdit, expected_version: int | None = None
) -> CalendarView:
    """Change title and zone (NotFound, Invalid, StaleEdit)."""
    _refuse(_calendar_problems(edit.title, edit.timezone))
    with ctx.write() as session:
        row = find(session, ContentCalendar, calendar_id, CALENDAR)
        check_version(row, expected_version, CALENDAR)
        row.title, row.timezone = edit.title.strip(), edit.timezone
        _touch(row, ctx)
        record(session, ctx, Action.EDITED, CALENDAR, row.id, {"title": row.title})
        return _view_of(session, row.id)


def cancel_calendar(ctx: Context, calendar_id: str, expected_version: int | None = None) -> CalendarView:
    """Cancel every item that is not on its way out yet (NotFound, StaleEdit, StateConflict).

    While an item is being published or unconfirmed the calendar is `canceling`; it is `canceled` once that is settled.
    """
    with ctx.write() as session:
        row = find(session, ContentCalendar, calendar_id, CALENDAR)
        check_version(row, expected_version, CALENDAR)
        check_calendar_move(row.state, CalendarState.CANCELING)
        canceled = _cancel_items(session, ctx, row.id)
        row.state = CalendarState.CANCELING
        _touch(row, ctx)
        settle_calendar(session, row.id)
        record(session, ctx, Action.CANCELED, CALENDAR, row.id, {"items": canceled})
        return _view_of(session, row.id)


def schedule_item(ctx: Context, new: NewItem, calendar_id: str | None = None) -> ItemView:
    """Schedule one post, into the calendar "Posts" unless another is named.

    Raises TimeInPast, NotFound (calendar, channel, content), StateConflict (the calendar is canceled) and Invalid with
    everything the platform would not accept.
    """
    check_time(new.scheduled_at, ctx.now())
    with ctx.write() as session:
        check_references(session, new)
        for problems in problems_of(session, ctx, [new]):
            _refuse(problems)
        return view_of(session, add_to_calendar(session, ctx, [new], calendar_id)[0])


def schedule_items(ctx: Context, wanted: Sequence[NewItem], calendar_id: str | None = None) -> tuple[ItemView, ...]:
    """Schedule several posts, all of them or none (NotFound, StateConflict, Invalid with places `items[2]`)."""
    with ctx.write() as session:
        refuse_problems(session, ctx, wanted)
        return views_of(session, add_to_calendar(session, ctx, wanted, calendar_id))


def add_to_calendar(
    session: ScopedSession,
    ctx: Context,
    wanted: Sequence[NewItem],
    calendar_id: str | None,
    state: ItemState = ItemState.SCHEDULED,
) -> tuple[str, ...]:
    """Add checked items to a calendar, or to "Posts" when it is None, and return their ids in the same order."""
    target = _posts(session, ctx) if calendar_id is None else calendar_id
    refuse_closed(session, target)
    ids = add_items(session, ctx, target, wanted, state)
    settle_calendar(session, target, gains=state in OPEN_ITEM_STATES)
    return ids


def open_calendar(session: ScopedSession, ctx: Context, title: str) -> str:
    """Create an empty calendar in the workspace's zone and return its id (Invalid: the title)."""
    zone = find(session, Workspace, ctx.workspace, "workspace").timezone
    _refuse(_calendar_problems(title, zone))
    return _add(session, ctx, title.strip(), zone, 0)


def refuse_problems(session: ScopedSession, ctx: Context, wanted: Sequence[NewItem]) -> None:
    """Raise Invalid with every problem of every item, placed as in `items[2].scheduled_at`."""
    _refuse(_items_problems(session, ctx, wanted))


def refuse_closed(session: ScopedSession, calendar_id: str) -> None:
    """Raise StateConflict when nothing goes out of this calendar any more (NotFound)."""
    state = find(session, ContentCalendar, calendar_id, CALENDAR).state
    if state in CLOSED:
        raise StateConflict(kind=CALENDAR, state=state, wanted=CalendarState.RUNNING)


def _add(session: ScopedSession, ctx: Context, title: str, timezone: str, items: int) -> str:
    now = ctx.now()
    row = ContentCalendar(id=new_id(IdPrefix.CALENDAR), title=title, timezone=timezone, created_at=now, updated_at=now)
    session.add(row)
    session.flush()
    record(session, ctx, Action.CREATED, CALENDAR, row.id, {"title": title, "items": items})
    return row.id


def _posts(session: ScopedSession, ctx: Context) -> str:
    """Return the calendar of single posts; two first posts cannot make two, since writers queue at the door."""
    open_posts = select(ContentCalendar.id).where(
        ContentCalendar.title == SINGLE_POSTS, col(ContentCalendar.state).not_in(CLOSED)
    )
    found = session.scalars(open_posts.order_by(col(ContentCalendar.created_at), col(ContentCalendar.id))).first()
    zone = find(session, Workspace, ctx.workspace, "workspace").timezone
    return found or _add(session, ctx, SINGLE_POSTS, zone, 0)


def _cancel_items(session: ScopedSession, ctx: Context, calendar_id: str) -> int:
    """Cancel what may still be canceled; rows are locked in one order so that two cancellations cannot deadlock."""
    rows = (
        select(ContentScheduleItem)
        .where(ContentScheduleItem.calendar_id == calendar_id, col(ContentScheduleItem.state).in_(_CANCELABLE))
        .order_by(col(ContentScheduleItem.id))
        .with_for_update()
    )
    canceled = session.scalars(rows).all()
    for row in canceled:
        row.state = ItemState.CANCELED
        touch(row, ctx.now())
        record(session, ctx, Action.CANCELED, ITEM, row.id)
    return len(canceled)


def _touch(row: ContentCalendar, ctx: Context) -> None:
    row.version += 1
    row.updated_at = ctx.now()


def _items_problems(session: ScopedSession, ctx: Context, wanted: Sequence[NewItem]) -> list[Problem]:
    if len(wanted) > MOST_ITEMS:
        return [Problem("items", f"{len(wanted)} items", f"send at most {MOST_ITEMS} at once")]
    return [
        replace(problem, place=f"items[{number}].{problem.place}")
        for number, problems in enumerate(problems_of(session, ctx, wanted))
        for problem in problems
    ]


def _calendar_problems(title: str, timezone: str) -> list[Problem]:
    problems = []
    if len(title.strip()) not in TITLE_LENGTHS:
        problems.append(Problem("title", title, f"use {TITLE_LENGTHS.start} to {TITLE_LENGTHS.stop - 1} characters"))
    try:
        load_zone(timezone)
    except Invalid as error:
        problems.extend(error.problems)
    return problems


def _refuse(problems: Sequence[Problem]) -> None:
    if problems:
        raise Invalid(tuple(problems))


def _view_of(session: ScopedSession, calendar_id: str) -> CalendarView:
    row = find(session, ContentCalendar, calendar_id, CALENDAR)
    return _view(row, count_states(session, calendar_id).get(calendar_id, {}))


def _view(row: ContentCalendar, counts: Mapping[ItemState, int]) -> CalendarView:
    return CalendarView(
        row.id, row.title, row.timezone, row.state, counts, row.bulk_job_id, row.created_at, row.version
    )
