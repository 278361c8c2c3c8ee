"""Recovery: attempts whose process died are given up safely, and unknown outcomes are looked up."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from sqlmodel import and_, col, delete, exists, or_, select

from core.publishing.contract import CannotTell, LookUp, StepState
from core.services.claims import Parcel, parcel_of, with_parts
from core.services.endings import STATE, after_look_up, broken_off, lost_sight
from core.services.item_rows import locked
from core.services.ledger import end_all, find_line
from core.services.workers import LedgerPoint, Worker
from core.storage.tables import ContentScheduleItem, PublishAttempt, ScheduleAssignment
from core.vocabulary import ItemState, LedgerStep

BATCH = 100
"""Claims or items looked at in one go; the next run takes the next."""

Attempt = Callable[[str, str, Callable[[], object]], bool]
"""`Crew.attempt`: calls for a workspace or item; a failure is noted, answered False and stops nobody else."""


def recover(worker: Worker, attempt: Attempt) -> None:
    """Give up the claims that have ended, then look up every item whose outcome nobody knows."""
    has_ended = _has_ended(worker)
    for workspace, claim_ids in _find_ended(worker, has_ended).items():
        attempt("recover", workspace, partial(_give_up, worker, workspace, claim_ids, has_ended))
    for workspace, item_id in _find_unconfirmed(worker):
        attempt("look up", item_id, partial(_reconcile, worker, workspace, item_id))


def _has_ended(worker: Worker) -> Any:
    """Return when a claim has ended: its lease is over, or its engine died on this machine before it armed the item.

    What is armed may still be on its way, and a platform that is asked too soon says that it is not there: the whole
    lease is waited for. So it is with an item that was broken off before: perhaps engines die of it.
    """
    claim, line = ScheduleAssignment, PublishAttempt
    is_over = col(claim.lease_until) <= worker.now()
    is_armed = exists().where(
        col(line.item_id) == col(claim.item_id),
        col(line.attempt) == col(claim.attempt),
        col(line.step) == LedgerStep.ARMED,
    )
    was_broken_off = exists().where(col(line.item_id) == col(claim.item_id), col(line.step) == LedgerStep.ABANDONED)
    return or_(is_over, and_(col(claim.worker).in_(_gone(worker)), ~is_armed, ~was_broken_off))


def _gone(worker: Worker) -> list[str]:
    with worker.db.system(writable=False) as session:
        names = session.scalars(select(ScheduleAssignment.worker).distinct()).all()
    return [name for name in names if worker.is_gone(name)]


def _find_ended(worker: Worker, has_ended: Any) -> dict[str, list[str]]:
    ended = select(ScheduleAssignment.workspace_id, ScheduleAssignment.id).where(has_ended).limit(BATCH)
    found: dict[str, list[str]] = {}
    with worker.db.system(writable=False) as session:
        for workspace, claim_id in session.execute(ended):
            found.setdefault(workspace, []).append(claim_id)
    return found


def _give_up(worker: Worker, workspace: str, claim_ids: Sequence[str], has_ended: Any) -> None:
    """Take items back from workers that died: never armed is safe to try again, armed may be out."""
    now = worker.now()
    claims = (
        delete(ScheduleAssignment)
        .where(col(ScheduleAssignment.id).in_(claim_ids), has_ended)
        .returning(col(ScheduleAssignment.item_id), col(ScheduleAssignment.attempt))
        .execution_options(synchronize_session=False)
    )
    with worker.db.write(workspace) as session:
        endings = []
        for item_id, attempt in session.execute(claims).all():
            armed = find_line(session, item_id, attempt, LedgerStep.ARMED)
            ending = lost_sight(now) if armed else broken_off("The program stopped before it was sent", now)
            endings.append((locked(session, item_id), ending))
        end_all(session, endings, worker.name, now)
        worker.at(LedgerPoint.RECOVERING)


def _find_unconfirmed(worker: Worker) -> list[tuple[str, str]]:
    """Return items to look up, each with its workspace: one look-up per attempt, then it is a person's turn."""
    item = ContentScheduleItem
    wanted = (
        select(item.workspace_id, item.id)
        .where(item.state == ItemState.UNCONFIRMED, item.due_at <= worker.now(), ~_looked_up())
        .order_by(col(item.due_at))
        .limit(BATCH)
    )
    with worker.db.system(writable=False) as session:
        return [(workspace, item_id) for workspace, item_id in session.execute(wanted)]


def _looked_up() -> Any:
    item, line = ContentScheduleItem, PublishAttempt
    return exists().where(
        col(line.item_id) == col(item.id),
        col(line.attempt) == col(item.attempt),
        col(line.step) == LedgerStep.RECONCILED,
    )


def _reconcile(worker: Worker, workspace: str, item_id: str) -> None:
    """Ask the platform, outside any transaction, then note the answer unless somebody settled it meanwhile."""
    with worker.db.read(workspace) as session:
        rows = with_parts(session, ContentScheduleItem.id == item_id)
        item, content, channel = rows[0]
        attempt, parcel = item.attempt, parcel_of(item, content, channel, worker.vault)
        armed = find_line(session, item_id, attempt, LedgerStep.ARMED)
        state: StepState = armed.detail.get(STATE, {}) if armed else {}
    now = worker.now()
    ending = after_look_up(_look_up(worker, parcel, state, now), now)
    worker.at(LedgerPoint.LOOKED_UP)
    with worker.db.write(workspace) as session:
        row = locked(session, item_id)
        if row.state is ItemState.UNCONFIRMED and row.attempt == attempt:
            noted = find_line(session, item_id, attempt, LedgerStep.RECONCILED)
            if noted is None:
                end_all(session, [(row, ending)], worker.name, now)


def _look_up(worker: Worker, parcel: Parcel, state: StepState, now: datetime) -> LookUp:
    if parcel.locked:
        return CannotTell(parcel.locked)
    publisher = worker.publishers[parcel.kind]
    return publisher.look_up(parcel.post(), parcel.access, state, now)
