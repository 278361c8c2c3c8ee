"""The ledger of attempts: lines are added with the item's move they belong to, and read back as its past."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlmodel import col, select

from core.calendar.states import check_item_move
from core.publishing.contract import StepState
from core.services.endings import STATE, Ending
from core.services.item_rows import touch
from core.services.ledger_words import REASON
from core.services.settlement import settle_calendar
from core.storage.tables import ContentScheduleItem, PublishAttempt
from core.storage.tenancy import ScopedSession
from core.vocabulary import ItemState, LedgerStep

THEN = "then"
"""The entry of a closing line's detail that names the state in which it left the item."""

LATE_FROM = "late_from"
"""The entry of a claim's line that keeps when a person asked for a failed item again."""

_ROUTES: dict[tuple[ItemState, ItemState], tuple[ItemState, ...]] = {
    (ItemState.SCHEDULED, ItemState.FAILED): (ItemState.PUBLISHING, ItemState.FAILED),
    (ItemState.UNCONFIRMED, ItemState.SCHEDULED): (ItemState.FAILED, ItemState.SCHEDULED),
    (ItemState.SCHEDULED, ItemState.PUBLISHED): (ItemState.PUBLISHING, ItemState.PUBLISHED),
    (ItemState.FAILED, ItemState.PUBLISHED): (ItemState.SCHEDULED, ItemState.PUBLISHING, ItemState.PUBLISHED),
}
"""Endings that take more than one legal move; the last two are for answers that come after their claim was given up."""


@dataclass(frozen=True)
class Past:
    """What earlier attempts mean for the next one; a person who asks for a failed item again starts afresh."""

    refusals: int = 0
    waiting: StepState | None = None
    """What a publisher is in the middle of."""
    asked_again: bool = False
    """The last attempt failed, so that only a person can have scheduled the item again."""
    late_from: datetime | None = None
    """When a person asked for it again, as the first claim after that noted it."""

    def due_since(self, item: ContentScheduleItem) -> datetime:
        """Return the moment from which the item is late: its time, or when a person last asked for it after that."""
        asked = item.due_at if self.asked_again else self.late_from
        return max(item.scheduled_at, asked or item.scheduled_at)


def add_line(
    session: ScopedSession,
    item_id: str,
    attempt: int,
    step: LedgerStep,
    worker: str,
    at: datetime,
    detail: Mapping[str, Any] = MappingProxyType({}),
) -> None:
    """Add one step of one attempt."""
    line = PublishAttempt(item_id=item_id, attempt=attempt, step=step, worker=worker, at=at, detail=dict(detail))
    session.add(line)


def end_all(
    session: ScopedSession, endings: Sequence[tuple[ContentScheduleItem, Ending]], worker: str, now: datetime
) -> None:
    """Add the closing line of each item's current attempt, move the item with it and settle the calendars."""
    for item, ending in endings:
        _end(session, item, ending, worker, now)
    for calendar_id in sorted({item.calendar_id for item, _ in endings}):
        settle_calendar(session, calendar_id)
    session.flush()


def _end(session: ScopedSession, item: ContentScheduleItem, ending: Ending, worker: str, now: datetime) -> None:
    add_line(session, item.id, item.attempt, ending.step, worker, now, closing_detail(ending))
    if item.state is not ending.then:
        for state in _ROUTES.get((item.state, ending.then), (ending.then,)):
            check_item_move(item.state, state)
            item.state = state
    item.due_at = ending.due_at or item.due_at
    item.error = None if ending.then is ItemState.PUBLISHED else ending.reason or item.error
    if ending.published:
        item.published_at = ending.published.at
        item.url, item.remote_id = ending.published.url, ending.published.remote_id
    touch(item, now)


def closing_detail(ending: Ending) -> dict[str, Any]:
    """Return what the closing line of an attempt says."""
    reason = {REASON: ending.reason} if ending.reason else {}
    return {**ending.detail, THEN: ending.then.value, **reason}


def find_line(session: ScopedSession, item_id: str, attempt: int, step: LedgerStep) -> PublishAttempt | None:
    """Return one step of one attempt, None when it was not reached."""
    wanted = select(PublishAttempt).where(
        PublishAttempt.item_id == item_id, PublishAttempt.attempt == attempt, PublishAttempt.step == step
    )
    return session.scalars(wanted).one_or_none()


def pasts_of(session: ScopedSession, items: Collection[ContentScheduleItem]) -> dict[str, Past]:
    """Return the past of each item; first attempts cost no query."""
    lines: dict[str, list[PublishAttempt]] = {item.id: [] for item in items}
    tried = [item.id for item in items if item.attempt > 0]
    if tried:
        wanted = select(PublishAttempt).where(col(PublishAttempt.item_id).in_(tried)).order_by(col(PublishAttempt.pk))
        for line in session.scalars(wanted):
            lines[line.item_id].append(line)
    return {key: read_past(own) for key, own in lines.items()}


def read_past(lines: Iterable[PublishAttempt]) -> Past:
    """Return what an item's lines, oldest first, mean for its next attempt."""
    past = Past()
    for line in lines:
        then = line.detail.get(THEN)
        if line.step is LedgerStep.RESOLVED or then == ItemState.FAILED:
            past = Past(asked_again=True)
        elif line.step is LedgerStep.CLAIMED and LATE_FROM in line.detail:
            past = replace(past, asked_again=False, late_from=datetime.fromisoformat(line.detail[LATE_FROM]))
        elif then == ItemState.SCHEDULED:
            refusals = past.refusals + (line.step is LedgerStep.REFUSED)
            past = replace(past, refusals=refusals, waiting=line.detail.get(STATE))
    return past
