"""Events of a workspace as readers see them: those after one they know, the newest, and how things stand now."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func
from sqlmodel import col, select

from core.errors import NotFound
from core.services.context import Context
from core.storage.bulk_news import bulk_columns, bulk_event
from core.storage.outbox import calendar_columns, calendar_data, run_columns, run_event
from core.storage.tables import BulkJob, ContentCalendar, Event, JobRun
from core.storage.tenancy import ScopedSession
from core.vocabulary import EventType


@dataclass(frozen=True)
class EventView:
    """One change; `id` grows in the order in which a workspace's changes were committed, with gaps."""

    id: int
    type: EventType
    subject_id: str
    calendar_id: str | None
    data: Mapping[str, Any]
    at: datetime


@dataclass(frozen=True)
class Standing:
    """How a job or a calendar stands, said as the event that would say so; `after` is the newest event it contains."""

    type: EventType
    data: Mapping[str, Any]
    after: int


def read_events(ctx: Context, after: int, limit: int = 500) -> tuple[EventView, ...]:
    """Return up to `limit` events that came after the event `after` (0: from the first that is kept), oldest first."""
    later = select(Event).where(col(Event.pk) > after).order_by(col(Event.pk)).limit(limit)
    with ctx.read() as session:
        return tuple(event_view(row) for row in session.scalars(later))


def newest_event_id(ctx: Context) -> int:
    """Return the id of the newest event, 0 when there is none."""
    with ctx.read() as session:
        return newest_pk(session)


def is_known(ctx: Context, event_id: int) -> bool:
    """Tell whether an event of this workspace is still kept, so that all that came after it is as well."""
    with ctx.read() as session:
        return session.scalars(select(Event.pk).where(Event.pk == event_id)).first() is not None


def job_standing(ctx: Context, job_id: str) -> Standing:
    """Return how a bulk job, or a run of a job, stands (NotFound)."""
    with ctx.read() as session:
        bulk = session.execute(bulk_columns().where(BulkJob.id == job_id)).first()
        if bulk is not None:
            kind, _, _, data = bulk_event(bulk)
            return Standing(kind, data, newest_pk(session))
        row = session.execute(run_columns().where(JobRun.id == job_id)).first()
        if row is None:
            raise NotFound(kind="job", id=job_id)
        told = run_event(row)
        return Standing(told.type, told.data, newest_pk(session))


def calendar_standing(ctx: Context, calendar_id: str) -> Standing:
    """Return how a calendar stands (NotFound)."""
    with ctx.read() as session:
        row = session.execute(calendar_columns().where(ContentCalendar.id == calendar_id)).first()
        if row is None:
            raise NotFound(kind="calendar", id=calendar_id)
        return Standing(EventType.SCHEDULE_UPDATED, calendar_data(row), newest_pk(session))


def newest_pk(session: ScopedSession) -> int:
    """Return the number of the workspace's newest event, 0 when there is none."""
    return session.scalar(select(func.max(col(Event.pk)))) or 0


def event_view(row: Event) -> EventView:
    """Return what may leave the services of a row."""
    return EventView(row.pk or 0, row.type, row.subject_id, row.calendar_id, row.data, row.at)
