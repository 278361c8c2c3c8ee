"""Posts for rows that have none: times from the planner where a row names none, then items, once for each row."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

from core.bulk.words import Mode, Operation
from core.content.platforms import find_platform
from core.errors import Invalid
from core.services.bulk_placing import open_outboxes, place_rows
from core.services.bulk_rows import piece_for
from core.services.bulk_views import NewJob, RowDraft, Schedule
from core.services.calendars import add_to_calendar
from core.services.context import Context
from core.services.incoming import IncomingItem, Words, resolve_items
from core.services.new_items import NewItem, problems_of
from core.services.sheet_drafts import Reading, faults_of
from core.services.sheet_ours import PRIORITIES
from core.sheets.plans import Fault
from core.storage.tables import Content, ContentScheduleItem
from core.storage.tenancy import ScopedSession
from core.vocabulary import Priority

SOURCE = "google_sheets"


@dataclass(frozen=True)
class Made:
    """What became of a row without posts: the ids of its items by platform, or what kept it from having any."""

    items: Mapping[str, str]
    faults: tuple[Fault, ...] = ()


def place_readings(ctx: Context, readings: Sequence[Reading], zone: str) -> tuple[Reading, ...]:
    """Return readable rows with a time for every post, and why where the planner found none; nothing is scheduled.

    A platform without a channel gets a local outbox first. Call it outside any transaction: it may take seconds.
    """
    if all(reading.moment for reading in readings):
        return tuple(readings)
    rows = tuple(reading.draft for reading in readings)
    open_outboxes(ctx, rows)
    job = NewJob(SOURCE, Operation.SCHEDULE_CONTENT, rows, schedule=Schedule(Mode.SMART), timezone=zone)
    placing = place_rows(ctx, job)
    reasons = {one.number: one.reason for one in placing.unplaced}
    return tuple(
        replace(reading, draft=draft, faults=_unplaced(reading, reasons.get(number)))
        for number, (reading, draft) in enumerate(zip(readings, placing.rows, strict=True), 1)
    )


def _unplaced(reading: Reading, reason: str | None) -> tuple[Fault, ...]:
    if reason is None:
        return reading.faults
    said = reason[:1].lower() + reason[1:].rstrip(".")
    return (*reading.faults, Fault(reading.row_id, reading.position, "scheduled_time", "", said))


def add_posts(session: ScopedSession, ctx: Context, calendar_id: str, readings: Sequence[Reading]) -> dict[str, Made]:
    """Schedule the posts of rows in this transaction: of each row all or none, and of the others regardless.

    Raises StateConflict where the calendar is canceled.
    """
    made = {reading.row_id: Made({}, reading.faults) for reading in readings if reading.faults}
    resolved: list[tuple[Reading, tuple[NewItem, ...]]] = []
    for reading, found in _resolved(ctx, [(each, incoming(ctx, each)) for each in readings if not each.faults]):
        if isinstance(found, Invalid):
            made[reading.row_id] = Made({}, faults_of(reading, found.problems))
        else:
            resolved.append((reading, found))
    problems = problems_of(session, ctx, [new for _, items in resolved for new in items])
    good: list[tuple[Reading, tuple[NewItem, ...]]] = []
    for reading, items in resolved:
        if wrong := [problem for each in islice(problems, len(items)) for problem in each]:
            made[reading.row_id] = Made({}, faults_of(reading, wrong))
        else:
            good.append((reading, items))
    return made | _schedule(session, ctx, calendar_id, good)


def _schedule(
    session: ScopedSession, ctx: Context, calendar_id: str, good: Sequence[tuple[Reading, tuple[NewItem, ...]]]
) -> dict[str, Made]:
    made: dict[str, Made] = {}
    ids = iter(add_to_calendar(session, ctx, [new for _, items in good for new in items], calendar_id) if good else ())
    for reading, items in good:
        own = tuple(islice(ids, len(items)))
        made[reading.row_id] = Made(dict(zip(reading.draft.platforms, own, strict=True)))
        _keep_readers(session, own, reading.draft)
    return made


def incoming(ctx: Context, reading: Reading, when: datetime | None = None) -> tuple[IncomingItem, ...]:
    """Return the items that a row asks for, `when` its posts have no time of their own; its id names their content."""
    draft = reading.draft
    times = dict.fromkeys(draft.scheduled_times, reading.moment) if reading.moment else {}
    times |= {platform: datetime.fromisoformat(placed) for platform, placed in draft.placed.items()}
    return tuple(
        IncomingItem(
            platform,
            times.get(platform) or when or ctx.now(),
            content_id=reading.row_id,
            words=Words(**vars(piece_for(draft, find_platform(ctx.reference.platforms, platform)))),
            channel_id=draft.channel_ids.get(platform),
            metadata={"source": SOURCE},
            priority=PRIORITIES[draft.priority or Priority.NORMAL],
        )
        for platform in draft.platforms
    )


def _resolved(
    ctx: Context, asked: Sequence[tuple[Reading, tuple[IncomingItem, ...]]]
) -> Iterator[tuple[Reading, tuple[NewItem, ...] | Invalid]]:
    """Yield the items of each row, or why it has none; all are looked up together where nothing is wrong."""
    try:
        whole = iter(resolve_items(ctx, [item for _, items in asked for item in items]))
    except Invalid:
        for reading, items in asked:
            yield reading, _alone(ctx, items)
        return
    for reading, items in asked:
        yield reading, tuple(islice(whole, len(items)))


def _alone(ctx: Context, items: Sequence[IncomingItem]) -> tuple[NewItem, ...] | Invalid:
    try:
        return resolve_items(ctx, items)
    except Invalid as error:
        return error


def _keep_readers(session: ScopedSession, item_ids: Sequence[str], draft: RowDraft) -> None:
    """Keep for whom and in which tone a row is written beside its contents."""
    if not (draft.audience or draft.tone):
        return
    for item_id in item_ids:
        content = session.get_one(Content, session.get_one(ContentScheduleItem, item_id).content_id)
        content.audience, content.tone = draft.audience, draft.tone
