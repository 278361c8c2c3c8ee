"""What is asked of bulk jobs, and what screens and the API see of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from core.bulk.pace import Eta
from core.bulk.words import BulkState, Mode, Operation, RowOrder, RowState
from core.undefined import Undefined
from core.vocabulary import ContentFormat, OptimizationLevel, Priority

MOST_ROWS = 100_000
MOST_CONCURRENT = 50


@dataclass(frozen=True)
class RowDraft:
    """One row of a bulk job as it is sent; which fields count depends on the operation.

    `scheduled_times` are texts by platform, RFC 3339; without an offset they are wall clock of the job's zone. A
    platform without one waits for the planner. `placed` is what the planner found. `channel_ids` name channels by
    platform. `texts` are those that platforms get instead of `text`. `item_id` is what `publish` works on,
    `calendar_id` what `optimize_schedule` does, `connection_id` what `sync_sheet` does. `line` is where the row stands
    in its file.
    """

    title: str = ""
    text: str = ""
    texts: Mapping[str, str] = field(default_factory=dict, kw_only=True)
    platforms: tuple[str, ...] = ()
    scheduled_times: Mapping[str, str] = field(default_factory=dict)
    placed: Mapping[str, str] = field(default_factory=dict)
    content_format: ContentFormat | None = None
    tags: tuple[str, ...] = ()
    media: tuple[Mapping[str, Any], ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)
    channel_ids: Mapping[str, str] = field(default_factory=dict)
    audience: str = ""
    tone: str = ""
    priority: Priority | None = None
    item_id: str | None = None
    calendar_id: str | None = None
    connection_id: str | None = None
    line: int | None = None


@dataclass(frozen=True)
class Schedule:
    """When and how the rows of a job are done; moments are aware.

    Not `start_immediately` and without `starts_at` the job waits as `pending` until somebody starts it. `rules` are the
    brief's scheduling rules as they are sent.
    """

    mode: Mode = Mode.MANUAL
    level: OptimizationLevel = OptimizationLevel.BALANCED
    start_immediately: bool = True
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    max_concurrent: int = 1
    priority_queue: bool = True
    row_order: RowOrder = RowOrder.AS_LISTED
    rules: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True)
class NewJob:
    """A bulk job to create: its name of 3 to 100 characters, what it does and its rows.

    `timezone` None is the workspace's; `deadline_ms` counts from when the job is queued. `callbacks` are addresses that
    are told: on_completed, on_failed. `source` says where the rows came from, for people to read.
    """

    name: str
    operation: Operation
    rows: tuple[RowDraft, ...] = ()
    priority: Priority = Priority.NORMAL
    schedule: Schedule = Schedule()
    timezone: str | None = None
    deadline_ms: int | None = None
    callbacks: Mapping[str, str] = field(default_factory=dict)
    source: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class JobProgress:
    """How far a job is; `percent` is 100 only at the end. `eta` and `rate_per_minute` are undefined without a basis."""

    total: int
    done: int
    failed: int
    skipped: int
    percent: int
    step: str
    rate_per_minute: float | Undefined
    eta: Eta | Undefined

    @property
    def success_rate(self) -> float | Undefined:
        """Return the share of the rows tried that succeeded."""
        tried = self.done + self.failed
        return self.done / tried if tried else Undefined("No row was tried yet.")


@dataclass(frozen=True)
class JobView:
    """One bulk job; `concurrency` is how many rows it may do at once now."""

    id: str
    name: str
    operation: Operation
    priority: Priority
    state: BulkState
    mode: Mode
    level: OptimizationLevel
    row_order: RowOrder
    max_concurrent: int
    concurrency: int
    priority_queue: bool
    timezone: str
    starts_at: datetime | None
    ends_at: datetime | None
    deadline_at: datetime | None
    rules: tuple[Mapping[str, Any], ...]
    source: Mapping[str, Any]
    calendar_id: str | None
    created_by: str
    error: str | None
    progress: JobProgress
    version: int
    created_at: datetime
    queued_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None


@dataclass(frozen=True)
class Reason:
    """What a rule did to a row, and why: `action` is delay, skip or boost."""

    rule: str
    action: str
    sentence: str


@dataclass(frozen=True)
class JobRowView:
    """One row of a job; `result` names what came of it (item ids, content id, …), `reasons` what rules did to it."""

    number: int
    state: RowState
    draft: RowDraft
    result: Mapping[str, Any]
    error: str | None
    reasons: tuple[Reason, ...]
    priority: Priority
    complexity: float
    not_before: datetime | None
    tries: int
    started_at: datetime | None
    finished_at: datetime | None


@dataclass(frozen=True)
class JobFilter:
    """Which jobs are wanted; what is empty does not restrict. `text` is looked for in the name."""

    states: tuple[BulkState, ...] = ()
    operations: tuple[Operation, ...] = ()
    modes: tuple[Mode, ...] = ()
    priorities: tuple[Priority, ...] = ()
    text: str = ""
