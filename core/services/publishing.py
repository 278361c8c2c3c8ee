"""Publishing: due items are claimed in batches, and each goes its way prepare → check → arm → fire → record."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol, TypeVar

import structlog
from sqlalchemy.exc import OperationalError

from core.errors import DatabaseUnavailable
from core.publishing.contract import (
    ChannelAccess,
    Firing,
    Post,
    Published,
    Publisher,
    Ready,
    Refused,
    StepState,
    Waiting,
)
from core.services.claims import Claim, claim_items, extend, find_due, give_back
from core.services.endings import STATE, Ending, after_firing, before_firing, broken_off, put_off
from core.services.item_rows import locked
from core.services.ledger import add_line, closing_detail, end, find_line
from core.services.workers import LedgerPoint, Worker
from core.vocabulary import ItemState, LedgerStep, Refusal

PATIENCE = (0.1, 0.3, 1.0, 3.0, 5.0, 5.0, 5.0, 5.0)
"""Seconds before a line that could not be written is tried again; each try itself waits for a locked database."""

_log = structlog.get_logger(__name__)
_Result = TypeVar("_Result")


class Crew(Protocol):
    """The threads of one engine that publish items at the same time."""

    def room(self) -> int:
        """Wait until some items may be claimed and return how many; 0 once the engine stops."""
        ...

    def take_on(self, claims: Sequence[Claim]) -> None:
        """Publish these as soon as threads are free."""
        ...

    def attempt(self, name: str, subject: str, call: Callable[[], object]) -> bool:
        """Call for a workspace or item; a failure is noted, answered False and stops nobody else."""
        ...


def publish_due(worker: Worker, crew: Crew) -> None:
    """Claim whatever is due, batch by batch, until nothing is; a workspace that fails waits for the next time."""
    failed: set[str] = set()
    while (room := crew.room()) and (due := find_due(worker, room, failed)):
        for workspace, item_ids in due.items():
            call = partial(_hand_over, worker, crew, workspace, item_ids)
            if not crew.attempt("claim", workspace, call):
                failed.add(workspace)


def publish_item(worker: Worker, claim: Claim) -> None:
    """Take one claimed item all its way; nothing is sent unless the claim still holds when it is armed."""
    post, access = claim.parcel.post(), claim.parcel.access
    publisher = worker.publishers[claim.parcel.kind]
    ready = _prepare(worker, publisher, claim, post, access)
    if isinstance(ready, Ending):
        _insist(worker, partial(_close, worker, claim, ready))
    elif _insist(worker, partial(_arm, worker, claim, ready.state)):
        worker.at(LedgerPoint.ARMED)
        firing = publisher.fire(post, access, ready.state, worker.now())
        worker.at(LedgerPoint.FIRED)
        ending = _after(worker, claim, firing)
        _insist(worker, partial(_close, worker, claim, ending, fired=True))


def release(worker: Worker, claim: Claim) -> None:
    """Give an item back that was not armed, because its engine stops; an armed one is left to its result.

    Whether it is armed is asked in the transaction that ends the claim: its thread may be arming it right now.
    """
    with worker.db.write(claim.workspace) as session:
        armed = find_line(session, claim.item_id, claim.attempt, LedgerStep.ARMED)
        if armed is None and give_back(session, claim.id):
            now = worker.now()
            ending = broken_off("Slotwise was stopped; it goes on when Slotwise runs again", now)
            end(session, locked(session, claim.item_id), ending, worker.name, now)


def _hand_over(worker: Worker, crew: Crew, workspace: str, item_ids: Sequence[str]) -> None:
    crew.take_on(claim_items(worker, workspace, item_ids))


def _prepare(worker: Worker, publisher: Publisher, claim: Claim, post: Post, access: ChannelAccess) -> Ready | Ending:
    """Do what shows nothing, going on where an earlier attempt was put off."""
    if not claim.parcel.active:
        reason = f"The channel {claim.parcel.channel} is switched off. Switch it on, then try again."
        return _refused(worker, claim, Refused(Refusal.PERMISSION, reason))
    step = (
        Ready(claim.past.waiting) if claim.past.waiting is not None else publisher.prepare(post, access, worker.now())
    )
    worker.at(LedgerPoint.PREPARED)
    if isinstance(step, Ready):
        step = publisher.check(post, access, step.state, worker.now())
        worker.at(LedgerPoint.CHECKED)
    match step:
        case Ready():
            return step
        case Waiting():
            return put_off(step)
        case Refused():
            return _refused(worker, claim, step)


def _arm(worker: Worker, claim: Claim, state: StepState) -> bool:
    """Commit that the item is about to be sent; False when the claim is no longer ours, then nobody may send it.

    Calling it again after an unclear commit finds its own line and changes nothing.
    """
    with worker.db.write(claim.workspace) as session:
        now = worker.now()
        if not extend(session, claim, now, worker.lease):
            return False
        if find_line(session, claim.item_id, claim.attempt, LedgerStep.ARMED) is None:
            add_line(session, claim.item_id, claim.attempt, LedgerStep.ARMED, worker.name, now, {STATE: state})
        session.flush()
        worker.at(LedgerPoint.ARMING)
    return True


def _close(worker: Worker, claim: Claim, ending: Ending, *, fired: bool = False) -> None:
    """Write how the attempt ended, with the item's move, and end the claim, in one transaction.

    A worker whose claim was given up meanwhile may still know more than the ledger: that the item is out is always
    believed, and anything is better than `unconfirmed`.
    """
    with worker.db.write(claim.workspace) as session:
        now = worker.now()
        held = give_back(session, claim.id)
        item = locked(session, claim.item_id)
        if held or (fired and _knows_better(item.state, ending, same_attempt=item.attempt == claim.attempt)):
            end(session, item, ending, worker.name, now)
        elif fired and find_line(session, claim.item_id, claim.attempt, ending.step) is None:
            add_line(session, claim.item_id, claim.attempt, ending.step, worker.name, now, closing_detail(ending))
        session.flush()
        worker.at(LedgerPoint.RECORDING)
    worker.at(LedgerPoint.RECORDED)


def _knows_better(state: ItemState, ending: Ending, *, same_attempt: bool) -> bool:
    """Say whether an answer that came after its claim was given up still moves the item."""
    if not same_attempt:
        return False
    if ending.then is ItemState.PUBLISHED:
        return state in (ItemState.UNCONFIRMED, ItemState.SCHEDULED, ItemState.FAILED)
    return state is ItemState.UNCONFIRMED and ending.then is not ItemState.UNCONFIRMED


def _insist(worker: Worker, write: Callable[[], _Result]) -> _Result:
    """Write, and write again while the database cannot be used: what was sent is noted, never sent again."""
    for seconds in PATIENCE:
        try:
            return write()
        except (DatabaseUnavailable, OperationalError) as error:
            _log.warning("ledger_waits", worker=worker.name, seconds=seconds, error=str(error))
            worker.pause(seconds)
    return write()


def _after(worker: Worker, claim: Claim, firing: Firing) -> Ending:
    if isinstance(firing, Published):
        _log.info("item_published", item=claim.item_id, attempt=claim.attempt)
    else:
        _log.warning("item_refused", item=claim.item_id, refusal=firing.refusal.value, reason=firing.reason)
    return after_firing(firing, claim.past.refusals, claim.tries, worker.now(), worker.rng)


def _refused(worker: Worker, claim: Claim, refused: Refused) -> Ending:
    _log.warning("item_refused", item=claim.item_id, refusal=refused.refusal.value, reason=refused.reason)
    return before_firing(refused, claim.past.refusals, claim.tries, worker.now(), worker.rng)
