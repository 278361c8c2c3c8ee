"""What follows the sending of an event to a webhook: delivered, again later, or given up; decided in values alone."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from random import Random

from core.publishing.answers import excerpt
from core.publishing.sending import Answered, Sending, Unanswered
from core.retry_after import retry_after

TRIES = 11
FIRST_WAIT = timedelta(seconds=5)
WAIT_GROWTH = 4
LONGEST_WAIT = timedelta(hours=6)
"""Waits of about 5 s, 20 s, 80 s, 5 min, 21 min, 85 min, 5.7 h, then 6 h: a receiver may be away for a day."""
JITTER = 0.25


@dataclass(frozen=True)
class Verdict:
    """What became of a sending; `again_at` None ends the delivery, `is_gone`: the receiver wants nothing any more."""

    is_delivered: bool
    status: int | None = None
    error: str | None = None
    again_at: datetime | None = None
    is_gone: bool = False


def judge(sending: Sending, tries: int, now: datetime, rng: Random) -> Verdict:
    """Decide after try number `tries` (from 1); only an answer of 2xx is a delivery (Standard Webhooks)."""
    if not isinstance(sending, Answered):
        unsure = isinstance(sending, Unanswered)
        error = f"The receiver did not answer: {sending.reason}." if unsure else sending.reason
        return Verdict(is_delivered=False, error=error, again_at=_again_at(tries, now, rng))
    if HTTPStatus.OK <= sending.status < HTTPStatus.MULTIPLE_CHOICES:
        return Verdict(is_delivered=True, status=sending.status)
    error = f"The receiver answered {sending.status}{excerpt(sending.body)}."
    if sending.status == HTTPStatus.GONE:
        return Verdict(is_delivered=False, status=sending.status, error=error, is_gone=True)
    asked = retry_after(sending.headers.get("retry-after"), now)
    again_at = _again_at(tries, now, rng)
    return Verdict(
        is_delivered=False,
        status=sending.status,
        error=error,
        again_at=again_at and max(again_at, asked or again_at),
    )


def wait_after(tries: int) -> timedelta:
    """Return the middle of the waits after try number `tries`: min(LONGEST, FIRST · GROWTH^(tries - 1))."""
    wait = FIRST_WAIT
    for _ in range(1, tries):
        wait = min(wait * WAIT_GROWTH, LONGEST_WAIT)
    return wait


def _again_at(tries: int, now: datetime, rng: Random) -> datetime | None:
    if tries >= TRIES:
        return None
    return now + wait_after(tries) * (1 + JITTER * (2 * rng.random() - 1))
