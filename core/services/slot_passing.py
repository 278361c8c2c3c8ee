"""Open slots whose time passes unwritten are skipped, so that their calendars can complete."""

from collections.abc import Collection
from functools import partial

from sqlmodel import col, select

from core.calendar.states import check_item_move
from core.services.audit import Action
from core.services.item_rows import ITEM, touch
from core.services.recovery import Attempt
from core.services.settlement import settle_calendar
from core.services.slot_rows import is_open_slot
from core.services.workers import Worker
from core.storage.tables import AuditEntry, Content, ContentScheduleItem
from core.vocabulary import ItemState

BATCH = 100
"""Slots looked at in one go; the next run takes the next."""

UNWRITTEN = "Nobody wrote a post for this slot."


def skip_passed(worker: Worker, attempt: Attempt) -> None:
    """Skip the open slots of all workspaces whose time has passed, and say why in each."""
    for workspace, item_ids in _find_passed(worker).items():
        attempt("skip open slots", workspace, partial(_skip, worker, workspace, item_ids))


def _find_passed(worker: Worker) -> dict[str, list[str]]:
    item = ContentScheduleItem
    passed = (
        select(item.workspace_id, item.id)
        .join(Content, col(Content.id) == item.content_id)
        .where(is_open_slot(), col(item.due_at) <= worker.now())
        .order_by(col(item.due_at))
        .limit(BATCH)
    )
    found: dict[str, list[str]] = {}
    with worker.db.system(writable=False) as session:
        for workspace, item_id in session.execute(passed):
            found.setdefault(workspace, []).append(item_id)
    return found


def _skip(worker: Worker, workspace: str, item_ids: Collection[str]) -> None:
    """Skip those that still are open slots of the past: somebody may have written or moved one meanwhile."""
    item, now = ContentScheduleItem, worker.now()
    still = (
        select(item)
        .join(Content, col(Content.id) == item.content_id)
        .where(col(item.id).in_(item_ids), is_open_slot(), col(item.due_at) <= now)
        .order_by(col(item.id))
        .with_for_update(of=item)
    )
    with worker.db.write(workspace) as session:
        skipped = session.scalars(still).all()
        for row in skipped:
            check_item_move(row.state, ItemState.SKIPPED)
            row.state, row.error = ItemState.SKIPPED, UNWRITTEN
            touch(row, now)
            session.add(_line(worker, row.id))
        for calendar_id in sorted({row.calendar_id for row in skipped}):
            settle_calendar(session, calendar_id)


def _line(worker: Worker, item_id: str) -> AuditEntry:
    return AuditEntry(
        at=worker.now(),
        actor=worker.name,
        action=Action.SKIPPED,
        subject_kind=ITEM,
        subject_id=item_id,
        detail={"reason": UNWRITTEN},
    )
