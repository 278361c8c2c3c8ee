"""Calendars on the wire."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from core.api.shapes.items import Id, ItemShape, NewItemBody
from core.api.wire import Body, Moment, Query, Shape, Whole, YesNo
from core.services.calendar_metrics import CalendarMetrics
from core.services.item_views import CalendarView
from core.vocabulary import CalendarState, ItemState

Title = Annotated[str, Field(min_length=3, max_length=100)]
Zone = Annotated[str, Field(max_length=64, examples=["Europe/Berlin"], description="IANA name.")]

FIRST_CALL: JsonDict = {
    "title": "Launch week",
    "timezone": "America/New_York",
    "items": [
        {
            "content_id": "content_123",
            "platform": "youtube",
            "scheduled_time": "2027-11-06T14:00:00-05:00",
            "metadata": {"campaign_id": "camp_456"},
        }
    ],
}


class NewCalendarBody(Body):
    """A calendar with its items, all of them or none."""

    model_config = ConfigDict(**Body.model_config, json_schema_extra={"examples": [FIRST_CALL]})

    title: Title
    timezone: Zone | None = Field(None, description="IANA name; left out: the workspace's zone.")
    items: list[NewItemBody] = Field(min_length=1, max_length=1000)
    processing_deadline_ms: Whole | None = Field(
        None, ge=0, le=2_592_000_000, description="How long after its time an item may still go out; else the policy's."
    )
    bulk_job_id: Id | None = None
    approval: YesNo = Field(False, description="Its items go out only once somebody has approved each.")


class NewItemsBody(Body):
    """Items to add to a calendar, all of them or none; times without offset are in the calendar's zone."""

    items: list[NewItemBody] = Field(min_length=1, max_length=1000)


class CalendarPatch(Body):
    """What to change of a calendar; what is left out stays as it is."""

    title: Title | None = None
    timezone: Zone | None = None
    state: Literal[CalendarState.CANCELED] | None = Field(None, description="`canceled` cancels what is not out yet.")
    expected_revision: Whole | None = None


class Lateness(Shape):
    """How late items went out, in seconds; null until one has."""

    mean_seconds: float | None
    most_seconds: float | None


class OutcomeSummary(Shape):
    """What the published items of a calendar earned, where results are known of them."""

    posts: int
    engagement: float | None


class MetricsShape(Shape):
    """How a calendar went. Rates are null as long as there is nothing to divide by."""

    counts: dict[ItemState, int]
    total: int
    completion: float | None
    success_rate: float | None
    lateness: Lateness
    outcome: OutcomeSummary


class CalendarShape(Shape):
    """A named group of items; `items` and `metrics` are there where `expand` asks for them."""

    id: str
    title: str
    timezone: str
    state: CalendarState
    status: CalendarState
    counts: dict[ItemState, int]
    bulk_job_id: str | None
    revision: int
    created_at: Moment
    items: list[ItemShape] | None = None
    metrics: MetricsShape | None = None


class ItemQuery(Query):
    """Which items are wanted; what is left out does not restrict."""

    limit: int = Field(50, ge=10, le=200)
    cursor: str | None = Field(None, max_length=500)
    platform: str | None = Field(None, max_length=40, description="One platform, or `all`.")
    channel_id: Id | None = None
    status: ItemState | None = None
    calendar_id: Id | None = None
    since: str | None = Field(None, alias="from", max_length=40, description="First moment, included.")
    until: str | None = Field(None, alias="to", max_length=40, description="Last moment, excluded.")
    q: str | None = Field(None, max_length=200, description="Looked for in title and text.")
    tag: str | None = Field(None, max_length=200)


def calendar_shape(
    calendar: CalendarView, items: list[ItemShape] | None = None, metrics: CalendarMetrics | None = None
) -> CalendarShape:
    """Return a calendar as it is sent."""
    return CalendarShape(
        id=calendar.id,
        title=calendar.title,
        timezone=calendar.timezone,
        state=calendar.state,
        status=calendar.state,
        counts=dict(calendar.counts),
        bulk_job_id=calendar.bulk_job_id,
        revision=calendar.version,
        created_at=calendar.created_at,
        items=items,
        metrics=None if metrics is None else metrics_shape(metrics),
    )


def metrics_shape(metrics: CalendarMetrics) -> MetricsShape:
    """Return a calendar's metrics as they are sent."""
    return MetricsShape(
        counts=dict(metrics.counts),
        total=metrics.total,
        completion=metrics.completion,
        success_rate=metrics.success_rate,
        lateness=Lateness(mean_seconds=metrics.mean_lateness_seconds, most_seconds=metrics.most_lateness_seconds),
        outcome=OutcomeSummary(posts=metrics.posts_with_results, engagement=metrics.engagement),
    )
