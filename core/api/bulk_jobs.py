"""From a body to a bulk job: its rows wherever they come from, its times read, every fault by its place on the wire."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from core.api.bulk_sources import Sourced
from core.api.places import Faults, read_time
from core.api.shapes.bulk import ContentItemBody, NewJobBody
from core.api.shapes.items import ContentBody
from core.calendar.zones import load_zone
from core.errors import Invalid, Problem
from core.services.bulk_sheets import read_rows, refuse_faults
from core.services.bulk_views import NewJob, RowDraft, Schedule
from core.services.context import Context
from core.services.sheet_jobs import rows_to_sync
from core.services.workspaces import find_workspace

ROWS = "rows["
WIRE = {
    "schedule.starts_at": "scheduling.schedule_start_time",
    "schedule.ends_at": "scheduling.schedule_end_time",
    "schedule.max_concurrent": "scheduling.max_concurrent_jobs",
    "schedule.rules": "scheduling.scheduling_rules",
    "deadline_ms": "processing_deadline_ms",
}
"""Fields of jobs that the wire calls otherwise."""


def new_job(ctx: Context, body: NewJobBody, sourced: Sourced | None = None) -> NewJob:
    """Return the job that a body asks for, of the rows of a sheet where it names one (Invalid by the body's places)."""
    zone, faults = body.timezone or find_workspace(ctx).timezone, Faults()
    with _zone_named():
        load_zone(zone)
    schedule = faults.take(lambda: _schedule(body, zone), Schedule())
    nothing: Sequence[RowDraft] = ()
    rows = sourced.rows if sourced else faults.take(lambda: _rows(ctx, body), nothing)
    faults.refuse()
    return NewJob(
        name=body.name,
        operation=body.operation_type,
        rows=tuple(rows),
        priority=body.priority,
        schedule=schedule,
        timezone=body.timezone,
        deadline_ms=body.processing_deadline_ms,
        callbacks=body.callbacks,
        source=sourced.told if sourced else {"type": body.input_source.type if body.input_source else "inline"},
    )


@contextmanager
def placed_as_sent(body: NewJobBody, rows: Sequence[RowDraft] = ()) -> Iterator[None]:
    """Let problems name fields as the wire does, and rows of a file or sheet by their lines there."""
    try:
        yield
    except Invalid as error:
        raise Invalid(
            tuple(replace(each, place=sent_place(each.place, body, rows)) for each in error.problems)
        ) from error


def sent_place(place: str, body: NewJobBody, rows: Sequence[RowDraft] = ()) -> str:
    """Return where a fault stands in a body, or in the file that its rows came from."""
    if place == "rows":
        return "input_source" if body.data is None else "data.content_items"
    if place.startswith(ROWS):
        number, _, rest = place.removeprefix(ROWS).partition("].")
        if (line := rows[int(number)].line if rows else None) is not None:
            return f"line {line}, {rest}"
        return f"{_rows_place(body)}[{place.removeprefix(ROWS)}"
    return next((wire + place.removeprefix(ours) for ours, wire in WIRE.items() if place.startswith(ours)), place)


def _rows_place(body: NewJobBody) -> str:
    if body.data is None:
        return "input_source.rows"
    named = (
        name for name in ("content_items", "item_ids", "schedule_ids", "connection_ids") if getattr(body.data, name)
    )
    return f"data.{next(named, 'content_items')}"


def _schedule(body: NewJobBody, zone: str) -> Schedule:
    sent = body.scheduling
    starts, ends = (
        text and read_time(text, zone, f"scheduling.{name}")
        for name, text in (
            ("schedule_start_time", sent.schedule_start_time),
            ("schedule_end_time", sent.schedule_end_time),
        )
    )
    return Schedule(
        mode=sent.mode,
        level=sent.optimization_level,
        start_immediately=starts is None if sent.start_immediately is None else sent.start_immediately,
        starts_at=starts or None,
        ends_at=ends or None,
        max_concurrent=sent.max_concurrent_jobs,
        priority_queue=sent.priority_queue,
        row_order=sent.order,
        rules=tuple(sent.scheduling_rules),
    )


def _rows(ctx: Context, body: NewJobBody) -> Sequence[RowDraft]:
    if body.data is not None and body.input_source is not None:
        raise Invalid((Problem("input_source", body.input_source.type, "send data or input_source, not both"),))
    if body.input_source is not None:
        return _from_source(body)
    if body.data is None:
        raise Invalid((Problem("data", "", "send the rows of the job, or say where they come from in input_source"),))
    contents = [_row(each) for each in body.data.content_items]
    items = [RowDraft(item_id=each) for each in body.data.item_ids]
    calendars = [RowDraft(calendar_id=each) for each in body.data.schedule_ids]
    return [*contents, *items, *calendars, *rows_to_sync(ctx, body.data.connection_ids)]


def _from_source(body: NewJobBody) -> Sequence[RowDraft]:
    source = body.input_source
    if source is None or source.type == "inline":
        return [_row(each) for each in source.rows] if source else []
    if not source.content:
        raise Invalid((Problem("input_source.content", "", "send the text of the file"),))
    return refuse_faults(read_rows(source.content.encode(), "input_source.content"))


def _row(body: ContentItemBody) -> RowDraft:
    content = ContentBody(text=body.content) if isinstance(body.content, str) else body.content or ContentBody()
    times = dict.fromkeys(body.platforms, body.scheduled_time) if body.scheduled_time else {}
    return RowDraft(
        title=body.title or content.title,
        text=content.text,
        platforms=tuple(body.platforms),
        scheduled_times={**times, **body.scheduled_times},
        content_format=body.content_format or content.content_format,
        tags=tuple(dict.fromkeys([*body.tags, *content.tags])),
        media=(*body.media, *content.media),
        metadata=body.metadata,
        channel_ids=body.channel_ids,
        audience=body.target_audience,
        tone=body.tone,
        priority=body.priority,
    )


@contextmanager
def _zone_named() -> Iterator[None]:
    try:
        yield
    except Invalid as error:
        raise Invalid(tuple(replace(each, place="timezone") for each in error.problems)) from error
