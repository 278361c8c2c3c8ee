"""Bulk jobs on the wire: what a client sends for one, and what it reads of one."""

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from core.api.shapes.items import ContentBody, Id, TimeText
from core.api.wire import Body, Metadata, Query, Whole, YesNo
from core.bulk.words import BulkState, Mode, Operation, RowOrder, RowState
from core.services.bulk_views import MOST_ROWS
from core.vocabulary import ContentFormat, OptimizationLevel, Priority

PlatformName = Annotated[str, Field(min_length=1, max_length=40)]

FIRST_JOB: JsonDict = {
    "name": "Weekly Multi-Platform Campaign",
    "operation_type": "schedule_content",
    "priority": "high",
    "data": {
        "content_items": [
            {
                "title": "Tutorial 1",
                "platforms": ["youtube", "tiktok"],
                "scheduled_times": {
                    "youtube": "2027-11-10T15:00:00-05:00",
                    "tiktok": "2027-11-10T16:00:00-05:00",
                },
            }
        ]
    },
}


class ContentItemBody(Body):
    """One row: a content and the platforms it goes to, each at its own time or all at `scheduled_time`.

    Without a time the mode `smart` lets the planner choose one. `content` is its text, or all that is to be published.
    """

    title: str = Field("", max_length=1_000)
    platforms: list[PlatformName] = Field([], max_length=20)
    scheduled_times: dict[str, TimeText] = Field({}, max_length=20)
    scheduled_time: TimeText | None = None
    content: str | ContentBody | None = None
    content_format: ContentFormat | None = None
    tags: list[Annotated[str, Field(min_length=1, max_length=200)]] = Field([], max_length=100)
    media: list[Metadata] = Field([], max_length=50)
    metadata: Metadata = Field({}, description="Kept with the items and handed back unchanged.")
    channel_ids: dict[str, Id] = Field({}, max_length=20, description="By platform; left out: its only channel.")
    target_audience: str = Field("", max_length=1_000)
    tone: str = Field("", max_length=200)
    priority: Priority | None = None


class DataBody(Body):
    """The rows of a job: contents to schedule or write about, items to publish, calendars to optimize, or sheets."""

    content_items: list[ContentItemBody] = Field([], max_length=MOST_ROWS)
    item_ids: list[Id] = Field([], max_length=MOST_ROWS)
    schedule_ids: list[Id] = Field([], max_length=1_000)
    connection_ids: list[Id] = Field([], max_length=1_000, description="Connected Google Sheets, for `sync_sheet`.")


class SourceBody(Body):
    """Where the rows come from instead of `data`: a connected Google Sheet, the text of a CSV, or the rows themselves.

    Rows of a sheet that its own syncs schedule are left out; its times are on its own clocks.
    """

    type: Literal["google_sheets", "sheet", "csv", "inline"]
    connection_id: Id | None = Field(None, description="Of `google_sheets`: the connection to the sheet.")
    sheet_id: str | None = Field(None, max_length=200, description="Of `sheet`: the id of a connected spreadsheet.")
    range: str | None = Field(None, max_length=100, description="Of a sheet: only its rows within, as in A1:Z1000.")
    sheet_name: str | None = Field(None, max_length=200, description="Of `sheet`, where several are connected.")
    content: str | None = Field(None, description="Of `csv`: the text of the file, with its headers.")
    rows: list[ContentItemBody] = Field([], max_length=MOST_ROWS, description="Of `inline`.")


class SchedulingBody(Body):
    """When and how the rows are done. Times without an offset are in the job's zone."""

    mode: Mode = Mode.MANUAL
    start_immediately: YesNo | None = Field(None, description="Left out: yes, unless there is a start time.")
    schedule_start_time: TimeText | None = None
    schedule_end_time: TimeText | None = None
    optimization_level: OptimizationLevel = OptimizationLevel.BALANCED
    max_concurrent_jobs: Whole = Field(1, description="Rows of this job done at the same time.")
    priority_queue: YesNo = True
    order: RowOrder = RowOrder.AS_LISTED
    scheduling_rules: list[dict[str, Any]] = Field(
        [], max_length=20, description="Each with id, name, type, enabled and settings."
    )


class NewJobBody(Body):
    """A job to create, or with `dry_run` to be checked only."""

    model_config = ConfigDict(**Body.model_config, json_schema_extra={"examples": [FIRST_JOB]})

    name: Annotated[str, Field(min_length=3, max_length=100)]
    operation_type: Operation
    priority: Priority = Priority.NORMAL
    data: DataBody | None = None
    input_source: SourceBody | None = None
    scheduling: SchedulingBody = SchedulingBody()
    processing_deadline_ms: Whole | None = None
    callbacks: dict[str, str] = Field({}, description="Addresses that are told: on_completed, on_failed.")
    timezone: str | None = Field(None, max_length=64, description="IANA name; left out: the workspace's zone.")
    dry_run: YesNo = False


class JobQuery(Query):
    """Which jobs are wanted; what is left out does not restrict."""

    limit: int = Field(50, ge=10, le=200)
    cursor: str | None = Field(None, max_length=500)
    status: BulkState | None = None
    operation_type: Operation | None = None
    q: str | None = Field(None, max_length=200, description="Part of the name.")


class RowQuery(Query):
    """Which rows of a job are wanted."""

    limit: int = Field(50, ge=10, le=200)
    cursor: str | None = Field(None, max_length=500)
    status: RowState | None = None


class RowBody(Body):
    """What is changed of a failed row; what is left out stays. `scheduled_time` is of all its platforms."""

    title: str | None = Field(None, max_length=1_000)
    content: str | None = Field(None, description="Its text, on every platform.")
    scheduled_time: TimeText | None = None
    platforms: list[PlatformName] | None = Field(None, min_length=1, max_length=20)
    channel_ids: dict[str, Id] | None = Field(None, max_length=20, description="By platform.")


class TemplateBody(Body):
    """Settings to keep under a name."""

    name: Annotated[str, Field(min_length=1, max_length=100)]
    content: Metadata
