"""What is told of a bulk job: how far it is, and how it ended."""

from typing import Any

from sqlmodel import select

from core.bulk.words import BulkState
from core.storage.tables import BulkJob
from core.vocabulary import EventType

CANCELED = "It was canceled. What it had done stays as it is."


def bulk_columns() -> Any:
    """Return the query of what is told of bulk jobs."""
    job = BulkJob
    columns = (
        job.id, job.name, job.state, job.calendar_id, job.step, job.error, job.total, job.done, job.failed, job.skipped,
    )  # fmt: skip
    return select(*columns)  # type: ignore[call-overload]


def bulk_event(row: Any) -> tuple[EventType, str, str | None, dict[str, Any]]:
    """Return type, subject, calendar and data of the event that says how a bulk job stands."""
    match row.state:
        case BulkState.COMPLETED:
            data = {"job_id": row.id, "progress": 100, "result": _counts(row)}
            return EventType.JOB_COMPLETED, row.id, row.calendar_id, data
        case BulkState.FAILED | BulkState.CANCELED:
            error = CANCELED if row.state is BulkState.CANCELED else row.error
            return EventType.JOB_FAILED, row.id, row.calendar_id, {"job_id": row.id, "error": error, **_counts(row)}
        case _:
            data = {"job_id": row.id, "progress": percent_of(row), "step": row.step, "status": row.state.value}
            return EventType.JOB_PROGRESS, row.id, row.calendar_id, {**data, **_counts(row)}


def percent_of(row: Any) -> int:
    """Return how much of a job is behind it, 0 to 100; 100 means all of it."""
    return (row.done + row.failed + row.skipped) * 100 // row.total if row.total else 0


def _counts(row: Any) -> dict[str, Any]:
    return {"total": row.total, "done": row.done, "failed": row.failed, "skipped": row.skipped}
