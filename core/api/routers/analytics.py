"""Analytics: what worked, the posts behind it, and the measurements that integrators send."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response, StreamingResponse

from core.api.access import AnalyticsReader, AnalyticsWriter
from core.api.answers import Responses, refusals
from core.api.kept import Kept
from core.api.places import Faults, read_time
from core.api.posting import Posted
from core.api.shapes.analytics import (
    CountsShape,
    EventBody,
    EventsAnswer,
    EventsBody,
    ExportQuery,
    HeatmapShape,
    OutcomePageQuery,
    OutcomeQuery,
    OutcomeShape,
    SummaryQuery,
    SummaryShape,
    WeekQuery,
    heatmap_shape,
    outcome_shape,
    summary_shape,
)
from core.api.shapes.platforms import platforms_of
from core.api.wire import Listing, Paging, Resource, listing, whole_listing
from core.services.analytics import channel_results, list_histories, week_effects
from core.services.channels import find_channel
from core.services.context import Context
from core.services.kpi_events import KpiEvent, record_events
from core.services.outcome_lists import OutcomeFilter, outcomes_as_csv, outcomes_as_parquet, page_outcomes
from core.services.workspaces import find_workspace

router = APIRouter(prefix="/v1/analytics", tags=["Analytics"])

CSV, PARQUET = "text/csv", "application/vnd.apache.parquet"
_FILES: Responses = {
    200: {
        "description": "The file, as it is made.",
        "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in (CSV, PARQUET)},
    }
}


@router.get("/summary", response_model=Listing[SummaryShape], responses=refusals(404))
def summarize(query: Annotated[SummaryQuery, Query()], access: AnalyticsReader, kept: Kept) -> Response:
    """Summarize every channel: how much is known, whether timing matters, and what each format earns."""
    return kept.answer(lambda: whole_listing(list(_summaries(access.ctx, query))))


@router.get("/heatmap", response_model=Resource[HeatmapShape], responses=refusals(404))
def show_week(query: Annotated[WeekQuery, Query()], access: AnalyticsReader, kept: Kept) -> Response:
    """Read what every hour of a channel's week is worth, with the posts behind it and 90 % intervals."""
    return kept.answer(lambda: _heatmap(access.ctx, query))


@router.get("/outcomes", responses=refusals(404))
def list_outcomes(query: Annotated[OutcomePageQuery, Query()], access: AnalyticsReader) -> Listing[OutcomeShape]:
    """List posts and what they earned, first told of first."""
    ctx = access.ctx
    page, following = page_outcomes(ctx, _filter(ctx, query), query.limit, query.cursor)
    return listing([outcome_shape(each) for each in page], Paging(limit=query.limit), following)


@router.get("/export", response_class=StreamingResponse, responses=_FILES | refusals(404))
def export(query: Annotated[ExportQuery, Query()], access: AnalyticsReader) -> StreamingResponse:
    """Export posts and what they earned, as CSV that is safe to open in a spreadsheet, or as Parquet."""
    ctx = access.ctx
    wanted = _filter(ctx, query)
    files = {"csv": (outcomes_as_csv, f"{CSV}; charset=utf-8"), "parquet": (outcomes_as_parquet, PARQUET)}
    write, kind = files[query.format]
    named = {"Content-Disposition": f'attachment; filename="outcomes.{query.format}"'}
    return StreamingResponse(write(ctx, wanted), headers=named, media_type=kind)


@router.post("/events", response_model=EventsAnswer, responses=refusals(409))
def record(body: EventsBody, access: AnalyticsWriter, post: Posted) -> Response:
    """Keep up to 10,000 measurements of posts; the same post, metric and moment again is the same measurement."""

    def work(ctx: Context) -> tuple[int, EventsAnswer]:
        counts = record_events(ctx, _events(ctx, body))
        return 200, EventsAnswer(data=CountsShape(**vars(counts)))

    return post.once(access.ctx, work)


def _summaries(ctx: Context, query: SummaryQuery) -> Iterator[SummaryShape]:
    platforms = platforms_of(ctx, query.platform)
    if query.channel_id is not None:
        find_channel(ctx, query.channel_id)
    for history in list_histories(ctx):
        is_wanted = query.channel_id in {None, history.channel_id} and history.platform in (
            platforms or {history.platform}
        )
        if is_wanted:
            week, results = week_effects(ctx, history.channel_id), channel_results(ctx, history.channel_id)
            yield summary_shape(history, week, results.formats)


def _heatmap(ctx: Context, query: WeekQuery) -> Resource[HeatmapShape]:
    week = week_effects(ctx, query.channel_id, query.content_format)
    shape = heatmap_shape(query.channel_id, query.content_format, week)
    return Resource(data=shape, id=query.channel_id, state=week.basis)


def _filter(ctx: Context, query: OutcomeQuery) -> OutcomeFilter:
    zone, faults = find_workspace(ctx).timezone, Faults()
    since, until = (
        faults.take(lambda text=text, name=name: text and read_time(text, zone, name), None)  # type: ignore[misc]
        for name, text in (("from", query.since), ("to", query.until))
    )
    faults.refuse()
    if query.channel_id is not None:
        find_channel(ctx, query.channel_id)
    return OutcomeFilter(query.channel_id, platforms_of(ctx, query.platform), query.content_format, since, until)


def _events(ctx: Context, body: EventsBody) -> tuple[KpiEvent, ...]:
    zone, faults = find_workspace(ctx).timezone, Faults()
    events = [_event(number, event, zone, faults) for number, event in enumerate(body.events)]
    faults.refuse()
    return tuple(event for event in events if event is not None)


def _event(number: int, body: EventBody, zone: str, faults: Faults) -> KpiEvent | None:
    def moment(name: str, text: str | None) -> datetime | None:
        nothing: datetime | None = None
        return faults.take(lambda: read_time(text, zone, f"events[{number}].{name}") if text else None, nothing)

    measured, published = moment("measured_at", body.measured_at), moment("published_at", body.published_at)
    if measured is None:
        return None
    return KpiEvent(**{**vars(body), "measured_at": measured, "published_at": published})
