"""The words of bulk jobs as enums: states, kinds of work, modes, orders."""

from enum import StrEnum


class BulkState(StrEnum):
    """Where a bulk job stands."""

    PENDING = "pending"
    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    CANCELING = "canceling"
    CANCELED = "canceled"
    COMPLETED = "completed"
    FAILED = "failed"


class RowState(StrEnum):
    """Where one row of a bulk job stands."""

    PENDING = "pending"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"
    CANCELED = "canceled"


class Operation(StrEnum):
    """What a bulk job does with each of its rows."""

    SCHEDULE_CONTENT = "schedule_content"
    GENERATE_CONTENT = "generate_content"
    OPTIMIZE_SCHEDULE = "optimize_schedule"
    PUBLISH = "publish"
    SYNC_SHEET = "sync_sheet"


class Mode(StrEnum):
    """By what a bulk job decides when and in which order its rows are done."""

    SMART = "smart"
    TIME_BASED = "time_based"
    CONTENT_BASED = "content_based"
    MANUAL = "manual"


class RowOrder(StrEnum):
    """In which order the rows of a job are done, within their priorities."""

    AS_LISTED = "as_listed"
    SIMPLE_FIRST = "simple_first"
    COMPLEX_FIRST = "complex_first"


class TemplateKind(StrEnum):
    """What is kept: a template that everybody sees, or the one draft of a person."""

    TEMPLATE = "template"
    DRAFT = "draft"
