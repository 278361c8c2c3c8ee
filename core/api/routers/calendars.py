"""Calendars: create once, list, read, edit, cancel, and add items."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response

from core.api.access import SchedulingReader, SchedulingWriter
from core.api.answers import CREATED, refusals
from core.api.kept import Kept
from core.api.places import NEW_ITEM_WORDS, Faults, as_on_the_wire, read_time
from core.api.posting import Posted
from core.api.revisions import IfMatch, expected_revision, refuse_stale, with_etag
from core.api.shapes.calendars import (
    CalendarPatch,
    CalendarShape,
    ItemQuery,
    NewCalendarBody,
    NewItemsBody,
    calendar_shape,
)
from core.api.shapes.expansion import Expand
from core.api.shapes.incoming import incoming_items
from core.api.shapes.items import ItemShape, item_shape
from core.api.shapes.platforms import platforms_of
from core.api.wire import Listing, Paging, Resource, listing
from core.services.calendar_metrics import calendar_metrics
from core.services.calendars import (
    CalendarEdit,
    NewCalendar,
    cancel_calendar,
    create_calendar,
    edit_calendar,
    find_calendar,
    page_calendars,
    schedule_items,
)
from core.services.context import Context
from core.services.incoming import IncomingItem, resolve_items
from core.services.item_views import CalendarView, ItemFilter
from core.services.items import every_item, list_items
from core.services.workspaces import find_workspace
from core.vocabulary import CalendarState

router = APIRouter(prefix="/v1/scheduling", tags=["Calendars"])

CalendarId = Annotated[str, Path(max_length=64, examples=["cal_5f0c1a9b2d3e4f5061728394"])]


@router.post("/calendar", status_code=HTTPStatus.CREATED, response_model=Resource[CalendarShape], responses=CREATED)
def create(body: NewCalendarBody, access: SchedulingWriter, post: Posted) -> Response:
    """Create a calendar with its items: all of them, or none and every fault by its place."""
    return post.once(access.ctx, lambda ctx: (HTTPStatus.CREATED, created(ctx, body)))


@router.get("/calendar", response_model=Listing[ItemShape], responses=refusals())
def list_posts(query: Annotated[ItemQuery, Query()], access: SchedulingReader, kept: Kept) -> Response:
    """List items by time."""
    return kept.answer(lambda: _posts(access.ctx, query))


@router.get("/calendars", response_model=Listing[CalendarShape], responses=refusals())
def list_all(paging: Annotated[Paging, Query()], access: SchedulingReader, kept: Kept) -> Response:
    """List calendars, newest first."""
    return kept.answer(lambda: _calendars(access.ctx, paging))


@router.get("/calendar/{calendar_id}", response_model=Resource[CalendarShape], responses=refusals(404))
def read(calendar_id: CalendarId, access: SchedulingReader, expand: Annotated[Expand, Query()]) -> Response:
    """Read a calendar, with its items and metrics where `expand` asks for them."""
    return _etagged(access.ctx, find_calendar(access.ctx, calendar_id), expand)


@router.patch("/calendar/{calendar_id}", response_model=Resource[CalendarShape], responses=refusals(404, 409))
def edit(calendar_id: CalendarId, body: CalendarPatch, access: SchedulingWriter, if_match: IfMatch = None) -> Response:
    """Change a calendar: title and time zone, or cancel it."""
    revision = expected_revision(if_match, body.expected_revision)
    with access.ctx.together() as ctx:
        return _etagged(ctx, edited(ctx, calendar_id, body, revision))


@router.delete("/calendar/{calendar_id}", response_model=Resource[CalendarShape], responses=refusals(404, 409))
def cancel(calendar_id: CalendarId, access: SchedulingWriter, if_match: IfMatch = None) -> Response:
    """Cancel a calendar: what is not published; what is on its way out ends by itself."""
    return _etagged(access.ctx, cancel_calendar(access.ctx, calendar_id, expected_revision(if_match)))


@router.post(
    "/calendar/{calendar_id}/items",
    status_code=HTTPStatus.CREATED,
    response_model=Listing[ItemShape],
    responses=refusals(404, 409) | CREATED,
)
def add(calendar_id: CalendarId, body: NewItemsBody, access: SchedulingWriter, post: Posted) -> Response:
    """Add items to a calendar, all of them or none."""

    def work(ctx: Context) -> tuple[int, Listing[ItemShape]]:
        zone = find_calendar(ctx, calendar_id).timezone
        with as_on_the_wire(NEW_ITEM_WORDS, said=body):
            new = resolve_items(ctx, incoming_items(body.items, zone))
            made = [item_shape(item) for item in schedule_items(ctx, new, calendar_id)]
        return HTTPStatus.CREATED, listing(made, Paging.model_construct(limit=len(made)), None)

    return post.once(access.ctx, work)


def _posts(ctx: Context, query: ItemQuery) -> Listing[ItemShape]:
    page = list_items(ctx, _filter(ctx, query), query.limit, query.cursor)
    return listing([item_shape(item) for item in page.items], Paging(limit=query.limit), page.next_cursor)


def _calendars(ctx: Context, paging: Paging) -> Listing[CalendarShape]:
    page, following = page_calendars(ctx, paging.limit, paging.cursor)
    return listing([calendar_shape(each) for each in page], paging, following)


def created(ctx: Context, body: NewCalendarBody) -> Resource[CalendarShape]:
    """Create a calendar as a body says, and return it as it is answered (Invalid by the places of the body)."""
    zone = body.timezone or find_workspace(ctx).timezone
    with as_on_the_wire(NEW_ITEM_WORDS, said=body):
        new = resolve_items(ctx, _incoming(body, zone))
        made = create_calendar(ctx, NewCalendar(body.title, zone, new, body.bulk_job_id))
    return resource(calendar_shape(made.calendar, [item_shape(item) for item in made.items]))


def edited(ctx: Context, calendar_id: str, body: CalendarPatch, revision: int | None) -> CalendarView:
    """Change a calendar as a body says; `ctx` is in a transaction (NotFound, Invalid, StaleEdit, StateConflict)."""
    known = find_calendar(ctx, calendar_id)
    refuse_stale("calendar", revision, known.version)
    if body.title is not None or body.timezone is not None:
        wanted = CalendarEdit(body.title or known.title, body.timezone or known.timezone)
        known = edit_calendar(ctx, calendar_id, wanted, revision)
        revision = known.version
    if body.state is CalendarState.CANCELED:
        known = cancel_calendar(ctx, calendar_id, revision)
    return known


def _incoming(body: NewCalendarBody, zone: str) -> tuple[IncomingItem, ...]:
    return incoming_items(body.items, zone, grace_ms=body.processing_deadline_ms, approval=body.approval)


def _filter(ctx: Context, query: ItemQuery) -> ItemFilter:
    zone, faults = find_workspace(ctx).timezone, Faults()
    since, until = (
        faults.take(lambda text=text, name=name: text and read_time(text, zone, name), None)  # type: ignore[misc]
        for name, text in (("from", query.since), ("to", query.until))
    )
    faults.refuse()
    return ItemFilter(
        platforms=platforms_of(ctx, query.platform),
        channel_ids=(query.channel_id,) if query.channel_id else (),
        states=(query.status,) if query.status else (),
        calendar_id=query.calendar_id,
        starts=since,
        ends=until,
        text=query.q or "",
        tag=query.tag or "",
    )


def _etagged(ctx: Context, calendar: CalendarView, expand: Expand | None = None) -> Response:
    wanted = expand.names() if expand else frozenset()
    items = [item_shape(item) for item in every_item(ctx, calendar.id)] if "items" in wanted else None
    metrics = calendar_metrics(ctx, calendar.id) if "metrics" in wanted else None
    return with_etag(resource(calendar_shape(calendar, items, metrics)), calendar.version)


def resource(shape: CalendarShape) -> Resource[CalendarShape]:
    """Return a calendar as it is answered."""
    return Resource(data=shape, id=shape.id, state=shape.state)
