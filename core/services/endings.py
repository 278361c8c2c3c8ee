"""How an attempt ended: which line the ledger gets and what becomes of the item, decided in values alone."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from core.publishing.contract import Absent, CannotTell, Firing, Found, LookUp, Published, Refused, Waiting
from core.publishing.policy import AskPerson, GiveUp, RetryAt, Timeliness, next_step
from core.vocabulary import ItemState, LedgerStep, Refusal

LOOK_UP_AFTER = timedelta(seconds=30)
"""A platform may show a post a little after it took it: an early look-up would call it absent."""

HOURS_TOLD_IN_MINUTES = 2
HOURS_TOLD_IN_HOURS = 48

STATE = "state"
"""The entry of a line's detail that holds what the publisher must remember between steps."""


@dataclass(frozen=True)
class Ending:
    """The last line of an attempt and the item after it; `due_at` None leaves the item's as it is."""

    step: LedgerStep
    then: ItemState
    reason: str | None = None
    due_at: datetime | None = None
    published: Published | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)


def after_firing(firing: Firing, refusals: int, tries: int, now: datetime, rng: Random) -> Ending:
    """Decide after the one visible call; `refusals` counts the tries of this item refused before."""
    if isinstance(firing, Published):
        return Ending(LedgerStep.PUBLISHED, ItemState.PUBLISHED, reason=firing.notice, published=firing)
    detail = {"refusal": firing.refusal.value}
    match next_step(firing.refusal, refusals + 1, now, rng, retry_at=firing.retry_at, tries=tries):
        case RetryAt(at):
            return Ending(LedgerStep.REFUSED, ItemState.SCHEDULED, firing.reason, at, detail=detail)
        case GiveUp():
            return Ending(LedgerStep.REFUSED, ItemState.FAILED, firing.reason, detail=detail)
        case AskPerson():
            return Ending(LedgerStep.UNKNOWN, ItemState.UNCONFIRMED, firing.reason, now + LOOK_UP_AFTER, detail=detail)


def before_firing(refused: Refused, refusals: int, tries: int, now: datetime, rng: Random) -> Ending:
    """Decide after a refusal at `prepare` or `check`: nothing was visible yet, so no outcome is unknown."""
    if refused.refusal is Refusal.UNKNOWN_OUTCOME:
        refused = Refused(Refusal.TRANSIENT, refused.reason, refused.retry_at)
    return after_firing(refused, refusals, tries, now, rng)


def put_off(waiting: Waiting) -> Ending:
    """Let the platform work on: the item is claimed again then, and goes on with this state."""
    return Ending(LedgerStep.DEFERRED, ItemState.SCHEDULED, due_at=waiting.again_at, detail={STATE: waiting.state})


def broken_off(why: str, now: datetime) -> Ending:
    """Nothing was sent: the item may be taken up again at once."""
    return Ending(LedgerStep.ABANDONED, ItemState.SCHEDULED, why, now)


def lost_sight(now: datetime) -> Ending:
    """An armed attempt without a result: it may be out, so nothing is sent again."""
    why = "The program stopped between sending and noting the answer"
    return Ending(LedgerStep.UNKNOWN, ItemState.UNCONFIRMED, f"{why}.", now)


def too_late(timeliness: Timeliness, scheduled_at: datetime, now: datetime, before: str | None) -> Ending:
    """Say why a late item is not sent; `before` is what kept it from going out on time, where that is known."""
    late = _words(now - scheduled_at)
    cause = f" ({before.rstrip('.')})" if before else ""
    if timeliness is Timeliness.SKIP:
        return Ending(LedgerStep.ABANDONED, ItemState.SKIPPED, f"It was skipped: {late} late{cause}.")
    reason = f"It was not sent: {late} late{cause}. Publish it late or skip it?"
    return Ending(LedgerStep.ABANDONED, ItemState.FAILED, reason)


def _words(late: timedelta) -> str:
    """Return a delay as people say it: minutes up to two hours, hours up to two days, then days."""
    minutes = int(late.total_seconds() // 60)
    hours = minutes // 60
    if hours < HOURS_TOLD_IN_MINUTES:
        return f"{minutes} minutes"
    return f"{hours} hours" if hours < HOURS_TOLD_IN_HOURS else f"{hours // 24} days"


def after_look_up(look_up: LookUp, now: datetime) -> Ending:
    """Decide after asking the platform: found is published, absent may be sent again, else a person decides."""
    match look_up:
        case Found(published):
            reason = "It is there; the answer had been lost"
            return Ending(LedgerStep.RECONCILED, ItemState.PUBLISHED, reason, published=published)
        case Absent():
            return Ending(LedgerStep.RECONCILED, ItemState.SCHEDULED, "It is not there, so it can be sent again", now)
        case CannotTell(reason):
            return Ending(LedgerStep.RECONCILED, ItemState.UNCONFIRMED, reason)
