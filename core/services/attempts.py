"""The two commits of an attempt, armed and closed, shared by the threads of one worker."""

from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock

from sqlmodel import col, select

from core.publishing.contract import StepState
from core.services.claims import Claim, extend, give_back
from core.services.endings import STATE, Ending, broken_off
from core.services.item_rows import locked
from core.services.ledger import add_line, closing_detail, end_all, find_line
from core.services.sharing import Shared
from core.services.workers import LedgerPoint, Worker
from core.storage.tables import ContentScheduleItem, PublishAttempt
from core.storage.tenancy import ScopedSession
from core.vocabulary import ItemState, LedgerStep


@dataclass(frozen=True)
class Arming:
    """A claimed item that is about to be sent with this state."""

    claim: Claim
    state: StepState


@dataclass(frozen=True)
class Closing:
    """How the attempt of a claim ended; `fired` says whether the visible call was made."""

    claim: Claim
    ending: Ending
    fired: bool


class Attempts:
    """Arms and closes attempts; threads that do so at once in one workspace share a transaction."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self._lock = Lock()
        self._arming: dict[str, Shared[Arming, bool]] = {}
        self._closing: dict[str, Shared[Closing, None]] = {}

    def arm(self, claim: Claim, state: StepState) -> bool:
        """Commit that the item is about to be sent; False when the claim is no longer ours: nobody may send it then.

        Calling it again after an unclear commit finds its own line and changes nothing.
        """
        workspace = claim.workspace
        with self._lock:
            shared = self._arming.setdefault(workspace, Shared(lambda all_: _arm(self._worker, workspace, all_)))
        return shared(Arming(claim, state))

    def close(self, claim: Claim, ending: Ending, *, fired: bool) -> None:
        """Write how the attempt ended, with the item's move, and end the claim, in one transaction.

        A worker whose claim was given up meanwhile may still know more than the ledger: that the item is out is always
        believed, and anything is better than `unconfirmed`.
        """
        workspace = claim.workspace
        with self._lock:
            shared = self._closing.setdefault(workspace, Shared(lambda all_: _close(self._worker, workspace, all_)))
        shared(Closing(claim, ending, fired))


def release(worker: Worker, claim: Claim) -> bool:
    """Give an item back that was not armed, because its engine stops; False for an armed one, left to its result.

    Whether it is armed is asked in the transaction that ends the claim: its thread may be arming it right now.
    """
    with worker.db.write(claim.workspace) as session:
        armed = find_line(session, claim.item_id, claim.attempt, LedgerStep.ARMED)
        if armed is None and give_back(session, [claim.id]):
            now = worker.now()
            ending = broken_off("Slotwise was stopped; it goes on when Slotwise runs again", now)
            end_all(session, [(locked(session, claim.item_id), ending)], worker.name, now)
    return armed is None


def _arm(worker: Worker, workspace: str, wanted: Sequence[Arming]) -> list[bool]:
    with worker.db.write(workspace) as session:
        now = worker.now()
        held = extend(session, [one.claim.id for one in wanted], now, now + worker.lease)
        noted = _armed(session, [one.claim.item_id for one in wanted])
        for one in wanted:
            claim = one.claim
            if claim.id in held and (claim.item_id, claim.attempt) not in noted:
                detail = {STATE: one.state}
                add_line(session, claim.item_id, claim.attempt, LedgerStep.ARMED, worker.name, now, detail)
        session.flush()
        worker.at(LedgerPoint.ARMING)
    return [one.claim.id in held for one in wanted]


def _armed(session: ScopedSession, item_ids: Sequence[str]) -> set[tuple[str, int]]:
    """Return which attempts of these items are armed already."""
    lines = select(PublishAttempt.item_id, PublishAttempt.attempt).where(
        col(PublishAttempt.item_id).in_(item_ids), PublishAttempt.step == LedgerStep.ARMED
    )
    return {(item_id, attempt) for item_id, attempt in session.execute(lines)}


def _close(worker: Worker, workspace: str, wanted: Sequence[Closing]) -> list[None]:
    with worker.db.write(workspace) as session:
        now = worker.now()
        held = give_back(session, [one.claim.id for one in wanted])
        items = _locked(session, [one.claim.item_id for one in wanted])
        ending = []
        for one in wanted:
            item = items[one.claim.item_id]
            if one.claim.id in held or _knows_better(item, one):
                ending.append((item, one.ending))
            elif one.fired:
                _note(session, worker, one)
        end_all(session, ending, worker.name, now)
        worker.at(LedgerPoint.RECORDING)
    return [None] * len(wanted)


def _locked(session: ScopedSession, item_ids: Sequence[str]) -> dict[str, ContentScheduleItem]:
    """Return these items as they are now, held until the transaction ends."""
    rows = (
        select(ContentScheduleItem)
        .where(col(ContentScheduleItem.id).in_(item_ids))
        .order_by(col(ContentScheduleItem.id))
        .with_for_update()
    )
    return {row.id: row for row in session.scalars(rows)}


def _knows_better(item: ContentScheduleItem, late: Closing) -> bool:
    """Say whether an answer that came after its claim was given up still moves the item."""
    if not late.fired or item.attempt != late.claim.attempt:
        return False
    if late.ending.then is ItemState.PUBLISHED:
        return item.state in (ItemState.UNCONFIRMED, ItemState.SCHEDULED, ItemState.FAILED)
    return item.state is ItemState.UNCONFIRMED and late.ending.then is not ItemState.UNCONFIRMED


def _note(session: ScopedSession, worker: Worker, late: Closing) -> None:
    """Keep an answer that no longer moves the item, unless the ledger has it."""
    claim, ending = late.claim, late.ending
    if find_line(session, claim.item_id, claim.attempt, ending.step) is None:
        detail = closing_detail(ending)
        add_line(session, claim.item_id, claim.attempt, ending.step, worker.name, worker.now(), detail)
