"""The outbox of events: what a transaction changed is written beside the change, one event for each row."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.sql.dml import ReturningUpdate
from sqlmodel import col, insert, select

from core.calendar.zones import in_utc
from core.storage.bulk_news import bulk_columns, bulk_event
from core.storage.tables import BulkJob, Channel, Content, ContentCalendar, ContentScheduleItem, Event, JobRun
from core.storage.tenancy import TOLD, ScopedSession
from core.storage.touches import Key, Touch
from core.vocabulary import CalendarState, EventType, ItemState, JobState, LongJob

_BATCH = 500
"""Rows looked up by one statement: databases limit how many values one takes."""

_ITEM_OUTCOMES = {
    ItemState.SCHEDULED: EventType.ITEM_SCHEDULED,
    ItemState.PUBLISHED: EventType.ITEM_PUBLISHED,
    ItemState.FAILED: EventType.ITEM_FAILED,
    ItemState.UNCONFIRMED: EventType.ITEM_UNCONFIRMED,
    ItemState.SKIPPED: EventType.ITEM_SKIPPED,
    ItemState.CANCELED: EventType.ITEM_CANCELED,
    ItemState.REJECTED: EventType.ITEM_REJECTED,
}
_ON_ITS_WAY = (ItemState.PUBLISHING, ItemState.UNCONFIRMED)
"""From these an item comes back to `scheduled` for another try by itself, which is no news."""
_CALENDAR_OUTCOMES = {
    CalendarState.COMPLETED: EventType.CALENDAR_COMPLETED,
    CalendarState.CANCELED: EventType.CALENDAR_CANCELED,
}
_ENDED = {
    JobState.COMPLETED: EventType.JOB_COMPLETED,
    JobState.FAILED: EventType.JOB_FAILED,
    JobState.CANCELED: EventType.JOB_FAILED,
}
CANCELED = "It was canceled."
"""The error of a run that somebody ended before it began."""
_LONGEST_LIST = 20


@dataclass(frozen=True)
class Told:
    """One event before it is a row."""

    type: EventType
    subject_id: str
    calendar_id: str | None
    data: Mapping[str, Any]


Reader = Callable[[ScopedSession, Sequence[str], Mapping[Key, Touch]], Iterator[Told]]


def change_told(
    session: ScopedSession, table: type[Any], change: ReturningUpdate[Any], *, tells: bool = True
) -> Sequence[Any]:
    """Carry out an UPDATE that returns rows of a watched table, or their ids, and see that its events are written.

    Not `tells`: it is one step of many, and a later one is told for all of them.
    """
    changed = session.scalars(change.execution_options(synchronize_session=False, **{TOLD: True})).all()
    for one in changed if tells else ():
        session.touches.note(table, one if isinstance(one, str) else one.id, Touch())
    return changed


def write_events(session: ScopedSession, now: datetime) -> None:
    """Write the events of everything the transaction changed, as it is now; the door calls it last of all."""
    session.flush()
    touches = session.touches.take()
    told: dict[Key, Told] = {key: _removed(key[1], touch.gone) for key, touch in touches.items() if touch.gone}
    for table, read in _READERS.items():
        ids = [key for (kind, key), touch in touches.items() if kind is table and touch.gone is None]
        for start in range(0, len(ids), _BATCH):
            told |= {(table, each.subject_id): each for each in read(session, ids[start : start + _BATCH], touches)}
    if rows := [_row(told[key], now) for key in touches if key in told]:
        session.execute(insert(Event), rows)


def _row(told: Told, now: datetime) -> dict[str, Any]:
    return {**vars(told), "data": dict(told.data), "at": now}


# --- Items ---------------------------------------------------------------------------------------------------------


def _items(session: ScopedSession, ids: Sequence[str], touches: Mapping[Key, Touch]) -> Iterator[Told]:
    for row in session.execute(item_columns().where(col(ContentScheduleItem.id).in_(ids))):
        touch = touches[ContentScheduleItem, row.id]
        yield Told(item_event(touch.was, row.state), row.id, row.calendar_id, item_data(row))


def item_columns() -> Any:
    """Return the query of what is told of items."""
    item = ContentScheduleItem
    columns = (
        item.id, item.calendar_id, item.content_id, Content.external_id, Channel.platform, item.channel_id, item.state,
        item.scheduled_at, item.published_at, item.url, item.error, item.version,
    )  # fmt: skip
    rows = select(*columns).join(Channel, col(Channel.id) == item.channel_id)  # type: ignore[call-overload]
    return rows.join(Content, col(Content.id) == item.content_id)


def item_event(was: str | None, state: ItemState) -> EventType:
    """Return what happened to an item that was in one state and is in another now."""
    if was == state or (state is ItemState.SCHEDULED and was in _ON_ITS_WAY):
        return EventType.ITEM_UPDATED
    return _ITEM_OUTCOMES.get(state, EventType.ITEM_UPDATED)


def item_data(row: Any) -> dict[str, Any]:
    """Return what is told of an item."""
    return {
        "item_id": row.id,
        "calendar_id": row.calendar_id,
        "schedule_id": row.calendar_id,
        "content_id": row.external_id or row.content_id,
        "platform": row.platform,
        "channel_id": row.channel_id,
        "status": row.state.value,
        "scheduled_time": in_utc(row.scheduled_at),
        "published_at": row.published_at and in_utc(row.published_at),
        "url": row.url,
        "error": row.error,
        "revision": row.version,
    }


def _removed(item_id: str, gone: Mapping[str, str] | None) -> Told:
    calendar = (gone or {})["calendar_id"]
    data = {"item_id": item_id, "calendar_id": calendar, "schedule_id": calendar, "status": "removed"}
    return Told(EventType.ITEM_REMOVED, item_id, calendar, data)


# --- Calendars -----------------------------------------------------------------------------------------------------


def _calendars(session: ScopedSession, ids: Sequence[str], touches: Mapping[Key, Touch]) -> Iterator[Told]:
    for row in session.execute(calendar_columns().where(col(ContentCalendar.id).in_(ids))):
        was = touches[ContentCalendar, row.id].was
        kind = EventType.SCHEDULE_UPDATED if was == row.state else _CALENDAR_OUTCOMES.get(row.state)
        yield Told(kind or EventType.SCHEDULE_UPDATED, row.id, row.id, calendar_data(row))


def calendar_columns() -> Any:
    """Return the query of what is told of calendars."""
    calendar = ContentCalendar
    return select(calendar.id, calendar.title, calendar.timezone, calendar.state, calendar.version)  # type: ignore[call-overload]


def calendar_data(row: Any) -> dict[str, Any]:
    """Return what is told of a calendar."""
    return {
        "schedule_id": row.id,
        "status": row.state.value,
        "title": row.title,
        "timezone": row.timezone,
        "revision": row.version,
    }


# --- Runs of jobs --------------------------------------------------------------------------------------------------


def _runs(session: ScopedSession, ids: Sequence[str], touches: Mapping[Key, Touch]) -> Iterator[Told]:
    for row in session.execute(run_columns().where(col(JobRun.id).in_(ids))):
        # A run that has ended is news once; what somebody does with its result afterwards shows in the items.
        if row.state not in _ENDED or touches[JobRun, row.id].was != row.state:
            yield run_event(row)


def run_columns() -> Any:
    """Return the query of what is told of runs."""
    run = JobRun
    return select(run.id, run.job, run.subject, run.state, run.done, run.total, run.result, run.error)  # type: ignore[call-overload]


def run_event(row: Any) -> Told:
    """Return what is told of a run as it stands."""
    calendar = row.subject if row.job == LongJob.OPTIMIZE else None
    match row.state:
        case JobState.COMPLETED:
            return _completed(row, calendar)
        case JobState.FAILED | JobState.CANCELED:
            return Told(EventType.JOB_FAILED, row.id, calendar, {"job_id": row.id, "error": row.error or CANCELED})
        case _:
            step = row.state.value if row.state is JobState.QUEUED else row.job.replace("_", " ")
            progress = min(100, row.done * 100 // row.total) if row.total else 0
            data = {"job_id": row.id, "progress": progress, "step": step}
            return Told(EventType.JOB_PROGRESS, row.id, calendar, data)


def _completed(row: Any, calendar: str | None) -> Told:
    data = {"job_id": row.id, "progress": 100, "result": summary(row.result)}
    if calendar is None:
        return Told(EventType.JOB_COMPLETED, row.id, None, data)
    of_calendar = {"id": row.id, "schedule_id": calendar, **data}
    return Told(EventType.OPTIMIZATION_COMPLETED, row.id, calendar, of_calendar)


def _bulk(session: ScopedSession, ids: Sequence[str], _: Mapping[Key, Touch]) -> Iterator[Told]:
    for row in session.execute(bulk_columns().where(col(BulkJob.id).in_(ids))):
        yield Told(*bulk_event(row))


def summary(result: Mapping[str, Any]) -> dict[str, Any]:
    """Return what fits an event: numbers, words and short lists of them; a plan's whole result may be a megabyte."""
    return {name: value for name, value in result.items() if _is_short(value)}


def _is_short(value: object) -> bool:
    if isinstance(value, list):
        return len(value) <= _LONGEST_LIST and not any(isinstance(each, list | dict) for each in value)
    return not isinstance(value, dict)


_READERS: dict[type[Any], Reader] = {
    ContentScheduleItem: _items,
    ContentCalendar: _calendars,
    JobRun: _runs,
    BulkJob: _bulk,
}
