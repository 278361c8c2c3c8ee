"""Bulk jobs to play with, a worker that does their rows, and what came of them."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from planned_posts import TUESDAY
from sqlmodel import select

from core.bootstrap import Slotwise
from core.bulk.words import Operation, RowState
from core.generation.contract import Writer
from core.generation.templates import TemplateWriter
from core.services.bulk_claims import claim_row, jobs_in_turn
from core.services.bulk_jobs import create_job, page_rows
from core.services.bulk_views import JobView, NewJob, RowDraft
from core.services.bulk_work import do_next
from core.services.bulk_worker import BulkWorker, RowClaim, RowPoint, nothing
from core.services.context import Context
from core.services.heartbeat import Pulse, beat
from core.storage.tables import Event
from core.vocabulary import EventType


def worker_of(
    house: Slotwise,
    name: str = "one",
    at: Callable[[RowPoint], None] = nothing,
    *,
    most: int = 4,
    most_of_platform: int = 4,
    posts: int = 1,
    writer: Writer | None = None,
) -> BulkWorker:
    """Give a worker of this installation that does one row a turn."""
    limits, writes = (most, most_of_platform), writer or TemplateWriter()
    return BulkWorker(name, house.db, house.clock, house.context, writes, *limits, at=at, posts=posts)


def lives(house: Slotwise, name: str, *, stopped: bool = False) -> None:
    """Let an engine give a sign of life, or say that it stops."""
    now = house.now()
    beat(house.db, Pulse(name, now, now, now if stopped else None))


def claim_next(worker: BulkWorker) -> RowClaim | None:
    """Take the next row as if it took long."""
    return next(filter(None, (claim_row(worker, job) for job in jobs_in_turn(worker))), None)


def content_row(number: int, *platforms: str, **fields: Any) -> RowDraft:
    """Give a row that schedules a text, an hour after the one before."""
    when = TUESDAY + timedelta(hours=number)
    names = platforms or ("linkedin",)
    times = {name: when.isoformat() for name in names}
    return RowDraft(**{"title": f"Post {number}", "platforms": names, "scheduled_times": times, **fields})


def new_job(rows: int = 3, **fields: Any) -> NewJob:
    """Give a job that schedules so many rows."""
    drafts = tuple(content_row(number) for number in range(rows))
    return NewJob(**{"name": "Campaign", "operation": Operation.SCHEDULE_CONTENT, "rows": drafts, **fields})


def made(ctx: Context, rows: int = 3, **fields: Any) -> JobView:
    """Create such a job."""
    return create_job(ctx, new_job(rows, **fields))


def work_off(worker: BulkWorker, most: int = 100_000) -> int:
    """Do rows until there are none to do, and give how many."""
    done = 0
    while done < most and do_next(worker):
        done += 1
    return done


def row_states(ctx: Context, job_id: str) -> Counter[RowState]:
    """Count a job's rows by state."""
    return Counter(row.state for row in page_rows(ctx, job_id, 100_000)[0])


def told(ctx: Context, job_id: str) -> list[tuple[EventType, Any]]:
    """Give the events of a job, oldest first, each with its progress."""
    events = select(Event).where(Event.subject_id == job_id).order_by(Event.pk)  # type: ignore[arg-type]
    with ctx.read() as session:
        return [(event.type, event.data.get("progress")) for event in session.scalars(events)]
