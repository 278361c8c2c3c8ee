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
    Waiting,
)
from core.services.attempts import Attempts
from core.services.claims import Claim, claim_items, find_due
from core.services.endings import Ending, after_firing, before_firing, put_off
from core.services.workers import LedgerPoint, Worker
from core.vocabulary import Refusal

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


def publish_item(worker: Worker, claim: Claim, attempts: Attempts) -> None:
    """Take one claimed item all its way; nothing is sent unless the claim still holds when it is armed."""
    post, access = claim.parcel.post(), claim.parcel.access
    publisher = worker.publishers[claim.parcel.kind]
    ready = _prepare(worker, publisher, claim, post, access)
    if isinstance(ready, Ending):
        _insist(worker, partial(attempts.close, claim, ready, fired=False))
    elif _insist(worker, partial(attempts.arm, claim, ready.state)):
        worker.at(LedgerPoint.ARMED)
        firing = publisher.fire(post, access, ready.state, worker.now())
        worker.at(LedgerPoint.FIRED)
        ending = _after(worker, claim, firing)
        _insist(worker, partial(attempts.close, claim, ending, fired=True))
    worker.at(LedgerPoint.RECORDED)


def _hand_over(worker: Worker, crew: Crew, workspace: str, item_ids: Sequence[str]) -> None:
    crew.take_on(claim_items(worker, workspace, item_ids))


def _prepare(worker: Worker, publisher: Publisher, claim: Claim, post: Post, access: ChannelAccess) -> Ready | Ending:
    """Do what shows nothing, going on where an earlier attempt was put off."""
    if claim.parcel.closed:
        return _refused(worker, claim, Refused(Refusal.PERMISSION, claim.parcel.closed))
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
